# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a field of an AWX object may hold, and the refusal of what it may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Values = dict[str, Any]


class Refused(Exception):
    """An answer of AWX that refuses. errors: by field, or under __all__ or detail."""

    def __init__(self, errors: Mapping[str, Any], status: int = 400) -> None:
        super().__init__(f"{status}: {errors}")
        self.status = status
        self.errors = dict(errors)


def is_one(value: Any, *types: type) -> bool:
    """Whether a value is of one of JSON's types: to JSON true is no number."""
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def refuse(field: str, words: str) -> Refused:
    """The refusal of a field, in the form of Django's REST framework."""
    return Refused({field: [words]})


@dataclass(frozen=True)
class Field:
    """One field of a kind of objects.

    holds: the type of its value. required: also for an empty text. default: where it was left out. refers_to: the kind
    of objects whose id it holds; None is allowed unless it is required. derived: AWX decides it, whatever is sent.
    """

    holds: type = str
    required: bool = False
    default: Any = None
    choices: tuple[Any, ...] = ()
    least: int | None = None
    refers_to: str = ""
    derived: bool = False

    def initial(self) -> Any:
        """The value of a field that was left out."""
        if self.default is not None or self.refers_to:
            return self.default
        return self.holds()

    def checked(self, name: str, value: Any) -> Any:
        """The value as AWX stores it. Raises Refused."""
        if value is None:
            if self.required:
                raise refuse(name, "This field may not be null.")
            return self.initial()
        if not is_one(value, self.holds):
            raise refuse(name, f"A valid {self.holds.__name__} is required, not {value!r}.")
        if self.required and value == "":
            raise refuse(name, "This field may not be blank.")
        if self.choices and value not in self.choices:
            raise refuse(name, f'"{value}" is not a valid choice.')
        if isinstance(value, int) and self.least is not None and value < self.least:
            raise refuse(name, f"Ensure this value is greater than or equal to {self.least}.")
        return value


def text(*choices: str, required: bool = False, default: str = "") -> Field:
    return Field(required=required, default=default, choices=choices)


def number(default: int = 0, least: int = 0) -> Field:
    return Field(holds=int, default=default, least=least)


def flag() -> Field:
    return Field(holds=bool, default=False)


def mapping() -> Field:
    return Field(holds=dict)


def reference(kind: str, *, required: bool = False, derived: bool = False) -> Field:
    return Field(holds=int, refers_to=kind, required=required, derived=derived)


def nullable(holds: type = str) -> Field:
    """A prompt: None unless a launch or a schedule sets it."""
    return Field(holds=holds, refers_to="nothing")
