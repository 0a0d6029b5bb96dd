# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules of awx.awx, taken out of the package `ansible` on the package index: Galaxy is not always in reach."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.tools.checkout import ROOT

# The last release with awx.awx 24.6.1; those of the next major version have none.
RELEASE = "12.3.0"
COLLECTIONS = ROOT / ".cache" / f"ansible-{RELEASE}"
_WANTED = "ansible_collections/awx/awx/"


def fetch() -> Path:
    """A folder for ANSIBLE_COLLECTIONS_PATH; downloads 54 MB once. Raises CalledProcessError without an index."""
    if not COLLECTIONS.is_dir():
        COLLECTIONS.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="ansible-", dir=COLLECTIONS.parent) as folder:
            download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
            subprocess.run([*download, f"ansible=={RELEASE}", "--dest", folder], check=True)
            (wheel,) = Path(folder).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(f"{folder}/some", [name for name in archive.namelist() if name.startswith(_WANTED)])
            # At once, so that a fetch that was cut off leaves nothing that looks whole.
            shutil.move(f"{folder}/some", COLLECTIONS)
    return COLLECTIONS


if __name__ == "__main__":
    print(fetch())
