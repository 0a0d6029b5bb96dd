# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_credentials: each way to an account leads to the BMC, and whatever is wrong ends before it, with one login."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Run, ShippingController
from tests.vault.sealed import ACCOUNTS, MASTER_KEY, SEALED, URL
from tests.vault.stage import FORBIDDEN, reference
from tests.vault.stand_in import StandIn

INFO = "openchami.bmc.bmc_info"
POWER = "openchami.bmc.bmc_power"
OFF = {"state": "off", "wait_timeout": 20, "poll_interval": 0.1}
METHODS = ("approle", "cert", "jwt", "kubernetes", "token", "userpass")
MANY = [f"node{number}" for number in range(40)]
VARIABLES = {"type": "environment", "username_variable": "SITE_USER", "password_variable": "SITE_PASS"}
UNSET = {"type": "environment", "username_variable": "NO_USER", "password_variable": "NO_PASS"}
NOWHERE = "https://127.0.0.1:1"

References = list[dict[str, Any]]


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with StandIn(tmp_path_factory.mktemp("vault")) as stand_in:
        for mount, version, namespace in (("secret", 1, ""), ("kv2", 2, ""), ("secret", 1, "site/hpc")):
            stand_in.mount(mount, version, namespace)
        yield stand_in


@pytest.fixture(scope="module")
def runtime() -> Iterator[str]:
    """XDG_RUNTIME_DIR: the path of a socket has room for 108 bytes, and pytest's folders may need them all."""
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        yield folder


@pytest.fixture(scope="module")
def site(controller: Controller, vault: StandIn, runtime: str) -> Controller:
    """The controller, with what an admin has in the environment."""
    controller.folder.mkdir(parents=True, exist_ok=True)
    controller.environment.update(
        XDG_RUNTIME_DIR=runtime,
        MASTER_KEY=MASTER_KEY,
        SITE_USER="admin",
        SITE_PASS="pw-site",
        VAULT_CACERT=vault.ca_cert,
    )
    return controller


def entry(vault: StandIn, name: str, mount: str = "secret", namespace: str = "", password: str = "") -> str:
    """The path of a new entry, as the state manager writes them: that of the host's own BMC unless told otherwise."""
    path = f"hms-creds/{name}"
    vault.store(mount, path, {"Xname": name, "Username": "admin", "Password": password or f"pw-{name}"}, namespace)
    return path


def ways_that_lead(vault: StandIn, store: Path) -> dict[str, dict[str, Any]]:
    """Host variables, by the BMC that they are to reach."""
    opened = {"type": "magellan", "path": str(store)}
    none = reference(vault, "hms-creds/none")
    ways: dict[str, References] = {
        "environment": [VARIABLES],
        "magellan": [{**opened, "id": URL}],
        "magellan-default": [{**opened, "id": "https://10.9.9.9:443"}, {**opened, "id": "default"}],
        **{name: [reference(vault, entry(vault, name), **vault.login(name))] for name in METHODS},
        "kv2": [reference(vault, entry(vault, "kv2", "kv2"), engine_version=2, engine_mount_point="kv2")],
        "namespace": [reference(vault, entry(vault, "namespace", namespace="site/hpc"), namespace="site/hpc")],
        "chain": [none, UNSET, {**opened, "id": "x"}, reference(vault, entry(vault, "chain"))],
    }
    given = {"bmc_username": "admin", "bmc_password": "pw-given", "bmc_credentials": [reference(vault, "never/asked")]}
    return {name: {"bmc_credentials": references} for name, references in ways.items()} | {"given": given}


def ways_that_end(vault: StandIn) -> dict[str, tuple[References, str, str]]:
    """References by host, each with one after it that would lead on; the kind of the error, and words of it."""
    wrong_login = vault.login("approle") | {"secret_id": "no-such-id"}
    typo = {"type": "hashi_vault", "engine_version": 1, "path": "x", "pth": "y"}
    vault.store("secret", "half", {"Username": "admin"})
    firsts: dict[str, tuple[dict[str, Any], str, str]] = {
        "refused-by-bmc": (reference(vault, entry(vault, "refused-by-bmc", password="old")), "LoginRefused", "401"),
        "forbidden": (reference(vault, f"{FORBIDDEN}/x"), "NoCredential", "permission denied"),
        "wrong-login": (reference(vault, "x", **wrong_login), "NoCredential", "refused the login"),
        "away": (reference(vault, "x", url=NOWHERE), "NoCredential", f"the Vault {NOWHERE} does not serve"),
        "malformed": (reference(vault, "half"), "NoCredential", "it has no password"),
        "no-file": ({"type": "magellan", "path": "/none", "id": URL}, "NoCredential", "No such file"),
    }
    chains = {
        name: ([first, reference(vault, entry(vault, f"{name}-next", password=f"pw-{name}"))], kind, words)
        for name, (first, kind, words) in firsts.items()
    }
    return chains | {
        "typo": ([VARIABLES, typo], "InvalidRequest", "bmc_credentials[1] has no option 'pth'"),
        "no-entry": ([UNSET], "NoCredential", "asked: the environment (NO_USER, NO_PASS)"),
    }


