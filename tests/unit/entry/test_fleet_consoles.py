# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""fleet_consoles from what each host said to files: names of their own, nothing forgotten, hostile text stays text."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._entry import fleet_consoles
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import typed
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Result, Task
from ansible_collections.openchami.bmc.plugins.plugin_utils._rendered import rendered
from tests.conman import directives

TEMPLATES = Path(__file__).resolve().parents[3] / "playbooks" / "templates"
BOTH = {"ssh_config": str(TEMPLATES / "ssh_config.j2"), "conman.conf": str(TEMPLATES / "conman.conf.j2")}
HOSTILE = 'x\nHost *\n  ProxyCommand touch /tmp/taken\x1b[2J"'
SSH = shutil.which("ssh")


def node(system: str = "1", host: str = "10.1.2.3", **told: Any) -> dict[str, Any]:
    """As bmc_console_uri tells one with a console over SSH."""
    console = {
        "protocol": "ssh",
        "host": host,
        "port": 22,
        "user": "admin",
        "uri": f"ssh://admin@{host}:22",
        "entry_command": None,
        "exit_sequence": None,
        "max_concurrent_sessions": None,
        "enabled": True,
        "source": "vendor rule",
        "source_uri": None,
        "command": f"ssh -l admin {host}",
        "conman": None,
        **told,
    }
    best = console if console["enabled"] else None
    return {"id": system, "name": None, "uri": f"/redfish/v1/Systems/{system}", "best": best, "consoles": [console]}


def run(
    folder: Path | None, said: Mapping[str, Sequence[Any] | None], *, check: bool = False, **options: Any
) -> Result:
    """said: the nodes of each host that was asked, None of one that failed."""
    told = {"registered": "found", "output": str(folder) if folder else None, "templates": BOTH, **options}
    inventory = told.pop("inventory", list(said))
    told.setdefault("variables", {"conman_head": ""})
    hosts = [(name, {"found": {"failed": True} if nodes is None else {"nodes": nodes}}) for name, nodes in said.items()]
    given = typed(fleet_consoles.ARGUMENT_SPEC, told)
    return fleet_consoles.run(given, Task("", check_mode=check), hosts, inventory, rendered)


def named(folder: Path) -> list[str]:
    lines = (folder / "ssh_config").read_text("utf-8").splitlines()
    return [line.removeprefix("Host ") for line in lines if line.startswith("Host ")]


def test_names_are_safe_their_own_and_the_same_in_any_order(tmp_path: Path) -> None:
    said = {
        "node 1": [node(host="10.0.0.1")],
        "node*1": [node(host="10.0.0.2")],
        "NODE_1": [node(host="10.0.0.3")],
        "-Fx": [node(host="10.0.0.4")],
        "blade": [node("A", "10.0.0.5"), node("B", "10.0.0.5")],
        "blade-A": [node("B", "10.0.0.6"), node("", "10.0.0.7")],
        "n" * 300: [node(host="10.0.0.8")],
    }
    run(tmp_path, said)
    names = named(tmp_path)
    assert len({name.lower() for name in names}) == 9
    assert not any(
        set(name) - set("-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") for name in names
    )
    assert not any(name.startswith("-") or len(name) > 120 for name in names)
    assert len(directives((tmp_path / "conman.conf").read_text("utf-8"))) == 9
    before = (tmp_path / "ssh_config").read_bytes()
    run(tmp_path, dict(reversed(said.items())))
    assert (tmp_path / "ssh_config").read_bytes() == before


def test_a_node_that_is_two_hosts_has_two_names_for_ssh_and_one_for_conman(tmp_path: Path) -> None:
    result = run(tmp_path, {"bmc1": [node()], "bmc1n0": [node()]})
    assert named(tmp_path) == ["bmc1", "bmc1n0"]
    assert [entry["same_as"] for entry in result["consoles"]] == ["", "bmc1"]
    assert [entry["name"] for entry in directives((tmp_path / "conman.conf").read_text("utf-8"))] == ["bmc1"]


def test_what_an_earlier_run_found_is_kept_as_long_as_the_inventory_has_it(tmp_path: Path) -> None:
    run(tmp_path, {"a": [node(host="10.0.0.1")], "b": [node(host="10.0.0.2")], "c": [node(host="10.0.0.3")]})
    result = run(tmp_path, {"a": [node(host="10.0.0.9")], "b": None, "d": None}, inventory=["a", "b", "c", "d"])
    assert (result["kept"], result["missing"]) == (["b", "c"], ["d"])
    assert [entry["uri"][-11:-3] for entry in result["consoles"]] == ["10.0.0.9", "10.0.0.2", "10.0.0.3"]
    assert "d     not known" in result["lines"]
    run(tmp_path, {"a": None}, inventory=["a"])
    assert named(tmp_path) == ["a"]


