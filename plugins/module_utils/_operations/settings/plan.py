# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of a BMC: what is there, what is wanted, and the writes in between. Nothing in here writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import accumulate
from typing import Any

from ..._core.errors import BmcError, InvalidRequest
from ..._redfish.resource import Document, uri_of
from ...vendor_api.v1 import Change, Missing, Place, SettingsView
from ..connect import Bmc, View
from ..identity import verify_bmc
from ..managers import bmc_manager
from ..settlement import Patience
from ..writes import Write
from .lockout import CONSOLE_WAYS, Turn, lockouts
from .names import GROUPS, group, holder_of, oem_name

CHANGED, UNCHANGED, UNSUPPORTED, FAILED = "changed", "unchanged", "unsupported", "failed"


@dataclass(frozen=True)
class SettingsRequest:
    """What a task asks for.

    wanted: values by name (settings_names.py); bool, int, str, tuple of str, or Keys. unsupported: "fail", or what else
    is done with a setting that this BMC does not have. reset: the manager may be reset where its changes wait for that.
    pinned: the BMC's certificate is pinned. host: inventory name.
    """

    wanted: Mapping[str, Any]
    identity: Mapping[str, Any]
    patience: Patience
    unsupported: str = "fail"
    reset: bool = False
    allow_lockout: bool = False
    check_mode: bool = False
    pinned: bool = False
    host: str = ""


@dataclass
class Setting:
    """One setting on its way.

    place: None where this BMC has none. pending: it waits for a reset of the manager. locks: the BMC takes no further
    change once it is written. ends_conversation: it may answer no more. besides: what stands beside it and decides
    whether it counts, by name: before and after. moved: the BMC took a write of it and, as far as that was read back,
    holds something else than before.
    """

    name: str
    wanted: Any
    place: Place | None
    before: Any = None
    after: Any = None
    state: str = UNCHANGED
    uri: str = ""
    note: str = ""
    pending: bool = False
    locks: bool = False
    ends_conversation: bool = False
    besides: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    moved: bool = False
    error: BmcError | None = None

    @property
    def is_last(self) -> bool:
        """Whether it is written after all others."""
        return self.locks or self.ends_conversation

    @property
    def resources(self) -> tuple[str, ...]:
        """URIs of all that a change touches."""
        return tuple(uri_of(document) for document in self.place.documents) if self.place is not None else ()

    def fail(self, error: BmcError) -> None:
        """It was tried in vain. What the BMC holds is told by leave() or read()."""
        self.state, self.error, self.note = FAILED, error, str(error)

    def leave(self) -> None:
        """The BMC holds what it held."""
        self.after, self.besides = self.before, {name: (was, was) for name, (was, _wanted) in self.besides.items()}

    def read(self, now: Setting) -> None:
        """The BMC holds what was read now."""
        self.after = now.before
        self.besides = {name: (was, now.besides.get(name, (None,))[0]) for name, (was, _then) in self.besides.items()}
        self.moved = now.before != self.before or _asked(now) != _asked(self)


@dataclass
class Step:
    """One write, and the settings that it serves. tried: it was sent, or would have been."""

    write: Write
    settings: list[Setting] = field(default_factory=list)
    tried: bool = False


@dataclass
class Observation:
    """A BMC and its settings as read, and what would be written. manager: the one that is the BMC."""

    manager: Document
    settings: list[Setting]
    steps: list[Step]

    @property
    def waits(self) -> bool:
        """Whether something that was written earlier waits for a reset of the manager."""
        return any(setting.pending for setting in self.settings)


