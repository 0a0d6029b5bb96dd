# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of bmc_firmware, and what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .._core.clock import Clock
from .._core.errors import InvalidRequest
from .._firmware.oci.bundle import read_bundle
from .._firmware.oci.opening import opened_source
from .._firmware.oci.reference import parse_reference
from .._firmware.policy.document import policies
from .._firmware.policy.judge import judge
from .._firmware.staging.place import Place
from .._firmware.staging.shared import SharedStage
from .._operations.firmware.image import BundleImage, Image, file_image
from .._operations.firmware.request import (
    AUTO,
    NEVER,
    PULL,
    REBOOTS,
    TRANSFERS,
    Allowed,
    FirmwareRequest,
    Times,
    Which,
    require_sense,
)
from .._operations.firmware.stages import OwnStages, SiteStages, Stages, play_stages
from .._transport.origin import parse_address
from .failure import telling
from .options import CONNECTION_SPEC, require_seconds
from .registry import CACHE_SPEC, REGISTRY_SPEC, access_of, cache_of, pins_of
from .task import Result, Task

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "bundle": {"type": "str"},
    **{name: spec for name, spec in REGISTRY_SPEC.items() if name != "reference"},
    **CACHE_SPEC,
    "verification_policies": {"type": "list", "elements": "dict"},
    "image_path": {"type": "path"},
    "version": {"type": "str"},
    "component": {"type": "str"},
    "targets": {"type": "list", "elements": "str", "default": []},
    "all_compatible": {"type": "bool", "default": False},
    "downgrade": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
    "allow_bmc_reset": {"type": "bool", "default": False},
    "reboot": {"type": "str", "default": NEVER, "choices": list(REBOOTS)},
    "reboot_type": {"type": "str", "default": "soft_restart", "choices": ["soft_restart", "hard_restart"]},
    "transfer": {"type": "str", "default": AUTO, "choices": list(TRANSFERS)},
    "stage": {"type": "dict"},
    "stage_url": {"type": "str"},
    "stage_ca_path": {"type": "path"},
    "stage_validate_certs": {"type": "bool", "default": True},
    "stage_port": {"type": "str", "default": "0"},
    "stage_advertise": {"type": "str"},
    "stage_clients": {"type": "list", "elements": "str", "default": []},
    "stage_certificate": {"type": "path"},
    "stage_private_key": {"type": "path", "no_log": False},
    "wait": {"type": "bool", "default": True},
    "handle": {"type": "dict"},
    "timeout": {"type": "float", "default": 7200},
    "transfer_timeout": {"type": "float", "default": 1800},
    "apply_timeout": {"type": "float", "default": 3600},
    "return_timeout": {"type": "float", "default": 900},
    "reboot_timeout": {"type": "float", "default": 300},
    "poll_interval": {"type": "float", "default": 10},
    **CONNECTION_SPEC,
}

_STAGE = ("host", "url", "origin", "found", "digest", "lasts", "control", "machine")


def request_of(options: Mapping[str, Any], task: Task) -> FirmwareRequest:
    """Raises InvalidRequest for what cannot be meant."""
    times = ("timeout", "transfer_timeout", "apply_timeout", "return_timeout", "reboot_timeout", "poll_interval")
    require_seconds(options, *times)
    which = Which(
        component=options["component"] or "",
        targets=tuple(options["targets"]),
        all_compatible=options["all_compatible"],
        system=options["bmc_system"] or "",
    )
    require_sense(which)
    return FirmwareRequest(
        which=which,
        allowed=Allowed(options["downgrade"], options["force"], options["allow_bmc_reset"], options["reboot"]),
        times=Times(*(options[name] for name in times)),
        version=options["version"] or "",
        transfer=options["transfer"],
        restart=options["reboot_type"],
        identity=options["bmc_identity"] or {},
        run=task.run,
        waits=options["wait"],
        check_mode=task.check_mode,
        handle=options["handle"] or None,
    )


@contextmanager
def opened_image(options: Mapping[str, Any], task: Task) -> Iterator[tuple[Image, Result | None, list[str]]]:
    """The image, what is told of its bundle, and warnings. No BMC is touched before the policies have judged it.

    Raises InvalidRequest, LocalFailure, RegistryFailure, BadArtifact; BundleRefused for what a policy refuses.
    """
    if bool(options["bundle"]) == bool(options["image_path"]):
        raise InvalidRequest("exactly one of bundle and image_path is needed", way_out="A bundle can be verified.")
    if options["image_path"]:
        yield _plain_file(options), None, []
        return
    reference = parse_reference(options["bundle"])
    demanded = None if options["verification_policies"] is None else policies(options["verification_policies"])
    with opened_source(reference, access_of(options), cache_of(options, task.clock), task.clock) as source:
        digest = pins_of(task).digest(reference, lambda: source.resolve(reference).digest)
        pinned = reference.pinned(digest)
        told: Result = {"reference": str(pinned), "digest": digest, "version": None, "verdict": None}
        with telling({"bundle": told}):
            bundle = read_bundle(source, pinned)
            told["version"] = bundle.version
            verdict = None if demanded is None else judge(source, bundle.reference, digest, demanded, task.clock)
            if verdict is not None:
                told["verdict"] = verdict.data()
                verdict.require()
            yield BundleImage(bundle, source), told, verdict.warnings if verdict else []


def _plain_file(options: Mapping[str, Any]) -> Image:
    if options["verification_policies"] is not None:
        raise InvalidRequest(
            "image_path has no signature that verification_policies could judge",
            way_out="Publish the file with bmc_firmware_bundle, sign it, and give bundle.",
        )
    if not options["version"] or not (options["component"] or options["targets"]):
        raise InvalidRequest(
            "image_path needs version, and component or targets",
            why="a plain file does not say what it is for, nor what the inventory will show",
            way_out="Give them, or a bundle, which says both.",
        )
    return file_image(options["image_path"], options["component"] or "", options["version"])


def have_image(options: Mapping[str, Any], image: Image, task: Task) -> None:
    """Fetch and verify what this task may send, before any BMC is touched. Raises what fetching raises.

    Not what others alone serve; nor for a handle, whose update was sent; nor in check mode, which sends nothing.
    """
    others = options["transfer"] == PULL and (options["stage"] or options["stage_url"])
    if not (others or options["handle"] or task.check_mode):
        image.path()


def stages_of(options: Mapping[str, Any], image: Image, clock: Clock) -> Stages:
    """Where the BMC fetches the image from. Raises InvalidRequest, LocalFailure."""
    given, url = options["stage"], options["stage_url"]
    if given and url:
        raise InvalidRequest("stage and stage_url are both set", way_out="Set one of them, or none.")
    if given:
        if set(given) != set(_STAGE):
            raise InvalidRequest("stage is not what bmc_staging returned", way_out="Give its stage as it is.")
        return play_stages(SharedStage(**given), image)
    if url:
        return SiteStages(url, clock, options["stage_ca_path"] or "", options["stage_validate_certs"])
    files = (options[name] or "" for name in ("stage_certificate", "stage_private_key"))
    place = Place(options["stage_port"], options["stage_advertise"] or "", *files)
    place.port_range()
    place.context()
    return OwnStages(parse_address(options["bmc_address"]).host, place, tuple(options["stage_clients"]), clock)
