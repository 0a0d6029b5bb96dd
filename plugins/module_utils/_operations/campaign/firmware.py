# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one firmware that all BMCs of a campaign get: a bundle or a plain file, by its digest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..._core.errors import BadArtifact, LocalFailure
from ..._firmware.oci.content import digest_of_file

IMAGE = "image_path"


def of_bundle(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Of a result of bmc_firmware_bundle_info."""
    verdict = bundle.get("verdict")
    return {
        "reference": bundle["reference"],
        "digest": bundle["digest"],
        "version": bundle.get("version") or "",
        "shown": str(bundle["reference"]).partition("@")[0],
        "accepted": verdict.get("accepted") if isinstance(verdict, Mapping) else None,
    }


def of_image(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Of a file, by what was asked for. Raises LocalFailure."""
    path = Path(str(asked.get(IMAGE)))
    try:
        digest = digest_of_file(path)
    except OSError as error:
        raise LocalFailure(
            "the firmware cannot be read", why=f"{path}: {error.strerror or error}", way_out="Name another file."
        ) from error
    version = str(asked.get("version") or "")
    return {"digest": digest, "version": version, "shown": str(path), "accepted": None}


def require_same(found: Mapping[str, Any], begun: Mapping[str, Any]) -> None:
    """Raises BadArtifact where a campaign began with another one. begun: empty where it begins with this one."""
    pinned = begun.get("digest")
    if pinned and found["digest"] != pinned:
        raise BadArtifact(
            "the firmware is another one than the campaign began with",
            why=f"{found['digest']} instead of {pinned}",
            way_out="Bring back the one that it began with, or begin anew.",
        )
