# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example of the documentation runs, and does what it says."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.conftest import StartFleet
from tests.integration.fleet import Fleet
from tests.integration.playbook import Controller, Run, ShippingController
from tests.simulator.images import build

ROOT = Path(__file__).resolve().parents[2]
TIMING = {"on": 0.1, "graceful": 0.1, "force": 0.1, "restart": 0.1, "post": 0.1, "manager_reset": 0.5}


@pytest.fixture(scope="module")
def fleet(start_fleet: StartFleet) -> Fleet:
    return start_fleet(
        [
            {"name": "ilo", "profile": "hpe_ilo5", "timing": TIMING},
            {"name": "blade", "profile": "cray_ex_nc", "nodes": 2, "timing": TIMING},
            {"name": "idrac", "profile": "dell_idrac9"},
        ]
    )


@pytest.fixture(autouse=True)
def untouched(fleet: Fleet) -> None:
    fleet.simulator.reset()


def examples(module: str) -> list[dict[str, Any]]:
    """The tasks in a module's EXAMPLES."""
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "EXAMPLES":
            tasks: list[dict[str, Any]] = yaml.safe_load(ast.literal_eval(node.value))
            return tasks
    raise AssertionError(f"{module} has no EXAMPLES")


def plays(page: str) -> list[list[dict[str, Any]]]:
    """The playbooks among the YAML blocks of a page."""
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    parsed = [yaml.safe_load(block) for block in blocks]
    return [block for block in parsed if isinstance(block, list) and "hosts" in block[0]]


def failures(run: Run) -> list[str]:
    return [f"{outcome.task}: {outcome.msg}" for outcome in run.outcomes if outcome.status in ("failed", "unreachable")]


def test_examples_of_bmc_info_run(controller: Controller, fleet: Fleet) -> None:
    tasks = examples("bmc_info")
    run = controller.run({"ilo": fleet.variables("ilo")}, tasks)
    assert not failures(run)
    assert run.of("ilo", "Say it").msg.startswith("hpe ProLiant")
    assert fleet.methods("ilo") == {"GET"}


def test_examples_of_the_consoles_run(controller: Controller, fleet: Fleet) -> None:
    hosts = {"ilo": fleet.variables("ilo")}
    run = controller.run(hosts, examples("bmc_console_uri"))
    assert not failures(run)
    assert run.of("ilo", "Say it").msg == f"ssh -l admin {fleet.addresses['ilo'].partition(':')[0]}, then: vsp"
    run = controller.run(hosts, examples("fleet_consoles"))
    assert not failures(run)
    assert run.of("ilo", "Say it").result["msg"][1].startswith("ilo   ssh -l admin")
    assert fleet.methods("ilo") == {"GET"}


def test_examples_of_fleet_drift_run(controller: Controller, fleet: Fleet) -> None:
    run = controller.run({"ilo": fleet.variables("ilo")}, examples("fleet_drift"))
    assert not failures(run)
    assert run.of("ilo", "Say it").result["msg"][0] == "1 described BMCs: 1 with drift"
    assert fleet.methods("ilo") == {"GET"}


def test_examples_of_fleet_campaign_run(controller: Controller, fleet: Fleet) -> None:
    run = controller.run({"ilo": fleet.variables("ilo")}, examples("fleet_campaign"))
    assert not failures(run)
    assert (
        run.of("ilo", "Say which hosts have to look at their BMCs").msg
        == "ilo for registry.example:5000/firmware/nc:1.10.2"
    )
    assert fleet.methods("ilo") == set()


def test_examples_of_bmc_power_run(controller: Controller, fleet: Fleet) -> None:
    """One after the other each has something to do; the BMC of a blade knows no graceful restart of its own."""
    *of_nodes, of_a_manager = examples("bmc_power")
    run = controller.run({"blade": fleet.variables("blade", bmc_system="Node0")}, of_nodes)
    assert not failures(run)
    assert [(write["uri"].split("/")[4], write["body"]["ResetType"]) for write in fleet.simulator.writes("blade")] == [
        ("Node0", "Off"),
        ("Node0", "On"),
        ("Node1", "Off"),
        ("Node1", "On"),
        ("Node0", "Off"),
    ]
    assert fleet.power("blade") == {"Node0": "Off", "Node1": "On"}
    assert not failures(controller.run({"ilo": fleet.variables("ilo")}, [of_a_manager]))
    assert fleet.simulator.state("ilo")["manager"]["resets"] == 1


def test_examples_of_bmc_settings_run(controller: Controller, fleet: Fleet) -> None:
    """Each has something to do on a BMC that has it."""
    of_all, with_reset, keys, attributes, ipmi = examples("bmc_settings")
    run = controller.run({"ilo": fleet.variables("ilo")}, [of_all, with_reset])
    assert not failures(run)
    assert fleet.simulator.state("ilo")["manager"]["resets"] == 1
    assert not failures(controller.run({"blade": fleet.variables("blade")}, [keys]))
    assert len(fleet.plan("blade")) == 1
    assert not failures(controller.run({"idrac": fleet.variables("idrac")}, [attributes, ipmi]))
    assert [set(write["body"]) for write in fleet.plan("idrac")] == [{"Attributes"}, {"IPMI"}]


