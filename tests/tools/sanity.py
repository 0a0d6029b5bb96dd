# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ``ansible-test sanity`` on a throw-away copy of the checkout.

Usage: ``python -m tests.tools.sanity FOLDER [PATH...]``, with the interpreter whose ansible-core is to judge. The copy
stays in FOLDER, so that the next run only copies what changed. Only what is below the paths is judged; without one,
everything.

Three traps of ansible-test are met here:

* it accepts neither a checkout whose root is the collection nor a symlink to one, so there is a copy;
* in a copy that another git repository ignores it finds no files, says "All targets skipped" and succeeds, so the
  copy is a git repository of its own, and that sentence is a failure;
* it downloads a pip installer from its own site, which a closed network does not reach; it takes one from its cache.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import ansible_test

from tests.tools.checkout import ROOT, files_in_git

# Called by ansible-test as `python get_pip.py [options] pip==X`. ensurepip runs in a process of its own because it
# sets PIP_CONFIG_FILE for its process, and so loses what the user configured (index, certificates).
PIP_INSTALLER = """\
import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
wanted = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", "-q", *wanted]))
"""


def seed_pip_installer() -> None:
    """Put a pip installer where ansible-test would cache its download, unless one is there."""
    source = Path(ansible_test.__path__[0], "_internal", "python_requirements.py").read_text(encoding="utf-8")
    version = re.search(r"\bpip='([0-9.]+)'", source)
    if not version:
        sys.exit("sanity.py: this ansible-test names its version of pip in another way: adapt seed_pip_installer().")
    installer = Path.home() / ".ansible" / "test" / "cache" / f"get_pip_{version[1].replace('.', '_')}.py"
    if not installer.exists():
        installer.parent.mkdir(parents=True, exist_ok=True)
        installer.write_text(PIP_INSTALLER, encoding="utf-8")


def refresh_copy(copy: Path) -> None:
    """Make `copy` hold what git knows or would add, and nothing else but ansible-test's own output."""
    wanted = files_in_git()
    kept = (copy / ".git", copy / "tests" / "output")
    for path in sorted(copy.rglob("*"), reverse=True):
        if any(path.is_relative_to(folder) for folder in kept):
            continue
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(copy) not in wanted:
            path.unlink()
    for name in wanted:
        source, target = ROOT / name, copy / name
        if not target.exists() or target.stat().st_mtime_ns != source.stat().st_mtime_ns:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    if not (copy / ".git").is_dir():
        subprocess.run(["git", "init", "--quiet", str(copy)], check=True)


def run_sanity(copy: Path, paths: list[str]) -> int:
    """Run every sanity test, show what it prints, and return ansible-test's status, or 1 when nothing was tested."""
    # Named, because ansible-test otherwise tries every pythonX.Y on PATH, and a pyenv shim may stand for none.
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = [str(Path(sys.executable).with_name("ansible-test")), "sanity", "--local", "--python", python, *paths]
    nothing_tested = False
    with subprocess.Popen(
        command, cwd=copy, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as sanity:
        assert sanity.stdout is not None
        for line in sanity.stdout:
            print(line, end="", flush=True)
            nothing_tested = nothing_tested or "All targets skipped" in line
    if nothing_tested:
        print(f"sanity.py: ansible-test found nothing to test in {copy}.")
    return 1 if nothing_tested else sanity.returncode


def main() -> int:
    """Return the status for the shell."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    copy = Path(sys.argv[1]).resolve() / "ansible_collections" / "openchami" / "bmc"
    copy.mkdir(parents=True, exist_ok=True)
    # ansible-test calls pylint, yamllint and others with the first python on PATH.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    seed_pip_installer()
    refresh_copy(copy)
    return run_sanity(copy, sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
