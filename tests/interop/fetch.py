# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetches the peers that no Python package holds: python -m tests.interop.fetch FOLDER.

What this machine has no tool for is said, and its tests are skipped and counted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROGRAMS = ("github.com/sigstore/cosign/v3/cmd/cosign@v3.1.2", "oras.land/oras/cmd/oras@v1.3.3")
PACKAGES = Path(__file__).parent / "sigstore_js" / "package.json"

# Seconds. cosign is built from its sources, with all of some 300 modules.
_LONGEST = 900


def main(folder: Path) -> None:
    """Fetch what there are tools for."""
    if shutil.which("go"):
        programs = {**os.environ, "GOBIN": str((folder / "bin").resolve()), "CGO_ENABLED": "0"}
        for program in PROGRAMS:
            _run(["go", "install", program], folder, programs)
    else:
        print("interop: there is no go here, so neither cosign nor oras")
    if shutil.which("npm"):
        packages = folder / "node"
        packages.mkdir(parents=True, exist_ok=True)
        shutil.copy(PACKAGES, packages)
        _run(["npm", "install", "--silent", "--no-audit", "--no-fund"], packages, dict(os.environ))
    else:
        print("interop: there is no npm here, so none of sigstore's JavaScript libraries")


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(command, cwd=folder, env=environment, check=True, timeout=_LONGEST)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        print(f"interop: failed: {error}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
