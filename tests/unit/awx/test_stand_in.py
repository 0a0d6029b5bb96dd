# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in of AWX refuses what AWX refuses: a role that gets past it has met the traps."""

from __future__ import annotations

from typing import Any

import pytest

from tests.awx.controller import Controller
from tests.awx.fields import Refused

URL = "https://git.example.com/site.git"
FIELDS = {"fields": [{"id": "url", "type": "string", "label": "URL"}]}


@pytest.fixture
def awx() -> Controller:
    controller = Controller({URL: ["playbooks/power.yml"]})
    controller.create("organizations", {"name": "Default"})
    return controller


def project(awx: Controller, *, synced: bool = True) -> dict[str, Any]:
    made = awx.create("projects", {"name": "site", "organization": 1, "scm_type": "git", "scm_url": URL})
    running = awx.shown("projects", made)["summary_fields"]["current_update"]["id"]
    states = [awx.sync(running)["status"] for _look in range(2 if synced else 1)]
    assert states == ["running", "successful"][: len(states)]
    return made


def template(awx: Controller, **fields: Any) -> dict[str, Any]:
    inventory = awx.create("inventories", {"name": "bmcs", "organization": 1})["id"]
    of = {"name": "power", "project": project(awx)["id"], "playbook": "playbooks/power.yml", "inventory": inventory}
    return awx.create("job_templates", {**of, **fields})


def ask(**question: Any) -> dict[str, Any]:
    asked = {"question_name": "Which", "variable": "bmc_hosts", "type": "text", "required": False, **question}
    return {"name": "", "description": "", "spec": [asked]}


