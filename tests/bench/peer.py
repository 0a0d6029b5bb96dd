# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""community.general, out of the `ansible` package of the package index: the modules to measure against."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

RELEASE = "12.3.0"


def collections_path(cache: Path) -> Path:
    """A folder for ANSIBLE_COLLECTIONS_PATH that holds community.general; downloaded once (54 MB)."""
    folder = cache / f"ansible-{RELEASE}"
    if (folder / "ansible_collections" / "community" / "general" / "MANIFEST.json").exists():
        return folder
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--dest", str(cache), f"ansible=={RELEASE}"], check=True)
    with zipfile.ZipFile(next(cache.glob(f"ansible-{RELEASE}-*.whl"))) as wheel:
        wanted = [name for name in wheel.namelist() if name.startswith("ansible_collections/community/general/")]
        wheel.extractall(folder, wanted)
    return folder


def version(folder: Path) -> str:
    """The version of the unpacked community.general."""
    manifest = folder / "ansible_collections" / "community" / "general" / "MANIFEST.json"
    return str(json.loads(manifest.read_text())["collection_info"]["version"])
