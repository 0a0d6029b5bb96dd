# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a request is answered with: GET, HEAD and Range of one file (RFC 9110), and the same 404 for everything else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from .offers import Offer
from .spans import NotSatisfiable, Span, asked

_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/1\.([01])")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")


class Malformed(Exception):
    """What came is no HTTP/1 request."""


@dataclass(frozen=True)
class Request:
    """path: decoded, without query. headers: names in lower case. stays: whether the connection is kept after it."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    stays: bool = True


@dataclass(frozen=True)
class Answer:
    """span: the part of the offer's file that follows; body: what follows otherwise."""

    status: HTTPStatus
    headers: Mapping[str, str]
    span: Span | None = None
    body: bytes = b""

    def head(self, *, stays: bool) -> bytes:
        """Status line and headers."""
        fields = {"Date": formatdate(usegmt=True), **self.headers, "Connection": "keep-alive" if stays else "close"}
        lines = [f"HTTP/1.1 {self.status} {self.status.phrase}", *(f"{name}: {text}" for name, text in fields.items())]
        return "\r\n".join([*lines, "", ""]).encode("ascii")


def parse(head: bytes) -> Request:
    """A request's line and headers, with or without the empty line at the end. Raises Malformed."""
    first, *lines = head.decode("latin-1").replace("\r\n", "\n").rstrip("\n").split("\n")
    line = _LINE.fullmatch(first)
    fields = [_FIELD.fullmatch(text) for text in lines]
    if not line or not all(fields):
        raise Malformed
    headers: dict[str, str] = {}
    for match in filter(None, fields):
        name = match[1].lower()
        headers[name] = f"{headers[name]}, {match[2]}" if name in headers else match[2]
    try:
        path = unquote(urlsplit(line[2]).path)
    except ValueError as error:
        raise Malformed from error
    return Request(line[1], path, headers, stays=_stays(line[3], headers))


def _stays(minor: str, headers: Mapping[str, str]) -> bool:
    """A body is not read, and without that nothing after it can be told apart."""
    if "transfer-encoding" in headers or headers.get("content-length", "0") != "0":
        return False
    wishes = {wish.strip().lower() for wish in headers.get("connection", "").split(",")}
    return "close" not in wishes and (minor == "1" or "keep-alive" in wishes)


def plain(status: HTTPStatus, **headers: str) -> Answer:
    """An answer that says nothing but its status."""
    body = f"{status.phrase}\n".encode()
    return Answer(status, {"Content-Type": "text/plain", "Content-Length": str(len(body)), **headers}, body=body)


def answered(request: Request, offer: Offer | None) -> Answer:
    """What a request is answered with; offer: what its sender may fetch under its path."""
    if offer is None:
        return plain(HTTPStatus.NOT_FOUND)
    if request.method not in ("GET", "HEAD"):
        return plain(HTTPStatus.METHOD_NOT_ALLOWED, Allow="GET, HEAD")
    payload = offer.payload
    if not payload.intact():
        offer.tally.change()
        return plain(HTTPStatus.INTERNAL_SERVER_ERROR)
    described = {"Accept-Ranges": "bytes", "ETag": payload.etag, "Last-Modified": payload.modified}
    try:
        span = asked(_range(request, offer), payload.size)
    except NotSatisfiable:
        of = {"Content-Range": f"bytes */{payload.size}"}
        return plain(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, **described, **of)
    status = HTTPStatus.OK if span is None else HTTPStatus.PARTIAL_CONTENT
    if span is not None:
        described["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{payload.size}"
    span = span or Span(0, payload.size)
    headers = {**described, "Content-Type": "application/octet-stream", "Content-Length": str(span.length)}
    return Answer(status, headers, span)


def _range(request: Request, offer: Offer) -> str:
    """The Range that counts: of a GET only (RFC 9110, 14.2), and not where If-Range names another file than this."""
    unless = request.headers.get("if-range")
    if request.method != "GET" or (unless and unless not in (offer.payload.etag, offer.payload.modified)):
        return ""
    return request.headers.get("range", "")
