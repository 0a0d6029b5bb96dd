# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret store of magellan's: entries that pkg/secrets of magellan v0.5.1 itself sealed."""

from __future__ import annotations

MASTER_KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
URL = "https://10.1.2.3:443"
SEALED = {
    "default": (
        "d47fc739538d18fa0d92d410fa93888c3ac686b5c194de1a240d400c9be55ab9"
        "3936be021d075d2b1aba93b136ca16108589145c8e3e75cc35f02b7245c4e000629c2f0945c8cb03"
    ),
    URL: (
        "9bdbabe39d7362fdca9ffe75f19ef9136f3b97bc6eef3508a55cddfec65bf89f"
        "df290d44ce89a268d8decf1261210d50181505f6ee707eb8fea4c6044f52c40c9fa455235789"
    ),
}
ACCOUNTS = {"default": ("root", "vector-2 é"), URL: ("admin", "vector-1")}
