# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What faults do to an answer: to its document, to its bytes, and to the pace at which these come."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, repeat
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from .bmc import Bmc
from .faults import Fault
from .messages import Cause
from .profile import Reply

MIB = 1 << 20
OTHERS: tuple[object, ...] = (None, True, 7, -0.5, "", "text", [], ["text"], {}, {"key": "text"})


def instead(bmc: Bmc, fault: Fault, path: str) -> Reply | None:
    """Return the reply of a fault that answers instead of the service; None when it hangs up."""
    details = fault.details
    match fault.kind:
        case "drop":
            return None
        case "not_json":
            return Reply(200)
        case "redirect":
            return Reply(details.get("status", 302), headers={"Location": f"{details['location']}{path}"})
    after = details.get("retry_after")
    document = details.get("body")
    if document is None:
        document = bmc.profile.refusal(Cause.UNAVAILABLE, str(after or 0)).document
    return Reply(details["status"], document, {} if after is None else {"Retry-After": str(after)})


def mangled(reply: Reply, fault: Fault) -> Reply:
    """Return the reply with the status, the document and the Location that the fault makes of them."""
    if fault.kind == "wrong_types" and isinstance(reply.document, dict):
        chance = random.Random(fault.details["seed"])  # noqa: S311 - the same each time, no secret
        document = {key: _otherwise(value, chance) for key, value in reply.document.items()}
        return replace(reply, document=document)
    if fault.kind == "foreign_links":
        base = fault.details["base"]
        headers = dict(reply.headers)
        if "Location" in headers:
            headers["Location"] = base + urlsplit(headers["Location"]).path
        return replace(reply, document=_elsewhere(reply.document, base), headers=headers)
    if fault.kind == "status_after":
        return replace(reply, status=fault.details["status"], document=None, headers={})
    return reply


def _otherwise(value: object, chance: random.Random) -> object:
    """Return a value of another type, or, of a container, now and then one whose contents are."""
    if isinstance(value, dict) and value and chance.random() < 0.5:
        return {key: _otherwise(item, chance) for key, item in value.items()}
    if isinstance(value, list) and value and chance.random() < 0.5:
        return [_otherwise(item, chance) for item in value]
    return chance.choice([other for other in OTHERS if type(other) is not type(value)])


def _elsewhere(value: Any, base: str) -> Any:
    """Return a value whose links are absolute ones to another host; a collection goes on there, too."""
    if isinstance(value, dict):
        moved = {key: _elsewhere(item, base) for key, item in value.items()}
        return {**moved, "Members@odata.nextLink": f"{base}/more"} if "Members" in value else moved
    if isinstance(value, list):
        return [_elsewhere(item, base) for item in value]
    return f"{base}{value}" if isinstance(value, str) and value.startswith("/redfish/") else value


def response(reply: Reply, fault: Fault | None, profile_headers: Mapping[str, str]) -> web.Response:
    """Return the reply as HTTP, as far as the fault leaves it HTTP."""
    kind, details = (fault.kind, fault.details) if fault is not None else ("", {})
    if kind == "not_json":
        return web.Response(text="<html><body>It works.</body></html>", content_type="text/html")
    headers = {"OData-Version": "4.0", "Cache-Control": "no-cache", **profile_headers, **reply.headers}
    headers |= {f"X-Flood-{number}": "1" for number in range(details.get("lines", 0))}
    if kind in ("text", "empty"):
        body = details.get("text", "").encode()
    elif reply.document is None:
        return web.Response(status=reply.status, headers=headers)
    elif isinstance(reply.document, bytes):
        body = reply.document
    elif isinstance(reply.document, str):
        body = reply.document.encode()
    else:
        body = json.dumps(reply.document).encode()
    headers.setdefault("Content-Type", "application/json; charset=utf-8")
    return web.Response(status=reply.status, headers=headers, body=body)


def parts(answer: web.Response, fault: Fault | None) -> Iterator[bytes] | None:
    """Return the bytes of an answer that aiohttp itself would not send, part by part; None when it may send it."""
    body = answer.body if isinstance(answer.body, bytes) and answer.body else b"{}"
    match fault:
        case Fault(kind="truncate"):
            return iter([_head(answer, len(body)) + body[: len(body) // 2]])
        case Fault(kind="wrong_length"):
            return iter([_head(answer, len(body) // 2) + body])
        case Fault(kind="trickle", details={"part": "headers"}):
            return _each_byte(_head(answer, len(body)) + body)
        case Fault(kind="trickle"):
            return chain([_head(answer, len(body))], _each_byte(body))
        case Fault(kind="huge", details={"framing": framing, "mebibytes": mebibytes}):
            return _huge(answer, framing, mebibytes)
    return None


def _head(answer: web.Response, length: int | None, **further: str) -> bytes:
    """Return status line and headers of an answer; what follows may be longer or shorter than they say."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("Content-Length", "Connection")}
    headers |= {name.replace("_", "-"): value for name, value in further.items()}
    if length is not None:
        headers["Content-Length"] = str(length)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status} {answer.reason}\r\n{lines}\r\n".encode()


def _each_byte(text: bytes) -> Iterator[bytes]:
    return (text[index : index + 1] for index in range(len(text)))


def _huge(answer: web.Response, framing: str, mebibytes: int) -> Iterator[bytes]:
    """Yield an answer with so many MiB of spaces, one by one."""
    spaces = b" " * MIB
    if framing == "length":
        yield _head(answer, mebibytes * MIB)
        yield from repeat(spaces, mebibytes)
    elif framing == "chunked":
        yield _head(answer, None, Transfer_Encoding="chunked")
        yield from repeat(b"%x\r\n%s\r\n" % (MIB, spaces), mebibytes)
        yield b"0\r\n\r\n"
    else:
        # A thousandth on the wire; after a full flush each MiB packs to the same bytes.
        packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
        begin = packer.compress(spaces) + packer.flush(zlib.Z_FULL_FLUSH)
        more = packer.compress(spaces) + packer.flush(zlib.Z_FULL_FLUSH)
        yield _head(answer, None, Content_Encoding="gzip", Connection="close") + begin
        yield from repeat(more, mebibytes - 1)
