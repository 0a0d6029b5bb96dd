# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One round of discovery: what is asked of each BMC, and what becomes of its record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._core.clock import Clock
from .._core.errors import BmcError, LoginRefused, NoCredential, NotRedfish, Unreachable, Untrusted
from .._redfish.crawl import Plan, joined
from .._redfish.resource import Document
from .._transport.bmc import Credential
from .._vendors import registry
from . import facts, watch
from .connect import View
from .differences import changes
from .records import Record
from .sweep import Candidate, Outcome, Visit

STATUSES = ("answered", "silent", "refused", "failed", "absent", "not_asked")

_CHANGES_KEPT = 5

_REFUSED = (Untrusted, LoginRefused, NoCredential)


@dataclass(frozen=True)
class Learned:
    """What one visit brought. facts: None where nothing has changed since the record was made."""

    facts: dict[str, Any] | None
    watched: dict[str, str]
    incomplete: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Round:
    """The records before, and the rules by which BMCs are visited in this round.

    login: the account for a candidate, None where no rule matches it; it may ask a Vault and raise NoCredential.
    subsets: what to read besides the facts (facts.SUBSETS). full_after: seconds after which a known BMC is read whole
    again; 0: always.
    """

    records: Mapping[str, Record]
    login: Callable[[Candidate], Credential | None]
    auth: str
    subsets: Sequence[str]
    full_after: float
    clock: Clock
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    _met: set[str] = field(default_factory=set)

    def visit(self, candidate: Candidate, root: Document, _fingerprint: str) -> Visit[Learned] | None:
        """What to do at a BMC that showed its service root and is trusted."""
        self._met.add(candidate.address)
        credential = self.login(candidate)
        if credential is None:
            return None
        known = self.records.get(candidate.address)
        steps = self._look(candidate, root, known) if known and self._is_fresh(known) else self._whole(candidate, root)
        return Visit(credential, self.auth, steps)

    def _is_fresh(self, known: Record) -> bool:
        """Whether a look suffices: it was read whole not long ago, with all that is wanted now."""
        whole = known["watched"] and all(subset in known["facts"] for subset in self.subsets)
        return bool(whole) and self.clock.wall() - known["crawled"] < self.full_after

    def record(self, outcome: Outcome[Learned]) -> Record | None:
        """The record after a visit, as before where it was not asked; None for what was never seen to be a BMC."""
        before = self.records.get(outcome.candidate.address)
        if not outcome.asked:
            self._count("not_asked", outcome.error)
            return before
        error = outcome.error or (_no_rule() if outcome.value is None else None)
        candidate, status = outcome.candidate, self._status(outcome.candidate, error)
        nothing = status == "silent" or isinstance(error, NotRedfish)
        self._count("absent" if nothing and before is None and not candidate.named else status, error)
        # A listener in a network is a BMC when it showed a service root and is trusted; one that was named may be ill.
        known = before is not None or candidate.address in self._met or (candidate.named and not nothing)
        return self._renewed(before, outcome, status, error) if known else None

    def summary(self) -> dict[str, Any]:
        """Counts by status, and reasons with how often each was met, the most frequent first."""
        counts = {status: self.counts[status] for status in STATUSES}
        return {**counts, "reasons": dict(self.reasons.most_common())}

    def _renewed(self, before: Record | None, outcome: Outcome[Learned], status: str, error: BmcError | None) -> Record:
        now = self.clock.wall()
        candidate, learned = outcome.candidate, outcome.value
        old = before or _unknown(candidate, now)
        record = {
            **old,
            "given": candidate.name,
            "status": status,
            "since": old["since"] if old["status"] == status else now,
            "why": str(error) if error else "",
            "tried": now,
            "seen": now if status != "silent" else old["seen"],
            # What an impostor shows must never become the pin that tasks demand.
            "fingerprint": (not isinstance(error, Untrusted) and outcome.fingerprint) or old["fingerprint"],
            "changed": [],
            "changed_resources": [],
            "new": before is None,
            "first_seen": old.get("first_seen"),
            "changes": old.get("changes", []),
        }
        if learned is not None and learned.facts is not None:
            record |= {
                "facts": learned.facts,
                "watched": learned.watched,
                "incomplete": learned.incomplete,
                "crawled": now,
                "changed": changes(old["facts"], learned.facts) if old["facts"] else [],
                "changed_resources": _different(old["watched"], learned.watched),
            }
        found = {"time": now, **{key: record[key] for key in ("changed", "changed_resources")}}
        if found["changed"] or found["changed_resources"]:
            record["changes"] = [*record["changes"], found][-_CHANGES_KEPT:]
        return record

    def _status(self, candidate: Candidate, error: BmcError | None) -> str:
        if error is None:
            return "answered"
        if isinstance(error, _REFUSED):
            return "refused"
        # One that showed its service root is there, however slow it is: it is not forgotten as one that is away.
        return "silent" if isinstance(error, Unreachable) and candidate.address not in self._met else "failed"

    def _count(self, status: str, error: BmcError | None) -> None:
        self.counts[status] += 1
        if error is not None and status != "absent":
            self.reasons[error.what] += 1

    def _look(self, candidate: Candidate, root: Document, known: Record) -> Plan[Learned]:
        """Read what tells a change, and the whole BMC only where it does."""
        recorded = known["facts"]["bmc"]
        driver = registry.known(recorded["dialect"], recorded["firmware_version"] or "")
        watched = yield from watch.crawl(root, candidate.origin, driver, known["watched"])
        if watched == known["watched"]:
            return Learned(None, watched)
        return (yield from self._whole(candidate, root))

    def _whole(self, candidate: Candidate, root: Document) -> Plan[Learned]:
        def read(bmc: View) -> Learned:
            found = facts.gathered(bmc, self.subsets)
            incomplete = found.pop("incomplete")
            unread = dict.fromkeys((part["uri"] for part in incomplete), watch.UNREAD)
            return Learned(found, watch.watch(bmc, unread), incomplete)

        table = joined(facts.reads(self.subsets), watch.reads({}))
        return facts.crawl_for(read, root, candidate.origin, table)


def _different(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """URIs of the watched resources that read otherwise than before; settings are among them, facts are not all."""
    return sorted(uri for uri in before.keys() | now.keys() if before and before.get(uri) != now.get(uri))


def _no_rule() -> NoCredential:
    return NoCredential(
        "no rule gives it an account",
        why="none of credentials matches it, and there is no bmc_credentials for all",
        way_out="No password was sent.",
    )


def _unknown(candidate: Candidate, now: float) -> Record:
    return {
        "address": candidate.address,
        "host": candidate.origin.host,
        "given": candidate.name,
        "status": "",
        "since": now,
        "why": "",
        "tried": None,
        "seen": None,
        "crawled": None,
        "fingerprint": "",
        "facts": {},
        "watched": {},
        "incomplete": [],
        "changed": [],
        "changed_resources": [],
        "new": True,
        "first_seen": now,
        "changes": [],
    }
