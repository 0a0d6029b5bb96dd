# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading one Redfish document: links are followed, never built, and wrong types do no harm."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from .._core.errors import BadAnswer

Document = Mapping[str, Any]


def text(document: Document, *path: str) -> str | None:
    """The string at a path; None where it is absent, null, blank or of another type. Stripped of padding."""
    value = member(document, *path)
    return value.strip() or None if isinstance(value, str) else None


def member(document: Document, *path: str) -> Any:
    """Whatever is at a path of nested objects; None where a step is missing."""
    value: Any = document
    for key in path:
        # dict first: asking an abstract class takes five times as long, and a crawl asks some thousand times.
        value = value.get(key) if isinstance(value, (dict, Mapping)) else None
    return value


def link(document: Document, *path: str) -> str | None:
    """The @odata.id of the reference object at a path."""
    return text(document, *path, "@odata.id")


def links(document: Document, *path: str) -> tuple[str, ...]:
    """The @odata.ids of an array of reference objects, without repetitions, in the order given."""
    entries = member(document, *path)
    if not isinstance(entries, list):
        return ()
    found = (link(entry) for entry in entries if isinstance(entry, (dict, Mapping)))
    return tuple(dict.fromkeys(uri for uri in found if uri))


def integer(document: Document, *path: str) -> int | None:
    """The number at a path, whole; None where it is absent, null, no finite number or of another type."""
    value = member(document, *path)
    if isinstance(value, float):
        return round(value) if isfinite(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def objects(document: Document, *path: str) -> tuple[Document, ...]:
    """The objects of an array, in the order given."""
    entries = member(document, *path)
    if not isinstance(entries, list):
        return ()
    return tuple(entry for entry in entries if isinstance(entry, (dict, Mapping)))


def strings(document: Document, *path: str) -> tuple[str, ...]:
    """The strings of an array, in the order given."""
    entries = member(document, *path)
    return tuple(entry for entry in entries if isinstance(entry, str)) if isinstance(entries, list) else ()


def same_resource(left: str, right: str) -> bool:
    """Whether two URIs name one resource: iLO mixes case and trailing slashes in its links."""
    return left.rstrip("/").lower() == right.rstrip("/").lower()


def uri_of(document: Document) -> str:
    """The document's own @odata.id. Raises BadAnswer where it has none (DSP0266 demands it)."""
    uri = link(document)
    if not uri:
        raise BadAnswer("a resource does not tell its @odata.id", why=f"it is named {text(document, 'Id')!r}")
    return uri


def id_of(document: Document) -> str:
    """The Id, else the last part of the URI."""
    return text(document, "Id") or uri_of(document).rstrip("/").rpartition("/")[2]
