# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a BMC has fetched of a staged file: how often, how far, and who else came."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..._core.clock import Clock, timestamp
from .spans import Span, Spans, bytes_in, with_span, without_byte

_MOST_SPANS = 1_000
_MOST_ADDRESSES = 20
_TELL_AFTER = 0.2


@dataclass(frozen=True)
class Fetched:
    """What is known of the fetching of one staged file.

    size: of the file, bytes. heads, gets: requests for it that were answered, of the gets ranged had a Range.
    sent: bytes that left, repetitions included. spans: what arrived, each byte once.
    first, last: when something was asked or taken, seconds since the epoch; None for never.
    addresses: who fetched, at most 20. refused: requests from elsewhere or for something else; refused_from: by whom.
    changed: the file was written to while it was staged, so that what arrived may be neither the old nor the new one.
    """

    size: int
    heads: int = 0
    gets: int = 0
    ranged: int = 0
    sent: int = 0
    spans: Spans = ()
    first: float | None = None
    last: float | None = None
    addresses: tuple[str, ...] = ()
    refused: int = 0
    refused_from: tuple[str, ...] = ()
    changed: bool = False

    @property
    def begun(self) -> bool:
        """Whether the BMC was there at all."""
        return self.first is not None

    @property
    def received(self) -> int:
        """Bytes that arrived, each counted once."""
        return bytes_in(self.spans)

    @property
    def complete(self) -> bool:
        """Whether every byte arrived, the last one included, and all of them of one file."""
        return bool(self.gets) and self.received == self.size and not self.changed

    def as_data(self) -> dict[str, Any]:
        """As JSON. Times are RFC 3339, spans [first byte, last byte] as HTTP counts them."""
        times = {name: None if (at := getattr(self, name)) is None else timestamp(at) for name in ("first", "last")}
        told = {"begun": self.begun, "received": self.received, "complete": self.complete}
        return {**asdict(self), **times, **told, "spans": [[span.start, span.end - 1] for span in self.spans]}

    def as_wire(self) -> dict[str, Any]:
        """As JSON that from_wire() reads."""
        return asdict(self)

    @classmethod
    def from_wire(cls, content: Mapping[str, Any]) -> Fetched:
        """Raises TypeError for what is none."""
        spans = tuple(Span(**span) for span in content["spans"])
        addresses, refused_from = (tuple(content[name]) for name in ("addresses", "refused_from"))
        return cls(**{**content, "spans": spans, "addresses": addresses, "refused_from": refused_from})


class Tally:
    """Keeps the account of one staged file, for all connections that fetch it. Times are of the clock's wall."""

    def __init__(self, size: int, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._fetched = Fetched(size)
        self._open: set[Transfer] = set()
        self._used = clock.monotonic()

    @property
    def used(self) -> float:
        """When the BMC last asked or took something, by the monotonic clock."""
        return self._used

    def now(self) -> float:
        """Of the monotonic clock."""
        return self._clock.monotonic()

    def request(self, method: str, address: str, *, ranged: bool) -> None:
        """The BMC asks."""
        with self._lock:
            was = self._fetched
            self._fetched = replace(
                was,
                heads=was.heads + (method == "HEAD"),
                gets=was.gets + (method == "GET"),
                ranged=was.ranged + ranged,
                addresses=_known(was.addresses, address),
            )
            self._touch()

    def refuse(self, address: str) -> None:
        """Someone else asks, or for something else."""
        with self._lock:
            was = self._fetched
            self._fetched = replace(was, refused=was.refused + 1, refused_from=_known(was.refused_from, address))

    def change(self) -> None:
        """The file was written to."""
        with self._lock:
            self._fetched = replace(self._fetched, changed=True)

    def begin(self, span: Span) -> Transfer:
        """An answer with a part of the file begins."""
        transfer = Transfer(self, span)
        with self._lock:
            self._open.add(transfer)
        return transfer

    def fetched(self) -> Fetched:
        """What is known now."""
        with self._lock:
            spans = self._fetched.spans
            for transfer in self._open:
                spans = with_span(spans, transfer.arrived, _MOST_SPANS)
            return replace(self._fetched, spans=spans)

    def move(self, sent: int) -> None:
        with self._lock:
            self._fetched = replace(self._fetched, sent=self._fetched.sent + sent)
            self._touch()

    def end(self, transfer: Transfer, arrived: Span) -> None:
        with self._lock:
            self._open.discard(transfer)
            self._fetched = replace(self._fetched, spans=with_span(self._fetched.spans, arrived, _MOST_SPANS))
            self._touch()

    def doubt(self, span: Span) -> None:
        with self._lock:
            self._fetched = replace(self._fetched, spans=without_byte(self._fetched.spans, span.end - 1))

    def _touch(self) -> None:
        now = self._clock.wall()
        first = now if self._fetched.first is None else self._fetched.first
        self._fetched = replace(self._fetched, first=first, last=now)
        self._used = self._clock.monotonic()


class Transfer:
    """One answer on its way. What left is not what arrived: the kernel holds megabytes, so a small file as a whole.

    arrived: what was acknowledged, as of the last time that it was told.
    """

    def __init__(self, tally: Tally, span: Span) -> None:
        self.span = span
        self.arrived = Span(span.start, span.start)
        self._tally = tally
        self._at = span.start
        self._untold = 0
        self._told = -_TELL_AFTER

    def moved(self, sent: int, unacknowledged: Callable[[], int]) -> None:
        """So many bytes more left, and so many of all are not acknowledged: asked for a few times a second only."""
        self._at += sent
        self._untold += sent
        now = self._tally.now()
        if now - self._told >= _TELL_AFTER:
            self._told = now
            self._tell(unacknowledged())

    def ended(self) -> None:
        """All was acknowledged, and the connection is well."""
        self._tell(0)
        self._tally.end(self, self.span)

    def broke(self, unacknowledged: Callable[[], int]) -> None:
        """The rest will not arrive."""
        self._tell(unacknowledged())
        self._tally.end(self, self.arrived)

    def doubted(self) -> None:
        """It had ended, and then the BMC broke the connection: it acknowledged what it did not read."""
        self._tally.doubt(self.span)

    def _tell(self, unacknowledged: int) -> None:
        # The last byte only counts once the answer ended well.
        arrived = min(self._at - unacknowledged, self.span.end - 1)
        self.arrived = Span(self.span.start, max(self.arrived.end, arrived))
        self._tally.move(self._untold)
        self._untold = 0


def _known(addresses: tuple[str, ...], new: str) -> tuple[str, ...]:
    return addresses if new in addresses or len(addresses) >= _MOST_ADDRESSES else (*addresses, new)
