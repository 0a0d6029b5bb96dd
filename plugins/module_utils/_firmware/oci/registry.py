# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A repository of a registry (OCI distribution-spec 1.1), read by our own means.

oras-py 0.2.43 verifies no digest and waits for ever: what touches firmware's bytes is here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import ClassVar
from urllib.parse import urljoin

from ..._core.clock import Clock
from ..._core.errors import BadAnswer, BadArtifact, CutOff, RegistryFailure
from ..._transport.web import Answer
from .access import Access
from .cache import Cache, Chunks
from .content import INDEX, LARGEST_MANIFEST, MANIFEST, Descriptor, Manifest, checked_blob, parse_manifest, wrong_size
from .reference import Reference, checked_digest
from .referrers import MOST, confirmed, fallback_tag, listed
from .session import RegistrySession

_NEXT = re.compile(r'<([^<>]*)>\s*;\s*rel="?next"?')
_RANGE = re.compile(r"bytes ([0-9]+)-")


class RegistrySource:
    """Reads a repository. See content.Source."""

    ACCEPT: ClassVar[dict[str, str]] = {"Accept": f"{MANIFEST}, {INDEX}"}

    def __init__(self, reference: Reference, access: Access, cache: Cache, clock: Clock) -> None:
        self.reference = reference
        self._name = reference.name
        self._cache = cache
        self._session = RegistrySession(reference, access, clock)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def resolve(self, reference: Reference) -> Descriptor:
        if reference.digest:
            return self.manifest(reference.digest).descriptor()
        found = self.tagged(reference.tag)
        if found is None:
            raise RegistryFailure(f"{reference} is not there", way_out="Look for a slip in repository and tag.")
        return found

    def manifest(self, digest: str) -> Manifest:
        found = self._read_manifest(checked_digest(digest))
        if found is None:
            raise RegistryFailure(f"{self._name}@{digest} is not there")
        return found

    def referrers(self, digest: str, artifact_type: str = "") -> list[Descriptor]:
        entries = self._native(checked_digest(digest))
        if entries is None:
            index = self._read_manifest(fallback_tag(digest))
            entries = [] if index is None else listed(index)
        return confirmed(entries, digest, artifact_type, lambda entry: self._read_manifest(entry.digest))

    def tagged(self, tag: str) -> Descriptor | None:
        found = self._read_manifest(tag)
        return None if found is None else found.descriptor()

    def blob(self, descriptor: Descriptor, limit: int) -> bytes:
        content = bytearray()
        with self._whole(descriptor.digest), self._blob_opened(descriptor, 0) as (_begin, chunks):
            for chunk in chunks:
                content += chunk
                if len(content) > limit:
                    break
        return checked_blob(bytes(content), descriptor, limit, self._name)

    def fetch(self, descriptor: Descriptor) -> Path:
        waited = True

        def pull(begin: int) -> AbstractContextManager[Chunks]:
            nonlocal waited
            if waited:
                # For another process that pulled the same, and did not come to its end.
                self._session.renew()
                waited = False
            return self._blob_opened(descriptor, begin)

        with self._whole(descriptor.digest):
            return self._cache.fetch(descriptor, self._name, pull)

    def _read_manifest(self, tag_or_digest: str) -> Manifest | None:
        digest = tag_or_digest if ":" in tag_or_digest else ""
        where = f"{self._name}@{digest}" if digest else f"{self._name}:{tag_or_digest}"
        with self._whole(where), self._session.opened("GET", f"manifests/{tag_or_digest}", self.ACCEPT) as answer:
            if answer.status == 404:
                return None
            if answer.status != 200:
                self._session.refuse(answer, f"did not give {where}")
            return self._parsed(answer, where, digest)

    def _parsed(self, answer: Answer, where: str, digest: str) -> Manifest:
        try:
            raw = answer.content(LARGEST_MANIFEST)
        except CutOff:
            raise
        except BadAnswer as error:
            raise BadArtifact(f"the manifest of {where} is too large", why=error.what) from error
        return parse_manifest(raw, where, digest, answer.headers.get("content-type", ""))

    def _native(self, digest: str) -> list[Descriptor] | None:
        """The entries of the Referrers API; None where the registry has none (distribution-spec 1.1)."""
        url, seen, entries = f"referrers/{digest}", set[str](), list[Descriptor]()
        while url:
            if url in seen or len(entries) > MOST:
                why = f"{len(entries)} entries so far"
                raise BadArtifact(f"the list of what refers to {digest} has no end", why=why)
            seen.add(url)
            with self._whole(url), self._session.opened("GET", url, {"Accept": INDEX}) as answer:
                if answer.status == 404 and len(seen) == 1:
                    return None
                if answer.status != 200:
                    self._session.refuse(answer, f"did not tell what refers to {digest}")
                entries += listed(self._parsed(answer, f"what refers to {digest}", ""))
            following = _NEXT.search(answer.headers.get("link", ""))
            url = urljoin(answer.url, following[1]) if following else ""
        return entries

    @contextmanager
    def _blob_opened(self, descriptor: Descriptor, begin: int) -> Iterator[Chunks]:
        headers = {"Range": f"bytes={begin}-"} if begin else {}
        with self._session.opened("GET", f"blobs/{checked_digest(descriptor.digest)}", headers) as answer:
            yield self._beginning(answer, descriptor, begin), answer.chunks()

    def _beginning(self, answer: Answer, descriptor: Descriptor, begin: int) -> int:
        """The byte that an answer begins at. How many follow, who takes them judges. Raises BadArtifact for none."""
        if answer.status == 206 and begin:
            span = _RANGE.match(answer.headers.get("content-range", ""))
            if span is not None and int(span[1]) == begin:
                return begin
        if answer.status == 200:
            return 0
        if answer.status == 416:
            raise wrong_size(self._name, descriptor, begin, "")
        return self._session.refuse(answer, f"did not give {descriptor.digest} of {self._name}")

    @contextmanager
    def _whole(self, what: str) -> Iterator[None]:
        """Where it broke, and could not be mended."""
        try:
            yield
        except CutOff as error:
            why = error.why or error.what
            raise RegistryFailure(f"the registry {self._session.registry} gave {what} in part only", why=why) from error
