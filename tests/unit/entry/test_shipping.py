# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module on a delegate: what it demands there, before anything of the collection is imported."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import LoginRefused
from ansible_collections.openchami.bmc.plugins.module_utils._entry import shipping
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task

ENTRY = Path(shipping.__file__).parent
# What is read before the delegate's Python is known to be new enough.
READ_FIRST = (ENTRY / "shipping.py", ENTRY / "failure.py", ENTRY.parent / "_core" / "errors.py")


def loader(version: str | None) -> Any:
    def load(_name: str) -> Any:
        if version is None:
            raise ImportError("none")
        return SimpleNamespace(__version__=version)

    return load


@pytest.mark.parametrize(
    ("urllib3", "lacking"),
    [
        ("2.2.0", ""),
        ("3.0", ""),
        ("2.10.dev1", ""),
        (None, "has no urllib3, and 2.2 or newer is needed"),
        ("1.26.20", "has urllib3 1.26.20, and 2.2 or newer is needed"),
        ("2.1.0", "has urllib3 2.1.0, and 2.2 or newer is needed"),
    ],
)
def test_what_a_delegate_lacks_is_named(urllib3: str | None, lacking: str) -> None:
    assert shipping._lacking(loader(urllib3)) == lacking


def test_an_unfit_delegate_ends_the_module_with_one_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCHAMI_BMC_HOST", "node1")
    with pytest.raises(SystemExit) as ended:
        shipping.require((3, 9, 2))
    told = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    assert (told["failed"], told["error"]["kind"], told["error"]["host"]) == (True, "LocalFailure", "node1")
    assert told["msg"].startswith("node1: the module cannot run on ")
    assert "is Python 3.9.2, and 3.11 or newer is needed" in told["msg"]


def test_a_fit_python_goes_on() -> None:
    shipping.require((3, 11, 0))


@pytest.mark.parametrize("path", READ_FIRST, ids=lambda path: path.name)
def test_an_old_python_can_read_what_judges_it(path: Path) -> None:
    """By its grammar; tests/integration/test_shipping.py runs it with the interpreters that are there."""
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    (future,) = (node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__")
    assert [name.name for name in future.names] == ["annotations"]


class Ended(Exception):
    """The module ended with a result."""


class FakeModule:
    """What shipping.run needs of AnsibleModule. warned: its warnings. no_log_values: what it hides."""

    check_mode = True

    def __init__(self, **params: Any) -> None:
        self.params = params
        self.warned: list[str] = []
        self.no_log_values: set[str] = set()

    def warn(self, warning: str) -> None:
        self.warned.append(warning)

    def exit_json(self, **result: Any) -> None:
        raise Ended(result)


def ended(module: Any, operation: Any) -> dict[str, Any]:
    with pytest.raises(Ended) as told:
        shipping.run(module, operation)
    result: dict[str, Any] = told.value.args[0]
    return result


def test_the_module_knows_its_task(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in shipping.told(Task("node1", job="417", run="a run")).items():
        monkeypatch.setenv(name, value)
    module = FakeModule(bmc_password="canary")
    result = ended(
        module,
        lambda options, task: {
            "seen": [task.host, task.job, task.run, task.check_mode, options["bmc_password"]],
            "warnings": ["careful"],
        },
    )
    assert result == {"seen": ["node1", "417", "a run", True, "********"]}
    assert module.warned == ["careful"]


def test_a_failure_is_the_same_as_in_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCHAMI_BMC_HOST", "node1")

    def refuse(_options: Any, _task: Any) -> Any:
        raise LoginRefused("the login was refused")

    result = ended(FakeModule(), refuse)
    assert (result["failed"], result["msg"]) == (True, "node1: the login was refused")
