# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""magellan's secret store, as magellan itself sealed it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import LocalFailure, NoCredential
from ansible_collections.openchami.bmc.plugins.module_utils._credentials import magellan
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.account import Account
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.resolver import Resolver
from tests.vault.sealed import ACCOUNTS, MASTER_KEY, SEALED, URL


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "secrets.json"
    path.write_text(json.dumps(SEALED), encoding="utf-8")
    return path


def account(store: Path, *identifiers: str, key: str = MASTER_KEY) -> Account:
    chain = [{"type": "magellan", "path": str(store), "id": identifier} for identifier in identifiers]
    return Resolver({"MASTER_KEY": key}).account(chain)


def seal(store: Path, content: Any) -> None:
    store.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def test_entries_open(store: Path) -> None:
    assert account(store, URL) == Account(*ACCOUNTS[URL])
    assert account(store, "default") == Account(*ACCOUNTS["default"])


def test_unknown_id_lets_the_chain_go_on(store: Path) -> None:
    assert account(store, "https://10.9.9.9:443", "default") == Account(*ACCOUNTS["default"])
    with pytest.raises(NoCredential, match=r"asked: entry https://10\.9\.9\.9:443 of "):
        account(store, "https://10.9.9.9:443")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({URL: SEALED["default"]}, "does not open with this MASTER_KEY"),
        ({URL: SEALED[URL][:-2]}, "does not open with this MASTER_KEY"),
        ({URL: ""}, "does not open with this MASTER_KEY"),
        ({URL: "xyz"}, "is malformed: it is not hexadecimal"),
        ({URL: None}, "is malformed: it is not hexadecimal"),
        ([], "is malformed: it is no object"),
        ("", "is malformed: it is not JSON"),
    ],
)
def test_damaged_entry_ends_the_chain(store: Path, content: Any, words: str) -> None:
    seal(store, content)
    with pytest.raises(NoCredential, match=words):
        account(store, URL, "default")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("ff" * 32, "another key sealed it"),
        ("", "MASTER_KEY is not set.*generatekey"),
        ("canary-key", "MASTER_KEY is not hexadecimal"),
    ],
)
def test_wrong_master_key_ends_the_chain_and_is_not_shown(store: Path, key: str, words: str) -> None:
    with pytest.raises(NoCredential, match=words) as refusal:
        account(store, URL, "default", key=key)
    assert not key or key not in str(refusal.value)


def test_missing_file_ends_the_chain(store: Path) -> None:
    with pytest.raises(NoCredential, match="No such file"):
        account(store.with_name("elsewhere.json"), URL)


def test_store_that_changes_during_a_run_is_read_again(store: Path) -> None:
    resolver = Resolver({"MASTER_KEY": MASTER_KEY})
    references = [{"type": "magellan", "path": str(store), "id": URL}]
    seal(store, {})
    with pytest.raises(NoCredential, match="no source"):
        resolver.account(references)
    seal(store, SEALED)
    assert resolver.account(references) == Account(*ACCOUNTS[URL])


def test_missing_library_says_what_to_install(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(magellan, "HAS_CRYPTOGRAPHY", False)
    with pytest.raises(LocalFailure, match="pip install cryptography"):
        account(store, URL)
