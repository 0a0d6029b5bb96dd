# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a BMC fetches an image from: a server of this task, the server of the play, or the site's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from ..._core.clock import Clock
from ..._core.errors import InvalidRequest
from ..._firmware.staging.addresses import addresses_of, advertised
from ..._firmware.staging.own import staged
from ..._firmware.staging.place import Place
from ..._firmware.staging.shared import SharedStage
from ..._firmware.staging.site import site_stage
from ..._firmware.staging.stage import Stage
from .image import Image


class Stages(Protocol):
    """A way to stage."""

    @property
    def protocol(self) -> str:
        """What a BMC fetches by, as TransferProtocol has it."""

    @property
    def outlives(self) -> bool:
        """Whether the file stays when the play ends."""

    @property
    def source(self) -> str:
        """Names what serves it until then, the same for all tasks of the play; "" where each has its own."""

    @property
    def unproven(self) -> str:
        """What nobody here knows of the file, a sentence, or nothing."""

    def shown(self, image: Image) -> str:
        """The URL as it may stand in a plan or message: without the token that opens it."""

    def open(self, image: Image) -> AbstractContextManager[Stage]:
        """Stage the image for as long as the block lasts. Raises InvalidRequest, LocalFailure, Unreachable."""
        raise NotImplementedError


@dataclass(frozen=True)
class OwnStages:
    """A server inside this task. bmc: name or address of the BMC. clients: who fetches, where that is not the BMC."""

    bmc: str
    place: Place
    clients: tuple[str, ...]
    clock: Clock
    outlives: bool = False
    source: str = ""
    unproven: str = ""

    @property
    def protocol(self) -> str:
        return self.place.scheme.upper()

    def shown(self, image: Image) -> str:
        told, ports = advertised(self.place.advertise, addresses_of(self.bmc)), self.place.port_range()
        # Which port it is, and the token, is found when it is staged.
        authority = told.authority(ports[0]) if len(ports) == 1 and ports[0] else told.authority(0).removesuffix(":0")
        return f"{self.place.scheme}://{authority}/…/{image.file_name}"

    def open(self, image: Image) -> AbstractContextManager[Stage]:
        name = image.file_name
        return staged(image.path(), self.bmc, self.place, self.clock, title=name, clients=self.clients)


@dataclass(frozen=True)
class PlayStages:
    """The server of the play, where bmc_staging has staged the file for this host already. See play_stages()."""

    stage: SharedStage
    unproven: str = ""

    @property
    def outlives(self) -> bool:
        return self.stage.lasts

    @property
    def source(self) -> str:
        # Not the URL: a token opens the file.
        return sha256(self.stage.url.encode()).hexdigest()[:16]

    @property
    def protocol(self) -> str:
        return self.stage.url.partition(":")[0].upper()

    def shown(self, image: Image) -> str:
        return f"{self.stage.origin}/…/{self.stage.url.rpartition('/')[2]}"

    @contextmanager
    def open(self, image: Image) -> Iterator[Stage]:
        # Raises where it is not staged any more, or something else is in its place.
        self.stage.fetched()
        yield self.stage


def play_stages(stage: SharedStage, image: Image) -> PlayStages:
    """What bmc_staging has staged, if it is this very image. Raises InvalidRequest, LocalFailure.

    Not by size: all versions of one BIOS may have the same.
    """
    digest = image.digest()
    if stage.digest != digest:
        raise InvalidRequest(
            "what bmc_staging has staged is not this image",
            why=f"{stage.digest} is staged, {image.name} has {digest}",
            way_out="Stage the payload of this bundle: bmc_firmware_bundle_info with fetch returns its path.",
        )
    return PlayStages(stage)


@dataclass(frozen=True)
class SiteStages:
    """A web server of the site's own. url: of the file, or of its folder when it ends in a slash."""

    url: str
    clock: Clock
    ca_path: str = ""
    validate: bool = True
    outlives: bool = True
    source: str = ""
    unproven: str = "of the image at stage_url nothing but its size was compared"

    @property
    def protocol(self) -> str:
        return self.url.partition(":")[0].upper()

    def shown(self, image: Image) -> str:
        return f"{self.url}{image.file_name}" if self.url.endswith("/") else self.url

    @contextmanager
    def open(self, image: Image) -> Iterator[Stage]:
        stage = site_stage(self.url, image.file_name, self.clock, ca_path=self.ca_path, validate=self.validate)
        stage.prove(image.size)
        yield stage
