# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What comes from elsewhere than documents: options, handles, notes of the gate, answers to writes, versions."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.redact import Redactor
from ansible_collections.openchami.bmc.plugins.module_utils._entry.bmc_power import ARGUMENT_SPEC
from ansible_collections.openchami.bmc.plugins.module_utils._entry.gate import Gate, Intent
from ansible_collections.openchami.bmc.plugins.module_utils._entry.options import secrets, settings, validated
from ansible_collections.openchami.bmc.plugins.module_utils._entry.task import Task, answer
from ansible_collections.openchami.bmc.plugins.module_utils._operations.connect import Settings
from ansible_collections.openchami.bmc.plugins.module_utils._operations.transition import Transition, read_handle
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.task import task_uri
from ansible_collections.openchami.bmc.plugins.module_utils._transport.bmc import BmcClient, Credential
from ansible_collections.openchami.bmc.plugins.module_utils._transport.http import HttpClient, Response
from ansible_collections.openchami.bmc.plugins.module_utils._transport.tls import (
    TRUST_ON_FIRST_USE,
    Trust,
    parse_fingerprint,
    ssl_context,
)
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.quirks import Quirk, answers
from tests.unit.fake_clock import FakeClock
from tests.unit.json_documents import json_objects, json_values
from tests.unit.operations.scripted_bmc import ORIGIN, World, system

from .mutations import Mutation, mutated
from .oracle import judged
from .subjects import Place, paths

NOWHERE = Path("/nonexistent")
SYSTEM = "/redfish/v1/Systems/1"

texts = st.text(max_size=20) | st.text(alphabet=st.characters(), max_size=8)
values = (
    json_values("uuid", "systems", "dialect", texts=("hpe", "basic", "yes", "1e999", "nan", "{}", "SHA256:")) | texts
)


# Options


@cache
def option_names() -> tuple[str, ...]:
    return tuple(ARGUMENT_SPEC)


GIVEN = {"bmc_address": "bmc1", "bmc_username": "admin", "bmc_password": "canary-7f3a", "state": "on"}


@given(st.dictionaries(st.sampled_from(option_names()), values, max_size=4))
@example({"bmc_timeout": 10**400})
@example({"state": "9" * 20_000})
@example({"bmc_timeout": "1e999"})
@example({"bmc_password": "\udcff-canary"})
@example({"bmc_username": "\udcff"})
@example({"bmc_identity": [1]})
@example({"bmc_address": "\ud800"})
def test_options_of_any_value_are_refused_or_understood(given_options: dict[str, Any]) -> None:
    """Through the entry, as far as the connection: what does not fit is an InvalidRequest before anything is sent."""
    if given_options.get("bmc_fingerprint") == TRUST_ON_FIRST_USE:
        return
    options = judged(lambda: validated(ARGUMENT_SPEC, GIVEN | given_options))
    if options is None:
        return
    asked: list[Settings] = []

    def operation(taken: Any, task: Task) -> dict[str, Any]:
        asked.append(settings(taken, NOWHERE))
        return {"changed": False}

    result = answer(operation, options, Task("node1"))
    assert "defect" not in result.get("msg", ""), result
    assert asked or result["error"]["kind"] == "InvalidRequest"
    for how in asked:
        assert 0 < how.limits.connect <= how.limits.read
        assert isinstance(how.identity, dict)
        assert f"{how.credential.username}{how.credential.password}{how.credential.token}".encode()


@given(texts)
@example("\x00")
@example("/nonexistent/\x00")
def test_any_path_of_a_ca_is_read_or_refused(path: str) -> None:
    judged(lambda: ssl_context(Trust(ca_path=path)))


@given(texts | st.text(alphabet="0123456789abcdefABCDEF: SHA-=", max_size=110))
def test_a_fingerprint_is_64_digits_or_refused(text: str) -> None:
    digits = judged(lambda: parse_fingerprint(text))
    assert digits is None or (len(digits) == 64 and digits == f"{int(digits, 16):064x}")


# Handles and what the gate remembers


@cache
def handle() -> dict[str, Any]:
    """Of a restart that was submitted."""
    world = World(system(resets=("On", "GracefulShutdown", "ForceOff"), UUID="u-1"))
    world.expect("GracefulShutdown")
    submitted = world.run("soft_restart", wait=False).handle
    assert submitted is not None
    given: dict[str, Any] = json.loads(json.dumps(submitted))
    return given


