# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP side of the stand-in: what the modules of awx.awx ask, and the answers in AWX's form."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from .fields import Refused, Values
from .kinds import KINDS

if TYPE_CHECKING:
    from .stand_in import StandIn

NOT_FOUND = Refused({"detail": "Not found."}, status=404)
NOT_ALLOWED = Refused({"detail": "Method not allowed."}, status=405)
UNAUTHORIZED = Refused({"detail": "Authentication credentials were not provided."}, status=401)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        awx: StandIn = self.server.awx
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        asked = urlsplit(self.path)
        parts = asked.path.strip("/").split("/")
        with awx.lock:
            try:
                if parts[:2] != ["api", "v2"]:
                    raise NOT_FOUND
                sent = json.loads(body) if body else {}
                status, content = self._answer(awx, parts[2:], dict(parse_qsl(asked.query)), sent)
            except Refused as refused:
                status, content = refused.status, refused.errors
                awx.refusals.append((self.command, asked.path, refused.errors))
        self._send(status, content)

    do_POST = do_PATCH = do_DELETE = do_PUT = do_HEAD = do_OPTIONS = do_GET

    def _answer(self, awx: StandIn, parts: list[str], query: dict[str, str], sent: Values) -> tuple[int, Any]:
        if parts[0] == "tokens":
            return self._token(awx, parts[1:])
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in awx.tokens.values():
            raise UNAUTHORIZED
        if self.command != "GET":
            awx.writes.append((self.command, "/".join(parts)))
        if parts[0] == "project_updates" and len(parts) == 2:
            return 200, awx.controller.sync(_identity(parts[1]))
        if parts[0] not in KINDS and parts[0] != "unified_job_templates":
            raise NOT_FOUND
        if len(parts) == 1:
            return self._collection(awx, parts[0], query, sent)
        if len(parts) == 2:
            return self._one(awx, parts[0], _identity(parts[1]), sent)
        if parts[0] != "job_templates" or len(parts) != 3:
            raise NOT_FOUND
        return self._part(awx, _identity(parts[1]), parts[2], sent)

    def _token(self, awx: StandIn, parts: list[str]) -> tuple[int, Any]:
        if not awx.knows(self.headers.get("Authorization", "")):
            raise UNAUTHORIZED
        if self.command == "POST" and not parts:
            identity = awx.granted = awx.granted + 1
            awx.tokens[identity] = f"token-{identity}"
            return 201, {"id": identity, "type": "o_auth2_access_token", "token": awx.tokens[identity]}
        if self.command == "DELETE" and len(parts) == 1:
            del awx.tokens[_identity(parts[0])]
            return 204, None
        raise NOT_ALLOWED

    def _collection(self, awx: StandIn, kind: str, query: dict[str, str], sent: Values) -> tuple[int, Any]:
        controller = awx.controller
        if self.command == "POST" and kind in KINDS:
            return 201, controller.shown(kind, controller.create(kind, sent))
        if self.command != "GET":
            raise NOT_ALLOWED
        shown = [controller.shown(kind, values) for values in controller.all(kind)]
        return 200, _page([values for values in shown if _matches(kind, values, query)])

    def _one(self, awx: StandIn, kind: str, identity: int, sent: Values) -> tuple[int, Any]:
        controller = awx.controller
        if self.command == "PATCH" and kind in KINDS:
            return 200, controller.shown(kind, controller.change(kind, identity, sent))
        if self.command != "GET":
            raise NOT_ALLOWED
        return 200, controller.shown(kind, controller.get(kind, identity))

    def _part(self, awx: StandIn, template: int, part: str, sent: Values) -> tuple[int, Any]:
        controller = awx.controller
        controller.get("job_templates", template)
        if (self.command, part) == ("GET", "survey_spec"):
            return 200, controller.surveys.get(template, {})
        if (self.command, part) == ("POST", "survey_spec"):
            controller.set_survey(template, sent)
            return 200, None
        if (self.command, part) == ("GET", "credentials"):
            held = controller.credentials_of.get(template, [])
            return 200, _page([controller.shown("credentials", controller.get("credentials", one)) for one in held])
        if (self.command, part) == ("POST", "credentials"):
            if not {"id"} <= set(sent) <= {"id", "disassociate"}:
                raise Refused({"msg": '"id" field is missing.'})
            controller.associate(template, sent["id"], remove=bool(sent.get("disassociate")))
            return 204, None
        raise NOT_FOUND

    def _send(self, status: int, content: Any) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", "24.6.1")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: what was written and refused is kept."""


def _identity(text: str) -> int:
    if not text.isdigit():
        raise NOT_FOUND
    return int(text)


def _page(results: list[Values]) -> Values:
    return {"count": len(results), "next": None, "previous": None, "results": results}


def _matches(kind: str, values: Values, query: dict[str, str]) -> bool:
    """Whether an object is asked for; a filter by what the kind does not have is refused, as AWX does."""
    alternatives: list[bool] = []
    demands: list[bool] = []
    for name, wanted in query.items():
        plain = name.removeprefix("or__")
        # Every unified job template has an organization in AWX's database, also where its own kind shows none.
        if plain not in values and (kind, plain) != ("unified_job_templates", "organization"):
            raise Refused({"detail": f"{kind} has no field named '{plain}'"})
        same = str(values.get(plain)) == wanted
        (alternatives if plain != name else demands).append(same)
    return all(demands) and (any(alternatives) or not alternatives)
