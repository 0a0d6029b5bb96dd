# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Surveys as AWX 24.6.1 takes them, and the answers to them: JobTemplateSurveySpec and SurveyJobTemplateMixin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .fields import Refused, Values, is_one

_TYPES: Mapping[str, type] = {
    "text": str, "textarea": str, "password": str, "multiplechoice": str, "multiselect": str,
    "integer": int, "float": float,
}  # fmt: skip
_DEMANDED: Mapping[str, type] = {"type": str, "question_name": str, "variable": str, "required": bool}
_ALLOWED = {*_DEMANDED, "question_description", "default", "choices", "min", "max"}
_SHAPE: Mapping[str, type] = {"name": str, "description": str, "spec": list}


def check(spec: Any) -> None:
    """Raises Refused for a survey that AWX does not take."""
    for field, wanted in _SHAPE.items():
        if not isinstance(spec, dict) or not isinstance(spec.get(field), wanted):
            raise Refused({"error": f"Field '{field}' is missing from survey spec."})
    if not spec["spec"]:
        raise Refused({"error": "'spec' doesn't contain any items."})
    seen: set[str] = set()
    for number, question in enumerate(spec["spec"]):
        if words := _wrong(question, seen):
            raise Refused({"error": f"{words} in survey question {number}"})
        seen.add(question["variable"])


def _wrong(question: Any, seen: set[str]) -> str:
    if not isinstance(question, dict) or set(question) - _ALLOWED:
        return f"unknown: {question!r}"
    for name, wanted in _DEMANDED.items():
        if not isinstance(question.get(name), wanted):
            return f"'{name}' missing or of another type"
    if question["variable"] in seen:
        return f"'variable' '{question['variable']}' duplicated"
    if any(not isinstance(question.get(bound, 0), int) for bound in ("min", "max")):
        return "limit expected to be integer"
    return _wrong_default(question)


def _wrong_default(question: Mapping[str, Any]) -> str:
    kind, default = question["type"], question.get("default", "")
    if kind not in _TYPES:
        return f"'{kind}' is not one of the allowed question types"
    if default != "" and not is_one(default, _TYPES[kind]):
        return f"Default value {default!r} expected to be another type"
    if kind.startswith("multi") and "choices" not in question:
        return "must specify choices"
    if kind.startswith("multi") and any(part not in question["choices"] for part in default.splitlines()):
        return "Default choice must be answered from the choices listed"
    return ""


def accepted(template: Mapping[str, Any], spec: Mapping[str, Any] | None, answers: Mapping[str, Any]) -> Values:
    """The extra variables that a launch with these answers gives to the job: over the defaults of the survey.

    A question that is required wants an answer, also where it has a default. Raises Refused.
    """
    questions = spec["spec"] if spec and template.get("survey_enabled") else []
    missing = [words for question in questions for words in _unfit(question, answers)]
    if missing:
        raise Refused({"variables_needed_to_start": missing})
    known = {question["variable"] for question in questions}
    if set(answers) - known and not template.get("ask_variables_on_launch"):
        others = ", ".join(sorted(set(answers) - known))
        raise Refused({"extra_vars": [f"Variables {others} are not allowed on launch."]})
    defaults = {
        question["variable"]: question["default"]
        for question in questions
        if "default" in question and not list(_unfit(question, {question["variable"]: question["default"]}))
    }
    return {**defaults, **answers}


def _unfit(question: Mapping[str, Any], answers: Mapping[str, Any]) -> Iterator[str]:
    name, kind = question["variable"], question["type"]
    if name not in answers:
        if question["required"]:
            yield f"'{name}' value missing"
        return
    answer = answers[name]
    wanted = (list,) if kind == "multiselect" else (float, int) if kind == "float" else (_TYPES[kind],)
    if not is_one(answer, *wanted):
        yield f"Value {answer} for '{name}' expected to be {kind}."
        return
    if kind.startswith("multi"):
        wrong = [part for part in (answer if isinstance(answer, list) else [answer]) if part not in question["choices"]]
        yield from (f"Value {part} for '{name}' expected to be one of {question['choices']}." for part in wrong)
        return
    size = len(answer) if isinstance(answer, str) else answer
    if "min" in question and size < question["min"]:
        yield f"'{name}' value {answer} is too small (must be at least {question['min']})."
    if "max" in question and size > question["max"]:
        yield f"'{name}' value {answer} is too large (must be no more than {question['max']})."
