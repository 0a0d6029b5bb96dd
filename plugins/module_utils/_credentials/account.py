# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a source finds: the account of a BMC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .._core.errors import NoCredential


@dataclass(frozen=True)
class Account:
    """A user of a BMC."""

    username: str
    password: str = field(repr=False)


class Accounts(Protocol):
    """Whoever turns references into an account: a Resolver, or the broker of a run."""

    def account(self, references: Sequence[Mapping[str, Any]]) -> Account:
        """The account. Raises InvalidRequest, LocalFailure, NoCredential."""


def account_in(entry: Any, where: str) -> Account:
    """The account that an entry holds under username and password, in any case.

    The state manager and power control write Go's names of the fields, Username and Password, and read any case.
    where: the entry's place, for the error. Raises NoCredential for an entry that holds no whole account.
    """
    if not isinstance(entry, Mapping):
        raise malformed(where, "it is no object")
    return Account(_value(entry, "username", where), _value(entry, "password", where))


def malformed(where: str, why: str) -> NoCredential:
    """The error for an entry that is there and cannot be used."""
    return NoCredential(
        f"{where} is malformed", why=why, way_out="Store it with a username and a password, both of them text."
    )


def _value(entry: Mapping[Any, Any], name: str, where: str) -> str:
    found = [value for key, value in entry.items() if str(key).lower() == name]
    if not found:
        raise malformed(where, f"it has no {name}")
    if any(other != found[0] for other in found):
        raise malformed(where, f"it has {name} in several spellings, with different values")
    if not isinstance(found[0], str) or not found[0]:
        raise malformed(where, f"its {name} is empty or no text")
    return found[0]
