# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Vault, and a way to ask it that lives in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._credentials.account import Account
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.resolver import Resolver
from tests.vault.stage import reference
from tests.vault.stand_in import StandIn

Ask = Callable[..., Account]


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[StandIn]:
    with StandIn(tmp_path) as stand_in:
        stand_in.mount("secret", 1)
        yield stand_in


@pytest.fixture
def resolver(vault: StandIn) -> Iterator[Resolver]:
    """Its environment is empty."""
    resolver = Resolver({}, vault.clock)
    yield resolver
    resolver.close()


@pytest.fixture
def ask(vault: StandIn, resolver: Resolver) -> Ask:
    """Resolves one reference to the Vault, by an approle unless told otherwise."""

    def asked(path: str, **options: Any) -> Account:
        return resolver.account([reference(vault, path, **options)])

    return asked
