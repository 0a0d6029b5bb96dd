# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_staging: a file for a BMC to fetch, from one server for the whole play."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._core.clock import timestamp
from .._core.errors import InvalidRequest
from .._firmware.staging.addresses import addresses_of, advertised, networks
from .._firmware.staging.paths import safe_file_name
from .._firmware.staging.payload import Payload
from .._firmware.staging.place import Place
from .._firmware.staging.shared import PlayServer
from .._firmware.staging.wish import Staged, Wish
from .._transport.origin import parse_address
from .options import require_seconds
from .task import Result, Task, state_folder

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "bmc_address": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
    "path": {"type": "path"},
    "file_name": {"type": "str"},
    "port": {"type": "str", "default": "0"},
    "advertise": {"type": "str"},
    "clients": {"type": "list", "elements": "str", "default": []},
    "certificate": {"type": "path"},
    "private_key": {"type": "path", "no_log": False},
    "lease": {"type": "float", "default": 900},
}

ON_ITS_OWN = -1
"""No lifeline: the play is on another machine, and the server ends with its last lease."""


def run(options: Mapping[str, Any], task: Task, lifeline: int = ON_ITS_OWN) -> Result:
    """Stage, or take away. lifeline: the read end of a pipe whose write end the play alone holds. Raises BmcError."""
    server = PlayServer(state_folder() / "staging", task.run)
    if options["state"] == "stopped":
        found = server.show(task.host) if task.check_mode else server.end(task.host)
        return {"changed": found is not None, "state": "stopped", "fetched": found.fetched.as_data() if found else None}
    wish = _wish(options, task)
    if task.check_mode:
        return _predicted(server, wish, lifeline)
    return _result(server, wish, server.stage(wish, lifeline), lifeline)


def _wish(options: Mapping[str, Any], task: Task) -> Wish:
    """Everything that can be wrong is found here, also in check mode."""
    if not options["path"]:
        raise InvalidRequest("path is not set", way_out="Name the file that the BMC is to fetch.")
    require_seconds(options, "lease")
    file = Path(options["path"]).absolute()
    place = Place(
        options["port"], options["advertise"] or "", *(options[name] or "" for name in ("certificate", "private_key"))
    )
    place.port_range()
    place.context()
    Payload(file).close()
    addresses = addresses_of(parse_address(options["bmc_address"]).host)
    clients = tuple(options["clients"]) or addresses
    networks(clients)
    name = safe_file_name(options["file_name"] or file.name)
    return Wish(task.host, str(file), name, clients, advertised(place.advertise, addresses), place, options["lease"])


def _predicted(server: PlayServer, wish: Wish, lifeline: int) -> Result:
    """What is staged already, as a run would return it; without a URL where it would be new."""
    found = server.would_keep(wish)
    if found:
        return _result(server, wish, found, lifeline)
    return {"changed": True, "state": "started", "url": None, "file_name": wish.name, "fetched": None}


def _result(server: PlayServer, wish: Wish, staged: Staged, lifeline: int) -> Result:
    return {
        "changed": staged.new,
        "state": "started",
        "url": staged.url,
        "file_name": staged.name,
        "size": staged.fetched.size,
        "digest": staged.digest,
        "port": staged.port,
        "pid": staged.pid,
        "lease": staged.lease,
        "expires": timestamp(staged.expires),
        "fetched": staged.fetched.as_data(),
        "stage": {
            "host": wish.host,
            "url": staged.url,
            "origin": staged.origin,
            "found": staged.found,
            "digest": staged.digest,
            "lasts": lifeline == ON_ITS_OWN,
            "control": str(server.control),
            "machine": socket.gethostname(),
        },
    }
