# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mixed fleet: as many BMCs as wanted, of every profile in turn.

python -m tests.simulator.mixed 1000 > mixed.json
"""

from __future__ import annotations

import ipaddress
import json
import sys
from collections.abc import Iterator

from .profile import load_profile, profile_names

FIRST = "127.50.0.1"


def entries(count: int) -> list[dict[str, object]]:
    """Return so many entries of a fleet file without addresses: bmc00000, bmc00001, ..., with two and four nodes."""
    kinds = list(_kinds())
    return [{"name": f"bmc{number:05d}", **kinds[number % len(kinds)]} for number in range(count)]


def fleet(count: int, first: str = FIRST) -> dict[str, object]:
    """Return the fleet file of so many BMCs on consecutive addresses."""
    address = ipaddress.IPv4Address(first)
    placed = [{**entry, "address": str(address + number)} for number, entry in enumerate(entries(count))]
    return {"bmcs": placed}


def _kinds() -> Iterator[dict[str, object]]:
    for name in profile_names():
        for nodes in load_profile(name).node_counts:
            yield {"profile": name, "nodes": nodes}


if __name__ == "__main__":
    json.dump(fleet(int(sys.argv[1])), sys.stdout)
