# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a nested document of options, and collects all that is wrong with it instead of stopping at the first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from ..._core.printable import printable

_WORDS = {"true": True, "yes": True, "false": False, "no": False}


class Reading:
    """What is wrong so far. A value that is wrong is read as an empty one. where: its place, as "policies[0].mode"."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._no_dictionaries: set[str] = set()

    def problem(self, where: str, what: str) -> None:
        """Take down one."""
        self.problems.append(f"{where}: {printable(what)}")

    def unknown(self, where: str, what: str, given: str, known: Iterable[str]) -> None:
        """Take down a name that is not known, with the one that was probably meant, else all."""
        names = sorted(known)
        near = get_close_matches(given, names, n=1)
        self.problem(where, f"{what}; {f'did you mean {near[0]}?' if near else 'known: ' + ', '.join(names)}")

    def options(self, given: Any, where: str, known: Collection[str]) -> Mapping[str, Any]:
        """An object that has only known names."""
        if not isinstance(given, Mapping):
            self.problem(where, f"it should hold {', '.join(known)}, and is no dictionary")
            self._no_dictionaries.add(where)
            return {}
        for name in given:
            if name not in known:
                self.unknown(where, f"there is no option {str(name)!r}", str(name), known)
        return given

    def entries(self, options: Mapping[str, Any], name: str, where: str, least: int) -> list[tuple[Any, str]]:
        """The entries of a list, each with its place. least: how many there must be."""
        found = options.get(name)
        if found is None:
            found = []
        if not isinstance(found, list):
            self.problem(f"{where}.{name}", "it is no list")
            return []
        if len(found) < least and where not in self._no_dictionaries:
            self.problem(f"{where}.{name}", "it is missing" if name not in options else "it is empty")
        return [(entry, f"{where}.{name}[{number}]") for number, entry in enumerate(found)]

    def text(self, options: Mapping[str, Any], name: str, where: str, default: str | None = None) -> str:
        """A text that is not empty; without a default it must be there."""
        found = options.get(name)
        if found is None and default is not None:
            return default
        if isinstance(found, str) and found.strip():
            return str(found)
        if where not in self._no_dictionaries:
            self.problem(f"{where}.{name}", "it is missing" if found is None else "it is no text")
        return ""

    def texts(self, options: Mapping[str, Any], name: str, where: str) -> dict[str, str]:
        """Texts by name."""
        found = options.get(name)
        if found is None:
            return {}
        if isinstance(found, Mapping) and all(isinstance(text, str) for entry in found.items() for text in entry):
            return dict(found)
        self.problem(f"{where}.{name}", "it is no dictionary of texts")
        return {}

    def flag(self, options: Mapping[str, Any], name: str, where: str, default: bool) -> bool:
        """True or false; Ansible may have made text of it."""
        found = options.get(name)
        if found is None:
            return default
        word = _WORDS.get(str(found).lower())
        if word is None:
            self.problem(f"{where}.{name}", f"{found!r} is neither true nor false")
        return bool(word)

    def one_of(self, options: Mapping[str, Any], names: tuple[str, ...], where: str) -> str:
        """The one of some names that is there."""
        there = [name for name in names if options.get(name) is not None]
        if len(there) == 1:
            return there[0]
        if where not in self._no_dictionaries:
            self.problem(where, f"it needs exactly one of {', '.join(names)}, and has {' and '.join(there) or 'none'}")
        return ""