HANDLE_PLACES = [Place("handle", path) for path in paths(handle()) if path]
damage = st.lists(
    st.builds(Mutation, st.sampled_from(HANDLE_PLACES), st.sampled_from(["gone", "null", "infinity", "huge"]))
    | st.builds(Mutation, st.sampled_from(HANDLE_PLACES), st.just("other"), values),
    min_size=1,
    max_size=3,
)


def assert_sound(transition: Transition) -> None:
    """All that the settlement does with it without a look at the BMC works."""
    assert 0 <= transition.position <= len(transition.steps)
    assert abs(transition.deadline) < 10**12
    assert isinstance(transition.done, bool)
    for write in (*transition.plan(), *transition.escalation()):
        assert isinstance(write.body["ResetType"], str)
        assert isinstance(write.uri, str)
    flags = (transition.accepted, transition.forced, transition.gone, transition.disproved)
    assert {type(flag) for flag in flags} == {bool}
    names = (transition.state, transition.kind, transition.uri, transition.task, transition.power_state)
    assert {type(name) for name in names} == {str}
    assert (transition.error, transition.sent, transition.confirmed) == (None, [], True)
    json.dumps(transition.memory(), allow_nan=False)


@given(damage)
@example([Mutation(Place("handle", ("targets", 0, "position")), "other", "0")])
@example([Mutation(Place("handle", ("targets", 0, "position")), "other", -1)])
@example([Mutation(Place("handle", ("targets", 0, "deadline")), "null")])
@example([Mutation(Place("handle", ("targets", 0, "error")), "other", "none")])
@example([Mutation(Place("handle", ("targets", 0, "steps", 0, "reset_type")), "other", ["On"])])
@example([Mutation(Place("handle", ("targets", 0, "identity")), "other", ["uuid"])])
@example([Mutation(Place("handle", ("version",)), "huge")])
def test_a_damaged_handle_is_refused_or_sound(changes: list[Mutation]) -> None:
    damaged = mutated({"handle": handle()}, changes)["handle"]
    transitions = judged(lambda: read_handle(damaged, "soft_restart", str(ORIGIN)))
    for transition in transitions or ():
        assert_sound(transition)


def test_a_handle_is_read_as_it_was_given() -> None:
    (transition,) = read_handle(handle(), "soft_restart", str(ORIGIN))
    assert transition.as_data() == handle()["targets"][0]


@given(json_objects("position", "accepted", "deadline", "gone", "task", "power_state"))
@example({"position": 7})
@example({"position": "0"})
@example({"deadline": float("inf")})
def test_a_damaged_memory_is_refused_or_sound(progress: dict[str, Any]) -> None:
    (transition,) = read_handle(handle(), "soft_restart", str(ORIGIN))
    memory = {"handle": transition.handle, "progress": progress}
    judged(lambda: transition.resume(memory))
    assert_sound(transition)


def gate_of(folder: Path) -> Gate:
    return Gate(folder, ORIGIN, Intent("node1", str(ORIGIN), "bmc_power off", "", ()), FakeClock(), Redactor())


@given(
    st.binary(max_size=40)
    | json_objects("memory", "time", "state").map(lambda note: json.dumps(note).encode())
    | st.builds(lambda time: json.dumps({"memory": {"time": time}}).encode(), values)
)
@example(json.dumps({"memory": {"time": 10**400}}).encode())
@example(b"[" * 100_000)
@example(b"\xff\xfe")
@example(b"9" * 5_000)
def test_any_note_is_read_as_something_or_nothing(note: bytes) -> None:
    with TemporaryDirectory() as folder:
        with gate_of(Path(folder)) as gate:
            gate.claim(SYSTEM)
        for file in Path(folder, "locks").rglob("*Systems*"):
            file.write_bytes(note)
        with gate_of(Path(folder)) as gate:
            assert isinstance(gate.recall(SYSTEM), dict)
            gate.claim(SYSTEM)
            gate.forget(SYSTEM)
            assert gate.recall(SYSTEM) == {}


targets = st.sampled_from(["/a/b", "/a_b", "/a b", "/\u00e9", "/\u00e8", "/" + "x" * 300, "/" + "y" * 5_000]) | texts