def observe(bmc: Bmc, request: SettingsRequest) -> Observation:
    """Read what is named, make sure of the machine, and find the writes.

    Raises, before anything was written: WrongMachine; InvalidRequest for values that do not fit, all at once, for what
    locks somebody out, and for a BMC that takes no change; NotSupported.
    """
    manager = _manager(bmc)
    verify_bmc(bmc, request.identity, manager)
    view = SettingsView(bmc.service, manager, bmc.origin.host, request.wanted)
    settings = [_setting(bmc, view, name, wanted) for name, wanted in _in_order(request.wanted)]
    _refuse_misfits(bmc, view, settings)
    _refuse_unsupported(bmc, request, settings)
    steps = plan(settings)
    changing = [setting for setting in settings if setting.state == CHANGED]
    _refuse_lockout(bmc, view, request, changing)
    _refuse_locked(bmc, view, changing)
    return Observation(manager, settings, steps)


def place(bmc: View, view: SettingsView, name: str) -> Place | Missing:
    """Where a setting stands."""
    driver = bmc.driver.settings
    if group(name) == "ssh_keys":
        return driver.keys(holder_of(name), view)
    return driver.oem(oem_name(name), view) if group(name) == "oem" else driver.place(name, view)


def plan(settings: Sequence[Setting]) -> list[Step]:
    """The writes, in the order of GROUPS, and last what is last; PATCHes of one resource within a group are one."""
    steps: list[Step] = []
    for name in GROUPS:
        steps += _group([setting for setting in settings if group(setting.name) == name and not setting.is_last])
    return steps + _group([setting for setting in settings if setting.is_last])


def _group(settings: Sequence[Setting]) -> list[Step]:
    steps: list[Step] = []
    for setting in settings:
        for change in _changes(setting):
            patched = (step for step in steps if step.write.method == change.method == "PATCH")
            same = next((step for step in patched if step.write.uri == change.uri), None)
            if same is None:
                steps.append(Step(Write(change.method, change.uri, dict(change.body)), [setting]))
                continue
            same.write = Write("PATCH", change.uri, _combined(same.write.body, change.body))
            same.settings += [setting] if setting not in same.settings else []
    return steps


def _changes(setting: Setting) -> tuple[Change, ...]:
    return _asked(setting) if setting.state == CHANGED else ()


def _asked(setting: Setting) -> tuple[Change, ...]:
    """The writes that lead from what was read to what is wanted."""
    return setting.place.changes(setting.wanted) if setting.place is not None else ()


