# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The asynchronous sibling of bmc.py, for reads: its only writes open and delete the session of the login."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from .._core.errors import BmcError, ForeignLink
from .async_http import AsyncHttpClient
from .bmc import (
    HEADERS,
    JSON,
    PACKED,
    Credential,
    Document,
    document_of,
    judged,
    login_body,
    login_headers,
    root_of,
    session_of,
)

_CLOSING = 5.0
"""Seconds for the end of a session, also where the time for the BMC is used up."""


class AsyncBmcClient:
    """A BMC behind an AsyncHttpClient, before the login. An asynchronous context manager.

    A session that it opened is deleted at the end, also when cancelled; undeleted says when that failed.
    """

    def __init__(self, http: AsyncHttpClient) -> None:
        self.http = http
        self._credential = Credential()
        self._headers = HEADERS
        self._session = ""
        self.undeleted = ""

    async def __aenter__(self) -> AsyncBmcClient:
        return self

    async def __aexit__(self, *_error: object) -> None:
        try:
            if self._session:
                await self._delete_session()
        finally:
            await self.http.close()

    async def get_unauthenticated(self, uri: str) -> Document:
        """See BmcClient."""
        return root_of(await self.http.request("GET", uri, headers=HEADERS))

    async def log_in(self, credential: Credential, sessions: str = "") -> None:
        """Send this credential from now on; with a session collection, open a session and send its token.

        Raises LoginRefused, RefusedByBmc (a full table: 503), ForeignLink.
        """
        self._credential = credential
        self._headers = login_headers(credential, credential.token)
        if not sessions:
            return
        opening = asyncio.ensure_future(self._open_session(sessions))
        try:
            await asyncio.shield(opening)
        except asyncio.CancelledError:
            # A session whose name nobody heard could not be deleted.
            with suppress(BmcError, TimeoutError):
                async with asyncio.timeout(_CLOSING):
                    await opening
            raise

    async def get(self, uri: str) -> Document:
        """See BmcClient."""
        response = await self.http.request("GET", uri, headers=self._headers)
        if response.status == 406:
            response = await self.http.request("GET", uri, headers=dict(self._headers) | PACKED)
        return document_of(judged(response, self._credential))

    async def _open_session(self, sessions: str) -> None:
        body = login_body(self._credential)
        response = await self.http.request("POST", sessions, headers=HEADERS | JSON, body=body)
        token, location = session_of(judged(response, self._credential))
        self._headers = login_headers(self._credential, token)
        try:
            self._session = self.http.origin.path_of(location, sessions)
        except ForeignLink:
            # As in BmcClient: at its path it is deleted all the same.
            self._session = urlsplit(location).path
            raise

    async def _delete_session(self) -> None:
        try:
            async with asyncio.timeout(_CLOSING):
                response = await self.http.request("DELETE", self._session, headers=self._headers)
            # 401 and 404: it ended already, by time or by a reset of the BMC.
            if response.status not in (401, 404):
                judged(response, self._credential)
        except (BmcError, TimeoutError) as error:
            self.undeleted = f"the session {self._session} could not be deleted: {error or 'timed out'}"
