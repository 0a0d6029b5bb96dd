# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An error is one line that says what to do next."""

from __future__ import annotations

import inspect
import re

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core import errors
from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError, RefusedByBmc

TREE = [member for _name, member in inspect.getmembers(errors, inspect.isclass) if issubclass(member, BmcError)]


def test_line_names_host_cause_message_id_and_way_out_in_this_order() -> None:
    error = BmcError("it failed", why="no reason.", way_out="Try again.", message_id="Base.1.8.Error", host="node1")
    assert str(error) == "node1: it failed: no reason [Base.1.8.Error]. Try again."


def test_parts_that_are_not_known_leave_no_trace() -> None:
    assert str(BmcError("it failed")) == "it failed"


def test_words_of_a_bmc_with_line_breaks_stay_one_line() -> None:
    assert str(BmcError("it failed", why="first\r\n  second\tthird")) == "it failed: first second third"


def test_no_part_makes_the_line_longer_than_a_person_reads() -> None:
    error = BmcError("a" * 10**6, why="b" * 10**6, way_out="Try again.", host="node1")
    assert len(str(error)) < 5_000
    assert str(error).endswith("b…. Try again.")


def test_refusal_shows_its_first_message_id_and_keeps_all() -> None:
    error = RefusedByBmc("POST was refused", status=409, message_ids=("Base.1.8.A", "Base.1.8.B"))
    assert str(error) == "POST was refused [Base.1.8.A]"
    assert (error.status, error.message_ids) == (409, ("Base.1.8.A", "Base.1.8.B"))


def test_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    drawn: dict[str, str] = {}
    above: dict[int, str] = {}
    for indent, name in re.findall(r"^    ([│├└─ ]*)(\w+)", errors.__doc__ or "", re.MULTILINE):
        above[len(indent)] = name
        drawn[name] = above[len(indent) - 4] if indent else "Exception"
    assert drawn == {kind.__name__: kind.__bases__[0].__name__ for kind in TREE}


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_kind_is_the_name_of_the_class(kind: type[BmcError]) -> None:
    error = kind("x", status=500) if issubclass(kind, RefusedByBmc) else kind("x")
    assert error.kind == kind.__name__
