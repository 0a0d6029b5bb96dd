# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which driver a BMC needs, found out with as few reads as its dialect allows."""

from __future__ import annotations

from collections.abc import Iterator

from .._core.errors import InvalidRequest
from .._redfish.reset import resettable_first
from .._redfish.resource import Document
from .._redfish.service import Service
from ..vendor_api.v1 import Driver, Evidence
from .ami.driver import Ami
from .cray.driver import Cray
from .dell.driver import Dell
from .generic import GenericDriver
from .hpe.driver import Hpe
from .lenovo.driver import Lenovo
from .openbmc.driver import OpenBmc
from .supermicro.driver import Supermicro

_ALL: tuple[type[GenericDriver], ...] = (Ami, Cray, Dell, Hpe, Lenovo, OpenBmc, Supermicro, GenericDriver)
_DRIVERS = {driver.dialect: driver for driver in _ALL}
_NAMED = tuple((driver, driver()) for driver in _ALL if driver is not GenericDriver)


def detect(service: Service) -> Driver:
    """The driver for a BMC. Reads the root; managers and systems only while no dialect is recognised."""
    found = (recognised(evidence) for evidence in _evidence(service))
    return next((driver for driver in found if driver is not None), None) or GenericDriver()


def recognised(evidence: Evidence) -> Driver | None:
    """The driver that recognises its dialect; None while the evidence does not suffice."""
    return next((driver() for driver, sample in _NAMED if sample.recognises(evidence)), None)


def known(dialect: str, firmware: str) -> Driver:
    """The driver of a dialect that was recorded before, with its firmware version or "". Raises InvalidRequest."""
    if not isinstance(dialect, str) or dialect not in _DRIVERS:
        raise InvalidRequest(
            f"bmc_identity names the dialect {dialect!r}, which has no driver",
            way_out=f"Record the identity anew with bmc_info; the dialects are {', '.join(sorted(_DRIVERS))}.",
        )
    return _DRIVERS[dialect](firmware)


def maker(service: Service, driver: Driver) -> str:
    """The maker of the machine, from everything that names one."""
    return driver.inventory.maker(_complete(service))


def advice(driver: Driver, addition: str) -> str:
    """What a driver's author would add for a BMC that no driver knows; "" where its dialect has one."""
    if driver.dialect != GenericDriver.dialect:
        return ""
    return f"No driver knows this BMC: one would add {addition} (vendor_api/v1, docs/drivers.md)."


def _evidence(service: Service) -> Iterator[Evidence]:
    root = service.root()
    yield Evidence(root)
    managers: tuple[Document, ...] = ()
    for manager in service.each("Managers"):
        managers += (manager,)
        yield Evidence(root, managers)
    yield _complete(service)


def _complete(service: Service) -> Evidence:
    managers, systems = (resettable_first(service.collection(name)) for name in ("Managers", "Systems"))
    return Evidence(service.root(), tuple(managers), tuple(systems))
