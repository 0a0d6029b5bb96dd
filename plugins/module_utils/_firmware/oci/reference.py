# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The name of a bundle: in a registry, or in a local folder in the OCI image layout."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NoReturn

from ..._core.errors import BadArtifact, InvalidRequest

LAYOUT = "oci-layout:"
"""Begins the name of a bundle in a local folder; a name that begins as a path does is one, too."""

# OCI distribution-spec 1.1, "Pulling manifests": <name> and <reference>.
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_REGISTRY = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:.]+\])(?::(?P<port>[0-9]{{1,5}}))?")
_LONGEST_NAME = 255
_PATHS = ("/", "./", "../")


@dataclass(frozen=True)
class Reference:
    """Where a bundle is.

    registry: "registry.example:5000", "" for a local layout. repository: "firmware/cray/nc". layout: path of a folder
    in the OCI image layout, "" for a registry. tag, digest ("sha256:..."): "" where not given; a digest decides.
    """

    registry: str = ""
    repository: str = ""
    tag: str = ""
    digest: str = ""
    layout: str = ""

    @property
    def name(self) -> str:
        """Without tag and digest: what a policy's globs look at."""
        return f"{LAYOUT}{self.layout}" if self.layout else f"{self.registry}/{self.repository}"

    def pinned(self, digest: str) -> Reference:
        """The same, by digest. Raises BadArtifact for what is no digest."""
        return replace(self, digest=checked_digest(digest))

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.name}{tag}" + (f"@{self.digest}" if self.digest else "")


def parse_reference(text: str) -> Reference:
    """The bundle that a text names: "registry.example:5000/nc:1.9.7", "...@sha256:...", "oci-layout:/srv/nc:1.9.7".

    Raises InvalidRequest. There is no registry, tag or digest by default: "latest" is never what a site means to flash.
    """
    given = text.strip()
    if not given.isprintable():
        _refuse(text, "it has a character that cannot be shown")
    name, at, digest = given.rpartition("@")
    if not at:
        name, digest = given, ""
    elif not _DIGEST.fullmatch(digest):
        _refuse(text, "what follows @ is not sha256: and 64 hexadecimal digits in lower case")
    if _is_layout(name):
        return _layout(text, name.removeprefix(LAYOUT), digest)
    return _in_registry(text, name, digest)


def checked_digest(digest: object) -> str:
    """A sha256 digest, as it stands in documents; the only algorithm in use. Raises BadArtifact.

    Its digits become the name of a file: nothing else may pass.
    """
    if isinstance(digest, str) and _DIGEST.fullmatch(digest):
        return digest
    raise BadArtifact(
        "what should be a digest is none", why=f"{str(digest)[:80]!r} is not sha256: and 64 hexadecimal digits"
    )


def _is_layout(name: str) -> bool:
    return name.startswith((LAYOUT, *_PATHS))


def _layout(text: str, place: str, digest: str) -> Reference:
    path, colon, tag = place.rpartition(":")
    if not colon or "/" in tag:
        path, tag = place, ""
    elif not _TAG.fullmatch(tag):
        _refuse(text, "a tag has letters, digits, '.', '_' and '-', at most 128")
    if not path:
        _refuse(text, "it names no folder")
    return Reference(tag=tag, digest=digest, layout=path)


def _in_registry(text: str, name: str, digest: str) -> Reference:
    registry, slash, rest = name.partition("/")
    repository, colon, tag = rest.partition(":")
    if not slash or not _is_registry(registry):
        _refuse(text, "it does not begin with a registry, host or host:port, and a '/'")
    if not _REPOSITORY.fullmatch(repository) or len(repository) > _LONGEST_NAME:
        why = "the parts of a repository have lower-case letters and digits, with '.', '_' or '-' between them only"
        _refuse(text, why)
    if colon and not _TAG.fullmatch(tag):
        _refuse(text, "a tag has letters, digits, '.', '_' and '-', at most 128")
    if not tag and not digest:
        _refuse(text, "it has neither a tag nor a digest")
    return Reference(registry=registry, repository=repository, tag=tag, digest=digest)


def _is_registry(text: str) -> bool:
    found = _REGISTRY.fullmatch(text)
    return found is not None and (found["port"] is None or 0 < int(found["port"]) < 1 << 16)


def _refuse(text: str, why: str) -> NoReturn:
    # What stands before an @ that begins no digest may be a password.
    given = repr(text) if "@" not in text.replace("@sha256:", "") else "what was given"
    raise InvalidRequest(
        f"{given} does not name a bundle",
        why=why,
        way_out="Give registry.example:5000/firmware/nc:1.9.7, one with @sha256:..., or oci-layout:/srv/nc:1.9.7.",
    )
