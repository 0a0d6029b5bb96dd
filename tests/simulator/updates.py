# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Updates of one BMC's firmware: what was asked for, how far it is, and what it comes to.

An image that has arrived whole is flashed in `timing.flash` seconds. A BMC then restarts with its new version; a BIOS
shows it when its host next boots, at once where the host is off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .images import Image
from .standard import INVENTORY, ROOT, UPDATE_SERVICE

if TYPE_CHECKING:
    from .bmc import Bmc
    from .clock import Timer
    from .profile import Document

TASKS = f"{ROOT}/TaskService/Tasks"
_DOWNLOADING, _FLASHING, _PENDING, _COMPLETED, _FAILED = "Downloading", "Flashing", "Pending", "Completed", "Failed"
_RUNNING = (_DOWNLOADING, _FLASHING)


@dataclass(frozen=True)
class Updates:
    """How a dialect takes SimpleUpdate.

    action: its target. components: the firmware in the inventory for "BMC" and for "BIOS". names: by which parameter a
    request says what to update, "Targets" or "UpdateComponent"; "" where the image alone says it. targets: what may
    stand there beside the URIs of the inventory, and which firmware it means. protocol_required: whether a request must
    name its TransferProtocol. task: the id of a task by its number; None where there is none to follow. shows: what
    UpdateService says of it.
    """

    action: str
    components: Mapping[str, str]
    names: str = "Targets"
    targets: Mapping[str, str] = field(default_factory=dict)
    protocols: tuple[str, ...] = ("HTTP", "HTTPS")
    protocol_required: bool = False
    task: Callable[[int], str] | None = str
    shows: Callable[[Update], Document] | None = None

    @property
    def parameters(self) -> set[str]:
        return {"ImageURI", "TransferProtocol", "@Redfish.OperationApplyTime", *filter(None, [self.names])}


class Update:
    """One update, from its acceptance on. odd: how its image is fetched when that is not as usual, "" else."""

    def __init__(self, bmc: Bmc, number: int, url: str, image: str, odd: str) -> None:
        self.number = number
        self.url = url
        self.image = image
        self.odd = odd
        self.state = _DOWNLOADING
        self.why = ""
        self.taken = 0
        self.version = ""
        self._bmc = bmc
        self._timer: Timer | None = None

    @property
    def runs(self) -> bool:
        return self.state in _RUNNING

    @property
    def is_of_the_bmc(self) -> bool:
        rules = self._bmc.profile.updates
        return rules is not None and self.image == rules.components.get("BMC")

    def arrived(self, image: Image) -> None:
        """The image is there whole."""
        rules = self._bmc.profile.updates
        assert rules is not None
        meant = rules.components.get(image.component)
        if meant is None or (self.image not in ("", meant) and image.component not in self.image):
            self.fail(f"the image is for {image.component}")
            return
        self.image = self.image or meant
        self.version = image.version
        self._become(_FLASHING)
        self._timer = self._bmc.clock.later(self._bmc.settings.timing.flash, self._flashed)

    def fail(self, why: str) -> None:
        """It ends without effect."""
        self.why = why
        self._become(_FAILED)

    def stop(self) -> None:
        """Forget it."""
        if self._timer is not None:
            self._timer.cancel()

    def host_boots(self, host: str) -> None:
        """A host boots, with what waited for that."""
        if self.state == _PENDING and self.host == host:
            self._apply()

    @property
    def host(self) -> str:
        """The host whose BIOS it is."""
        hosts = self._bmc.hosts
        return next((name for name in hosts if self.image.startswith(f"{name}.")), next(iter(hosts)))

    def _flashed(self) -> None:
        if self.is_of_the_bmc:
            self._apply()
            self._bmc.reset_manager("update")
            self._bmc.on_restart()
        elif self._bmc.hosts[self.host].power_state == "Off":
            self._apply()
        else:
            self._become(_PENDING)

    def _apply(self) -> None:
        self._bmc.hardware.flash(self.image, self.version)
        self._become(_COMPLETED)

    def _become(self, state: str) -> None:
        self._bmc.record(UPDATE_SERVICE, f"Update {self.number}", self.state, state, self.why or "update")
        self.state = state

    def told(self) -> dict[str, object]:
        """Return the truth of it."""
        known = ("number", "image", "version", "state", "why", "taken", "url")
        return {name: getattr(self, name) for name in known}

    def task(self, uri: str) -> Document:
        """Return it as a task of the standard (Task v1.4)."""
        states = {_PENDING: ("Completed", "OK"), _COMPLETED: ("Completed", "OK"), _FAILED: ("Exception", "Critical")}
        state, status = states.get(self.state, ("Running", "OK"))
        messages = [{"Message": self.why, "MessageId": "Update.1.0.ApplyFailed"}] if self.why else []
        return {
            "@odata.id": uri,
            "@odata.type": "#Task.v1_4_3.Task",
            "Id": uri.rpartition("/")[2],
            "Name": "Update",
            "TaskState": state,
            "TaskStatus": status,
            "PercentComplete": 50 if self.state == _FLASHING else 0 if self.state == _DOWNLOADING else 100,
            "Messages": messages,
        }


