# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX's rules beyond the fields, each as AWX 24.6.1 has it: awx/main/fields.py, awx/api/serializers.py."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from . import survey
from .fields import Refused, Values, refuse

if TYPE_CHECKING:
    from .controller import Controller

ENCRYPTED = "$encrypted$"
_VARIABLE = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*\Z")
_FIELD_KEYS = {"id", "label", "type", "format", "choices", "help_text", "multiline", "secret", "default"}
_OF_STRINGS = {"choices", "multiline", "format", "secret"}
_BLOCKED = {"PATH", "HOME", "USER", "LD_PRELOAD", "LD_LIBRARY_PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID"}
_BLOCKED |= {"INVENTORY_SOURCE_ID", "INVENTORY_UPDATE_ID", "AD_HOC_COMMAND_ID", "REST_API_URL", "REST_API_TOKEN"}
_BLOCKED |= {"VIRTUAL_ENV", "MAX_EVENT_RES", "PROJECT_REVISION", "CALLBACK_QUEUE", "CALLBACK_CONNECTION"}


def credential_type(_controller: Controller, values: Values) -> None:
    """Fields and injectors fit each other. A field without a type gets one, so what is stored is not what was sent."""
    if unknown := set(values["inputs"]) - {"fields", "required"}:
        raise refuse("inputs", f"Additional properties are not allowed ({', '.join(unknown)})")
    seen: set[str] = set()
    stored = []
    for field in values["inputs"].get("fields", []):
        _check_input_field(field, seen)
        stored.append({"type": "string", **field})
        seen.add(field["id"])
    if missing := set(values["inputs"].get("required", [])) - seen:
        raise refuse("inputs", f"required names no field: {', '.join(missing)}")
    if stored:
        values["inputs"] = {**values["inputs"], "fields": stored}
    _check_injectors(values["injectors"], seen)


def _check_input_field(field: Any, seen: set[str]) -> None:
    if not isinstance(field, dict) or not {"id", "label"} <= set(field) <= _FIELD_KEYS:
        raise refuse("inputs", f"Schema validation error: {field!r}")
    if not _VARIABLE.match(field["id"]) or field["id"] == "tower" or field["id"] in seen:
        raise refuse("inputs", f"{field['id']} is an invalid variable name")
    kind = field.get("type", "string")
    if kind not in ("string", "boolean") or (kind == "boolean" and _OF_STRINGS & set(field)):
        raise refuse("inputs", f"{sorted(field)} not allowed for {kind} type ({field['id']})")


def _check_injectors(injectors: Values, fields: set[str]) -> None:
    if unknown := set(injectors) - {"env", "file", "extra_vars"}:
        raise refuse("injectors", f"Additional properties are not allowed ({', '.join(unknown)})")
    for name in injectors.get("env", {}):
        if not _VARIABLE.match(name) or name.startswith("ANSIBLE_") or name in _BLOCKED:
            raise refuse("injectors", f"Environment variable {name} is not allowed to be used in credentials.")
    known = {**dict.fromkeys(fields, "EXAMPLE"), "tower": {"filename": _file_names(set(injectors.get("file", {})))}}
    for kind, templates in injectors.items():
        for name, template in templates.items():
            _check_template(f"{name} of {kind}", template, known)


def _check_template(name: str, template: Any, known: Values) -> None:
    if not isinstance(template, str):
        raise refuse("injectors", f"Schema validation error: {template!r} is not of type 'string'")
    try:
        ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(template).render(known)
    except TemplateError as error:
        raise refuse("injectors", f"{name} uses an undefined field ({error})") from error


def _file_names(files: set[str]) -> Any:
    """What the templates know as tower.filename: one name, or a name for each file."""
    if any(not re.fullmatch(r"template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?", name) for name in files):
        raise refuse("injectors", f"Schema validation error: {sorted(files)}")
    if "template" not in files:
        return {name.partition(".")[2]: "EXAMPLE_FILENAME" for name in files}
    if len(files) > 1:
        raise refuse("injectors", "Must use multi-file syntax when injecting multiple files")
    return "EXAMPLE_FILENAME"


def credential(controller: Controller, values: Values) -> None:
    """Inputs are those of its type. Which of them are required is looked at when a job starts."""
    of_type = controller.get("credential_types", values["credential_type"])["inputs"]
    fields = {field["id"]: field for field in of_type["fields"]}
    for name, value in values["inputs"].items():
        if name not in fields:
            raise refuse("inputs", f"Additional properties are not allowed ('{name}' was unexpected)")
        if not isinstance(value, bool if fields[name]["type"] == "boolean" else str):
            raise refuse("inputs", f"{name}: {value!r} is not of type '{fields[name]['type']}'")


def project(_controller: Controller, values: Values) -> None:
    if values["scm_type"] and not values["scm_url"]:
        raise refuse("scm_url", "SCM URL is required.")


def inventory_source(controller: Controller, values: Values) -> None:
    if values["source"] != "scm":
        if values["source_project"] or values["source_path"]:
            raise refuse("detail", "Cannot set source_path if not SCM type.")
        return
    if not values["source_project"]:
        raise refuse("source_project", "Project required for scm type sources.")
    if values["credential"] and controller.kind_of_credential(values["credential"]) not in ("cloud", "net"):
        raise refuse("credential", "Credentials of type machine, source control, insights and vault are disallowed.")


def job_template(controller: Controller, values: Values) -> None:
    """Its playbook is one that the project's last sync has seen; its organization is that of the project."""
    of_project = controller.get("projects", values["project"])
    values["organization"] = of_project["organization"]
    if values["playbook"] not in controller.playbooks(values["project"]) and not of_project["allow_override"]:
        raise refuse("playbook", "Playbook not found for project.")
    if not values["inventory"] and not values["ask_inventory_on_launch"]:
        raise refuse("inventory", "You must either set a default value or ask to prompt on launch.")


_RRULES = (
    (r"DTSTART", "Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ"),
    (r"DTSTART(:\d{8}T\d{6}Z|;TZID=[A-Za-z_/+0-9-]+:\d{8}T\d{6}) ", "Valid DTSTART required in rrule."),
    (r"(?!.*DTSTART.*DTSTART)", "Multiple DTSTART is not supported."),
    (r".* RRULE:", "One or more rule required in rrule."),
    (r"(?!.*RRULE:.*RRULE:)", "Multiple RRULE is not supported."),
    (r".*INTERVAL=\d+", "INTERVAL required in rrule."),
    (r"(?!.*SECONDLY)", "SECONDLY is not supported."),
    (r".*FREQ=(MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)", "rrule parsing failed validation: invalid 'FREQ'"),
    (r"(?!.*BYYEARDAY)", "BYYEARDAY not supported."),
    (r"(?!.*BYWEEKNO)", "BYWEEKNO not supported."),
    (r"(?!.*COUNT=\d{4})", "COUNT > 999 is unsupported."),
)


def schedule(controller: Controller, values: Values) -> None:
    """The rule is one that AWX's clock takes, and what it hands on is what the template asks for."""
    for pattern, words in _RRULES:
        if not re.match(pattern, values["rrule"]):
            raise refuse("rrule", words)
    template = controller.get("unified_job_templates", values["unified_job_template"])
    for field in ("inventory", "limit", "job_type", "forks", "timeout", "verbosity"):
        if values[field] is not None and not template.get(f"ask_{field}_on_launch"):
            raise refuse(field, "Field is not configured to prompt on launch.")
    try:
        survey.accepted(template, controller.surveys.get(template["id"]), values["extra_data"])
    except Refused as refused:
        raise Refused({"extra_data": refused.errors}) from refused
