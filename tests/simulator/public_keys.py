# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSH public keys that nobody has the private half of."""

from __future__ import annotations

import base64
import hashlib


def public_key(name: str, comment: str = "") -> str:
    """Return the line of a key; another for each name."""
    kind, body = b"ssh-ed25519", hashlib.sha256(name.encode()).digest()
    packed = b"".join(len(part).to_bytes(4, "big") + part for part in (kind, body))
    return f"{kind.decode()} {base64.b64encode(packed).decode()} {comment}".strip()
