# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings read back: what a BMC took with 200 and did not keep is an error, never a change."""

from __future__ import annotations

from collections.abc import Sequence

from ..._core.clock import Clock
from ..._core.errors import BmcError, MayHaveHappened, NotReached, RefusedByBmc
from ..._core.redact import REDACTED, names_secret
from ..connect import Bmc
from .plan import CHANGED, UNCHANGED, Setting, SettingsRequest, read_again

# What a BMC took shows within this time, else it was dropped. Seconds.
_SHOWS_WITHIN = 10.0


def read_back(bmc: Bmc, request: SettingsRequest, settings: Sequence[Setting], clock: Clock) -> None:
    """Look at each setting that was written until it shows. What never does has failed.

    One that failed is looked at once, if something of it was written, or may have been: that is what the BMC holds.
    """
    written = [setting for setting in settings if setting.state == CHANGED or setting.moved or _may_be_written(setting)]
    if any(setting.ends_conversation and setting.moved for setting in written):
        for setting in written:
            setting.note = setting.note or "not read back: what was set ends this conversation"
        return
    deadline = clock.monotonic() + (min(_SHOWS_WITHIN, request.patience.timeout) if request.patience.waits else 0.0)
    with bmc.client.apart():
        while written := [setting for setting in written if not _seen(bmc, request, setting)]:
            if clock.monotonic() >= deadline:
                break
            clock.sleep(min(request.patience.interval, _SHOWS_WITHIN))
            bmc.service.forget()
    for setting in written:
        _dropped(setting)


def _may_be_written(setting: Setting) -> bool:
    """Whether only a look tells what its write did: it was cut off before its answer, or failed inside the BMC."""
    return isinstance(setting.error, (MayHaveHappened, RefusedByBmc))


def _unclear(setting: Setting) -> bool:
    return isinstance(setting.error, MayHaveHappened)


def _seen(bmc: Bmc, request: SettingsRequest, setting: Setting) -> bool:
    """Whether it is as wanted now, or nobody can tell, or it failed and what the BMC holds is known."""
    try:
        for uri in setting.resources:
            bmc.service.fresh(uri)
        now = read_again(bmc, request, setting)
    except BmcError as error:
        if setting.error is None:
            setting.fail(error)
            setting.after, setting.besides = None, {}
        return True
    setting.read(now)
    if setting.error is not None and not _unclear(setting):
        return True
    if now.state != UNCHANGED:
        return False
    if _unclear(setting):
        setting.state = CHANGED
    return True


def _dropped(setting: Setting) -> None:
    if setting.error is not None:
        return
    setting.fail(
        NotReached(
            f"the BMC took {setting.name} and did not keep it",
            why=f"{setting.uri} holds {_shown(setting.name, setting.after)}",
            way_out="DHCP may hold it, or it needs a licence, or is read-only in this firmware.",
        )
    )


def _shown(name: str, value: object) -> str:
    if names_secret(name):
        return REDACTED
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nothing"
    return "nothing" if value is None else str(value)