@pytest.mark.parametrize("check", [True, False])
def test_check_mode_tells_the_same_and_writes_nothing(tmp_path: Path, check: bool) -> None:
    result = run(tmp_path / "out", {"a": [node()]}, check=check)
    assert [Path(file).name for file in result["files"]] == ["ssh_config", "conman.conf", "consoles.json"]
    assert (tmp_path / "out").exists() != check
    assert (result["changed"], result["consoles"][0]["ssh"]["HostName"]) == (False, "10.1.2.3")


def test_without_an_output_nothing_is_written() -> None:
    assert run(None, {"a": [node(enabled=False)]})["files"] == []


@pytest.mark.parametrize("content", ["no json", '{"schema": "other", "hosts": {}}', "[]", '{"schema": 1}'])
def test_a_foreign_file_is_not_overwritten(tmp_path: Path, content: str) -> None:
    (tmp_path / "consoles.json").write_text(content, encoding="utf-8")
    with pytest.raises(LocalFailure):
        run(tmp_path, {"a": [node()]})
    assert (tmp_path / "consoles.json").read_text("utf-8") == content
    assert not (tmp_path / "ssh_config").exists()


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "consoles.json", "", 7])
def test_a_file_stays_in_its_folder(tmp_path: Path, name: Any) -> None:
    with pytest.raises(InvalidRequest):
        run(tmp_path, {"a": [node()]}, templates={name: BOTH["ssh_config"]})
    assert not list(tmp_path.iterdir())


def test_a_template_of_the_site_is_used_and_a_broken_one_leaves_the_files_alone(tmp_path: Path) -> None:
    own = tmp_path / "own.j2"
    own.write_text("{% for console in consoles %}{{ console.name }}={{ console.uri }}{{ more }}\n{% endfor %}")
    said = {"a": [node()]}
    run(tmp_path / "out", said, templates={"own": str(own)}, variables={"more": "!"})
    assert (tmp_path / "out" / "own").read_text() == "a=ssh://admin@10.1.2.3:22!\n"
    for broken in ("{{ nothing }}", "{% if", "{{ 1 / 0 }}"):
        own.write_text(broken)
        with pytest.raises(LocalFailure):
            run(tmp_path / "out", said, templates={"own": str(own)})
    assert (tmp_path / "out" / "own").read_text() == "a=ssh://admin@10.1.2.3:22!\n"


def understood(folder: Path, name: str) -> dict[str, str]:
    """What ssh makes of a name."""
    command = [str(SSH), "-G", "-F", str(folder / "ssh_config"), name]
    program = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20, stdin=subprocess.DEVNULL)
    return dict(line.split(" ", 1) for line in program.stdout.splitlines() if " " in line)


@pytest.mark.skipif(SSH is None, reason="no OpenSSH client is installed")
@pytest.mark.parametrize("user", ["a@b.example", "DOMAIN\\adm", "with space", "it's"])
def test_ssh_reads_strange_users_and_addresses(tmp_path: Path, user: str) -> None:
    run(tmp_path, {"n1": [node(host="fd00::1", user=user, port=2200)]})
    found = understood(tmp_path, "n1")
    assert (found["user"], found["hostname"], found["port"]) == (user, "fd00::1", "2200")


@pytest.mark.skipif(SSH is None, reason="no OpenSSH client is installed")
def test_what_a_bmc_wrote_is_no_further_line(tmp_path: Path) -> None:
    told = dict.fromkeys(("entry_command", "exit_sequence", "command"), HOSTILE)
    run(tmp_path, {"n1": [node(**told, user=HOSTILE)], "n2": [node(protocol="kvm", **told)]})
    assert understood(tmp_path, "n1").get("proxycommand", "none") == "none"
    assert understood(tmp_path, "n1")["user"] != HOSTILE
    assert [entry["name"] for entry in directives((tmp_path / "conman.conf").read_text("utf-8"))] == []
    assert "\x1b" not in json.dumps(run(tmp_path, {"n1": [node(**told)]})["lines"], ensure_ascii=False)
