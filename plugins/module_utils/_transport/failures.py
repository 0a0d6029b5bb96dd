# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of an exchange, in the same words from the synchronous and the asynchronous client."""

from __future__ import annotations

from .._core.errors import BadAnswer, BmcError, CutOff, MayHaveHappened, PinMismatch, Unreachable
from .origin import Origin

SAFE = frozenset({"GET", "HEAD"})
"""Methods that change nothing."""


def no_connection(origin: Origin, why: str) -> Unreachable:
    return Unreachable(
        "no connection",
        why=f"{origin}: {why}",
        way_out="Check bmc_address, the BMC's network and its power; a BMC that restarts needs minutes.",
    )


def no_tls(origin: Origin, why: str) -> Unreachable:
    return Unreachable("no TLS connection", why=f"{origin}: {why}", way_out="Is it the BMC's HTTPS port?")


def pin_mismatch(pinned: str, shown: str) -> PinMismatch:
    """pinned, shown: SHA-256 in hexadecimal digits."""
    return PinMismatch(
        "the certificate is not the pinned one",
        why=f"pinned SHA256:{pinned}, it shows SHA256:{shown}",
        way_out="If the BMC got a new certificate, record its fingerprint anew; else someone is in between."
        " No password was sent.",
    )


def cut_off(method: str, path: str, why: str) -> BmcError:
    """The error for a connection that broke before the answer was whole."""
    if method not in SAFE:
        return may_have_happened(method, path, why)
    return CutOff(
        f"{method} {path} was answered in part only or not at all",
        why=why,
        way_out="The connection broke at each try: look at the BMC's web server.",
    )


def overdue(method: str, path: str, seconds: float) -> BmcError:
    """The error for an answer that did not come in so many seconds."""
    if method not in SAFE:
        return may_have_happened(method, path, "timed out")
    return Unreachable(
        "no answer in time",
        why=f"{method} {path} within {seconds:g} s",
        way_out="A BMC under load may need a larger bmc_timeout.",
    )


def used_up(origin: Origin, answered: int, seconds: float, asked: str) -> Unreachable:
    """The error for a BMC that had so many seconds for all requests. asked: the one that was not answered."""
    return Unreachable(
        "the time for this BMC is used up",
        why=f"{origin} answered {answered} requests in {seconds:g} s, but not {asked}",
        way_out="Look at the BMC: it is slow or hangs. A larger bmc_deadline gives it longer.",
    )


def unusable(method: str, path: str, why: str) -> BmcError:
    """The error for an answer that came and cannot be used."""
    if method not in SAFE:
        return may_have_happened(method, path, why)
    return BadAnswer(f"{method} {path} was answered in a way that cannot be used", why=why)


def may_have_happened(method: str, path: str, why: str) -> MayHaveHappened:
    return MayHaveHappened(
        f"{method} {path} was cut off before a clear answer",
        why=why,
        way_out="It may have happened: look at the BMC with bmc_info, then run the task again.",
    )
