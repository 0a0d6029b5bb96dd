# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make bench`: what a host's task costs, against community.general, how that grows with hosts and forks, what
credentials in a Vault add to it, what a firmware payload from a registry costs, what serving one costs, and an update.

Absolute figures belong to the machine; the ratios within one run are what counts.
"""

from __future__ import annotations

import argparse
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench import crawl, credentials, firmware, inventory, peers, pull, scale, staging
from tests.bench.run import adopt_orphans

_CACHE = Path(__file__).resolve().parents[2] / ".cache" / "bench"
_TABLES: dict[str, Callable[[], str]] = {
    "peers": lambda: peers.table(_CACHE, 200),
    "growth": lambda: scale.table(scale.GROWTH),
    "forks": lambda: scale.table(scale.FORKED),
    "crawl": crawl.table,
    "inventory": inventory.table,
    "credentials": lambda: credentials.table(_CACHE, 200),
    "pull": pull.table,
    "staging": staging.table,
    "firmware": firmware.table,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=list(_TABLES), help="one table")
    only = parser.parse_args().only
    adopt_orphans()
    _CACHE.mkdir(parents=True, exist_ok=True)
    # The simulator has an open file for each BMC and for each connection.
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for part in only or _TABLES:
        print(f"{_TABLES[part]()}\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