@dataclass(frozen=True)
class Played:
    """A run of all ways over two tasks: facts, then power off."""

    fleet: Fleet
    run: Run
    leads: dict[str, dict[str, Any]]
    ends: dict[str, tuple[References, str, str]]
    logins: int
    failed_logins: int


@pytest.fixture(scope="module")
def played(start_fleet: StartFleet, site: Controller, vault: StandIn) -> Played:
    store = site.folder / "secrets.json"
    store.write_text(json.dumps(SEALED), encoding="utf-8")
    leads, ends = ways_that_lead(vault, store), ways_that_end(vault)
    accounts = {name: ("admin", f"pw-{name}") for name in (*leads, *ends)}
    accounts |= {
        "environment": ("admin", "pw-site"),
        "magellan": ACCOUNTS[URL],
        "magellan-default": ACCOUNTS["default"],
    }
    accounts |= {"typo": ("admin", "pw-site")}
    timing = {"on": 0.1, "graceful": 0.1, "force": 0.1}
    fleet = start_fleet(
        [
            {"name": name, "profile": "hpe_ilo5", "timing": timing, "username": username, "password": password}
            for name, (username, password) in accounts.items()
        ]
    )
    hosts = leads | {name: {"bmc_credentials": references} for name, (references, _kind, _words) in ends.items()}
    logins, failed_logins = vault.logins, vault.failed_logins
    run = site.run(
        {name: bare(fleet, name, **others) for name, others in hosts.items()},
        [{"name": "info", INFO: {}}, {"name": "off", POWER: OFF}],
    )
    return Played(fleet, run, leads, ends, vault.logins - logins, vault.failed_logins - failed_logins)


def bare(fleet: Fleet, name: str, **others: Any) -> dict[str, Any]:
    """The host variables that reach a BMC, but for the account."""
    variables = fleet.variables(name)
    return {key: variables[key] for key in ("bmc_address", "bmc_validate_certs")} | others


def test_every_way_leads_to_the_bmc(played: Played) -> None:
    told = {(name, task): played.run.of(name, task).msg for name in played.leads for task in ("info", "off")}
    assert {where: msg for where, msg in told.items() if msg} == {}
    assert {power for name in played.leads for power in played.fleet.power(name).values()} == {"Off"}


def test_every_wrong_way_ends_with_its_reason(played: Played) -> None:
    for name, (_references, kind, words) in played.ends.items():
        for task in ("info", "off"):
            outcome = played.run.of(name, task)
            assert (name, outcome.status, outcome.kind) == (name, "failed", kind), outcome.msg
            assert words in outcome.msg
            assert outcome.msg.startswith(f"{name}: ")
            assert outcome.msg.splitlines() == [outcome.msg]


def test_no_way_that_ends_sends_anything_to_the_bmc(played: Played) -> None:
    asked = {name: len(played.fleet.simulator.requests(name)) for name in played.ends if name != "refused-by-bmc"}
    assert asked == dict.fromkeys(asked, 0)


def test_after_a_401_of_the_bmc_no_other_credential_is_tried(played: Played) -> None:
    """One try for each task."""
    refused = [request["status"] for request in played.fleet.simulator.requests("refused-by-bmc")]
    assert refused.count(401) == 2
    assert set(played.fleet.power("refused-by-bmc").values()) == {"On"}


def test_each_login_is_made_once_and_a_refused_one_is_not_tried_again(played: Played) -> None:
    """A token logs in nowhere; approle does once more, in the namespace."""
    assert played.logins == len(METHODS)
    assert played.failed_logins == 1


def test_nothing_is_asked_where_the_account_is_given(played: Played, vault: StandIn) -> None:
    assert [path for _method, path, _namespace in vault.requests if "never/asked" in path] == []


@pytest.fixture(scope="module")
def crowd(start_fleet: StartFleet) -> Fleet:
    timing = {"on": 0.1, "graceful": 0.1, "force": 0.1}
    return start_fleet(
        [
            {"name": name, "profile": "hpe_ilo5", "timing": timing, "username": "admin", "password": f"pw-{name}"}
            for name in MANY
        ]
    )


