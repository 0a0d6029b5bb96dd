# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who goes when: canaries first, then waves; and how many may fail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ..._core.errors import InvalidRequest

_SHARE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)%")
_NUMBER = re.compile(r"[0-9]{1,9}")


def share(text: str, total: int, what: str) -> int:
    """A number of BMCs, given as such or in percent of all; percent are rounded down. Raises InvalidRequest."""
    wanted = text.strip()
    if _NUMBER.fullmatch(wanted):
        return int(wanted)
    percent = _SHARE.fullmatch(wanted)
    if percent is None:
        raise InvalidRequest(f"{what} is {text!r}", way_out="Give a number of BMCs, or percent as in '5%'.")
    return int(total * float(percent[1]) / 100)


def waves(bmcs: Sequence[str], sizes: Sequence[str]) -> list[list[str]]:
    """BMCs in waves of these sizes; the last size repeats. A wave has one BMC at least. Raises InvalidRequest."""
    if not sizes:
        raise InvalidRequest("waves is empty", way_out="Give the sizes of the waves, as in ['10%', '100%'].")
    counts = [max(1, share(size, len(bmcs), "a wave")) for size in sizes]
    found: list[list[str]] = []
    rest = list(bmcs)
    while rest:
        count = counts[min(len(found), len(counts) - 1)]
        found.append(rest[:count])
        rest = rest[count:]
    return found


def canaries_by_model(models: Mapping[str, str], count: int) -> list[str]:
    """The first ones of each model. models: by BMC, in order."""
    taken: dict[str, int] = {}
    found = []
    for bmc, model in models.items():
        if taken.get(model, 0) < count:
            taken[model] = taken.get(model, 0) + 1
            found.append(bmc)
    return found


def canaries_by_host(names: Iterable[str], bmc_of: Mapping[str, str]) -> list[str]:
    """The BMCs of hosts, each once. bmc_of: by host. Raises InvalidRequest."""
    named = list(names)
    unknown = [name for name in named if name not in bmc_of]
    if unknown:
        raise InvalidRequest(
            f"no canary: {', '.join(unknown)}",
            why="these hosts take no part in the campaign",
            way_out="Name hosts that the run is for, or a number for so many of each model.",
        )
    return list(dict.fromkeys(bmc_of[name] for name in named))
