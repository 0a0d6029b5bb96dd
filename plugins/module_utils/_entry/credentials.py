# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account that a task's references lead to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.errors import InvalidRequest
from .._credentials.account import Accounts
from .._credentials.chain import checked
from .options import auth_of


def resolved(options: Mapping[str, Any], accounts: Accounts) -> dict[str, str]:
    """bmc_username and bmc_password, where bmc_credentials has to bring them; empty where they or a token are given.

    References are checked also where none is asked: a typo shows at once. Raises InvalidRequest before anything is
    asked; LocalFailure, NoCredential.
    """
    references = options["bmc_credentials"]
    if not references:
        return {}
    checked(references)
    if not _needs_account(options):
        return {}
    account = accounts.account(references)
    return {"bmc_username": account.username, "bmc_password": account.password}


def _needs_account(options: Mapping[str, Any]) -> bool:
    given = {name: bool(options[name]) for name in ("bmc_username", "bmc_password")}
    if auth_of(options) == "token" or all(given.values()):
        return False
    if any(given.values()):
        raise InvalidRequest(
            "half an account stands beside bmc_credentials",
            why=f"{next(name for name in given if given[name])} is set alone",
            way_out="Set bmc_username and bmc_password, or neither: a reference brings both.",
        )
    return True
