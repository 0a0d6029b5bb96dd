# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole fleet in one event loop."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Sequence

from .bmc import Bmc
from .clock import LoopClock
from .endpoint import Endpoint
from .fleet import BmcSpec


class Simulation:
    """Every BMC of a fleet, by name."""

    def __init__(self, specs: Sequence[BmcSpec]) -> None:
        clock = LoopClock()
        self.endpoints = {spec.name: Endpoint(Bmc(spec, clock)) for spec in specs}

    def start(self) -> None:
        """Listen on every address. Raise OSError that names the first one which is taken."""
        raise_open_file_limit()
        for endpoint in self.endpoints.values():
            endpoint.listen()

    async def stop(self) -> None:
        """Stop to listen and end all connections."""
        for endpoint in self.endpoints.values():
            endpoint.close()
        await asyncio.sleep(0)

    def restore(self) -> None:
        """Return every BMC to its initial state."""
        for endpoint in self.endpoints.values():
            endpoint.restore()


def raise_open_file_limit() -> None:
    """Allow as many open files as the system lets us have: each BMC listens on a socket of its own."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
