# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What credentials in a Vault add to a host's task: through references, and through a lookup that logs in each time.

The Vault is the stand-in, whose own account of logins counts; its CPU is not part of the figures, a broker's is.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench import peer
from tests.bench.run import FORKS, INFO, LOGIN, Bench, Row, fleet, markdown
from tests.simulator.control import Simulator
from tests.vault.stage import reference
from tests.vault.stand_in import StandIn

_RUNS = 3
_MOUNT = "secret"
_SLOW = 0.1
_ENTRY = "{{ inventory_hostname }}"


def table(cache: Path, hosts: int) -> str:
    """Measure, and show it as Markdown."""
    collections = peer.collections_path(cache)
    with (
        tempfile.TemporaryDirectory(prefix="bmc-bench-") as folder,
        StandIn(Path(folder)) as vault,
        Simulator.start(fleet(hosts), Path(folder)) as simulator,
    ):
        vault.mount(_MOUNT, 1)
        for bmc in simulator.bmcs():
            vault.store(_MOUNT, bmc["name"], LOGIN)
        bench = Bench(simulator, Path(folder), hosts, {"ANSIBLE_COLLECTIONS_PATH": str(collections)})
        version = peer.version(collections, "hashi_vault")
        print(f"{hosts} simulated BMCs, forks {FORKS}, community.hashi_vault {version}:", flush=True)
        references = {"bmc_credentials": [reference(vault, _ENTRY, engine_mount_point=_MOUNT)]}
        lookup = {"bmc_username": LOGIN["username"], "bmc_password": _lookup(vault)}
        ways: Sequence[tuple[str, Mapping[str, Any], float, int]] = (
            ("bmc_password is given", bench.account, 0.0, _RUNS),
            ("bmc_credentials", references, 0.0, _RUNS),
            ("bmc_credentials", references, _SLOW, _RUNS),
            # One run: it takes a minute, over which the machine's noise averages out.
            ("lookup vault_kv1_get", lookup, 0.0, 1),
            ("lookup vault_kv1_get", lookup, _SLOW, 1),
        )
        measured = [
            _measured(
                replace(bench, account=account), vault, f"{name}, Vault takes {seconds * 1000:.0f} ms", seconds, runs
            )
            for name, account, seconds, runs in ways
        ]
    base = measured[0][0]
    columns = ["account", "CPU s", "CPU s beyond the first", "wall s of the run", "logins to the Vault"]
    return markdown(columns, [_line(row, base, logins) for row, logins in measured])


def _measured(bench: Bench, vault: StandIn, name: str, seconds: float, runs: int) -> tuple[Row, int]:
    """The median run, and the logins of one."""
    vault.answer_first = lambda _path: time.sleep(seconds)
    bench.write_inventory({})
    before = vault.logins
    row = bench.measure(name, INFO, runs=runs)
    return row, (vault.logins - before) // runs


def _lookup(vault: StandIn) -> str:
    login = vault.login("approle") | {"url": vault.url, "ca_cert": vault.ca_cert, "engine_mount_point": _MOUNT}
    options = ", ".join(f"{name}={value!r}" for name, value in login.items())
    return f"{{{{ lookup('community.hashi_vault.vault_kv1_get', inventory_hostname, {options}).secret.password }}}}"


def _line(row: Row, base: Row, logins: int) -> list[str]:
    cpu = [f"{figure / row.hosts:.4f}" for figure in (row.cpu, row.cpu - base.cpu)]
    return [row.name, *cpu, f"{row.wall:.1f}", str(logins)]
