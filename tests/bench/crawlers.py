# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One crawl, measured in a process of its own: python -m tests.bench.crawlers ours|requests BMCS PORT AT_ONCE URIS.

Prints JSON: answered BMCs, requests, wall and CPU in seconds, the most memory in MiB.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import requests
import urllib3

from ansible_collections.openchami.bmc.plugins.module_utils._operations.sweep import (
    Bounds,
    Candidate,
    Outcome,
    Visit,
    sweep,
)
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.crawl import Plan
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.resource import Document
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import Credential
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import Limits
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import Trust
from tests.bench.crawl import addresses

ACCOUNT = ("admin", "bench-secret")


def ours(hosts: list[str], port: int, at_once: int, uris: list[str]) -> list[int]:
    """The number of documents of each BMC."""
    candidates = (Candidate(host, Origin("https", host, port)) for host in hosts)

    def plan() -> Plan[int]:
        answers = yield tuple(uris[1:])
        return 1 + sum(isinstance(answer, dict) for answer in answers.values())

    def visit(_candidate: Candidate, _root: Document, _fingerprint: str) -> Visit[int]:
        return Visit(Credential(*ACCOUNT), "basic", plan())

    trust = Trust(validate=False)
    bounds = Bounds(at_once, bmc=300.0, limits=Limits(connect=60.0, read=60.0))
    outcomes: list[Outcome[int]] = list(sweep(candidates, lambda _candidate: trust, visit, bounds))
    for outcome in outcomes:
        if outcome.error is not None:
            print(outcome.error, file=sys.stderr)
    return [outcome.value or 0 for outcome in outcomes]


def plain(hosts: list[str], port: int, at_once: int, uris: list[str]) -> list[int]:
    """The same as one would write it at first."""
    urllib3.disable_warnings()
    with ThreadPoolExecutor(at_once) as threads:
        return list(threads.map(partial(_plain, port=port, uris=uris), hosts))


def _plain(host: str, port: int, uris: list[str]) -> int:
    with requests.Session() as session:
        # Else a CA of the environment (REQUESTS_CA_BUNDLE) comes before verify.
        session.auth, session.verify, session.trust_env = ACCOUNT, False, False
        return sum(isinstance(session.get(f"https://{host}:{port}{uri}", timeout=60).json(), dict) for uri in uris)


def main() -> None:
    crawler, size, port, at_once, file = sys.argv[1:]
    uris = json.loads(Path(file).read_text())
    hosts = list(addresses(int(size)))
    begun = time.monotonic()
    read = {"ours": ours, "requests": plain}[crawler](hosts, int(port), int(at_once), uris)
    wall, used = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_SELF)
    told = {"answered": sum(count == len(uris) for count in read), "requests": sum(read), "wall": round(wall, 2)}
    told |= {"cpu": round(used.ru_utime + used.ru_stime, 2), "memory": round(used.ru_maxrss / 1024)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