def test_examples_of_bmc_bios_run(controller: Controller, fleet: Fleet) -> None:
    """Two values wait, then are active; then nothing waits that could be taken back, and the defaults are asked for."""
    run = controller.run({"ilo": fleet.variables("ilo")}, examples("bmc_bios"))
    assert not failures(run)
    sent = [(write["method"], write["uri"].rstrip("/").rpartition("/")[2]) for write in fleet.plan("ilo")]
    assert sent == [("PATCH", "settings"), ("POST", "ComputerSystem.Reset"), ("POST", "Bios.ResetBios")]
    active = fleet.bios("ilo")["1"]["active"]
    assert (active["WorkloadProfile"], active["PatrolScrubDuration"]) == ("HighPerformanceCompute(HPC)", 12)


def test_examples_of_bmc_firmware_run(controller: Controller, fleet: Fleet) -> None:
    """The BIOS and the BMC by their bundles, a plain file, and a handle; times as short as the simulated BMC's."""
    folder = controller.folder / "bundles"
    folder.mkdir(parents=True)
    versions = {"BIOS": "U46 v2.70 (02/17/2023)", "BMC": "2.99"}
    key = ec.generate_private_key(ec.SECP256R1())
    pem, spki = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "firmware.key").write_bytes(private)
    (folder / "firmware.pub").write_bytes(key.public_key().public_bytes(pem, spki))
    text = json.dumps(examples("bmc_firmware")).replace("registry.example:5000/firmware/**", "**")
    for component, tag, reboot in (("BIOS", "bios:1.10.2", "host"), ("BMC", "bmc:2.78.0", "manager")):
        image = folder / f"{component.lower()}.bin"
        image.write_bytes(build(component, versions[component]))
        told = {
            "component": component.lower(),
            "version": versions[component],
            "compatible_hardware": ["iLO 5"],
            "reboot": reboot,
        }
        publish = {
            "reference": f"oci-layout:{folder}/{tag}",
            "payload": str(image),
            "version": tag.partition(":")[2],
            "components": [told],
            "signature_key": str(folder / "firmware.key"),
        }
        task = {"name": "publish", "openchami.bmc.bmc_firmware_bundle": publish}
        run = controller.run({"localhost": {"ansible_connection": "local"}}, [task])
        assert not failures(run)
        # A delegate takes no tag.
        published = run.outcomes[0].result if isinstance(controller, ShippingController) else publish
        text = text.replace(f"registry.example:5000/firmware/{tag}", str(published["reference"]))
    tasks = json.loads(text.replace("/etc/keys/", f"{folder}/").replace("/srv/firmware/", f"{folder}/"))
    for task in tasks:
        task["openchami.bmc.bmc_firmware"] |= {"poll_interval": 0.2, "downgrade": True}
    bios, bmc, *further = tasks
    assert not failures(controller.run({"ilo": fleet.variables("ilo")}, [bios, bmc]))
    fleet.simulator.reset()
    plain, begin, see = further
    assert not failures(controller.run({"ilo": fleet.variables("ilo")}, [plain]))
    fleet.simulator.reset()
    shutil.rmtree(controller.state, ignore_errors=True)
    assert not failures(controller.run({"ilo": fleet.variables("ilo")}, [begin, see]))
    told = fleet.simulator.state("ilo")["updates"]
    assert [(update["component"], update["state"]) for update in told] == [("BIOS", "Completed")]


def test_examples_of_bmc_staging_run(controller: Controller, fleet: Fleet) -> None:
    folder = controller.folder / "firmware"
    folder.mkdir(parents=True)
    (folder / "ilo5_314.bin").write_bytes(b"firmware")
    tasks = json.loads(json.dumps(examples("bmc_staging")).replace("/srv/firmware", str(folder)))
    run = controller.run({"ilo": fleet.variables("ilo")}, tasks)
    assert not failures(run)
    assert run.of("ilo", "Say from where").msg.startswith("ilo fetches 8 bytes from port ")
    assert run.of("ilo", "Take it away again").result["changed"]
    assert fleet.methods("ilo") == set()


@pytest.mark.parametrize("page", ["README.md", "docs/operator.md"])
def test_playbooks_of_the_documentation_run(controller: Controller, fleet: Fleet, page: str) -> None:
    found = plays(page)
    assert found, f"{page} holds no playbook"
    for number, play in enumerate(found):
        file = controller.folder / f"{Path(page).stem}{number}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(play), encoding="utf-8")
        run = controller.run_playbook({"ilo": fleet.variables("ilo")}, str(file), groups={"rack12": ["ilo"]})
        assert run.status == 0, run.stdout
    assert fleet.sent("ilo") == (["GracefulShutdown", "On"] if page == "README.md" else [])


def test_identity_is_recorded_where_ansible_finds_it(own_controller: Controller, fleet: Fleet) -> None:
    (record,) = plays("docs/operator.md")
    own_controller.folder.mkdir()
    file = own_controller.folder / "record.json"
    file.write_text(json.dumps(record), encoding="utf-8")
    run = own_controller.run_playbook({"ilo": fleet.variables("ilo")}, str(file))
    (kept,) = own_controller.folder.glob("run*/host_vars/ilo/identity.yml")
    identity = yaml.safe_load(kept.read_text(encoding="utf-8"))["bmc_identity"]
    assert identity == run.of("ilo", "Ask").result["bmc"]["identity"]
    assert identity["systems"]["1"]["uuid"]
