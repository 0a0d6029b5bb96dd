# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry of the tests: as good as the specification asks, or as bad as a test wants it.

What real registries do right is tested against Debian's (debian.py); here is what they do when something is wrong, and
the Referrers API, which Debian's has not.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.simulator.certificate import Certificate, server_context

INDEX = "application/vnd.oci.image.index.v1+json"


@dataclass(frozen=True)
class Request:
    """What arrived. headers: names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Manners:
    """How it behaves; a test changes them as it goes.

    referrers: whether it has the Referrers API; page: entries of a page of it; endless_pages: it never says that it is
    done. username, password: wanted by Basic, or, with bearer, by its token server, which is its own /token or realm.
    identity_token: wanted there instead. busy: answers that come first, status and Retry-After. break_at: of so many
    answers with a blob (breaks), only such a part comes. stall_at: only such a part comes, and then nothing. ranges:
    whether it can begin in the middle. redirect: where blobs are, leads_to: where the next page of referrers and what
    is uploaded belong, moved: where a PUT of a manifest is redirected to; URLs without path. patience: requests that it
    answers before it only drops connections. held_write: the number of the write, from 1, that it carries out and then
    does not answer.
    """

    referrers: bool = True
    page: int = 100
    username: str = ""
    password: str = ""
    bearer: bool = False
    realm: str = ""
    identity_token: str = ""
    busy: list[tuple[int, str]] = field(default_factory=list)
    break_at: float = 1.0
    breaks: int = 0
    stall_at: float = 1.0
    ranges: bool = True
    redirect: str = ""
    leads_to: str = ""
    moved: str = ""
    patience: int | None = None
    endless_pages: bool = False
    held_write: int = 0


class StandIn:
    """A context manager. address: host:port. manifests: by repository and tag or digest, with their media types."""

    def __init__(self, address: str = "127.0.0.1", certificate: Certificate | None = None) -> None:
        self.manners = Manners()
        self.requests: list[Request] = []
        self.manifests: dict[tuple[str, str], tuple[bytes, str]] = {}
        self.blobs: dict[str, bytes] = {}
        self.uploads: dict[str, bytes] = {}
        self.let_go = threading.Event()
        self.holding = threading.Event()
        self.writes = 0
        self.lock = threading.Lock()
        self._server = _Server((address, 0), self)
        if certificate is not None:
            self._server.socket = server_context(certificate).wrap_socket(self._server.socket, server_side=True)
        self.scheme = "https" if certificate else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def address(self) -> str:
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.address}"

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Be no longer there."""
        if self._thread.is_alive():
            self.let_go.set()
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def received(self, method: str, part: str) -> list[Request]:
        """The requests of a method whose path has a part."""
        return [request for request in self.requests if request.method == method and part in request.path]

    def put(self, repository: str, content: bytes, media_type: str, tag: str = "") -> str:
        """A manifest, put there without a request. Its digest."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        for name in filter(None, (tag, digest)):
            self.manifests[repository, name] = (content, media_type)
        return digest


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], stand_in: StandIn) -> None:
        super().__init__(address, _Handler)
        self.stand_in = stand_in

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some tests are about."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the requests are kept."""

    def do_GET(self) -> None:
        self._serve()

    do_HEAD = do_POST = do_PUT = do_PATCH = do_GET

    def _serve(self) -> None:
        self.own = self.server.stand_in
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.own.lock:
            self.own.requests.append(Request(self.command, self.path, headers, body))
            if self.own.manners.patience is not None:
                self.own.manners.patience -= 1
                if self.own.manners.patience < 0:
                    self.close_connection = True
                    return
            busy = self.own.manners.busy.pop(0) if self.own.manners.busy else None
        where = urlsplit(self.path)
        if busy:
            self._refuse(busy[0], "TOOMANYREQUESTS", {"Retry-After": busy[1]} if busy[1] else {})
        elif where.path == "/token":
            self._token(headers, body)
        elif not self._known(headers.get("authorization", "")):
            self._refuse(401, "UNAUTHORIZED", {"WWW-Authenticate": self._challenge(where.path)})
        else:
            self._route(where.path, parse_qs(where.query), body)

    def _route(self, path: str, query: dict[str, list[str]], body: bytes) -> None:
        repository, kind, name = _parts(path)
        match kind, self.command:
            case "manifests", "PUT" if self.own.manners.moved:
                self._answer(308, headers={"Location": f"{self.own.manners.moved}{path}"})
            case "manifests", "PUT":
                self._take_manifest(repository, name, body)
            case "manifests", _:
                self._give_manifest(repository, name)
            case "referrers", _ if self.own.manners.referrers:
                self._give_referrers(repository, name, int(query.get("from", ["0"])[0]))
            case "blobs", "POST":
                with self.own.lock:
                    name = f"uploads/{len(self.own.uploads)}"
                    self.own.uploads[name] = b""
                self._answer(202, headers={"Location": f"{self.own.manners.leads_to}/v2/{repository}/blobs/{name}"})
            case "blobs", "PATCH":
                self.own.uploads[name] += body
                self._answer(202, headers={"Location": f"{self.own.manners.leads_to}/v2/{repository}/blobs/{name}"})
            case "blobs", "PUT":
                self.own.blobs[query["digest"][0]] = self.own.uploads[name] + body
                self._answer(201)
            case "blobs", _:
                self._give_blob(path, name)
            case _ if path == "/v2/":
                self._answer(200)
            case _:
                self._refuse(404, "NOT_FOUND")

    def _known(self, authorization: str) -> bool:
        manners = self.own.manners
        if manners.bearer:
            return authorization == "Bearer good-token"
        return not manners.password or authorization == _basic(manners)

    def _challenge(self, path: str) -> str:
        manners = self.own.manners
        if not manners.bearer:
            return 'Basic realm="the tests, only"'
        realm = manners.realm or f"{self.own.url}/token"
        return f'Bearer realm="{realm}",service="tests",scope="repository:{_parts(path)[0]}:pull,push"'

    def _token(self, headers: Mapping[str, str], body: bytes) -> None:
        manners = self.own.manners
        form = parse_qs(body.decode())
        if manners.identity_token:
            good = form.get("refresh_token") == [manners.identity_token]
        else:
            good = not manners.password or headers.get("authorization") == _basic(manners)
        if good:
            self._answer(200, json.dumps({"token": "good-token"}).encode())
        else:
            self._refuse(401, "UNAUTHORIZED")

    def _take_manifest(self, repository: str, name: str, body: bytes) -> None:
        digest = self.own.put(repository, body, self.headers["content-type"], "" if ":" in name else name)
        subject = json.loads(body).get("subject")
        native = {"OCI-Subject": subject["digest"]} if subject and self.own.manners.referrers else {}
        self._answer(201, headers={"Docker-Content-Digest": digest, **native})

    def _give_manifest(self, repository: str, name: str) -> None:
        if (repository, name) not in self.own.manifests:
            self._refuse(404, "MANIFEST_UNKNOWN")
            return
        content, media_type = self.own.manifests[repository, name]
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self._answer(200, content, {"Content-Type": media_type, "Docker-Content-Digest": digest})

    def _give_referrers(self, repository: str, digest: str, begin: int) -> None:
        entries = []
        for (where, name), (content, media_type) in list(self.own.manifests.items()):
            document = json.loads(content)
            if where == repository and ":" in name and (document.get("subject") or {}).get("digest") == digest:
                kind = document.get("artifactType") or document["config"]["mediaType"]
                entries.append({"mediaType": media_type, "digest": name, "size": len(content), "artifactType": kind})
        end = begin + self.own.manners.page
        following = "0" if self.own.manners.endless_pages else str(end)
        more = end < len(entries) or self.own.manners.endless_pages
        page = f"{self.own.manners.leads_to}/v2/{repository}/referrers/{digest}?{urlencode({'from': following})}"
        link = {"Link": f'<{page}>; rel="next"'}
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries[begin:end]}
        self._answer(200, json.dumps(index).encode(), headers={"Content-Type": INDEX, **(link if more else {})})

    def _give_blob(self, path: str, digest: str) -> None:
        manners = self.own.manners
        if manners.redirect:
            self._answer(307, headers={"Location": f"{manners.redirect}{path}"})
            return
        content = self.own.blobs.get(digest)
        if content is None:
            self._refuse(404, "BLOB_UNKNOWN")
            return
        wanted = self.headers.get("range", "") if manners.ranges else ""
        if not wanted:
            self._blob(200, content, {})
            return
        begin = int(wanted.removeprefix("bytes=").rstrip("-"))
        if begin >= len(content):
            self._refuse(416, "RANGE_INVALID")
            return
        self._blob(206, content[begin:], {"Content-Range": f"bytes {begin}-{len(content) - 1}/{len(content)}"})

    def _blob(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        """Whole, or with as much of it as its manners allow."""
        manners = self.own.manners
        with self.own.lock:
            breaks = manners.breaks > 0
            manners.breaks -= breaks
        part = content[: int(len(content) * manners.break_at)] if breaks else content
        part = part[: int(len(part) * manners.stall_at)]
        self._head(status, len(content), headers)
        if self.command != "HEAD":
            self.wfile.write(part)
        if len(part) < len(content):
            self.close_connection = True
            if manners.stall_at < 1:
                self.wfile.flush()
                self.own.let_go.wait(60)

    def _refuse(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> None:
        self._answer(status, json.dumps({"errors": [{"code": code, "message": f"said {code}"}]}).encode(), headers)

    def _answer(self, status: int, content: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        if self.command not in ("GET", "HEAD"):
            self._count_write()
        self._head(status, len(content), headers or {})
        if self.command != "HEAD":
            self.wfile.write(content)

    def _count_write(self) -> None:
        with self.own.lock:
            self.own.writes += 1
            held = self.own.writes == self.own.manners.held_write
        if held:
            self.own.holding.set()
            self.own.let_go.wait(60)

    def _head(self, status: int, length: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()


def _parts(path: str) -> tuple[str, str, str]:
    """Repository, kind and name of a path below /v2/."""
    for kind in ("manifests", "blobs", "referrers"):
        repository, found, name = path.removeprefix("/v2/").partition(f"/{kind}/")
        if found:
            return repository, kind, name
    return "", "", ""


def _basic(manners: Manners) -> str:
    return f"Basic {base64.b64encode(f'{manners.username}:{manners.password}'.encode()).decode()}"


def as_json(document: Any) -> bytes:
    """As compact as Go writes it."""
    return json.dumps(document, separators=(",", ":")).encode()
