# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Publishing to a registry, by oras-py's own public steps over our requests.

Of oras-py are the steps of an upload; that each request is bounded in time, sent once and logged in as ours are is
do_request, which it sends everything through (oras/provider.py, 0.2.43).
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

from ..._core.clock import Clock
from ..._core.errors import LocalFailure, RegistryFailure
from ..._core.printable import printable
from .access import Access
from .cache import Cache
from .content import Descriptor, Manifest
from .publish import Blob
from .reference import Reference
from .registry import RegistrySource
from .session import RegistrySession

try:
    import requests
    from oras import logger as oras_logger
    from oras.container import Container
    from oras.provider import Registry
except ImportError:
    HAS_ORAS = False
    Registry = object  # type: ignore[misc, assignment]
else:
    HAS_ORAS = True

_AT_ONCE = 16 << 20
"""Bytes. A larger blob is sent in parts of so many: oras-py would hold it in memory as a whole."""


class RegistryRepository(RegistrySource):
    """Also publishes to it. See publish.Destination.

    Raises LocalFailure where oras-py is missing, also for who only looks what would be published.
    """

    def __init__(self, reference: Reference, access: Access, cache: Cache, clock: Clock) -> None:
        if not HAS_ORAS:
            raise LocalFailure(
                "the Python library oras is missing",
                way_out="Publishing to a registry needs it on the controller: pip install 'oras>=0.2.43'.",
            )
        super().__init__(reference, access, cache, clock)

    def has_blob(self, descriptor: Descriptor) -> bool:
        return self._has(f"blobs/{descriptor.digest}", {})

    def has_manifest(self, digest: str) -> bool:
        return self._has(f"manifests/{digest}", self.ACCEPT)

    def push_blob(self, blob: Blob) -> None:
        content = blob.content
        if isinstance(content, Path):
            self._upload(content, blob.descriptor)
            return
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            self._upload(Path(file.name), blob.descriptor)

    def push_manifest(self, manifest: Manifest, tag: str = "") -> bool:
        oras = _oras(self._session)
        url = f"{oras.prefix}://{_container(self.reference).manifest_url(tag or manifest.digest)}"
        # Not upload_manifest(): it writes the JSON anew, and a signature is over these very bytes.
        answer = oras.do_request(url, "PUT", data=manifest.raw, headers={"Content-Type": manifest.media_type})
        kept = answer.headers.get("docker-content-digest", manifest.digest)
        if kept != manifest.digest:
            raise RegistryFailure(
                f"the registry {self.reference.registry} keeps another manifest than was sent",
                why=f"{kept} instead of {manifest.digest}",
            )
        return "oci-subject" in answer.headers

    def _upload(self, path: Path, descriptor: Descriptor) -> None:
        in_parts = descriptor.size > _AT_ONCE
        oras = _oras(self._session)
        oras.upload_blob(str(path), _container(self.reference), descriptor.document(), do_chunked=in_parts)

    def _has(self, path: str, headers: dict[str, str]) -> bool:
        with self._session.opened("HEAD", path, headers) as answer:
            if answer.status not in (200, 404):
                self._session.refuse(answer, f"did not say whether it has {path}")
            return answer.status == 200


class _Oras(Registry):
    """oras-py, whose every request is ours."""

    def __init__(self, session: RegistrySession) -> None:
        super().__init__(hostname=session.registry, insecure=session.scheme == "http")
        self._own = session

    def do_request(
        self,
        url: str,
        method: str = "GET",
        data: Any = None,
        headers: dict[str, str] | None = None,
        json: Any = None,
        stream: bool = False,
    ) -> requests.Response:
        """As oras-py's own, but sent once, and a refusal is an error. Raises RegistryFailure, MayHaveHappened."""
        named = {name: value for name, value in (headers or {}).items() if name.lower() != "content-length"}
        with self._own.opened(method, url, named, data) as answer:
            if 300 <= answer.status < 400:
                raise RegistryFailure(
                    f"the registry {self._own.registry} redirects what is published",
                    why=f"HTTP {answer.status}, to {printable(answer.headers.get('location', 'nowhere'))}",
                    way_out="Publish to where it leads; without registry_plain_http where only TLS is missing.",
                )
            if answer.status >= 400 and not (method == "HEAD" and answer.status == 404):
                self._own.refuse(answer, "did not take what was sent to it")
            response = requests.Response()
            response.status_code = answer.status
            response.headers.update(answer.headers)
            response.raw = io.BytesIO(answer.content(_AT_ONCE))
        return response


def _oras(session: RegistrySession) -> _Oras:
    # It would write to the module's standard error.
    oras_logger.logger.quiet = True
    return _Oras(session)


def _container(reference: Reference) -> Container:
    """Not by its parser, which takes "site.firmware/nc" for a host and "localhost/nc" for none."""
    container = Container("unused")
    container.registry, container.tag = reference.registry, None
    container.namespace, _slash, container.repository = reference.repository.rpartition("/")
    return container
