# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let the running interpreter's environment find this checkout as ``openchami.bmc``.

One symlink in site-packages is enough for ansible-playbook, ansible-doc, ansible-lint, molecule, pytest, mypy and
import-linter, without any environment variable. Only ansible-test refuses it: see ``sanity.py``.
"""

from __future__ import annotations

import sysconfig
from pathlib import Path

from tests.tools.checkout import ROOT


def main() -> None:
    """Make the link, or renew one that points elsewhere."""
    link = Path(sysconfig.get_path("purelib"), "ansible_collections", "openchami", "bmc")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(ROOT, target_is_directory=True)


if __name__ == "__main__":
    main()
