# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The discovery of an inventory source: its options, one round, and the hosts that come of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from .._core.clock import Clock, SystemClock, timestamp
from .._core.errors import InvalidRequest
from .._credentials.resolver import Resolver
from .._downstream import smd
from .._operations import target_lists
from .._operations.addresses import Candidates, Target, place
from .._operations.discovery import Round
from .._operations.facts import DISCOVERED
from .._operations.hosts import Host, Rules, further_addresses, hosts
from .._operations.names import Namer, id_map, namer
from .._operations.records import Record, Records, to_forget
from .._operations.sweep import Bounds, Candidate, FirstUse, Progress, sweep
from .._transport.bmc import Credential
from .._transport.http import Limits, Service
from .._transport.origin import parse_address
from .._transport.tls import TRUST_ON_FIRST_USE, Trust, parse_fingerprint
from .accounts import Accounts, Called, Reference
from .options import require_at_least, require_seconds
from .task import state_folder

_CONNECT_AT_MOST = 5.0


@dataclass(frozen=True)
class Found:
    """What a round brought: the records of all targets that are BMCs, and how it went, both as JSON holds them.

    summary: counts by status (answered, silent, refused, failed; absent: addresses where nothing is; not_asked: the
    time was up), reasons with how often each was met, how many are incomplete, forgotten and further addresses,
    started, seconds.
    """

    records: list[Record]
    summary: dict[str, Any]

    @property
    def partial(self) -> bool:
        """Whether a BMC that is known, a target that was named singly, or what listens somewhere could not be read."""
        return any(self.summary[status] for status in ("silent", "refused", "failed", "not_asked"))


