# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong with the documents of a BMC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import (
    BadAnswer,
    CutOff,
    LoginRefused,
    RefusedByBmc,
    Unreachable,
)
from tests.unit.json_documents import json_values

from .subjects import Place, Subject

GONE = "gone"
ERRORS = {
    "404": RefusedByBmc("it was refused", status=404),
    "500": RefusedByBmc("it was refused", status=500),
    "503": RefusedByBmc("it was refused", status=503),
    "401": LoginRefused("the login was refused"),
    "403": LoginRefused("the BMC forbids it"),
    "not JSON": BadAnswer("it was not answered in JSON"),
    "cut off": CutOff("the answer was cut off"),
    "no answer": Unreachable("no answer"),
}

# iLO mixes case and slashes, AMI repeats pages, NVIDIA's DPUs have null for Members, some members are not there.
_TEXTS = {
    "empty": "",
    "blank": " \t ",
    "several lines": "On\r\nOff\u2028\x00\x1b[2J",
    "half a character": "\ud800",
    "huge": "x" * 1_000_000,
    "many digits": "9" * 5_000,
    "odd characters": "/redfish/v1/Systems/a b%2f?x=1&y#z\u00e9\u4e16\u202e",
    "elsewhere": "https://203.0.113.1/redfish/v1/Systems/1",
    "elsewhere without a scheme": "//203.0.113.1/redfish/v1",
    "no link at all": "http://[::1",
    "missing": "/redfish/v1/NotThere",
    "the root": "/redfish/v1",
    "a fragment": "#/Members/0",
}
_CONSTANTS: dict[str, Any] = {
    "null": None,
    "true": True,
    "zero": 0,
    "a huge number": 10**400,
    "infinity": float("inf"),
    "not a number": float("nan"),
    "an empty object": {},
    "an empty array": [],
    "an array of everything": [None, True, 1, "On", [], {}, {"@odata.id": None}, {"@odata.id": "/redfish/v1/NotThere"}],
    "a huge array": ["On"] * 10_000,
    "many members": [{"@odata.id": f"/redfish/v1/NotThere/{number}"} for number in range(50)],
}
# Of the text that stands there, or of the document's own URI where there is none.
_SPELLINGS = ("upper", "slash", "fragment", "query", "absolute", "padded")
_LINKS = ("itself", "its collection", "twice")
_DEPTH = 400

_NAMES = (GONE, "nested", *_TEXTS, *(f"link {name}" for name in _TEXTS), *_CONSTANTS, *_SPELLINGS, *_LINKS)


@dataclass(frozen=True)
class Mutation:
    """wrong: a name of what is there instead; for a whole document it may be one of ERRORS. value: used by "other"."""

    place: Place
    wrong: str
    value: Any = None


def mutations(subject: Subject, places: Sequence[Place] | None = None) -> st.SearchStrategy[list[Mutation]]:
    """One to four mutations at places of a BMC; without places mostly where operations look."""
    where = st.sampled_from(places) if places else st.sampled_from(subject.read) | st.sampled_from(subject.unread)
    named = st.builds(Mutation, where, st.sampled_from(_NAMES))
    other = st.builds(Mutation, where, st.just("other"), json_values("@odata.id", "Members", "target", "Id"))
    uris = sorted({place.uri for place in places or subject.read})
    answered = st.builds(Mutation, st.builds(Place, st.sampled_from(uris), st.just(())), st.sampled_from(tuple(ERRORS)))
    paged = st.builds(
        Mutation,
        st.builds(Place, st.sampled_from(uris), st.just(("Members@odata.nextLink",))),
        st.sampled_from(("itself text", "query", "missing", "the root", "elsewhere", "null", "zero")),
    )
    return st.lists(st.one_of(named, named, other, answered, paged), min_size=1, max_size=4)


def mutated(documents: Mapping[str, Any], changes: Iterable[Mutation]) -> dict[str, Any]:
    """The documents with all changes; a place that an earlier change took away is left out."""
    answers = dict(documents)
    for change in changes:
        answers[change.place.uri] = _changed(answers[change.place.uri], change.place.path, change)
    return answers


def _changed(value: Any, path: tuple[str | int, ...], change: Mutation) -> Any:
    """A copy of the value along the path."""
    if not path:
        return _wrong(value, change)
    key, *rest = path
    if isinstance(value, dict) and isinstance(key, str) and (key in value or not rest):
        if change.wrong == GONE and not rest:
            return {name: inner for name, inner in value.items() if name != key}
        return {**value, key: _changed(value.get(key), tuple(rest), change)}
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        changed = copy(value)
        changed[key] = _changed(value[key], tuple(rest), change)
        return changed
    return value


def _wrong(value: Any, change: Mutation) -> Any:
    name, uri = change.wrong, change.place.uri
    if name in ERRORS:
        return ERRORS[name]
    if name == "other":
        return change.value
    if name == "nested":
        return _nested(value)
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    if name in _TEXTS:
        return _TEXTS[name]
    if name in _SPELLINGS:
        return _spelled(value if isinstance(value, str) else uri, name)
    if name.startswith("link "):
        return {"@odata.id": _TEXTS[name.removeprefix("link ")]}
    if name in _LINKS:
        return _linked(value, uri, name)
    return uri if name == "itself text" else None


def _nested(value: Any) -> Any:
    for _level in range(_DEPTH):
        value = [{"@odata.id": value}]
    return value


def _spelled(text: str, name: str) -> str:
    spellings = {
        "upper": text.upper(),
        "slash": text.rstrip("/") if text.endswith("/") else f"{text}/",
        "fragment": f"{text}#/Members/0",
        "query": f"{text}?$skip=1",
        "absolute": f"https://bmc1{text}",
        "padded": f"  {text}\n",
    }
    return spellings[name]


def _linked(value: Any, uri: str, name: str) -> Any:
    if name == "twice":
        return [*value, *value] if isinstance(value, list) else [value, value]
    return {"@odata.id": uri if name == "itself" else uri.rpartition("/")[0] or "/redfish/v1"}