@given(targets, targets)
@example("/a/b", "/a_b")
def test_two_targets_of_one_task_are_never_in_each_others_way(one: str, other: str) -> None:
    """Whatever a BMC calls its systems; what the gate remembers of one is not taken for the other's."""
    with TemporaryDirectory() as folder, gate_of(Path(folder)) as gate:
        assert gate.recall(one) == {}
        gate.claim(one)
        gate.remember(one, {"state": "off"})
        if other != one:
            gate.claim(other)
            assert gate.recall(other) == {}
        assert gate.recall(one)["state"] == "off"


# Answers, and the words in them


class Scripted:
    """Stands where HttpClient stands: one answer to everything."""

    origin = ORIGIN

    def __init__(self, status: int, document: Any) -> None:
        self._status, self._body = status, json.dumps(document).encode()

    def request(self, method: str, path: str, **_given: Any) -> Response:
        return Response(method, path, self._status, {}, self._body)


spoken = json_values("error", "@Message.ExtendedInfo", "Message", "MessageId", "MessageArgs", "Resolution", "code")


@given(st.sampled_from([200, 400, 401, 403, 404, 412, 500, 503]), spoken, st.sampled_from(["get", "post", "root"]))
@example(400, {"@Message.ExtendedInfo": [{"MessageArgs": ["x" * 1_000_000]}]}, "get")
@example(400, {"@Message.ExtendedInfo": [{"Message": "no"}] * 100_000}, "post")
@example(401, {"error": {"@Message.ExtendedInfo": [{"Message": "x" * 1_000, "MessageId": "i" * 1_000}]}}, "get")
def test_no_answer_breaks_the_error_it_becomes(status: int, document: Any, how: str) -> None:
    client = BmcClient(cast(HttpClient, Scripted(status, document)), Credential("admin", "secret"))
    asked = {
        "get": lambda: client.get(SYSTEM),
        "root": lambda: client.get_unauthenticated("/redfish/v1"),
        "post": lambda: client.post(SYSTEM, {"ResetType": "On"}),
    }
    assert judged(asked[how]) is None or status == 200


@given(json_values("@odata.type", "@odata.id", texts=("#Task.v1_0_0.Task",)), st.sampled_from([200, 202]))
def test_the_task_of_an_answer_is_a_uri_or_none(document: Any, status: int) -> None:
    uri = task_uri(Response("POST", SYSTEM, status, {"location": "/t"}, json.dumps(document).encode()))
    assert uri is None or isinstance(uri, str)


@given(texts, texts)
@example("9" * 5_000, "1.0")
@example("iLO 5 v2.72", "9" * 5_000)
def test_any_firmware_version_is_within_a_window_or_not(firmware: str, bound: str) -> None:
    row = Quirk("rests_before_reset", "hpe", 1.0, "a test", first=bound)
    assert answers("hpe", firmware, (row,)).rests_before_reset in (1.0, 60.0)


# Secrets

_QUOTED = (str, repr, ascii, json.dumps, lambda text: " ".join(text.split()), lambda text: json.dumps(json.dumps(text)))


@given(
    st.text(alphabet=st.characters(), min_size=4, max_size=12).filter(lambda secret: len("".join(secret.split())) >= 4),
    st.sampled_from(range(len(_QUOTED))),
    st.sampled_from(["key", "value", "list", "inner"]),
)
@example("two  blanks", 4, "value")
@example(" padded ", 4, "value")
@example("\udcff-canary", 0, "value")
def test_a_password_is_hidden_however_it_is_written(password: str, quoting: int, where: str) -> None:
    shown = _QUOTED[quoting](password)
    text = f"the BMC says {shown}."
    data = {"key": {text: 1}, "value": {"msg": text}, "list": [[(text,)]], "inner": {"a": [{"b": {"c": text}}]}}[where]
    redacted = Redactor(secrets({"bmc_username": "admin", "bmc_password": password})).data(data)
    bare = shown[1:-1] if quoting in (1, 2, 3) else shown
    assert bare not in json.dumps(redacted) + str(redacted) + "".join(map(str, _leaves(redacted)))


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for pair in value.items() for part in pair for leaf in _leaves(part)]
    return [leaf for inner in value for leaf in _leaves(inner)] if isinstance(value, list) else [value]


@given(st.dictionaries(st.integers() | st.text(max_size=3) | st.tuples(st.integers()), st.text(max_size=3), max_size=3))
def test_data_that_is_hardly_json_is_copied_too(data: dict[Any, Any]) -> None:
    assert Redactor(["canary"]).data(data) == data
