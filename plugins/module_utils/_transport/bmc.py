# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The conversation with one BMC: login, reads, writes with ETag, and statuses turned into errors."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from .._core.errors import (
    BadAnswer,
    BmcError,
    CutOff,
    ForeignLink,
    LoginRefused,
    MayHaveHappened,
    NotRedfish,
    RefusedByBmc,
)
from .etag import if_match_candidates, same_content
from .extended_info import Message, messages_of
from .failures import may_have_happened
from .http import HttpClient, Response
from .origin import require_tls
from .upload import Upload, body_of, frame_of

Document = dict[str, Any]
JSON = {"Content-Type": "application/json"}
# identity: a compressed answer carries a weak or suffixed ETag (sushy, gofish), and JSON over a LAN gains nothing.
HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "OData-Version": "4.0",
    "User-Agent": "openchami.bmc",
}

UPLOAD_TIME = 1800.0
"""Seconds for an upload, where its caller has no bound of its own."""

# Some iLOs have their registries packed only, and say 406 to who wants them otherwise (sushy, connector.py).
PACKED = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Credential:
    """What opens a BMC: username and password, or a token that someone else obtained."""

    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def given(self) -> bool:
        return bool(self.token or self.username)


class BmcClient:
    """A BMC behind an HttpClient.

    A context manager: a session that it opened is deleted at the end, also on failure; undeleted says when that failed.
    """

    def __init__(self, http: HttpClient, credential: Credential) -> None:
        require_tls(http.origin)
        self.http = http
        self._credential = credential
        self._token = credential.token
        self._sessions = ""
        self._session = ""
        self._refused = False
        self.undeleted = ""

    def __enter__(self) -> BmcClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The result of the work, or its error, is worth more than the end of the session; a leak is told all the same.
        try:
            if error is not None:
                # What went wrong may have left the connection about to break, and a DELETE is not sent twice.
                self.http.close()
            self._delete_session()
        except BmcError as leak:
            self._left_behind(leak)
        finally:
            if self.undeleted and isinstance(error, BmcError):
                error.warnings.append(self.undeleted)
            self.http.close()

    def apart(self) -> AbstractContextManager[None]:
        """What is asked inside does not count as the time of the task (Limits.task)."""
        return self.http.apart()

    def open_session(self, sessions: str) -> None:
        """Log in at a session collection. Raises LoginRefused, RefusedByBmc (a full table: 503), ForeignLink."""
        login = login_body(self._credential)
        response = self._judged(self.http.request("POST", sessions, headers=HEADERS | JSON, body=login))
        self._token, location = session_of(response)
        self._sessions = sessions
        try:
            self._session = self.http.origin.path_of(location, sessions)
        except ForeignLink:
            # The session is this BMC's all the same: at its path it is deleted, and nothing else is asked.
            self._session = urlsplit(location).path
            raise

    def get_unauthenticated(self, uri: str) -> Document:
        """Read what needs no login: the service root.

        Raises NotRedfish, LoginRefused, RefusedByBmc for a service that is out of order, and what HttpClient raises.
        """
        return root_of(self.http.request("GET", uri, headers=HEADERS))

    def get(self, uri: str) -> Document:
        """Read a resource. Raises RefusedByBmc (status 404 for what is not there), LoginRefused, BadAnswer."""
        response = self._send("GET", uri)
        if response.status == 406:
            response = self._send("GET", uri, extra=PACKED)
        return document_of(self._judged(response))

    def post(self, uri: str, body: Mapping[str, Any]) -> Response:
        """Send an action. Never with If-Match: iDRAC10 answers 412 to it (reference: metal-operator PR 1020)."""
        return self._judged(self._send("POST", uri, body))

    def upload(
        self,
        upload: Upload,
        file: BinaryIO,
        size: int,
        watch: Callable[[int], None],
        seconds: float = UPLOAD_TIME,
        last: Callable[[], None] = lambda: None,
    ) -> Response:
        """Send a file from where it stands, never whole in memory, and never again. seconds: for all of it.

        watch: told the bytes of the file that were sent so far. last: called before the last of them is sent: until
        then the BMC cannot have it whole. Raises RefusedByBmc, LoginRefused, also of a BMC that
        answered before it had all; MayHaveHappened where it was cut off without an answer; LocalFailure.

        A session of ours that ended is opened once more, if nothing of the file was sent and no part of the form holds
        the session's token.
        """
        frame, begin = frame_of(upload), file.tell()
        length = len(frame.before) + size + len(frame.after)
        kind = {"Content-Type": frame.content_type, "Content-Length": str(length)}
        sent = 0

        def seen(count: int) -> None:
            nonlocal sent
            sent = count
            watch(count)

        def send() -> Response:
            headers = self._authenticated() | dict(upload.headers) | kind
            return self.http.upload(upload.uri, headers, body_of(frame, file, size, seen, last), seconds)

        response = send()
        if response.status == 401 and not sent and "Cookie" not in upload.headers and self._renew():
            file.seek(begin)
            response = send()
        self._judged(response)
        if sent < size:
            why = f"HTTP {response.status} came after {sent} of {size} bytes of the file"
            raise may_have_happened("POST", response.path, why)
        return response

    def token(self, sessions: str) -> str:
        """The token of a session, opened at a session collection if there is none. Raises what open_session() does."""
        if not self._token:
            self.open_session(sessions)
        return self._token

    def delete(self, uri: str) -> Response:
        """Take a resource away."""
        return self._judged(self._send("DELETE", uri))

    def patch(self, uri: str, body: Mapping[str, Any], document: Document) -> Response:
        """Change a resource that was read as document, only if it still is what was read.

        If-Match goes the ladder that BMCs in the field need: the ETag as read, its strong form, and, when
        the resource still reads the same, "*" and none. A 412 or 428 changes nothing, so the next rung is safe.
        """
        first, *further = if_match_candidates(document.get("@odata.etag"))
        response = self._patch(uri, body, first)
        for candidate in further:
            if response.status not in (412, 428):
                break
            if candidate in ("*", None) and not same_content(self.get(uri), document):
                break
            response = self._patch(uri, body, candidate)
        return self._judged(response)

    def _patch(self, uri: str, body: Mapping[str, Any], if_match: str | None) -> Response:
        return self._send("PATCH", uri, body, {"If-Match": if_match} if if_match else {})

    def _send(
        self, method: str, uri: str, body: Mapping[str, Any] | None = None, extra: Mapping[str, str] | None = None
    ) -> Response:
        """A request with the login.

        A session of ours that ended, as a reset of the BMC ends it, is opened once more: the 401 says that nothing was
        done, and the password was right before.
        """
        content = _encoded(body) if body is not None else None
        more = {**(JSON if body is not None else {}), **(extra or {})}
        response = self.http.request(method, uri, headers=self._authenticated() | more, body=content)
        if response.status == 401 and self._renew():
            response = self.http.request(method, uri, headers=self._authenticated() | more, body=content)
        # A new session that is refused at once is the last. One that worked, or broke off as the BMC restarted, may be
        # followed by others: a long update ends several.
        self._refused = response.status == 401
        return response

    def _renew(self) -> bool:
        """Whether a session of ours that ended was opened once more. Raises what open_session() does, and CutOff.

        A 401 may also be about the one resource: so the session is deleted first. With its own token, as a BMC that
        restarted may have given its URI to someone else's.
        """
        if not self._session or self._refused:
            return False
        try:
            self._leave_session()
            self.open_session(self._sessions)
        except LoginRefused:
            self._refused = True
            raise
        except MayHaveHappened as error:
            # Of what the caller asked for nothing was done.
            way_out = "The BMC may hold a session until it ends by itself."
            raise CutOff("a login was cut off", why=f"{error.what}: {error.why}", way_out=way_out) from error
        return True

    def _authenticated(self) -> dict[str, str]:
        return login_headers(self._credential, self._token)

    def _judged(self, response: Response) -> Response:
        return judged(response, self._credential)

    def _leave_session(self) -> None:
        try:
            self._delete_session()
        except (LoginRefused, RefusedByBmc) as leak:
            self._left_behind(leak)

    def _left_behind(self, leak: BmcError) -> None:
        self.undeleted = f"the session {self._session} could not be deleted: {leak}"

    def _delete_session(self) -> None:
        if not self._session:
            return
        # Apart: it is deleted also by a task whose time is used up.
        with self.http.apart():
            response = self.http.request("DELETE", self._session, headers=self._authenticated())
        # 401 and 404: it ended already, by time or by a reset of the BMC.
        if response.status not in (401, 404):
            self._judged(response)


