# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server of a play serves: one file for each host, on a lease that ends when nobody uses it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..._core.clock import Clock
from ..._core.errors import InvalidRequest, LocalFailure
from .addresses import networks
from .offers import Offer, Offers, offer
from .payload import Payload
from .place import Place
from .wish import Staged, Wish

_FIRST_WITHIN = 60.0


@dataclass
class _Entry:
    wish: Wish
    offer: Offer
    renewed: float

    def until(self) -> float:
        """When the lease ends, by the monotonic clock: after the last question of a task, request or byte."""
        return max(self.renewed, self.offer.tally.used) + self.wish.lease


class Register:
    """Answers the tasks of one play, one question after the other."""

    def __init__(self, offers: Offers, place: Place, port: int, clock: Clock) -> None:
        self._offers = offers
        self._place = place
        self._port = port
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        self._had_any = False
        self._begun = clock.monotonic()
        self._questions: Mapping[str, Callable[[Mapping[str, Any]], Staged | None]] = {
            "stage": lambda content: self._stage(Wish.from_wire(content["wish"])),
            "kept": lambda content: self._kept(Wish.from_wire(content["wish"])),
            "show": lambda content: self._show(str(content["host"])),
            "end": lambda content: self._end(str(content["host"])),
        }

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any] | None:
        """What a task asks: to stage a wish, to show what would be kept for it, to show or end a host's file;
        None where there is none.

        Raises InvalidRequest, LocalFailure; KeyError, TypeError for what is no question.
        """
        self._expire()
        found = self._questions[question["ask"]](question)
        return found.as_wire() if found else None

    def over(self) -> bool:
        """Whether nothing is left to serve: the last lease has ended, or the first wish never came."""
        self._expire()
        return not self._entries and (self._had_any or self._clock.monotonic() >= self._begun + _FIRST_WITHIN)

    def next_end(self) -> float:
        """Seconds until something may end by itself."""
        ends = [entry.until() for entry in self._entries.values()] or [self._begun + _FIRST_WITHIN]
        return max(0.0, min(ends) - self._clock.monotonic())

    def _stage(self, wish: Wish) -> Staged:
        if wish.place != self._place_of(wish):
            raise InvalidRequest(
                "the staging server of this play runs already, in another way",
                why=f"port {self._place.ports}, certificate {self._place.certificate or 'none'}",
                way_out="Give all hosts of a play the same port and certificate, or stop it first.",
            )
        before = self._entries.get(wish.host)
        kept = self._kept(wish)
        if before and kept:
            before.wish = wish
            return self._renewed(before)
        staged = offer(wish.host, self._payload(Path(wish.file)), wish.name, networks(wish.clients), self._clock)
        new = _Entry(wish, staged, self._clock.monotonic())
        if before:
            self._drop(wish.host)
        self._entries[wish.host] = new
        self._had_any = True
        self._offers.add(new.offer)
        return self._told(new, new=True)

    def _kept(self, wish: Wish) -> Staged | None:
        """What is staged for the host already, where it is what is wished: the same file with the same bytes."""
        before = self._entries.get(wish.host)
        if before is None or not before.wish.is_like(wish):
            return None
        now = Payload(Path(wish.file))
        now.close()
        return self._told(before) if now.identity == before.offer.payload.identity else None

    def _place_of(self, wish: Wish) -> Place:
        """The server's own, but for the address, which may differ from BMC to BMC."""
        own = self._place
        return Place(own.ports, wish.place.advertise, own.certificate, own.key)

    def _payload(self, path: Path) -> Payload:
        """The file, opened and hashed once for all hosts that get the same."""
        payload = Payload(path)
        for entry in self._entries.values():
            other = entry.offer.payload
            if other.path == path and other.identity == payload.identity:
                payload.close()
                return other
        try:
            payload.digest()
        except LocalFailure:
            payload.close()
            raise
        return payload

    def _show(self, host: str) -> Staged | None:
        entry = self._entries.get(host)
        return self._renewed(entry) if entry else None

    def _renewed(self, entry: _Entry) -> Staged:
        entry.renewed = self._clock.monotonic()
        return self._told(entry)

    def _end(self, host: str) -> Staged | None:
        found = self._show(host)
        if found:
            self._drop(host)
        return found

    def _drop(self, host: str) -> None:
        entry = self._entries.pop(host)
        self._offers.remove(entry.offer)
        if all(other.offer.payload is not entry.offer.payload for other in self._entries.values()):
            entry.offer.payload.close()

    def _expire(self) -> None:
        now = self._clock.monotonic()
        for host in [host for host, entry in self._entries.items() if entry.until() <= now]:
            self._drop(host)

    def _told(self, entry: _Entry, *, new: bool = False) -> Staged:
        origin = f"{self._place.scheme}://{entry.wish.told.authority(self._port)}"
        return Staged(
            url=f"{origin}{entry.offer.path}",
            origin=origin,
            found=entry.wish.told.found,
            name=entry.offer.name,
            digest=entry.offer.payload.digest(),
            port=self._port,
            pid=os.getpid(),
            lease=entry.wish.lease,
            expires=self._clock.wall() + entry.until() - self._clock.monotonic(),
            fetched=entry.offer.tally.fetched(),
            new=new,
        )
