# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the contract that is about firmware; drivers import it from v1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .._redfish.resource import Document
from .._redfish.service import Service
from .._transport.upload import Upload
from .changes_v1 import Change

COMPONENTS = (
    "bmc", "bios", "cpld", "fpga", "nic", "psu", "storage", "drive", "gpu", "cpu", "erot", "backplane", "bootloader",
)  # fmt: skip
"""Plain names of what has firmware. Bundles may have further ones, which then are found by id or name alone."""

RUNNING, WAITING, FINISHED, FAILED, UNTOLD = "running", "waiting", "finished", "failed", ""


@dataclass(frozen=True)
class Software:
    """A SoftwareInventory as the dialect means it.

    key: what stays the same while its version changes: an Id holds the version on Dell, a hash on OpenBMC, and moves on
    HPE; entries that a BMC does not tell apart share one (recorded: four backplanes of an HPE). component: one of
    COMPONENTS, "" where nothing tells. version: as shown, "" for none. spare: a recovery, golden, backup, staging,
    pending or previous image, which no pattern may pick. updateable: as the BMC says, True where it does not. system:
    URI of the one system that it belongs to, "" for the BMC or the machine as a whole. hardware: names by which a
    bundle may know it, such as its SoftwareId. target: what a request calls it where that is not its own URI: a
    system's Bios on Supermicro, "MB_CPLD" on MegaRAC. manager: URI of the manager that a client must reset before it
    runs, "" where that restarts by itself, or need not.
    """

    uri: str
    id: str
    name: str
    key: str
    component: str
    version: str
    spare: bool = False
    updateable: bool = True
    system: str = ""
    hardware: tuple[str, ...] = ()
    target: str = ""
    manager: str = ""


@dataclass(frozen=True)
class UpdateMethod:
    """A way to hand an image over, as one BMC offers it.

    name: of the property or action: "SimpleUpdate", "MultipartHttpPushUri", "HttpPushUri", "AddFromUri". uri: where it
    is sent. pull: the BMC fetches the image itself. protocols: what it fetches by, as TransferProtocol has them
    ("HTTP"); () where it does not say. largest: bytes, 0 where it does not say. names_targets: a request says what is
    to be updated; else the image alone does, and one request is for all that the image holds. session: it takes a
    session's token, as no other login opens it. targets: what may be named; () where it does not say. apply_times: as
    @Redfish.OperationApplyTime has them; () where none may be sent. forces: a request may carry ForceUpdate.
    by_address: the BMC resolves no names, so an image's URI has an address for its host.
    """

    name: str
    uri: str
    pull: bool
    protocols: tuple[str, ...] = ()
    largest: int = 0
    names_targets: bool = True
    session: bool = False
    targets: tuple[str, ...] = ()
    apply_times: tuple[str, ...] = ()
    forces: bool = False
    by_address: bool = False


@dataclass(frozen=True)
class UpdateRequest:
    """What one request is to bring about.

    software: what it is for, at least one. image_uri: where the BMC fetches it, "" for an upload. file_name: safe.
    force: also where the BMC itself would refuse the same or an older version.
    """

    method: UpdateMethod
    software: tuple[Software, ...]
    file_name: str
    image_uri: str = ""
    force: bool = False


@dataclass(frozen=True)
class UpdateStatus:
    """What a BMC says of one update.

    state: RUNNING; WAITING for what FirmwareUpdate.start() sends; FINISHED, which does not say yet that the new version
    runs; FAILED; UNTOLD where this BMC tells nothing, or nothing any more. percent: 0 to 100, None where untold. said:
    its own words, in one line. follow: URI of what is to be looked at from now on, "" to stay.
    """

    state: str
    percent: int | None = None
    said: str = ""
    message_id: str = ""
    follow: str = ""


class FirmwareUpdate(Protocol):
    """Capability: firmware updates.

    update_service is always the UpdateService as it is now.
    """

    def under_way(self, service: Service, update_service: Document) -> str:
        """What the BMC says of an update that runs, in one line; "" where it says of none.

        Reads more only where the UpdateService does not tell.
        """

    def software(self, service: Service, inventory: Document) -> Software:
        """A member of the FirmwareInventory, understood."""

    def methods(self, service: Service, update_service: Document) -> tuple[UpdateMethod, ...]:
        """The methods that this BMC offers and the dialect knows, the preferred one first."""

    def restart(self, software: Software) -> str:
        """What must restart before new firmware runs, for a bundle that does not say.

        "none", "manager", "host" or "power_cycle", as the metadata of a bundle has them.
        """

    def before(self, request: UpdateRequest, update_service: Document) -> tuple[Change, ...]:
        """The requests that go before the one that hands the image over, pulled or pushed; () for none.

        The targets of HttpPushUri, or what MegaRAC is to preserve. Raises Busy where another client has reserved the
        upload.
        """

    def pull(self, request: UpdateRequest) -> Change:
        """The request that makes the BMC fetch the image. It never lets the BMC restart the host by itself.

        Raises NotSupported where this BMC's offer does not reach so far, InvalidRequest for a URI it cannot use.
        """

    def push(self, request: UpdateRequest, token: str) -> Upload:
        """The upload. token: of the session, where the method takes one; "" else. As pull(), never a restart.

        Raises NotSupported as pull() does.
        """

    def start(self, update_service: Document, task: str) -> Change | None:
        """The request that starts what is WAITING; None where nothing does."""

    def status(self, service: Service, update_service: Document, task: str) -> UpdateStatus:
        """What is told of the update now. task: URI of its task or job, "" where the BMC made none. Reads anew."""
