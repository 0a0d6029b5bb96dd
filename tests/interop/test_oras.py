# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""oras, the program in Go, reads what we publish, and we what it publishes.

In Debian's registry, which has no Referrers API, in the registry of the tests, which has it, and in a layout.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.access import Access
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.bundle import read_bundle
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.cache import Cache
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.making import (
    Files,
    Labels,
    bundle_of,
    sbom_of,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.metadata import Component, Metadata
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.opening import opened_repository
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import Repository, lacking, publish
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import parse_reference
from tests.registry.debian import PROGRAM, debian_registry
from tests.registry.stand_in import StandIn

CONTENT = b"firmware" * 1000
PAYLOAD = "nc-1.10.2.tar.gz"
SPDX = "application/spdx+json"


@dataclass
class Shelf:
    """A place that both sides use. name: with its tag, as we write it. layout: whether it is a local one."""

    program: Path
    folder: Path
    name: str
    repository: Repository
    layout: bool = False

    def oras(self, command: str, *arguments: str, tag: str = "1.10.2") -> str:
        """What it prints."""
        place = self.name.removeprefix("oci-layout:").rpartition(":")[0]
        where = ["--oci-layout", f"{place}:{tag}"] if self.layout else ["--plain-http", f"{place}:{tag}"]
        done = subprocess.run(
            [self.program, *command.split(), *where, *arguments],
            cwd=self.folder,
            env={"HOME": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert not done.returncode, done.stderr
        return done.stdout


@pytest.fixture(params=["layout", "referrers", "tag"])
def shelf(request: pytest.FixtureRequest, oras: Path, tmp_path: Path) -> Iterator[Shelf]:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / PAYLOAD).write_bytes(CONTENT)
    (folder / "sbom.json").write_text('{"spdxVersion": "SPDX-2.3"}')
    clock = SystemClock()

    def at(place: str) -> Iterator[Shelf]:
        reference = parse_reference(f"{place}:1.10.2")
        with opened_repository(
            reference, Access(plain_http=True), Cache(tmp_path / "cache", clock), clock
        ) as repository:
            yield Shelf(oras, folder, str(reference), repository, bool(reference.layout))

    if request.param == "layout":
        yield from at(f"oci-layout:{folder}/bundles")
    elif request.param == "referrers":
        with StandIn() as registry:
            yield from at(f"{registry.address}/firmware/nc")
    elif PROGRAM:
        with debian_registry(tmp_path / "registry") as debian:
            yield from at(f"{debian.address}/firmware/nc")
    else:
        pytest.skip("docker-registry is not installed")


def test_oras_reads_ours(shelf: Shelf) -> None:
    metadata = Metadata("1.10.2", (Component("bmc", "nc.1.10.2-22", ("x9000",), "manager"),))
    bundle = bundle_of(Files(shelf.folder / PAYLOAD), metadata, Labels(), "1.10.2")
    publish(shelf.repository, bundle)
    sbom = sbom_of(shelf.folder / "sbom.json", bundle.manifest.descriptor())
    publish(shelf.repository, sbom)
    assert shelf.oras("manifest fetch").encode() == bundle.manifest.raw
    assert json.loads(shelf.oras("manifest fetch", "--descriptor"))["digest"] == bundle.manifest.digest
    shelf.oras("pull", "--output", "pulled")
    assert (shelf.folder / "pulled" / PAYLOAD).read_bytes() == CONTENT
    found = json.loads(shelf.oras("discover", "--format", "json"))["referrers"]
    assert [(entry["digest"], entry["artifactType"]) for entry in found] == [(sbom.manifest.digest, SPDX)]


def test_ours_is_read_and_extended_by_both(shelf: Shelf) -> None:
    """It publishes as firmware-updater's README says and attaches; so do we; both find all of it."""
    bundle = "application/vnd.openchami.firmware.bundle.v1+json"
    annotations = ("dev.fabrica.hardware.compatible=x9000", "org.opencontainers.image.version=1.10.2")
    named = [part for annotation in annotations for part in ("--annotation", annotation)]
    payload = f"{PAYLOAD}:application/vnd.openchami.firmware.payload.v1"
    shelf.oras("push", "--artifact-type", bundle, *named, payload)
    shelf.oras("attach", "--artifact-type", SPDX, f"sbom.json:{SPDX}")
    found = read_bundle(shelf.repository, parse_reference(shelf.name))
    assert (found.version, found.file_name, found.components[0].compatible_hardware) == ("1.10.2", PAYLOAD, ("x9000",))
    assert shelf.repository.fetch(found.payload).read_bytes() == CONTENT
    (theirs,) = shelf.repository.referrers(found.manifest.digest, SPDX)
    (shelf.folder / "sbom.json").write_text('{"spdxVersion": "SPDX-2.2"}')
    ours = sbom_of(shelf.folder / "sbom.json", found.manifest.descriptor())
    publish(shelf.repository, ours)
    assert not lacking(shelf.repository, [ours])
    listed = {entry["digest"] for entry in json.loads(shelf.oras("discover", "--format", "json"))["referrers"]}
    assert listed == {theirs.digest, ours.manifest.digest}
