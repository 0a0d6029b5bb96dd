# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
SOURCES = sorted(PLUGINS.rglob("*.py"))
MODULES = sorted(path for path in (PLUGINS / "modules").glob("*.py") if path.name != "__init__.py")
ACTIONS = sorted(path for path in (PLUGINS / "action").glob("*.py") if path.name != "__init__.py")

LICENCE = """\
# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
NAMES_THAT_SAY_NOTHING = {"common", "helper", "helpers", "misc", "util", "utils"}
DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
MAKER_NAMES = {"dialect", "maker", "manufacturer", "vendor"}


def relative(path: Path) -> str:
    """Name a test's parameter by its path in the repository."""
    return str(path.relative_to(ROOT))


def code_lines(source: str) -> int:
    """Count the lines that hold code: no documentation, docstrings, comments, blank lines."""
    lines = {number for number, line in enumerate(source.splitlines(), 1) if re.match(r"\s*[^\s#]", line)}
    for node in ast.walk(ast.parse(source)):
        is_text = (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        )
        is_documentation = isinstance(node, ast.Assign) and DOCUMENTATION & {ast.unparse(name) for name in node.targets}
        if isinstance(node, ast.stmt) and (is_text or is_documentation):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def maker_comparisons(source: str) -> list[int]:
    """Return the lines that compare a variable or attribute named for the maker or its dialect."""

    def names_maker(node: ast.expr) -> bool:
        return (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")) in MAKER_NAMES

    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and not any(isinstance(operator, ast.Is | ast.IsNot) for operator in node.ops):
            subjects = [node.left, *node.comparators]
        elif isinstance(node, ast.Match):
            subjects = [node.subject]
        else:
            continue
        found += [node.lineno] if any(map(names_maker, subjects)) else []
    return found


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_file_is_short_and_well_named(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 400, "a file of more than 400 lines has more than one purpose"
    words = {word for part in path.relative_to(PLUGINS).parts[1:] for word in re.split(r"[._]", part)}
    assert not words & NAMES_THAT_SAY_NOTHING
    if path.name == "__init__.py":
        assert not source, "re-exports tie knots of imports"
    else:
        assert source.removeprefix("#!/usr/bin/python\n\n").startswith(LICENCE)


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_module_only_builds_its_options_and_calls_one_function(path: Path) -> None:
    assert code_lines(path.read_text(encoding="utf-8")) <= 60


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_maker_is_asked_for_in_the_drivers_only(path: Path) -> None:
    if path.is_relative_to(PLUGINS / "module_utils" / "_vendors"):
        return
    lines = maker_comparisons(path.read_text(encoding="utf-8"))
    assert not lines, f"lines {lines}: make it a named question in the quirk table, or a capability of the driver"


def test_action_group_holds_what_speaks_with_a_bmc_and_each_module_has_its_action_plugin() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    modules = [path.stem for path in MODULES]
    assert modules, "no module found: this test would prove nothing"
    # Only these have the options of a connection, to which a playbook gives defaults for the group.
    connected = [path.stem for path in MODULES if "openchami.bmc._connection" in path.read_text(encoding="utf-8")]
    assert connected
    assert runtime["action_groups"] == {"bmc": connected}
    assert [path.stem for path in ACTIONS] == modules


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("# comment\n\nimport os\n", 1),
        ('"""Docstring\nof two lines."""\nimport os\n', 1),
        ('DOCUMENTATION = r"""\nmodule: x\n"""\nx = 1\n', 1),
        ("call(\n    1,\n    2,\n)\n", 4),
    ],
)
def test_code_lines_leaves_out_what_is_no_code(source: str, count: int) -> None:
    assert code_lines(source) == count


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("if bmc.vendor == 'hpe': pass", [1]),
        ("if 'hpe' != vendor: pass", [1]),
        ("x = 1\nif dialect in ('hpe', 'dell'): pass", [2]),
        ("match self.maker:\n    case 'hpe': pass", [1]),
        ("if vendor is None: pass", []),
        ("if quirks.loses_idle_connections: pass", []),
    ],
)
def test_maker_comparisons_are_seen(source: str, lines: list[int]) -> None:
    assert maker_comparisons(source) == lines
