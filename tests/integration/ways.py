# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which tests run in the worker only: everything else runs both ways, in the worker and shipped to a delegate."""

from __future__ import annotations

# By file, or by file and test: why it cannot apply to a shipped module. Each is skipped, printed and counted.
NEVER_SHIPPED = {
    "test_controller.py::test_a_host_with_an_ssh_connection_gets_none": "a delegate does get a connection",
}
# What runs in the worker at every change, and both ways with --soak: a module's process takes half a second.
SHIPPED_IN_SOAK = {
    "test_power.py": "280 tasks: shipped in make soak",
    "test_kill.py": "260 tasks: shipped in make soak",
}


def not_shipped(test: str, *, soak: bool) -> str:
    """Why a test is not to run the second way; "" when it is. test: "test_file.py::test_name"."""
    tables = [NEVER_SHIPPED] if soak else [NEVER_SHIPPED, SHIPPED_IN_SOAK]
    for table in tables:
        for name in (test, test.partition("::")[0]):
            if name in table:
                return table[name]
    return ""
