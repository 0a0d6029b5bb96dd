# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts in environment variables of the controller."""

from __future__ import annotations

from collections.abc import Mapping

from .account import Account, account_in
from .reference import Reference


class Environment:
    """Reads two variables. Empty ones count as unset: AWX sets a field that was left out to nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def find(self, reference: Reference) -> Account | None:
        found = {key: self._environ.get(str(reference[f"{key}_variable"]), "") for key in ("username", "password")}
        return account_in(found, self.place(reference)) if any(found.values()) else None

    def place(self, reference: Reference) -> str:
        return f"the environment ({reference['username_variable']}, {reference['password_variable']})"

    def close(self) -> None:
        """Nothing was opened."""
