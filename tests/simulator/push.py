# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a simulated BMC takes an image that a client uploads: part by part, and never the whole of it in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from http.cookies import SimpleCookie
from typing import Any

import aiohttp
from aiohttp import web

from .bmc import Bmc
from .images import BadImage, Check
from .login import authenticate, unauthorized
from .messages import Cause
from .profile import Reply
from .request_log import REDACTED, LoggedRequest
from .standard import UPDATE_SERVICE
from .update_rules.requests import RefusedRequest, upload
from .update_rules.rules import Push
from .updates import FAILED, Update

_PART = 64 << 10
# What a form may have beside its file.
_FIELD = 64 << 10
_FILE = "<file>"


def push_at(bmc: Bmc, method: str, path: str) -> Push | None:
    """Return where an upload goes; None for any other request."""
    rules = bmc.profile.updates
    pushes = rules.pushes if rules is not None and method == "POST" else ()
    if path not in {push.uri for push in pushes}:
        return None
    return next(push for push in pushes if push.uri == path)


async def receive(bmc: Bmc, push: Push, request: web.BaseRequest, entry: LoggedRequest) -> Reply | None:
    """Take an upload and return the answer; None where the client went away before its end."""
    push = _by_content(bmc, push, request)
    refused = _refused(bmc, push, request)
    if refused is not None:
        return refused
    taking = _Taking(bmc, push, entry)
    try:
        await (taking.form(request) if push.multipart else taking.file("", {}, request.content.iter_chunked(_PART)))
    except RefusedRequest as refused_request:
        taking.fail("it was refused")
        return refused_request.reply
    except (ConnectionError, aiohttp.ClientError) as error:
        taking.fail(f"the transfer broke: {error or type(error).__name__}")
        return None
    except (ValueError, KeyError, EOFError):
        taking.fail("the form is none")
        return bmc.profile.refusal(Cause.MALFORMED_BODY)
    return taking.answer()


def _by_content(bmc: Bmc, push: Push, request: web.BaseRequest) -> Push:
    """Return by which of the pushes that share a URI a request comes (bmcweb: its Content-Type says so)."""
    rules = bmc.profile.updates
    assert rules is not None
    same = [each for each in rules.pushes if each.uri == push.uri]
    is_form = request.content_type.startswith("multipart/")
    return next((each for each in same if each.multipart == is_form), push)


def _refused(bmc: Bmc, push: Push, request: web.BaseRequest) -> Reply | None:
    if push.cookie:
        cookie = SimpleCookie(request.headers.get("Cookie", "")).get(push.cookie)
        if cookie is None or cookie.value not in bmc.sessions:
            return unauthorized(bmc, Cause.NO_CREDENTIALS)
    elif (refused := authenticate(bmc, request.headers)) is not None:
        return refused
    largest = largest_image(bmc)
    if largest is not None and (request.content_length or 0) > largest + _FIELD:
        return bmc.profile.refusal(Cause.TOO_LARGE, str(largest))
    if push.multipart and not request.content_type.startswith("multipart/"):
        return bmc.profile.refusal(Cause.MALFORMED_BODY)
    return None


def largest_image(bmc: Bmc) -> int | None:
    """Return how many bytes an upload may have, as the BMC says; None for any number."""
    found = bmc.profile.document(bmc, UPDATE_SERVICE).get("MaxImageSizeBytes")
    return found if isinstance(found, int) else None


class _Taking:
    """One upload on its way in."""

    def __init__(self, bmc: Bmc, push: Push, entry: LoggedRequest) -> None:
        self._bmc = bmc
        self._push = push
        self._entry = entry
        self._update: Update | None = None
        self._largest = largest_image(bmc)

    async def form(self, request: web.BaseRequest) -> None:
        """Take a form: its fields, then its file."""
        fields: dict[str, Any] = {}
        async for part in await request.multipart():
            if not isinstance(part, aiohttp.BodyPartReader):
                raise ValueError("a form in a form")
            if part.filename is None:
                fields[part.name or ""] = await _field(part)
            elif part.name != self._push.file or self._update is not None:
                await part.release()
            else:
                await self.file(part.filename, fields, _chunks(part))
        if self._update is None:
            raise ValueError("no file")

    async def file(self, name: str, fields: Mapping[str, Any], chunks: AsyncIterator[bytes]) -> None:
        """Take the file. Raise RefusedRequest where what came before it begins nothing."""
        push, bmc = self._push, self._bmc
        self._entry.body = {_FILE: name, **{key: REDACTED if key == push.cookie else fields[key] for key in fields}}
        if push.cookie and fields[push.cookie] not in bmc.sessions:
            raise RefusedRequest(unauthorized(bmc, Cause.NO_CREDENTIALS))
        parameters = fields[push.parameters] if push.multipart else {}
        if not isinstance(parameters, dict):
            raise ValueError("no parameters")
        self._update = update = bmc.updates.begin(upload(bmc, push, parameters))
        check = Check()
        bad = ""
        async for chunk in chunks:
            update.taken += len(chunk)
            if self._largest is not None and update.taken > self._largest:
                raise RefusedRequest(bmc.profile.refusal(Cause.TOO_LARGE, str(self._largest)))
            try:
                check.feed(chunk)
            except BadImage as error:
                bad = bad or str(error)
        self._judge(update, check, bad)

    def _judge(self, update: Update, check: Check, bad: str) -> None:
        try:
            if bad:
                raise BadImage(bad)
            image = check.image()
        except BadImage as error:
            update.intact = False
            update.fail(str(error))
            return
        update.arrived(image)

    def fail(self, why: str) -> None:
        """Nothing comes of it."""
        if self._update is not None:
            self._update.fail(why)

    def answer(self) -> Reply:
        """Return what the client is told."""
        update = self._update
        assert update is not None
        if update.rules.judges_at_once and update.state == FAILED:
            return self._bmc.profile.refusal(Cause.IMAGE_REFUSED, self._push.uri)
        return update.rules.pushed(self._bmc, update) if update.rules.pushed else update.rules.answer(self._bmc, update)


async def _field(part: aiohttp.BodyPartReader) -> Any:
    """Return the value of a field: JSON where it is some, else text."""
    content = bytearray()
    while chunk := await part.read_chunk(_PART):
        content += chunk
        if len(content) > _FIELD:
            raise ValueError("a field is too long")
    text = content.decode("utf-8", errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


async def _chunks(part: aiohttp.BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(_PART):
        yield chunk
