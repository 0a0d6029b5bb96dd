# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for a BMC to fetch, and what to say when it does not."""

from __future__ import annotations

from collections.abc import Callable

from ..._core.clock import Clock
from ..._core.errors import NotReached
from .fetched import Fetched
from .stage import Stage

_LOOK_AGAIN = 0.5


def await_fetched(
    stage: Stage,
    clock: Clock,
    *,
    begun_within: float,
    stalled_after: float,
    watch: Callable[[Fetched], None] = lambda _fetched: None,
) -> Fetched | None:
    """Wait until the BMC has fetched the last byte. Seconds. None at once for a stage that cannot tell.

    begun_within: for the first request. stalled_after: without a request or a byte. watch: called after each look, for
    progress; what it raises ends the wait. Raises NotReached, LocalFailure.
    """
    started = clock.monotonic()
    while True:
        fetched = stage.fetched()
        if fetched is None:
            return None
        watch(fetched)
        if fetched.complete:
            return fetched
        require_progress(stage, fetched, clock, since=started, begun_within=begun_within, stalled_after=stalled_after)
        clock.sleep(_LOOK_AGAIN)


def require_progress(
    stage: Stage, fetched: Fetched, clock: Clock, *, since: float, begun_within: float, stalled_after: float
) -> None:
    """Raises NotReached for a BMC that does not come, or does not go on; since: monotonic, when it was told the URL."""
    if fetched.changed:
        raise NotReached(
            "the staged file was written to while the BMC fetched it",
            why=_how_far(fetched),
            way_out="What the BMC has is neither the old nor the new file: leave the file alone, and stage it again.",
        )
    if fetched.last is None:
        if clock.monotonic() - since >= begun_within:
            raise never_fetched(stage, fetched, begun_within)
    elif not fetched.complete and clock.wall() - fetched.last >= stalled_after:
        raise NotReached(
            "the BMC stopped fetching the file",
            why=f"{_how_far(fetched)}; then nothing for {stalled_after:g} s",
            way_out="Look at the BMC's log and at the network between it and this machine.",
        )


def never_fetched(stage: Stage, fetched: Fetched, seconds: float) -> NotReached:
    """The error for a BMC that never came: which address it was told, why that may be wrong, and what to set."""
    why = f"it was told to fetch from {stage.origin}, and did not within {seconds:g} s"
    if fetched.refused:
        others = ", ".join(fetched.refused_from)
        why += f"; {fetched.refused} requests were refused, from {others}"
        way_out = "If one of these addresses is what the BMC looks like from here (NAT), set clients to it."
    elif stage.found:
        way_out = (
            "This address was found by the route to the BMC; in a container or pod it is the container's own, which the"
            " BMC cannot reach: set advertise to an address that leads here, and port to one that is forwarded."
        )
    else:
        way_out = "It was set with advertise: make sure that it leads here, with the same port unless it names another."
    way_out += " Else let the BMC through the firewall (docs/staging.md)."
    return NotReached("the BMC never fetched the file", why=why, way_out=way_out)


def _how_far(fetched: Fetched) -> str:
    return f"{fetched.received} of {fetched.size} bytes arrived"
