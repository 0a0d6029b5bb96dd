# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_firmware_bundle_info: what a bundle is, what is attached to it, and what the site's policy says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.printable import printable
from .._firmware.oci.bundle import Bundle, read_bundle
from .._firmware.oci.content import Descriptor
from .._firmware.oci.opening import opened_source
from .._firmware.oci.reference import parse_reference
from .._firmware.policy.document import policies
from .._firmware.policy.judge import judge
from .failure import telling
from .registry import CACHE_SPEC, REGISTRY_SPEC, access_of, cache_of, pins_of
from .task import Result, Task

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **REGISTRY_SPEC,
    **CACHE_SPEC,
    "hardware": {"type": "list", "elements": "str", "default": []},
    "verification_policies": {"type": "list", "elements": "dict"},
    "enforce": {"type": "bool", "default": False},
    "fetch": {"type": "bool", "default": False},
}


def run(options: Mapping[str, Any], task: Task) -> Result:
    """Read it. Raises BmcError; BundleRefused where the policies are to be enforced, or it is for other hardware."""
    named = parse_reference(options["reference"])
    cache = cache_of(options, task.clock)
    given = options["verification_policies"]
    demanded = None if given is None else policies(given)
    with opened_source(named, access_of(options), cache, task.clock) as source:
        digest = pins_of(task).digest(named, lambda: source.resolve(named).digest)
        pinned = named.pinned(digest)
        told: Result = {"reference": str(pinned), "digest": digest}
        with telling(told):
            bundle = read_bundle(source, pinned)
            components = bundle.for_hardware(options["hardware"]) if options["hardware"] else list(bundle.components)
            told |= _told(bundle, source.referrers(digest))
            told["components"] = [component.document() for component in components]
            if demanded is not None:
                verdict = judge(source, bundle.reference, digest, demanded, task.clock)
                told |= {"verdict": verdict.data(), "warnings": verdict.warnings}
                if options["enforce"]:
                    verdict.require()
            if options["fetch"]:
                told["payload"]["path"] = str(source.fetch(bundle.payload))
    return told


def _told(bundle: Bundle, referrers: list[Descriptor]) -> Result:
    payload = bundle.payload
    return {
        "changed": False,
        "version": printable(bundle.version),
        "payload": {"digest": payload.digest, "size": payload.size, "file_name": bundle.file_name},
        "annotations": _shown(bundle.manifest.annotations),
        "referrers": [
            {
                "artifact_type": printable(entry.artifact_type),
                "digest": entry.digest,
                "size": entry.size,
                "annotations": _shown(entry.annotations),
            }
            for entry in referrers
        ],
    }


def _shown(annotations: Mapping[str, str]) -> dict[str, str]:
    return {printable(name): printable(value) for name, value in annotations.items()}
