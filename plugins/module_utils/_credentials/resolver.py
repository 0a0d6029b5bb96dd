# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chain: the first source that has an entry gives the account."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from .._core.clock import Clock, SystemClock
from .._core.errors import NoCredential
from .account import Account
from .chain import checked
from .environment import Environment
from .hashi_vault import HashiVault
from .magellan import Magellan
from .reference import Source


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
