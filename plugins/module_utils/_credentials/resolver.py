# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chain: the first source that has an entry gives the account."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from .._core.clock import Clock, SystemClock
from .._core.errors import InvalidRequest, NoCredential
from .account import Account
from .environment import Environment
from .hashi_vault import HashiVault
from .magellan import Magellan
from .reference import Options, Reference, Source, check

_OPTIONS: Mapping[str, Options] = {
    "environment": Environment.options,
    "hashi_vault": HashiVault.options,
    "magellan": Magellan.options,
}


class Accounts(Protocol):
    """Whoever turns references into an account: a Resolver, or the broker of a run."""

    def account(self, references: Sequence[Mapping[str, Any]]) -> Account:
        """The account. Raises InvalidRequest, LocalFailure, NoCredential."""


class Resolver:
    """Asks the sources, and keeps logins and what was found in memory for as long as it lives.

    Several threads may ask at once. environ: the environment to read, that of the process by default.
    """

    def __init__(self, environ: Mapping[str, str] | None = None, clock: Clock | None = None) -> None:
        environ = os.environ if environ is None else environ
        self._sources: Mapping[str, Source] = {
            "environment": Environment(environ),
            "hashi_vault": HashiVault(environ, clock or SystemClock()),
            "magellan": Magellan(environ),
        }
        self._found: dict[tuple[Any, ...], Account] = {}

    def account(self, references: Sequence[Mapping[str, Any]]) -> Account:
        """The account of the first source that has an entry; the next is asked only where there surely is none."""
        chain = checked(references)
        for kind, reference in chain:
            key = (kind, *sorted(reference.items()))
            account = self._found.get(key) or self._sources[kind].find(reference)
            if account is not None:
                self._found[key] = account
                return account
        places = "; ".join(self._sources[kind].place(reference) for kind, reference in chain)
        raise NoCredential(
            "no source has a credential for this BMC",
            why=f"asked: {places}",
            way_out="Store one there, or set bmc_username and bmc_password.",
        )

    def close(self) -> None:
        """End the logins."""
        for source in self._sources.values():
            source.close()


def checked(references: Any) -> list[tuple[str, Reference]]:
    """The type and the typed options of each reference. Asks nothing. Raises InvalidRequest."""
    if isinstance(references, (str, Mapping)) or not isinstance(references, Sequence) or not references:
        raise InvalidRequest(
            "bmc_credentials is no list of references",
            way_out="Give a list of dicts, each with a type and what the type takes.",
        )
    return [_checked(reference, f"bmc_credentials[{index}]") for index, reference in enumerate(references)]


def secrets(references: Any) -> list[str]:
    """Every secret among references, also among malformed ones: a login's token need not be a reference itself."""
    found = []
    for reference in references if isinstance(references, (list, tuple)) else ():
        options = _OPTIONS.get(str(reference.get("type")), {}) if isinstance(reference, Mapping) else {}
        found += [str(reference[name]) for name, option in options.items() if option.secret and reference.get(name)]
    return found


def _checked(reference: Any, name: str) -> tuple[str, Reference]:
    known = f"Known types: {', '.join(_OPTIONS)}."
    if not isinstance(reference, Mapping):
        raise InvalidRequest(f"{name} is no dict", way_out=known)
    kind = reference.get("type")
    if not isinstance(kind, str) or kind not in _OPTIONS:
        raise InvalidRequest(f"{name}.type: {kind!r} is not known" if kind else f"{name} has no type", way_out=known)
    return kind, check(reference, name, _OPTIONS[kind])
