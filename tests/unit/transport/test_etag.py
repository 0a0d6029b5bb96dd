# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The values of If-Match, in order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from ansible_collections.openchami.bmc.plugins.module_utils._transport.etag import if_match_candidates, same_content
from tests.unit.json_documents import json_values, quick


@pytest.mark.parametrize(
    ("etag", "candidates"),
    [
        ('"a"', ['"a"', "*", None]),
        ('W/"a"', ['W/"a"', '"a"', "*", None]),
        ("a", ["a", '"a"', "*", None]),
        ('""a""', ['""a""', '"a"', "*", None]),
        ("W/a", ["W/a", "a", '"a"', "*", None]),
        (None, [None, "*"]),
        ("", [None, "*"]),
        (7, [None, "*"]),
    ],
)
def test_ladder_goes_from_the_tag_as_read_to_none(etag: object, candidates: list[str | None]) -> None:
    assert list(if_match_candidates(etag)) == candidates


@quick
@given(json_values())
def test_ladder_begins_with_what_was_read_and_reaches_both_last_rungs(etag: Any) -> None:
    rungs = list(if_match_candidates(etag))
    assert rungs[0] == (etag if isinstance(etag, str) and etag else None)
    assert {"*", None} <= set(rungs)


def test_content_is_the_same_whatever_the_tag() -> None:
    assert same_content({"a": 1, "@odata.etag": "x"}, {"a": 1})
    assert not same_content({"a": 1, "@odata.etag": "x"}, {"a": 2, "@odata.etag": "x"})
