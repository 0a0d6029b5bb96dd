# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before the first test: the collection is this checkout's, and SIGINT is heard.

Ansible searches ~/.ansible/collections and /usr/share/ansible/collections before site-packages, so a copy that was
installed there once would be tested in silence from then on. A shell ignores SIGINT in what it starts with `&`, and
every process below it does, too: a test that sends it would wait for ever.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
from ansible.constants import config

ROOT = Path(__file__).resolve().parents[1]


def collection_in_use(search_path: list[str]) -> Path | None:
    """Return where Ansible finds openchami.bmc: in the first folder that has it, or None."""
    for folder in map(Path, search_path):
        collections = folder if folder.name == "ansible_collections" else folder / "ansible_collections"
        if (collections / "openchami" / "bmc").is_dir():
            return collections / "openchami" / "bmc"
    return None


def pytest_configure() -> None:
    """Stop before the first test when Ansible would load another copy, or none."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    found = collection_in_use([*config.get_config_value("COLLECTIONS_PATHS"), *sys.path])
    if found is None:
        pytest.exit("Ansible does not find openchami.bmc: run `make` once, it links this checkout.", returncode=3)
    if found.resolve() != ROOT:
        pytest.exit(f"Ansible would load openchami.bmc from {found}, not from this checkout: remove it.", returncode=3)
