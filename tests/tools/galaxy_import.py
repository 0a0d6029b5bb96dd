# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection and import it with galaxy-importer, as Galaxy would.

Usage: ``python -m tests.tools.galaxy_import PYTHON``, where PYTHON has galaxy-importer installed.

galaxy-importer succeeds whatever its linters find: it logs their findings as lines that begin with WARNING or ERROR.
Here such a line is a failure.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.tools.checkout import ROOT, files_in_git

OPTIONS = {"GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true"}


def build(folder: Path) -> Path:
    """Return the artifact, built in `folder` from the checkout as it lies."""
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    subprocess.run([galaxy, "collection", "build", "--output-path", folder, ROOT], check=True)
    (artifact,) = folder.glob("*.tar.gz")
    return artifact


def unwanted(artifact: Path) -> list[str]:
    """Return what was built in although git ignores it: galaxy.yml's build_ignore has a gap."""
    known = {*map(str, files_in_git()), "MANIFEST.json", "FILES.json"}
    with tarfile.open(artifact) as archive:
        return [member.name for member in archive if member.isfile() and member.name not in known]


def findings(artifact: Path, python: Path) -> list[str]:
    """Import the artifact, show what the importer prints, and return what it objects to."""
    # The importer calls the ansible-doc, ansible-lint and flake8 that PATH gives: let them be those next to it.
    environment = {**os.environ, **OPTIONS, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    importer = subprocess.run(
        [python, "-m", "galaxy_importer.main", artifact],
        cwd=artifact.parent, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    print(importer.stdout)
    objections = [line for line in importer.stdout.splitlines() if line.startswith(("WARNING", "ERROR", "CRITICAL"))]
    if importer.returncode:
        objections.append(f"galaxy-importer ended with status {importer.returncode}")
    return objections


def main() -> int:
    """Return the status for the shell."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    python = Path(sys.argv[1]).absolute()
    with tempfile.TemporaryDirectory(prefix="galaxy-import-") as folder:
        artifact = build(Path(folder))
        objections = [f"in the artifact, but not in git: {name}" for name in unwanted(artifact)]
        objections += findings(artifact, python)
    print(*(f"galaxy_import.py: {objection}" for objection in objections), sep="\n")
    return 1 if objections else 0


if __name__ == "__main__":
    sys.exit(main())
