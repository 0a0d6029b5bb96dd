# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who asks: a token or a password is judged, and what is wrong is counted."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from .bmc import Bmc
from .messages import Cause
from .profile import Reply


def authenticate(bmc: Bmc, headers: Mapping[str, str]) -> Reply | None:
    """Return None for a valid token or a right password, else the 401."""
    token = headers.get("X-Auth-Token")
    if token is not None:
        return None if token in bmc.sessions else unauthorized(bmc, Cause.NO_CREDENTIALS)
    username, password = _basic_credentials(headers.get("Authorization", ""))
    if password is None or bmc.settings.session_required:
        return unauthorized(bmc, Cause.NO_CREDENTIALS)
    if not bmc.login(username, password):
        return unauthorized(bmc, Cause.WRONG_CREDENTIALS)
    return None


def _basic_credentials(header: str) -> tuple[str | None, str | None]:
    """Return user name and password of an Authorization header, or None twice when it holds none."""
    scheme, _separator, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        username, separator, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None, None
    return (username, password) if separator else (None, None)


def unauthorized(bmc: Bmc, cause: Cause) -> Reply:
    refusal = bmc.profile.refusal(cause)
    # A BMC whose Basic login is switched off does not offer it either.
    offer = {} if bmc.settings.session_required else {"WWW-Authenticate": 'Basic realm="Redfish"'}
    return Reply(refusal.status, refusal.document, offer)
