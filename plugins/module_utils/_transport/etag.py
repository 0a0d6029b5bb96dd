# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entity tags (RFC 9110, 8.8.3), as BMCs in the field treat them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def if_match_candidates(etag: object) -> Iterator[str | None]:
    """The values of If-Match to try, first to last; None is the request without it.

    Evidence: weak tags refused (Gigabyte, community.general PR 6434), tags in doubled quotes (community.general
    PR 3268), "*" demanded (Lenovo's own examples, AMI in hms-scsd), and sushy's ladder weak, strong, none.
    """
    if not isinstance(etag, str) or not etag:
        yield None
        yield "*"
        return
    yield etag
    strong = etag.removeprefix("W/")
    if strong != etag:
        yield strong
    quoted = '"' + strong.strip('"') + '"'
    if quoted != strong:
        yield quoted
    yield "*"
    yield None


def same_content(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Whether two readings of a resource differ in nothing but their tag."""
    return _without_tag(left) == _without_tag(right)


def _without_tag(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "@odata.etag"}
