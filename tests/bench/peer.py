# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collections to measure against, out of the `ansible` package of the package index."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

RELEASE = "12.3.0"
_COLLECTIONS = ("community/general", "community/hashi_vault")


def collections_path(cache: Path) -> Path:
    """A folder for ANSIBLE_COLLECTIONS_PATH that holds them; downloaded once (54 MB)."""
    folder = cache / f"ansible-{RELEASE}"
    if all((folder / "ansible_collections" / name / "MANIFEST.json").exists() for name in _COLLECTIONS):
        return folder
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--dest", str(cache), f"ansible=={RELEASE}"], check=True)
    with zipfile.ZipFile(next(cache.glob(f"ansible-{RELEASE}-*.whl"))) as wheel:
        prefixes = tuple(f"ansible_collections/{name}/" for name in _COLLECTIONS)
        wanted = [name for name in wheel.namelist() if name.startswith(prefixes)]
        wheel.extractall(folder, wanted)
    return folder


def version(folder: Path, name: str) -> str:
    """The version of an unpacked collection of community."""
    manifest = folder / "ansible_collections" / "community" / name / "MANIFEST.json"
    return str(json.loads(manifest.read_text())["collection_info"]["version"])
