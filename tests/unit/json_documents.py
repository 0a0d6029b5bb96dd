# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Anything that JSON can hold, for the property tests: what a BMC answers is not what the standard promises."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

# No deadline: how fast a test machine is proves nothing.
quick = settings(deadline=None, max_examples=50)

# What no counter and no character set expects: JSON can hold it all the same, as Python reads JSON.
_ODD = st.sampled_from([10**400, float("inf"), "9" * 5_000, "\ud800", "two\r\nlines"])

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12) | _ODD


def json_values(*keys: str, texts: tuple[str, ...] = ()) -> st.SearchStrategy[Any]:
    """Any JSON value; objects like to use these keys, and strings these texts, so that something is found at times."""
    names = st.sampled_from(keys) | st.text(max_size=6) if keys else st.text(max_size=6)
    scalars = _SCALARS | st.sampled_from(texts) if texts else _SCALARS
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
        max_leaves=12,
    )


def json_objects(*keys: str, texts: tuple[str, ...] = ()) -> st.SearchStrategy[dict[str, Any]]:
    """Any JSON object."""
    names = st.sampled_from(keys) | st.text(max_size=6) if keys else st.text(max_size=6)
    return st.dictionaries(names, json_values(*keys, texts=texts), max_size=6)