def login_headers(credential: Credential, token: str = "") -> dict[str, str]:
    """The headers of a request: a token comes before the username and password."""
    if token:
        return HEADERS | {"X-Auth-Token": token}
    if not credential.username:
        return HEADERS
    pair = f"{credential.username}:{credential.password}".encode()
    return HEADERS | {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def login_body(credential: Credential) -> bytes:
    """What is posted to a session collection."""
    return _encoded({"UserName": credential.username, "Password": credential.password})


def session_of(response: Response) -> tuple[str, str]:
    """Token and location of the session that a login opened. Raises BadAnswer."""
    token = response.headers.get("x-auth-token", "")
    location = response.headers.get("location") or _member_uri(response)
    if not token or not token.isprintable() or not location:
        raise BadAnswer(
            "the login was answered without a session",
            why=f"{response.path}: HTTP {response.status}",
            way_out="The BMC may hold one until it ends by itself. bmc_auth: basic needs none.",
        )
    return token, location


def root_of(response: Response) -> Document:
    """The service root, as it was answered to a request without a login.

    Raises NotRedfish, LoginRefused, RefusedByBmc for a service that is out of order.
    """
    if response.status in (401, 403):
        raise LoginRefused(
            "the service root demands a login",
            status=response.status,
            why=f"GET {response.path}: HTTP {response.status}",
            way_out="A Redfish service shows its root to everyone (DSP0266): is bmc_address a BMC?"
            " No password was sent.",
        )
    if response.status >= 500:
        judged(response, Credential())
    if response.status != 200:
        raise NotRedfish(
            "there is no Redfish service",
            why=f"GET {response.path}: HTTP {response.status}",
            way_out="Is bmc_address a BMC, and is Redfish switched on there? No password was sent.",
        )
    return response.document()


def document_of(response: Response) -> Document:
    """The resource, with the ETag of its header."""
    document = response.document()
    if "etag" in response.headers:
        document["@odata.etag"] = response.headers["etag"]
    return document


def judged(response: Response, credential: Credential) -> Response:
    """The response, if its status says success: HPE sends an error object with successes, so the body does not.

    Raises LoginRefused, RefusedByBmc.
    """
    if 200 <= response.status < 300:
        return response
    spoken = _messages(response)
    if response.status in (401, 403):
        raise _login_refused(response, spoken, credential)
    raise RefusedByBmc(
        f"{response.method} {response.path} was refused",
        status=response.status,
        message_ids=tuple(message.message_id for message in spoken if message.message_id),
        why=f"HTTP {response.status}" + "".join(f", {message.text}" for message in spoken if message.text),
        way_out=next((message.resolution for message in spoken if message.resolution.rstrip(".") != "None"), ""),
    )


def _encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()


def _messages(response: Response) -> tuple[Message, ...]:
    # Some BMCs send HTML with 401 and 403 (libredfish): then there are no messages, and the status is the answer.
    try:
        return messages_of(response.document())
    except BadAnswer:
        return ()


def _member_uri(response: Response) -> str:
    try:
        uri = response.document().get("@odata.id")
    except BadAnswer:
        return ""
    return uri if isinstance(uri, str) else ""


def _login_refused(response: Response, spoken: tuple[Message, ...], credential: Credential) -> LoginRefused:
    message = next((message for message in spoken if message.message_id), Message("", "", ""))
    if message.key == "PasswordChangeRequired":
        way_out = "The BMC wants a new password for this account before anything else."
    elif not credential.given:
        way_out = "Set bmc_username and bmc_password, or bmc_token."
    elif response.status == 403:
        way_out = "The account lacks the privilege for this: give it the role Administrator or Operator."
    else:
        way_out = "Check bmc_username and bmc_password. They were tried once and are not tried again."
    who = f"user {credential.username!r}" if credential.username else "the token" if credential.token else "no user"
    return LoginRefused(
        "the login was refused" if response.status == 401 else "the BMC forbids it",
        status=response.status,
        why=f"{who}, {response.method} {response.path}: HTTP {response.status} {message.text}",
        way_out=way_out,
        message_id=message.message_id,
    )
