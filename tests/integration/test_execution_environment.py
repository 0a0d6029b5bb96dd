# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment: what ansible-builder makes of its definition, and whether all that is needed is in it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

from tests.tools.checkout import ROOT

BUILDER = Path(sys.executable).with_name("ansible-builder")
OPTIONAL = {"cryptography", "httptools", "hvac", "oras", "pynacl"}


def requirements(name: str) -> dict[str, str]:
    """The line of each package in a file of requirements."""
    lines = [line.strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    return {re.split(r"[<>=~ ]", line)[0].lower(): line for line in lines if re.match(r"[A-Za-z]", line)}


def test_it_holds_what_the_collection_needs_and_can_use() -> None:
    held = requirements("meta/ee-requirements.txt")
    tested = {**requirements("requirements-demo.txt"), **requirements("requirements-dev.txt")}
    assert held == {**requirements("requirements.txt"), **{name: tested[name] for name in OPTIONAL}}


def test_builder_finds_them_in_the_collection(tmp_path: Path) -> None:
    folder = tmp_path / "ansible_collections" / "openchami"
    folder.mkdir(parents=True)
    (folder / "bmc").symlink_to(ROOT, target_is_directory=True)
    found = subprocess.run([BUILDER, "introspect", tmp_path], capture_output=True, text=True, check=True).stdout
    for line in requirements("meta/ee-requirements.txt").values():
        assert f"{line}  # from collection openchami.bmc" in found
    assert "openssh-clients [platform:rpm]" in found


def test_builder_takes_the_definition(tmp_path: Path) -> None:
    definition = ROOT / "execution-environment.yml"
    create = f"create --file {definition} --context {tmp_path} --output-filename Containerfile"
    made = subprocess.run([BUILDER, *create.split()], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    content = yaml.safe_load(definition.read_text(encoding="utf-8"))
    image = (tmp_path / "Containerfile").read_text(encoding="utf-8")
    assert f'ARG EE_BASE_IMAGE="{content["images"]["base_image"]["name"]}"' in image
    collections = yaml.safe_load((tmp_path / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    assert collections == content["dependencies"]["galaxy"]
