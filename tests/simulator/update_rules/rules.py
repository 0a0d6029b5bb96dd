# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a dialect takes firmware updates: what can be updated, by which requests, and how it tells of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..bmc import Bmc
    from ..profile import Document, Reply
    from ..updates import Update

# What must restart before a new firmware runs: nothing; the BMC, which does so by itself, or which a client must
# reset; the host's next boot; the host's next start from power off.
NOTHING, BMC, MANAGER, HOST, POWER = "nothing", "bmc", "manager", "host", "power"

REFUSED, SKIPPED = "refused", "skipped"
# An apply time of our own: what is stored in the BMC and not written.
NEVER = "Never"
IMMEDIATE, ON_RESET, ON_START = "Immediate", "OnReset", "OnStartUpdateRequest"
APPLY_TIME = "@Redfish.OperationApplyTime"


@dataclass(frozen=True, slots=True)
class Item:
    """A firmware of the inventory that can be updated.

    id: its own there, as it left the factory. component: what an image must say that it is for. restart: of the words
    above. host: the system it belongs to, "" for the only one. previous: the id of the entry that shows the version
    before, "" for none. pending: that which shows the version that waits. spare:
    it is updated only where it is named. manager: URI of the one beside the BMC that must be reset for it.
    """

    id: str
    component: str
    restart: str = HOST
    host: str = ""
    previous: str = ""
    pending: str = ""
    spare: bool = False
    manager: str = ""


@dataclass(frozen=True, slots=True)
class Pull:
    """An action by which the BMC fetches an image.

    name: as the standard or the maker calls it. names: the parameter that says what to update, "Targets" or
    "UpdateComponent"; "" where the image alone does. required: its further parameters, optional: those that may be
    missing. local: it takes nothing but a URI of its own, so nothing that is simulated. numeric: the host of a URI must
    be an IP address. flag: a parameter without which, true, the image is merely stored; "".
    """

    name: str
    uri: str
    names: str = "Targets"
    protocols: tuple[str, ...] = ("HTTP", "HTTPS")
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ("TransferProtocol",)
    local: bool = False
    numeric: bool = False
    flag: str = ""

    @property
    def parameters(self) -> set[str]:
        """The names that a request may have, but for the apply time."""
        return {"ImageURI", *self.required, *self.optional, *filter(None, [self.names])}


@dataclass(frozen=True, slots=True)
class Push:
    """A URI that takes an image.

    name: the property that tells it. multipart: the file is the form's part `file`, and `parameters` one before it, a
    JSON object; else the whole body is the file. cookie: the name of a cookie, and of a part, that must hold the token
    of a session, as nothing else is a login there; "". flag: as of a pull.
    """

    name: str
    uri: str
    multipart: bool = True
    file: str = "UpdateFile"
    parameters: str = "UpdateParameters"
    cookie: str = ""
    flag: str = ""


Answer = Callable[["Bmc", "Update"], "Reply"]
Shown = Callable[["Update"], "Mapping[str, Document]"]


@dataclass(frozen=True)
class Updates:
    """What a dialect does with updates.

    What can be asked for:
    items: what can be updated. nameable: ids of those that a request may name, () for all. targets: what may stand for
    one beside its URI: the item's id, or its component for all that have it. apply_times: those that a request may
    name, the usual one first; () where it may name none. starts: URI of StartUpdate, "" for none. options:
    UpdateService has HttpPushUriOptions or HttpPushUriTargets, by which an upload of the mere file is judged. same: an
    image of the version that runs is REFUSED, or SKIPPED unless the request forces it; "" is written like any other.

    What is done:
    restarts: with Immediate the BMC itself restarts what must be, be it the host. flashes_at_boot: what waits for the
    host is written when it boots, not before. judges_at_once: an upload that is no image is refused, not accepted and
    then failed. forgetful: a restart of the BMC takes the tasks away.

    What is told:
    answer: what an accepted request is answered with; pushed: an upload, where that is something else. tasks: the
    resources that tell of an update, by URI; monitored: what a monitor of a task answers, where it does so in a way of
    its own. shows: what UpdateService says of the last update.
    """

    items: tuple[Item, ...]
    answer: Answer
    pulls: tuple[Pull, ...] = ()
    pushes: tuple[Push, ...] = ()
    targets: Mapping[str, str] = field(default_factory=dict)
    apply_times: tuple[str, ...] = ()
    starts: str = ""
    restarts: bool = False
    flashes_at_boot: bool = False
    options: bool = False
    tasks: Shown = lambda update: {}
    shows: Callable[[Update], Document] | None = None
    forgetful: bool = False
    judges_at_once: bool = False
    same: str = ""
    nameable: tuple[str, ...] = ()
    pushed: Answer | None = None
    monitored: Answer | None = None
