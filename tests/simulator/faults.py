# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that a test injects: what goes wrong, on which requests, how often."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .download import ODD
from .settings import InvalidInput, choice, require_known_keys, seconds, text, whole
from .updates import FAULTS

# What each kind needs, and what it may take, beside method, uri, skip and count.
KINDS: dict[str, tuple[set[str], set[str]]] = {
    "latency": ({"seconds"}, set()),
    "hold": ({"seconds"}, set()),
    "status": ({"status"}, {"retry_after", "body"}),
    "status_after": ({"status"}, set()),
    "drop": (set(), set()),
    "drop_after": (set(), set()),
    "truncate": (set(), set()),
    "wrong_length": (set(), set()),
    "not_json": (set(), set()),
    "empty": (set(), set()),
    "stuck_power": (set(), set()),
    "tarpit": ({"stage"}, set()),
    "trickle": ({"part", "interval"}, set()),
    "redirect": ({"location"}, {"status"}),
    "foreign_links": ({"base"}, set()),
    "wrong_types": ({"seed"}, set()),
    "text": ({"text"}, set()),
    "header_flood": ({"lines"}, set()),
    "huge": ({"mebibytes", "framing"}, set()),
    "logout": (set(), set()),
    "download": ({"how"}, set()),
    "update": ({"how"}, set()),
}
DETAILS: dict[str, Callable[[object, str], object]] = {
    "seconds": seconds,
    "status": lambda value, where: whole(value, 200, where),
    "retry_after": lambda value, where: None if value is None else whole(value, 0, where),
    "body": lambda value, where: value,
    "stage": lambda value, where: choice(value, ("connection", "request"), where),
    "part": lambda value, where: choice(value, ("headers", "body"), where),
    "interval": seconds,
    "location": text,
    "how": text,
    "base": text,
    "seed": lambda value, where: whole(value, 0, where),
    "text": text,
    "lines": lambda value, where: whole(value, 1, where),
    "mebibytes": lambda value, where: whole(value, 1, where),
    "framing": lambda value, where: choice(value, ("length", "chunked", "gzip"), where),
}
# How an update or its download goes wrong: faults that strike no request.
HOWS = {"download": ODD, "update": FAULTS}
METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")


@dataclass(slots=True)
class Fault:
    """One injected fault. It skips its first `skip` matches, then takes `count` of them (None: all).

    `details` are what KINDS names for its kind.
    """

    id: int
    kind: str
    method: str | None
    uri: re.Pattern[str] | None
    skip: int
    count: int | None
    details: Mapping[str, Any] = field(default_factory=dict)

    def takes(self, method: str, uri: str) -> bool:
        """Say whether this fault strikes the request, and count it if so."""
        if self.method not in (None, method) or (self.uri is not None and not self.uri.search(uri)):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.count is not None:
            if not self.count:
                return False
            self.count -= 1
        return True


class Faults:
    """The faults of one BMC, in the order in which they were injected."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._last_id = 0

    def add(self, given: Mapping[str, object]) -> int:
        """Inject a fault as the control API describes it and return its number. Raise InvalidInput."""
        fault = parse(given, self._last_id + 1)
        self._last_id = fault.id
        self._faults.append(fault)
        return fault.id

    def clear(self) -> None:
        """Take all faults away."""
        self._faults = []

    def strike(self, method: str, uri: str) -> tuple[float, Fault | None]:
        """Return the seconds by which the request is delayed, and the one other fault that strikes it."""
        delay = 0.0
        for fault in self._faults:
            if fault.kind in HOWS or fault.details.get("stage") == "connection":
                continue
            if fault.takes(method, uri):
                if fault.kind != "latency":
                    return delay, fault
                delay += fault.details["seconds"]
        return delay, None

    def download(self, url: str) -> str:
        """Return how the BMC fetches an image when a fault has it otherwise, "" else."""
        struck = (fault for fault in self._faults if fault.kind == "download" and fault.takes("GET", url))
        return next((str(fault.details["how"]) for fault in struck), "")

    def update(self, uri: str) -> tuple[str, ...]:
        """Return all that goes wrong with an update that a request to this URI begins."""
        return tuple(
            str(fault.details["how"]) for fault in self._faults if fault.kind == "update" and fault.takes("POST", uri)
        )

    @property
    def holds_connections(self) -> bool:
        """Say whether a new connection is accepted and left alone, before TLS."""
        return any(fault.details.get("stage") == "connection" for fault in self._faults)


def parse(given: Mapping[str, object], number: int) -> Fault:
    """Return the fault that a control request describes. Raise InvalidInput when it cannot be meant."""
    kind = choice(given.get("kind"), tuple(KINDS), "fault: kind")
    needed, optional = KINDS[kind]
    require_known_keys(given, {"kind", "method", "uri", "skip", "count"} | needed | optional, f"fault {kind}")
    missing = sorted(needed - set(given))
    if missing:
        raise InvalidInput(f"fault {kind}: {', '.join(missing)} is missing")
    if "how" in needed and given["how"] not in HOWS[kind]:
        raise InvalidInput(f"fault {kind}: how must be one of {', '.join(HOWS[kind])}, not {given['how']!r}")
    method, uri, count = (given.get(key) for key in ("method", "uri", "count"))
    if kind == "stuck_power":
        # Only a reset can get stuck; other requests must not use up its count.
        method, uri = method or "POST", uri or r"/Actions/.*\.Reset$"
    try:
        pattern = None if uri is None else re.compile(text(uri, "fault: uri"))
    except re.error as error:
        raise InvalidInput(f"fault: uri: {error}") from error
    return Fault(
        id=number,
        kind=kind,
        method=None if method is None else choice(method, METHODS, "fault: method"),
        uri=pattern,
        skip=whole(given.get("skip", 0), 0, "fault: skip"),
        count=None if count is None and "count" in given else whole(given.get("count", 1), 1, "fault: count"),
        details={key: DETAILS[key](given[key], f"fault: {key}") for key in needed | optional if key in given},
    )
