# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON web tokens, and the part of a Kubernetes cluster that OpenBao asks about those of its pods."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

_KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC_KEY = (
    _KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode("ascii")
)
_USER = "system:serviceaccount:hpc:ansible"


def token(**claims: Any) -> str:
    """A token that was signed with the key (ES256), good for an hour."""
    now = int(time.time())
    parts = ({"alg": "ES256", "typ": "JWT"}, {"iat": now, "nbf": now - 60, "exp": now + 3600, **claims})
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in parts)
    numbers = decode_dss_signature(_KEY.sign(signed.encode("ascii"), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_encoded(b''.join(number.to_bytes(32, 'big') for number in numbers))}"


def service_account() -> str:
    """The token of a pod's service account, in the form of Kubernetes 1.21 and newer."""
    account = {"namespace": "hpc", "serviceaccount": {"name": "ansible", "uid": "7d1c"}}
    return token(iss="kubernetes", sub=_USER, **{"kubernetes.io": account})


class TokenReview:
    """The API server's TokenReview: every token is that of the service account."""

    def __init__(self, address: str) -> None:
        self._server = ThreadingHTTPServer((address, 0), _Review)
        self.url = f"http://{address}:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Review(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        user = {"username": _USER, "uid": "7d1c", "groups": ["system:serviceaccounts", "system:serviceaccounts:hpc"]}
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview"}
        body = json.dumps({**review, "status": {"authenticated": True, "user": user}}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