def hpe_state(update: Update) -> Document:
    """What iLO says of an update in UpdateService (HpeiLOUpdateServiceExt)."""
    states = {_DOWNLOADING: "Uploading", _FLASHING: "Writing", _FAILED: "Error"}
    return {"Oem": {"Hpe": {"State": states.get(update.state, "Complete")}}}


def ami_state(update: Update) -> Document:
    """What MegaRAC says of an update in UpdateService (AMIUpdateService)."""
    information = {
        "UpdateStatus": "Completed" if update.state == _PENDING else update.state,
        "FlashPercentage": f"{50 if update.runs else 100}% done",
        "UpdateTarget": update.image,
    }
    return {"Oem": {"AMIUpdateService": {"UpdateInformation": information}}}


class UpdateLog:
    """All updates of one BMC, in order."""

    def __init__(self, bmc: Bmc) -> None:
        self._bmc = bmc
        self.updates: list[Update] = []

    @property
    def running(self) -> Update | None:
        return next((update for update in self.updates if update.runs), None)

    def begin(self, url: str, image: str, odd: str) -> Update:
        update = Update(self._bmc, len(self.updates) + 1, url, image, odd)
        self.updates.append(update)
        return update

    def stop(self) -> None:
        for update in self.updates:
            update.stop()

    def host_boots(self, host: str) -> None:
        for update in self.updates:
            update.host_boots(host)

    def image_of(self, target: str) -> str | None:
        """Return the firmware that a request names; None where there is none of that name."""
        rules = self._bmc.profile.updates
        assert rules is not None
        now = {self._bmc.hardware.factory_uri(target), target}
        known = {f"{INVENTORY}/{image}": image for image in self._bmc.hardware.images()} | dict(rules.targets)
        return next((known[uri] for uri in now if uri in known), None)

    def task_uri(self, update: Update) -> str | None:
        rules = self._bmc.profile.updates
        return f"{TASKS}/{rules.task(update.number)}" if rules and rules.task else None

    def task_at(self, uri: str) -> Update | None:
        return next((update for update in self.updates if self.task_uri(update) == uri), None)

    def shown(self, uri: str, document: Document) -> Document:
        """Return the update service with what the dialect says in it of the last update."""
        rules = self._bmc.profile.updates
        if not rules or not rules.shows or uri != UPDATE_SERVICE or not self.updates:
            return document
        return _merged(document, rules.shows(self.updates[-1]))


def _merged(document: Document, more: Mapping[str, Any]) -> Document:
    merged = dict(document)
    for name, value in more.items():
        merged[name] = _merged(merged.get(name, {}), value) if isinstance(value, Mapping) else value
    return merged
