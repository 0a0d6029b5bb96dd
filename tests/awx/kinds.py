# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of objects that the role makes, with their fields, as AWX 24.6.1 has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import rules
from .fields import Field, Values, flag, mapping, nullable, number, reference, text

if TYPE_CHECKING:
    from .controller import Controller

Rule = Callable[["Controller", Values], None]


def _no_rule(_controller: Controller, _values: Values) -> None:
    """Nothing beyond the fields."""


@dataclass(frozen=True)
class Kind:
    """type: of one object, as AWX names it. unique: the fields that no two objects share together.

    rule: given the controller and what an object would be; may normalise it. Raises Refused.
    """

    type: str
    fields: Mapping[str, Field]
    unique: tuple[str, ...] = ("name",)
    rule: Rule = _no_rule
    related: tuple[str, ...] = ()


_NAMED = {"name": text(required=True), "description": text()}
_SOURCES = ("file", "constructed", "scm", "ec2", "gce", "azure_rm", "vmware", "satellite6", "openstack", "rhv")
_OTHER_SOURCES = ("controller", "insights", "terraform", "openshift_virtualization")
_JOB_TYPES = ("run", "check")
_ASKED = (
    "credential", "diff_mode", "execution_environment", "forks", "instance_groups", "inventory", "job_slice_count",
    "job_type", "labels", "limit", "scm_branch", "skip_tags", "tags", "timeout", "variables", "verbosity",
)  # fmt: skip

KINDS: Mapping[str, Kind] = {
    "organizations": Kind("organization", _NAMED),
    "execution_environments": Kind(
        "execution_environment",
        {
            **_NAMED,
            "image": text(required=True),
            "organization": reference("organizations"),
            "credential": reference("credentials"),
            "pull": text("always", "missing", "never", ""),
        },
    ),
    "credential_types": Kind(
        "credential_type",
        {
            **_NAMED,
            # Of AWX's kinds only these two can be made by users.
            "kind": text("net", "cloud", required=True),
            "inputs": mapping(),
            "injectors": mapping(),
            "managed": Field(holds=bool, default=False, derived=True),
        },
        unique=("name", "kind"),
        rule=rules.credential_type,
    ),
    "credentials": Kind(
        "credential",
        {
            **_NAMED,
            "organization": reference("organizations", required=True),
            "credential_type": reference("credential_types", required=True),
            "inputs": mapping(),
        },
        unique=("organization", "name", "credential_type"),
        rule=rules.credential,
    ),
    "projects": Kind(
        "project",
        {
            **_NAMED,
            "organization": reference("organizations", required=True),
            "scm_type": text("", "git", "svn", "insights", "archive"),
            "scm_url": text(),
            "scm_branch": text(),
            "scm_refspec": text(),
            "scm_clean": flag(),
            "scm_delete_on_update": flag(),
            "scm_track_submodules": flag(),
            "scm_update_on_launch": flag(),
            "scm_update_cache_timeout": number(),
            "allow_override": flag(),
            "timeout": number(),
            "credential": reference("credentials"),
            "default_environment": reference("execution_environments"),
        },
        unique=("organization", "name"),
        rule=rules.project,
        related=("update",),
    ),
    "inventories": Kind(
        "inventory",
        {
            **_NAMED,
            "organization": reference("organizations", required=True),
            "kind": text("", "smart", "constructed"),
            "host_filter": nullable(),
            "variables": text(),
        },
        unique=("organization", "name"),
    ),
    "inventory_sources": Kind(
        "inventory_source",
        {
            **_NAMED,
            "inventory": reference("inventories", required=True),
            "source": text(*_SOURCES, *_OTHER_SOURCES, required=True),
            "source_project": reference("projects"),
            "source_path": text(),
            "source_vars": text(),
            "credential": reference("credentials"),
            "execution_environment": reference("execution_environments"),
            "overwrite": flag(),
            "overwrite_vars": flag(),
            "update_on_launch": flag(),
            "update_cache_timeout": number(),
            "timeout": number(),
            "verbosity": number(default=1),
            "limit": text(),
            "enabled_var": text(),
            "enabled_value": text(),
            "host_filter": text(),
        },
        unique=("inventory", "name"),
        rule=rules.inventory_source,
    ),
    "job_templates": Kind(
        "job_template",
        {
            **_NAMED,
            "job_type": text(*_JOB_TYPES, default="run"),
            "organization": reference("organizations", derived=True),
            "inventory": reference("inventories"),
            "project": reference("projects", required=True),
            "playbook": text(required=True),
            "execution_environment": reference("execution_environments"),
            "forks": number(),
            "limit": text(),
            "verbosity": number(),
            "extra_vars": text(default="---"),
            "timeout": number(),
            "job_slice_count": number(default=1),
            "scm_branch": text(),
            "use_fact_cache": flag(),
            "survey_enabled": flag(),
            "become_enabled": flag(),
            "diff_mode": flag(),
            "allow_simultaneous": flag(),
            **{f"ask_{what}_on_launch": flag() for what in _ASKED},
        },
        unique=("organization", "name"),
        rule=rules.job_template,
        related=("survey_spec", "credentials"),
    ),
    "schedules": Kind(
        "schedule",
        {
            **_NAMED,
            "unified_job_template": reference("unified_job_templates", required=True),
            "rrule": text(required=True),
            "enabled": Field(holds=bool, default=True),
            "extra_data": mapping(),
            "inventory": reference("inventories"),
            "limit": nullable(),
            "job_type": nullable(),
            "forks": nullable(int),
            "timeout": nullable(int),
            "verbosity": nullable(int),
        },
        unique=("unified_job_template", "name"),
        rule=rules.schedule,
    ),
}
