# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References to credentials: data in host variables, never a secret itself, checked before anything is asked.

bmc_credentials is a list of dicts, one for each source that is asked, in this order::

    bmc_credentials:
      - {type: hashi_vault, engine_version: 1, engine_mount_point: secret, path: hms-creds/x1000c0s0b0}
      - {type: magellan, path: /etc/magellan/secrets.json, id: "https://10.1.2.3:443"}
      - {type: environment, username_variable: BMC_USERNAME, password_variable: BMC_PASSWORD}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Protocol, Union

from .._core.errors import InvalidRequest
from .account import Account

Value = Union[str, bool, float]  # noqa: UP007 - ansible-test's pylint does not understand the other form here
Reference = Mapping[str, Value]
"""The checked options of one reference: those that were given, typed."""

_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True)
class Option:
    """What an option of a reference may hold.

    kind: str, bool, or float for seconds above 0. secret: its value is never shown.
    check: given the text and the option's name; raises InvalidRequest.
    """

    kind: type[str] | type[bool] | type[float] = str
    required: bool = False
    secret: bool = False
    choices: tuple[str, ...] = ()
    check: Callable[[str, str], object] = field(default=lambda _text, _name: None)

    def typed(self, value: Any, name: str) -> Value:
        """The value in its type; Ansible may have made text of it. Raises InvalidRequest."""
        result = self._converted(value)
        if result is None or (self.choices and result not in self.choices):
            shown = "its value" if self.secret else repr(value)
            allowed = f"one of {', '.join(self.choices)}" if self.choices else _NAMES[self.kind]
            raise InvalidRequest(f"{name}: {shown} is not {allowed}", way_out="Correct bmc_credentials of the host.")
        self.check(str(result), name)
        return result

    def _converted(self, value: Any) -> Value | None:
        if self.kind is bool:
            return _WORDS.get(str(value).lower())
        if self.kind is float:
            return _seconds(value)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        return value if isinstance(value, str) and value.strip() else None


_NAMES = {str: "a text", bool: "true or false", float: "a time in seconds above 0"}

Options = Mapping[str, Option]


class Source(Protocol):
    """A kind of place that holds credentials. Made once in a run, and asked by several threads at once."""

    def find(self, reference: Reference) -> Account | None:
        """The account, or None where the source surely has no such entry: only then the next source is asked.

        Raises NoCredential for everything else: a refusal, no answer, a wrong key, a malformed entry.
        """

    def place(self, reference: Reference) -> str:
        """Where the entry should be, in words that hold no secret."""

    def close(self) -> None:
        """End what was opened."""


def check(given: Any, name: str, options: Options) -> Reference:
    """The options of one reference, typed. name: of the reference, for errors. Raises InvalidRequest."""
    known = f"Known: type, {', '.join(sorted(options))}."
    for key in given:
        if key != "type" and key not in options:
            raise InvalidRequest(f"{name} has no option {str(key)!r}", way_out=known)
    typed = {
        key: option.typed(given[key], f"{name}.{key}")
        for key, option in options.items()
        if given.get(key) not in (None, "")
    }
    for key, option in options.items():
        if option.required and key not in typed:
            raise InvalidRequest(f"{name}.{key} is not set", way_out=known)
    return typed


def _seconds(value: Any) -> float | None:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if 0 < seconds < inf and not isinstance(value, bool) else None
