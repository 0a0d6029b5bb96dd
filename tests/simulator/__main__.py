# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start the simulated fleet: python -m tests.simulator --fleet FILE."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import os
import signal
import sys
from pathlib import Path

from aiohttp import web

from . import control_api
from .fleet import BmcSpec, read
from .settings import InvalidInput
from .simulation import Simulation


async def run(specs: list[BmcSpec], control_port: int, ready_file: Path | None) -> None:
    """Serve the fleet until SIGTERM or SIGINT. Raise OSError when an address is taken."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    simulation = Simulation(specs)
    simulation.start()
    # No access log: it would tell each question of a test. Who still waits for a request at the end, waits in vain.
    runner = web.AppRunner(control_api.build(simulation), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", control_port).start()
    control = f"http://127.0.0.1:{runner.addresses[0][1]}"
    # The fleet stays for good: without it the collector would look through thousands of BMCs again and again.
    gc.freeze()
    if ready_file is not None:
        announce(ready_file, {"control": control, "pid": os.getpid(), "bmcs": len(specs)})
    print(f"{len(specs)} simulated BMCs are ready; control API at {control}", flush=True)
    try:
        await stop.wait()
    finally:
        await simulation.stop()
        await runner.cleanup()


def announce(ready_file: Path, content: dict[str, object]) -> None:
    """Write the ready file in one step: who sees it sees all of it."""
    draft = ready_file.with_name(f"{ready_file.name}.{os.getpid()}")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(ready_file)


def main() -> int:
    """Parse the command line and run; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--fleet", type=Path, required=True, metavar="FILE", help="fleet file, YAML or JSON")
    parser.add_argument("--control-port", type=int, default=0, metavar="N", help="port of the control API; 0: any")
    parser.add_argument("--ready-file", type=Path, metavar="PATH", help="JSON file to write when all BMCs listen")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(run(read(options.fleet), options.control_port, options.ready_file))
    except (InvalidInput, OSError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