class Discovery:
    """A source.

    options: the plugin's, typed and with defaults. source: path of its file. template: name_template, as a function
    that threads may call. Raises InvalidRequest.
    """

    def __init__(
        self, options: Mapping[str, Any], source: str, template: Namer | None = None, clock: Clock | None = None
    ) -> None:
        require_seconds(options, "bmc_timeout", "bmc_deadline")
        require_at_least(options, "concurrency", 1)
        for seconds in ("deadline", "full_after", "forget_after"):
            require_at_least(options, seconds, 0)
        self._options = options
        self._source = Path(source)
        self._clock = clock or SystemClock()
        self._records = Records(Path(options["records"]) if options["records"] else _records_of(self._source))
        self._accounts = Accounts(
            options["credentials"],
            options["bmc_credentials"] or [],
            Credential(options["bmc_username"] or "", options["bmc_password"] or ""),
        )
        self._name = namer(options["names"], id_map(self._id_map()), template)
        self._pins = _pins(options["bmc_fingerprints"])

    def run(self, progress: Progress) -> Found:
        """One round. What is learned of a BMC is kept at once. Raises InvalidRequest, LocalFailure."""
        started = self._clock.wall()
        candidates = self._candidates()
        resolver = Resolver(clock=self._clock)
        round_ = Round(
            records=self._records.read(),
            login=lambda candidate: self._accounts.credential(self._called(candidate), _asking(resolver)),
            auth=self._options["bmc_auth"],
            subsets=DISCOVERED if "all" in self._options["gather_subset"] else self._options["gather_subset"],
            full_after=self._options["full_after"] if self._options["refresh"] == "changed" else 0.0,
            clock=self._clock,
        )
        found: dict[str, Record] = {}
        try:
            for outcome in sweep(candidates, self._trust, round_.visit, self._bounds(), progress):
                record = round_.record(outcome)
                if record is not None:
                    found[record["address"]] = record
                    self._records.add(record)
        finally:
            resolver.close()
        forgotten = to_forget(found, self._clock.wall(), self._options["forget_after"])
        self._records.compact(forgotten)
        kept = [record for address, record in found.items() if address not in forgotten]
        return Found(kept, {**round_.summary(), **self._summary(kept, forgotten, started)})

    def hosts(self, records: list[Record]) -> Iterator[Host]:
        """The hosts of records, by the options."""
        return hosts(records, Rules(self._options["hosts"], self._name, self._access))

    def _summary(self, kept: list[Record], forgotten: list[str], started: float) -> dict[str, Any]:
        further = further_addresses(kept, self._name)
        return {
            "incomplete": sum(bool(record["incomplete"]) for record in kept),
            "forgotten": forgotten,
            "further_addresses": [f"{address} is {first}" for address, first in further.items()],
            "started": timestamp(started),
            "seconds": round(self._clock.wall() - started, 3),
        }

    def _id_map(self) -> Any:
        """The option, or the content of the file that it names beside the source."""
        given = self._options["id_map"]
        if not isinstance(given, str):
            return given or {}
        if not given.startswith("@"):
            raise InvalidRequest(f"id_map {given!r} is no mapping", way_out="Name a file with @ before its path.")
        return target_lists.document(self._source.parent / given[1:])

    def _candidates(self) -> Candidates:
        def read(texts: list[str]) -> list[Target]:
            return target_lists.read(texts, self._source.parent, self._smd)

        return Candidates(read(self._options["targets"]), read(self._options["exclude"]), self._options["ports"])

    def _smd(self, url: str) -> list[Mapping[str, Any]]:
        service = Service(url, ca_path=self._options["smd_ca_path"] or "")
        return smd.redfish_endpoints(service, self._options["smd_token"] or "", self._clock)

    def _called(self, candidate: Candidate) -> Called:
        address, origin = candidate.address, candidate.origin
        return Called(address, origin, candidate.name, self._name(address, origin.host, candidate.name))

    def _trust(self, candidate: Candidate) -> Trust | FirstUse:
        host, port = candidate.origin.host, candidate.origin.port
        pin = self._pins.get((host, port)) or self._pins.get((host, 0))
        if pin:
            return Trust(fingerprint=pin)
        if self._options["bmc_fingerprint"] == TRUST_ON_FIRST_USE:
            return FirstUse(state_folder() / "pins")
        return Trust(self._options["bmc_validate_certs"], self._options["bmc_ca_path"] or "")

    def _bounds(self) -> Bounds:
        timeout, deadline = self._options["bmc_timeout"], self._options["bmc_deadline"]
        limits = Limits(connect=min(_CONNECT_AT_MOST, timeout), read=timeout, task=deadline)
        return Bounds(self._options["concurrency"], deadline, self._options["deadline"] or inf, limits)

    def _access(self, record: Record) -> dict[str, Any]:
        """How tasks reach a BMC: by the same trust, and with references."""
        candidate = Candidate(record["address"], parse_address(record["address"]), record["given"])
        trust = self._trust(candidate)
        access: dict[str, Any] = {"bmc_auth": self._options["bmc_auth"]}
        if isinstance(trust, FirstUse) or trust.fingerprint:
            first_use = record["fingerprint"] or TRUST_ON_FIRST_USE
            access["bmc_fingerprint"] = first_use if isinstance(trust, FirstUse) else trust.fingerprint
        else:
            access |= {"bmc_validate_certs": trust.validate} | ({"bmc_ca_path": trust.ca_path} if trust.ca_path else {})
        references = self._accounts.references(self._called(candidate))
        return access | ({"bmc_credentials": references} if references else {})


def _asking(resolver: Resolver) -> Callable[[list[Reference]], Credential]:
    def ask(references: list[Reference]) -> Credential:
        account = resolver.account(references)
        return Credential(account.username, account.password)

    return ask


def _pins(given: Mapping[str, str]) -> dict[tuple[str, int], str]:
    """Fingerprints by host and port, 0 for all its ports. Raises InvalidRequest."""
    found: dict[tuple[str, int], str] = {}
    for address, pin in given.items():
        fingerprint = parse_fingerprint(pin)
        if found.setdefault(place(str(address)), fingerprint) != fingerprint:
            raise InvalidRequest(f"bmc_fingerprints has two pins for {address}")
    return found


def _records_of(source: Path) -> Path:
    """The file of a source: its name, for a person, and a digest of its path, so that it is its own."""
    digest = hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:8]
    return state_folder() / "discovery" / f"{source.stem}-{digest}.jsonl"
