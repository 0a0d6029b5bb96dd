# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract that the stand-in for a Vault keeps, asked of a real OpenBao."""

from __future__ import annotations

from tests.unit.credentials import test_vault_contract

globals().update({name: test for name, test in vars(test_vault_contract).items() if name.startswith("test_")})
