# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the contract that says what is written; drivers import it from v1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """One request that changes a BMC. method: PATCH, POST or DELETE. body: JSON, {} for a DELETE."""

    method: str
    uri: str
    body: Mapping[str, Any]
