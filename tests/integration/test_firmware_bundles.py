# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bundles are published and looked at by ansible-playbook: in a real registry, Debian's, and in a local layout.

Judged by the registry's own log and disk.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.canary import keep_everything, leaking_files
from tests.integration.playbook import Controller, Outcome
from tests.integration.test_examples import examples
from tests.registry.debian import PASSWORD, PROGRAM, USERNAME, DebianRegistry, debian_registry

PUBLISH = "openchami.bmc.bmc_firmware_bundle"
INFO = "openchami.bmc.bmc_firmware_bundle_info"
HOSTS = 50
CONTENT = bytes(range(256)) * 8192
COMPONENT = {
    "component": "bmc",
    "version": "nc.1.10.2-22",
    "compatible_hardware": ["x9000"],
    "reboot": "manager",
    "expected_duration": 900,
}

ACCOUNT = {"registry_username": USERNAME, "registry_password": PASSWORD}

without_registry = pytest.mark.skipif(not PROGRAM, reason="docker-registry is not installed")


@dataclass
class Place:
    """Where bundles are. name: without tag. options: of each task, to get there. material: what bundles are made of."""

    name: str
    options: dict[str, Any]
    controller: Controller
    material: Path
    registry: DebianRegistry | None = None

    def play(self, *tasks: dict[str, Any], arguments: tuple[str, ...] = (), hosts: int = 1) -> list[Outcome]:
        """The outcomes of tasks, one module and its options each, for so many hosts."""
        names: dict[str, dict[str, Any]] = {f"host{number}": {} for number in range(hosts)}
        listed = [
            {"name": str(number), module: {"reference": f"{self.name}:1.10.2", **self.options, **options}}
            for number, task in enumerate(tasks)
            for module, options in task.items()
        ]
        return list(self.controller.run(names, listed, arguments=arguments).outcomes)

    def whole(self, **changes: Any) -> dict[str, Any]:
        """The task that publishes a bundle with all that can be attached."""
        options = {
            "payload": str(self.material / "nc-1.10.2.tar.gz"),
            "version": "1.10.2",
            "components": [COMPONENT],
            "sbom": str(self.material / "sbom.json"),
            "test_report": str(self.material / "report.json"),
            "approval": str(self.material / "approval.json"),
            "signature_key": str(self.material / "key.pem"),
        }
        return {PUBLISH: options | changes}

    def policy(self, **changes: Any) -> dict[str, Any]:
        """An option that demands a signature, and an SBOM and a report that are signed, too."""
        types = {"sbom": "spdx+json", "report": "vnd.openchami.firmware.test-report.v1+json"}
        attestations = [
            {"name": name, "referrer": {"type": f"application/{kind}"}, "authority": "site"}
            for name, kind in types.items()
        ]
        authority = {"name": "site", "key": {"path": str(self.material / "key.pub")}}
        one = {"name": "ours", "images": [{"glob": "**"}], "authorities": [authority], "attestations": attestations}
        return {"verification_policies": [one | changes]}

    def writes(self) -> int | bytes:
        """What the registry's log has of writes, or the index of the layout."""
        if self.registry is None:
            return (Path(self.name.removeprefix("oci-layout:")) / "index.json").read_bytes()
        lines = self.registry.log().splitlines()
        return sum(f'"{method} /v2/' in line for line in lines for method in ("PUT", "POST", "PATCH"))


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that bundles are made of, and a key by openssl."""
    folder = tmp_path_factory.mktemp("material")
    (folder / "nc-1.10.2.tar.gz").write_bytes(CONTENT)
    (folder / "sbom.json").write_text('{"spdxVersion": "SPDX-2.3"}')
    (folder / "report.json").write_text('{"passed": true}')
    (folder / "approval.json").write_text('{"expires": "2037-01-01T00:00:00Z"}')
    for command in (
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
        "pkey -in key.pem -pubout -out key.pub",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def local(tmp_path: Path, material: Path) -> Place:
    """A layout that is not there yet."""
    return Place(f"oci-layout:{tmp_path}/bundles/nc", {}, Controller(tmp_path / "controller"), material)


@pytest.fixture
def open_to_all(tmp_path: Path, material: Path) -> Iterator[Place]:
    """A registry without TLS and accounts."""
    with debian_registry(tmp_path / "registry") as running:
        name, controller = f"{running.address}/firmware/nc", Controller(tmp_path / "controller")
        yield Place(name, {"registry_plain_http": True}, controller, material, running)


@pytest.fixture
def guarded(tmp_path: Path, material: Path) -> Iterator[Place]:
    """A registry with a certificate of its own, and a password; the options hold no account."""
    with debian_registry(tmp_path / "registry", tls=True, password=True) as running:
        name, controller = f"{running.address}/firmware/nc", Controller(tmp_path / "controller")
        yield Place(name, {"registry_ca_path": str(running.ca)}, controller, material, running)


@pytest.mark.parametrize("kind", ["local", pytest.param("guarded", marks=without_registry)])
def test_a_bundle_from_files_to_a_verdict(request: pytest.FixtureRequest, kind: str) -> None:
    """Check mode says what a run then does; the next run does nothing; what is there is accepted, and only that."""
    place: Place = request.getfixturevalue(kind)
    if kind == "guarded":
        place.options |= ACCOUNT
    predicted, nothing = place.play(place.whole(), {INFO: {}}, arguments=("--check", "--diff"))
    assert predicted.status == "ok", predicted.msg
    assert nothing.kind == "RegistryFailure"
    (done,) = place.play(place.whole(), arguments=("--diff",))
    assert done.status == "ok", done.msg
    assert done.result["changed"]
    for name in ("published", "diff", "reference"):
        assert done.result[name] == predicted.result[name]
    # Of the bundle and three attachments, two each.
    assert [step["what"] for step in done.result["published"]].count("signature") == 8
    before = place.writes()
    again, found = place.play(
        place.whole(), {INFO: {**place.policy(), "enforce": True, "fetch": True, "hardware": ["X9000"]}}
    )
    assert (again.result["changed"], again.result["published"]) == (False, [])
    assert "diff" not in again.result
    assert place.writes() == before
    assert found.status == "ok", found.msg
    assert found.result["verdict"]["accepted"]
    assert found.result["reference"] == done.result["reference"] == f"{place.name}:1.10.2@{done.result['digest']}"
    assert found.result["components"] == [COMPONENT]
    assert Path(found.result["payload"]["path"]).read_bytes() == CONTENT
    # Three attachments, and the signature by referrer.
    assert len(found.result["referrers"]) == 4


def test_what_is_refused(local: Place) -> None:
    """Another bundle under the same tag, unless the tag is to move; what no policy accepts; what is for others."""
    first, taken, moved, by_tag, told, refused, without, other = local.play(
        local.whole(signature_key=None),
        local.whole(vendor="Other"),
        local.whole(vendor="Other", signature_key=None, overwrite_tag=True),
        {INFO: {}},
        {INFO: local.policy()},
        {INFO: {**local.policy(), "enforce": True}},
        {INFO: {**local.policy(images=[{"glob": "registry.example/**"}]), "enforce": True}},
        {INFO: {"hardware": ["x3000"]}},
    )
    assert first.result["changed"]
    assert taken.kind == "InvalidRequest"
    assert first.result["digest"] in taken.msg
    assert moved.result["digest"] == by_tag.result["digest"] != first.result["digest"]
    assert (told.status, told.result["verdict"]["accepted"]) == ("ok", False)
    assert [outcome.kind for outcome in (refused, without, other)] == ["BundleRefused"] * 3
    assert "is not for this hardware" in other.msg
    (by_digest,) = local.play({INFO: {"reference": first.result["reference"]}})
    assert by_digest.result["digest"] == first.result["digest"]


@without_registry
def test_one_pull_for_many_hosts_and_one_meaning_of_a_tag(open_to_all: Place) -> None:
    """Then its disk fails: it serves what it has without looking, with the right digest in a header (2.8.2)."""
    registry = open_to_all.registry
    assert registry is not None
    (done,) = open_to_all.play(open_to_all.whole(signature_key=None))
    payload = done.result["payload"]["digest"]
    outcomes = open_to_all.play({INFO: {"fetch": True}}, hosts=HOSTS)
    assert [outcome.status for outcome in outcomes] == ["ok"] * HOSTS
    assert len({outcome.result["payload"]["path"] for outcome in outcomes}) == 1
    assert registry.gets(payload) == 1
    assert {outcome.result["digest"] for outcome in outcomes} == {done.result["digest"]}
    cached = Path(outcomes[0].result["payload"]["path"])
    cached.unlink()
    registry.blob(payload).write_bytes(CONTENT[:-1] + b"!")
    (refused,) = open_to_all.play({INFO: {"fetch": True}})
    assert refused.kind == "BadArtifact"
    assert payload in refused.msg
    assert {path.suffix for path in cached.parent.iterdir()} == {".lock"}


@without_registry
def test_an_account_is_taken_from_where_docker_keeps_it_and_shown_nowhere(guarded: Place, tmp_path: Path) -> None:
    keep_everything(guarded.controller)
    wrong = {"registry_username": USERNAME, "registry_password": f"not-{PASSWORD}"}
    login = tmp_path / "login"
    login.mkdir()
    address = guarded.name.partition("/")[0]
    kept = {"auths": {address: {"username": USERNAME, "password": PASSWORD}}}
    (login / "config.json").write_text(json.dumps(kept))
    done, refused, without = guarded.play(
        guarded.whole(**ACCOUNT), {INFO: wrong}, {INFO: {}}, arguments=("-vvvv", "--diff")
    )
    assert done.status == "ok", done.msg
    assert "refused the login: as publisher" in refused.msg
    assert "there is no account" in without.msg
    guarded.controller.environment["DOCKER_CONFIG"] = str(login)
    (found,) = guarded.play({INFO: {"fetch": True}}, arguments=("-vvvv",))
    assert found.status == "ok", found.msg
    # The play itself holds it, as it was given.
    assert not leaking_files(guarded.controller.folder, {"play.json"}, [PASSWORD.encode()])


BAD_INPUT: list[tuple[dict[str, Any], str]] = [
    ({"reference": "nc"}, "does not name a bundle"),
    ({"registry_username": "x"}, "registry_password is not set"),
    ({"registry_timeout": 0}, "is not a time"),
    ({"payload": None}, "without a payload"),
    ({"version": "A1"}, "not a semantic version"),
    ({"version": None}, "a payload without version"),
    ({"components": [{**COMPONENT, "compatible_hardware": []}]}, "compatible_hardware"),
    ({"components": [{**COMPONENT, "reboot": "maybe"}]}, "reboot must be one of"),
    ({"payload": "/none"}, "could not be read"),
    ({"sbom": "/dev/null"}, "is not JSON"),
    ({"signature_key": "/dev/null"}, "key"),
    ({"typo": True}, "typo"),
]


def test_bad_input_is_refused_before_anything_is_written(local: Place) -> None:
    outcomes = local.play(*(local.whole(**options) for options, _words in BAD_INPUT))
    for outcome, (options, words) in zip(outcomes, BAD_INPUT, strict=True):
        assert outcome.status == "failed", options
        assert words in outcome.msg
    assert not Path(local.name.removeprefix("oci-layout:")).parent.exists()


def test_examples_run(local: Place, tmp_path: Path) -> None:
    """Those of both modules, one after the other, with a layout for the registry and files that are there."""
    files = {
        "/srv/vendor/nc-1.10.2.tar.gz": "nc-1.10.2.tar.gz",
        "/srv/vendor/nc-1.10.2.md": "sbom.json",
        "/srv/vendor/nc-1.10.2.spdx.json": "sbom.json",
        "/srv/site/nc-1.10.2.tests.json": "report.json",
        "/srv/site/nc-1.10.2.approval.json": "approval.json",
        "/etc/keys/firmware.pem": "key.pem",
        "/etc/keys/firmware.pub": "key.pub",
    }
    text = json.dumps([*examples("bmc_firmware_bundle"), *examples("bmc_firmware_bundle_info")])
    text = text.replace("registry.example:5000", f"oci-layout:{tmp_path}")
    for named, there in files.items():
        text = text.replace(named, str(local.material / there))
    tasks = json.loads(text)
    outcomes = local.controller.run({"host": {}}, tasks).outcomes
    assert [(outcome.status, outcome.msg) for outcome in outcomes] == [("ok", "")] * len(tasks)
    published, approved, shown, judged = (outcome.result for outcome in outcomes)
    assert {step["what"] for step in published["published"]} == {"bundle", "sbom", "signature"}
    assert {step["what"] for step in approved["published"]} == {"test_report", "approval", "signature"}
    assert judged["verdict"]["accepted"]
    assert shown["digest"] == judged["digest"] == published["digest"]
