# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of a simulated AWX, and what it does with them; it knows nothing of HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from . import survey
from .fields import Refused, Values, refuse
from .kinds import KINDS, Kind
from .rules import ENCRYPTED

UNIFIED = ("projects", "inventory_sources", "job_templates")
"""Kinds whose objects can be scheduled: together they are the unified job templates."""


@dataclass
class Controller:
    """repositories: the files of each git repository that it reaches, by URL."""

    repositories: Mapping[str, Sequence[str]]
    surveys: dict[int, Values] = field(default_factory=dict)
    credentials_of: dict[int, list[int]] = field(default_factory=dict)
    _objects: dict[str, dict[int, Values]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    _syncs: dict[int, dict[str, Any]] = field(default_factory=dict)
    _seen: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def all(self, kind: str) -> list[Values]:
        """The objects of a kind as they are, in the order in which they were made."""
        kinds = UNIFIED if kind == "unified_job_templates" else (kind,)
        return [values for name in kinds for values in self._objects[name].values()]

    def get(self, kind: str, identity: int) -> Values:
        """Raises Refused with 404."""
        for values in self.all(kind):
            if values["id"] == identity:
                return values
        raise Refused({"detail": "Not found."}, status=404)

    def named(self, kind: str, name: str) -> Values:
        """The one object of this name."""
        (found,) = [values for values in self.all(kind) if values["name"] == name]
        return found

    def create(self, kind: str, sent: Mapping[str, Any]) -> Values:
        """Make an object. Raises Refused."""
        values = {**self._checked(kind, {}, sent), "id": next(self._ids)}
        self._objects[kind][values["id"]] = values
        self._sync_if(kind, values, set(sent))
        return values

    def change(self, kind: str, identity: int, sent: Mapping[str, Any]) -> Values:
        """Change what was sent of an object. Raises Refused."""
        before = dict(self.get(kind, identity))
        values = {**self._checked(kind, before, sent), "id": identity}
        self._objects[kind][identity] = values
        self._sync_if(kind, values, {name for name in sent if values[name] != before.get(name)})
        return values

    def set_survey(self, identity: int, spec: Any) -> None:
        self.get("job_templates", identity)
        survey.check(spec)
        self.surveys[identity] = spec

    def associate(self, identity: int, credential: int, *, remove: bool) -> None:
        """Give a job template a credential, or take it away; it has one of each type only. Raises Refused."""
        held = self.credentials_of.setdefault(self.get("job_templates", identity)["id"], [])
        new = self.get("credentials", credential)
        if remove:
            held.remove(credential)
            return
        if any(self.get("credentials", other)["credential_type"] == new["credential_type"] for other in held):
            raise Refused({"error": f"Cannot assign multiple {new['name']} credentials."})
        held.append(credential)

    def launch(self, name: str, answers: Mapping[str, Any]) -> Values:
        """The extra variables of a job that is launched over the API with answers to the survey. Raises Refused."""
        template = self.named("job_templates", name)
        for credential in self.credentials_of.get(template["id"], []):
            self.demand_inputs(credential)
        given = survey.accepted(template, self.surveys.get(template["id"]), answers)
        return {**(json.loads(template["extra_vars"]) if template["extra_vars"] != "---" else {}), **given}

    def demand_inputs(self, credential: int) -> None:
        """Raises Refused for a credential that cannot start a job."""
        values = self.get("credentials", credential)
        required = self.get("credential_types", values["credential_type"])["inputs"].get("required", [])
        if missing := [name for name in required if not values["inputs"].get(name)]:
            raise Refused({"detail": f"Credential missing required fields: {', '.join(missing)}"})

    def kind_of_credential(self, credential: int) -> str:
        return str(self.get("credential_types", self.get("credentials", credential)["credential_type"])["kind"])

    def playbooks(self, project: int) -> tuple[str, ...]:
        """The playbooks that the last sync of a project has seen."""
        return self._seen.get(project, ())

    def shown(self, kind: str, values: Values) -> Values:
        """An object as the API shows it."""
        kinds = UNIFIED if kind == "unified_job_templates" else (kind,)
        kind = next(name for name in kinds if values["id"] in self._objects[name])
        url = f"/api/v2/{kind}/{values['id']}/"
        related = {name: f"{url}{name}/" for name in KINDS[kind].related}
        frame = {"type": KINDS[kind].type, "url": url, "related": related, "summary_fields": {}, **values}
        if kind == "credentials":
            frame["inputs"] = self._masked(values)
        if kind == "projects":
            syncs = [number for number, sync in self._syncs.items() if sync["project"] == values["id"]]
            running = [number for number in syncs if self._syncs[number]["asked"] < 2]
            frame["scm_revision"] = "" if running else "6f1c2e9"
            frame["summary_fields"] = {"current_update": {"id": running[0]}} if running else {}
        return frame

    def sync(self, identity: int) -> Values:
        """A project update as the API shows it: it runs when it is first asked for, and has ended when it is next."""
        if identity not in self._syncs:
            raise Refused({"detail": "Not found."}, status=404)
        state = self._syncs[identity]
        state["asked"] += 1
        files = self.repositories.get(self.get("projects", state["project"])["scm_url"])
        if state["asked"] < 2:
            return {"id": identity, "type": "project_update", "status": "running", "finished": None, "failed": False}
        if files is not None:
            self._seen[state["project"]] = tuple(files)
        status = "failed" if files is None else "successful"
        return {"id": identity, "type": "project_update", "status": status, "finished": "now", "failed": files is None}

    def _checked(self, kind: str, before: Values, sent: Mapping[str, Any]) -> Values:
        """What an object would be. Unlike AWX it refuses what it does not know: AWX ignores a mistyped field."""
        fields = KINDS[kind].fields
        if unknown := set(sent) - set(fields):
            raise Refused({name: ["Unknown field."] for name in unknown})
        values = {name: before.get(name, one.initial()) for name, one in fields.items()}
        for name, one in fields.items():
            if name in sent and not one.derived:
                values[name] = one.checked(name, sent[name])
            elif one.required and name not in sent and not before:
                raise refuse(name, "This field is required.")
            self._demand_reference(name, one.refers_to, values[name])
        if kind == "credentials" and before:
            old, new = before["inputs"], values["inputs"]
            values["inputs"] = {name: old.get(name) if new[name] == ENCRYPTED else new[name] for name in new}
        KINDS[kind].rule(self, values)
        self._demand_unique(KINDS[kind], kind, before.get("id"), values)
        return values

    def _demand_reference(self, name: str, kind: str, value: Any) -> None:
        if kind not in ("", "nothing") and value is not None:
            try:
                self.get(kind, value)
            except Refused as refused:
                raise refuse(name, f'Invalid pk "{value}" - object does not exist.') from refused

    def _demand_unique(self, which: Kind, kind: str, identity: int | None, values: Values) -> None:
        for other in self._objects[kind].values():
            if other["id"] != identity and all(other[name] == values[name] for name in which.unique):
                words = f"{which.type} with this {' and '.join(which.unique)} already exists."
                raise Refused({"__all__": [words]})

    def _sync_if(self, kind: str, values: Values, changed: set[str]) -> None:
        if kind == "projects" and values["scm_type"] and changed & {"scm_type", "scm_url", "scm_branch", "scm_refspec"}:
            self._syncs[next(self._ids)] = {"project": values["id"], "asked": 0}

    def _masked(self, credential: Values) -> Values:
        fields = self.get("credential_types", credential["credential_type"])["inputs"]["fields"]
        secret = {one["id"] for one in fields if one.get("secret")}
        return {name: ENCRYPTED if name in secret else value for name, value in credential["inputs"].items()}
