# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DMTF's protocol validator as a program, without its search of the network.

    python -m tests.integration.protocol_validator OPTIONS OF rf_protocol_validator

It would look for the BMC by multicast (SSDP), which leaves the machine, and nobody simulated answers.
"""

from __future__ import annotations

from redfish_protocol_validator import console_scripts, utils


def found_nothing(**_search: object) -> dict[str, object]:
    """The services that a search finds."""
    return {}


if __name__ == "__main__":
    utils.discover_ssdp = found_nothing
    console_scripts.main()
