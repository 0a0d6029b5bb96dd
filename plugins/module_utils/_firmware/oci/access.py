# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may read a registry, and how it is reached."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credential:
    """An account of a registry. identity_token: an OAuth2 refresh token, as `docker login` may keep one."""

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.identity_token or (self.username and self.password))


ANONYMOUS = Credential()


@dataclass(frozen=True)
class Access:
    """What a task says about registries.

    credential: goes first; without it the docker configuration is asked. auth_file: a docker configuration by path, ""
    for the usual ones. ca_path, validate: whose certificates are believed. plain_http: no TLS, only where asked for.
    token_server: a host other than the registry's own that may get the credential, when the registry sends there for a
    token. timeout: seconds of silence. deadline: seconds for a payload, and for all other requests.
    """

    credential: Credential = ANONYMOUS
    auth_file: str = ""
    ca_path: str = ""
    validate: bool = True
    plain_http: bool = False
    token_server: str = ""
    timeout: float = 30.0
    deadline: float = 1800.0