@pytest.mark.parametrize(
    ("kind", "sent", "words"),
    [
        ("inventories", {"name": "x", "organization": 1, "varaibles": ""}, "Unknown field"),
        ("inventories", {"name": "x", "organization": 99}, "object does not exist"),
        ("inventories", {"name": "x"}, "required"),
        ("inventories", {"name": "", "organization": 1}, "blank"),
        ("inventories", {"name": "x", "organization": 1, "kind": "odd"}, "not a valid choice"),
        ("inventories", {"name": "x", "organization": "1"}, "valid int"),
        ("organizations", {"name": "Default"}, "already exists"),
        ("projects", {"name": "x", "organization": 1, "scm_type": "git"}, "SCM URL"),
        ("projects", {"name": "x", "organization": 1, "timeout": -1}, "greater"),
        ("credential_types", {"name": "x", "kind": "ssh"}, "not a valid choice"),
    ],
)
def test_fields(awx: Controller, kind: str, sent: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        awx.create(kind, sent)


@pytest.mark.parametrize(
    ("injectors", "words"),
    [
        ({"env": {"ANSIBLE_HASHI_VAULT_ADDR": "{{ url }}"}}, "not allowed"),
        ({"env": {"PYTHONPATH": "{{ url }}"}}, "not allowed"),
        ({"env": {"VAULT_ADDR": "{{ address }}"}}, "undefined field"),
        ({"env": {"VAULT_CACERT": "{{ tower.filename.ca }}"}}, "undefined field"),
        ({"env": {"VAULT_ADDR": 1}}, "not of type 'string'"),
        ({"file": {"template": "a", "template.ca": "b"}}, "multi-file"),
        ({"environment": {}}, "Additional"),
    ],
)
def test_injectors(awx: Controller, injectors: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        awx.create("credential_types", {"name": "x", "kind": "cloud", "inputs": FIELDS, "injectors": injectors})


def test_a_field_without_a_type_is_stored_with_one(awx: Controller) -> None:
    sent = {"name": "x", "kind": "cloud", "inputs": {"fields": [{"id": "url", "label": "URL"}]}}
    assert awx.create("credential_types", sent)["inputs"] == FIELDS


def test_credentials(awx: Controller) -> None:
    secret = {"fields": [{"id": "token", "type": "string", "label": "Token", "secret": True}], "required": ["token"]}
    made = awx.create("credential_types", {"name": "x", "kind": "cloud", "inputs": secret})["id"]
    of = {"organization": 1, "credential_type": made}
    with pytest.raises(Refused, match="unexpected"):
        awx.create("credentials", {**of, "name": "c", "inputs": {"tokne": "t"}})
    credential = awx.create("credentials", {**of, "name": "c", "inputs": {"token": "t"}})
    assert awx.shown("credentials", credential)["inputs"] == {"token": "$encrypted$"}
    changed = awx.change("credentials", credential["id"], {"inputs": {"token": "$encrypted$"}})
    assert changed["inputs"] == {"token": "t"}
    empty = awx.create("credentials", {**of, "name": "d", "inputs": {}})
    with pytest.raises(Refused, match="missing required"):
        awx.demand_inputs(empty["id"])


def test_a_template_wants_a_playbook_that_a_sync_has_seen(awx: Controller) -> None:
    inventory = awx.create("inventories", {"name": "bmcs", "organization": 1})["id"]
    of = {"name": "power", "inventory": inventory, "project": project(awx, synced=False)["id"]}
    with pytest.raises(Refused, match="Playbook not found"):
        awx.create("job_templates", {**of, "playbook": "playbooks/power.yml"})


def test_a_source_wants_its_project(awx: Controller) -> None:
    inventory = awx.create("inventories", {"name": "bmcs", "organization": 1})["id"]
    with pytest.raises(Refused, match="Project required"):
        awx.create("inventory_sources", {"name": "s", "inventory": inventory, "source": "scm", "source_path": "x"})


@pytest.mark.parametrize(
    ("rrule", "words"),
    [
        ("DTSTART:20260101T000000Z RRULE:FREQ=SECONDLY;INTERVAL=30", "SECONDLY"),
        ("DTSTART:20260101T000000Z RRULE:FREQ=DAILY", "INTERVAL"),
        ("RRULE:FREQ=DAILY;INTERVAL=1", "DTSTART"),
        ("DTSTART:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=1", "DTSTART"),
        ("DTSTART:20260101T000000Z RRULE:FREQ=REGULARLY;INTERVAL=1", "FREQ"),
    ],
)
def test_rules_of_a_schedule(awx: Controller, rrule: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        awx.create("schedules", {"name": "s", "unified_job_template": template(awx)["id"], "rrule": rrule})


def test_a_required_question_wants_an_answer_also_with_a_default(awx: Controller) -> None:
    made = template(awx, survey_enabled=True)
    awx.set_survey(made["id"], ask(required=True, default="all"))
    daily = "DTSTART:20260101T000000Z RRULE:FREQ=DAILY;INTERVAL=1"
    schedule = {"name": "s", "unified_job_template": made["id"], "rrule": daily}
    with pytest.raises(Refused, match="value missing"):
        awx.launch("power", {})
    with pytest.raises(Refused, match="value missing"):
        awx.create("schedules", schedule)
    assert awx.create("schedules", {**schedule, "extra_data": {"bmc_hosts": "all"}})["id"]
    with pytest.raises(Refused, match="not allowed on launch"):
        awx.create("schedules", {**schedule, "name": "t", "extra_data": {"bmc_hosts": "all", "state": "off"}})
    awx.set_survey(made["id"], ask(default="all"))
    assert awx.launch("power", {}) == {"bmc_hosts": "all"}


@pytest.mark.parametrize(
    "question",
    [
        {"type": "boolean"},
        {"required": "yes"},
        {"type": "integer", "default": "100"},
        {"type": "multiplechoice"},
        {"type": "multiplechoice", "choices": ["on"], "default": "off"},
        {"hint": "x"},
        {"min": "1"},
    ],
)
def test_surveys(awx: Controller, question: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        awx.set_survey(template(awx)["id"], ask(**question))


def test_one_credential_of_each_type(awx: Controller) -> None:
    kind = awx.create("credential_types", {"name": "x", "kind": "cloud", "inputs": FIELDS})["id"]
    of = {"organization": 1, "credential_type": kind}
    first, second = (awx.create("credentials", {**of, "name": name})["id"] for name in "ab")
    made = template(awx)["id"]
    awx.associate(made, first, remove=False)
    with pytest.raises(Refused, match="multiple"):
        awx.associate(made, second, remove=False)