@pytest.fixture
def login(vault: StandIn, site: Controller, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The reference of every host, which says where its entry is; the rest is in the environment, as in AWX."""
    monkeypatch.setitem(site.environment, "VAULT_ADDR", vault.url)
    for name, value in vault.login("approle").items():
        monkeypatch.setitem(site.environment, f"VAULT_{name.upper()}", value)
    path = "hms-creds/{{ inventory_hostname }}"
    return {"type": "hashi_vault", "engine_version": 1, "engine_mount_point": "secret", "path": path}


def test_many_hosts_cost_one_login(crowd: Fleet, site: Controller, vault: StandIn, login: dict[str, Any]) -> None:
    """Counted at the Vault, over two tasks: one login, one read for each host, and the token is given back."""
    for name in MANY:
        entry(vault, name)
    seen, logins = len(vault.requests), vault.logins
    hosts = {name: bare(crowd, name, bmc_credentials=[login]) for name in MANY}
    run = site.run(hosts, [{"name": "info", INFO: {}}, {"name": "again", INFO: {}}])
    assert {outcome.host: outcome.msg for outcome in run.outcomes if outcome.status != "ok"} == {}
    assert len(run.outcomes) == 2 * len(MANY)
    assert vault.logins - logins == 1
    paths = sorted(path for _method, path, _namespace in vault.requests[seen:])
    reads = [f"/v1/secret/hms-creds/{name}" for name in MANY]
    assert [path for path in paths if "revoke-self" not in path] == sorted(["/v1/auth/approle/login", *reads])


def test_keywords_of_a_task(crowd: Fleet, site: Controller, vault: StandIn, login: dict[str, Any]) -> None:
    """environment does not count for references: one broker follows those of all tasks."""
    crowd.simulator.reset()
    first, second = MANY[:2]
    for name in (first, second):
        entry(vault, name)
    vault.store("secret", "others", {"username": "admin", "password": "not-it"})
    variables = {"type": "environment", "username_variable": "TASK_USER", "password_variable": "TASK_PASS"}
    other = {**login, "path": "others"}
    lib = VaultLib([("default", VaultSecret(b"open"))])  # type: ignore[no-untyped-call]
    sealed = lib.encrypt("secret-id-1").decode()  # type: ignore[no-untyped-call]
    (site.folder / "open").write_text("open", encoding="utf-8")
    vaulted = {**login, "secret_id": {"__ansible_vault": sealed}}
    tasks: list[dict[str, Any]] = [
        {
            "name": "environment",
            INFO: {"bmc_credentials": [variables]},
            "environment": {"TASK_USER": "admin", "TASK_PASS": f"pw-{first}"},
        },
        {"name": "loop", INFO: {"bmc_credentials": ["{{ item }}"]}, "loop": [login, other]},
        {"name": "defaults", INFO: {}, "module_defaults": {"group/openchami.bmc.bmc": {"bmc_credentials": [other]}}},
        {"name": "vars", INFO: {}, "vars": {"bmc_credentials": [other]}},
        {"name": "vaulted", INFO: {"bmc_credentials": "{{ vaulted }}"}},
        {"name": "check", POWER: OFF, "check_mode": True},
        {"name": "once", POWER: OFF, "run_once": True},
    ]
    hosts = {name: bare(crowd, name, bmc_credentials=[login], vaulted=[vaulted]) for name in (first, second)}
    run = site.run(hosts, tasks, arguments=["--vault-password-file", str(site.folder / "open")])
    told = {task: run.of(first, task).kind for task in ("environment", "defaults", "vars", "vaulted")}
    assert told == {
        "environment": "NoCredential",
        "defaults": "LoginRefused",
        "vars": "LoginRefused",
        "vaulted": "",
    }
    turns = run.of(first, "loop").result["results"]
    assert [turn.get("error", {}).get("kind", "") for turn in turns] == ["", "LoginRefused"]
    assert run.of(first, "check").result["changed"] is True
    assert [set(crowd.power(name).values()) for name in (first, second)] == [{"Off"}, {"On"}]


def test_a_delegate_gets_the_account_and_asks_no_vault(
    crowd: Fleet, vault: StandIn, runtime: str, tmp_path: Path
) -> None:
    """It has none of the variables that the references need."""
    crowd.simulator.reset()
    name = MANY[0]
    path = entry(vault, name)
    references = [{key: value for key, value in reference(vault, path).items() if key != "secret_id"}]
    environment = {"XDG_RUNTIME_DIR": runtime, "VAULT_SECRET_ID": vault.login("approle")["secret_id"]}
    shipping = ShippingController(tmp_path / "controller", environment)
    logins = vault.logins
    task = {"name": "off", POWER: OFF, "delegate_to": "elsewhere"}
    run = shipping.run({name: bare(crowd, name, bmc_credentials=references)}, [task])
    assert run.of(name, "off").msg == ""
    assert crowd.power(name) == {"1": "Off"}
    assert vault.logins - logins == 1
    assert shipping.state.exists()