def _combined(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    body = dict(left)
    for name, value in right.items():
        old = body.get(name)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        body[name] = _combined(old, value) if both and isinstance(old, Mapping) else value
    return body


def _manager(bmc: View) -> Document:
    manager = bmc_manager(bmc.service)
    if manager is None:
        raise bmc.cannot("a change of its settings", "no manager tells that it is the BMC", "which manager it is")
    return manager


def _in_order(wanted: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in GROUPS:
        yield from ((key, value) for key, value in wanted.items() if group(key) == name)


def _setting(bmc: View, view: SettingsView, name: str, wanted: Any) -> Setting:
    found = place(bmc, view, name)
    if isinstance(found, Missing):
        return Setting(name, wanted, None, state=UNSUPPORTED, note=found.what)
    value, same = found.value(), found.same(wanted)
    pending = any(bmc.driver.settings.awaits_reset(document) for document in found.documents)
    after, state = (value, UNCHANGED) if same else (found.after(wanted), CHANGED)
    setting = Setting(name, wanted, found, value, after, state, found.uri, pending=pending)
    setting.besides = {name: (shown, shown if same else needed) for name, (shown, needed) in found.switches().items()}
    setting.locks = group(name) == "oem" and bmc.driver.settings.lockdown(oem_name(name), wanted) is True
    setting.ends_conversation = _turn(bmc, setting).ends_conversation
    return setting


def _refuse_misfits(bmc: View, view: SettingsView, settings: Sequence[Setting]) -> None:
    """All that cannot be written, at once: a wrong word, too many servers, an attribute that is not there."""
    problems = []
    for setting in settings:
        if setting.place is not None and (why := setting.place.accepts(setting.wanted)):
            problems.append(f"{setting.name} of {setting.uri} {why}")
        elif setting.place is None and group(setting.name) == "oem":
            problems += _typo(bmc, view, setting)
    if problems:
        raise InvalidRequest(
            f"{len(problems)} settings cannot be written" if len(problems) > 1 else "a setting cannot be written",
            why="; ".join(problems),
            way_out="Nothing was written. bmc_info with gather_subset: [settings] shows what is there.",
        )


def _typo(bmc: View, view: SettingsView, setting: Setting) -> Iterator[str]:
    """An attribute that is not there, where the dialect has attributes: near names help."""
    names = bmc.driver.settings.oem_names(view)
    if names:
        near = get_close_matches(oem_name(setting.name), names, 3)
        yield f"{setting.name}: {setting.note}" + (f", it has {', '.join(near)}" if near else "")


def _refuse_unsupported(bmc: View, request: SettingsRequest, settings: Sequence[Setting]) -> None:
    missing = [setting for setting in settings if setting.state == UNSUPPORTED]
    if missing and request.unsupported == "fail":
        raise bmc.cannot(
            " and ".join(setting.name for setting in missing),
            "; ".join(dict.fromkeys(setting.note for setting in missing)),
            "where they stand to ManagerSettings.place()",
            "Nothing was written. unsupported: warn, or ignore, sets the others.",
        )


def _refuse_lockout(bmc: View, view: SettingsView, request: SettingsRequest, changing: Sequence[Setting]) -> None:
    """What may cut somebody off. Of the protocols also those count that the task does not name."""
    if request.allow_lockout:
        return
    turns = [replace(_turn(bmc, setting), runs_empty=_runs_empty(setting)) for setting in changing]
    kept = {}
    for name in CONSOLE_WAYS if any(turn.is_off for turn in turns) else ():
        found = place(bmc, view, name)
        kept[name] = None if isinstance(found, Missing) else found.value()
    reasons = lockouts(turns, kept, view.host, request.pinned)
    if reasons:
        raise InvalidRequest(
            "somebody would be locked out",
            why="; ".join(reasons),
            way_out="Nothing was written. If it is meant, say allow_lockout: true.",
        )


def _turn(bmc: View, setting: Setting) -> Turn:
    if group(setting.name) != "oem":
        return Turn(setting.name, setting.before, setting.after, setting.name)
    driver, attribute = bmc.driver.settings, oem_name(setting.name)
    (name, before), (_name, after) = (driver.stands_for(attribute, value) for value in (setting.before, setting.after))
    return Turn(name or setting.name, before, after, setting.name)


def _runs_empty(setting: Setting) -> bool:
    """Whether its members all go before a new one comes."""
    counts = {"POST": 1, "DELETE": -1}
    steps = [counts.get(change.method, 0) for change in _changes(setting)]
    present = accumulate(steps, initial=len(setting.before or ()) if any(steps) else 1)
    return 0 in list(present)[1:]


def _refuse_locked(bmc: View, view: SettingsView, changing: Sequence[Setting]) -> None:
    driver = bmc.driver.settings
    if all(_lifts(bmc, setting) for setting in changing):
        return
    why = driver.locked(view)
    if why:
        raise InvalidRequest(
            "the BMC is locked down and takes no change",
            why=why,
            way_out="Nothing was written. Lift the lockdown first, by a task with only that attribute under oem.",
        )


def _lifts(bmc: View, setting: Setting) -> bool:
    attribute = oem_name(setting.name) if group(setting.name) == "oem" else ""
    return bmc.driver.settings.lockdown(attribute, setting.wanted) is False


def read_again(bmc: Bmc, request: SettingsRequest, setting: Setting) -> Setting:
    """A setting as the BMC shows it now, to be compared with what was wanted."""
    view = SettingsView(bmc.service, _manager(bmc), bmc.origin.host, request.wanted)
    return _setting(bmc, view, setting.name, setting.wanted)
