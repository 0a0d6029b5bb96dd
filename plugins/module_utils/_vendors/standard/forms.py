# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms in which BMCs write a value into a property: what it means, and how a wish is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from types import MappingProxyType
from typing import Any, Protocol

from ..._redfish.plain import filled, is_blank, key_lines, key_name, plain, same_list
from ...vendor_api.v1 import Keys

_TRUTHS: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(("enabled", "true", "yes", "on", "1"), True)
    | dict.fromkeys(("disabled", "false", "no", "off", "0"), False)
)


class Form(Protocol):
    """How one property holds a value. shown: the property's JSON value."""

    def value(self, shown: Any) -> Any:
        """What it means; None for nothing."""

    def accepts(self, wanted: Any, shown: Any) -> str:
        """Why a wish cannot be written; "" where it can."""

    def same(self, wanted: Any, shown: Any) -> bool:
        """Whether it is so already."""

    def after(self, wanted: Any, shown: Any) -> Any:
        """What value() is once it was written."""

    def written(self, wanted: Any, shown: Any) -> Any:
        """The JSON value to write."""


class _Simple:
    """A form for one value that is written whole."""

    def value(self, shown: Any) -> Any:
        raise NotImplementedError

    def accepts(self, wanted: Any, shown: Any) -> str:
        return ""

    def same(self, wanted: Any, shown: Any) -> bool:
        return bool(self.value(shown) == wanted)

    def after(self, wanted: Any, shown: Any) -> Any:
        return wanted

    def written(self, wanted: Any, shown: Any) -> Any:
        return wanted


@dataclass(frozen=True)
class Flag(_Simple):
    """On or off. on, off: the JSON values for it."""

    on: bool | str = True
    off: bool | str = False

    def value(self, shown: Any) -> bool | None:
        known = {_word(self.on): True, _word(self.off): False}
        return known.get(_word(shown)) if isinstance(shown, (bool, str)) else None

    def written(self, wanted: Any, shown: Any) -> Any:
        return self.on if wanted else self.off


@dataclass(frozen=True)
class Switch(Flag):
    """On or off as a dialect's own attribute, asked for by whatever a playbook holds: a truth, or a word for it."""

    def accepts(self, wanted: Any, shown: Any) -> str:
        return f"can be on or off, not {wanted!r}" if truth(wanted) is None else ""

    def same(self, wanted: Any, shown: Any) -> bool:
        return super().same(truth(wanted), shown)

    def after(self, wanted: Any, shown: Any) -> Any:
        return truth(wanted)

    def written(self, wanted: Any, shown: Any) -> Any:
        return super().written(truth(wanted), shown)


@dataclass(frozen=True)
class Number(_Simple):
    """A whole number. X13 shows 0 for a port that nobody set."""

    def value(self, shown: Any) -> int | None:
        return shown if isinstance(shown, int) and not isinstance(shown, bool) and shown else None


@dataclass(frozen=True)
class Text(_Simple):
    """A text in which case does not count: a host or domain name, a time zone."""

    def value(self, shown: Any) -> str | None:
        return None if is_blank(shown) else str(shown).strip()

    def same(self, wanted: Any, shown: Any) -> bool:
        return plain(self.value(shown) or "") == plain(wanted)


@dataclass(frozen=True)
class Choice(_Simple):
    """One of a few words. words: the BMC's own spelling of each."""

    words: Mapping[str, str]

    def value(self, shown: Any) -> str | None:
        spelled = {_word(word): name for name, word in self.words.items()}
        return spelled.get(_word(shown)) if isinstance(shown, str) else None

    def accepts(self, wanted: Any, shown: Any) -> str:
        return "" if wanted in self.words else f"can be {', '.join(self.words)}, not {wanted}"

    def written(self, wanted: Any, shown: Any) -> Any:
        return self.words[wanted]


class _List:
    """A form for a list of hosts."""

    def value(self, shown: Any) -> tuple[str, ...]:
        return filled(shown)

    def accepts(self, wanted: Any, shown: Any) -> str:
        return ""

    def same(self, wanted: Any, shown: Any) -> bool:
        return same_list(wanted, self.value(shown))

    def after(self, wanted: Any, shown: Any) -> Any:
        return filled(wanted)


@dataclass(frozen=True)
class OneOf(_List):
    """A list of which a BMC holds one entry, as a text."""

    def value(self, shown: Any) -> tuple[str, ...]:
        return filled([shown])

    def accepts(self, wanted: Any, shown: Any) -> str:
        return too_many(1, wanted)

    def written(self, wanted: Any, shown: Any) -> Any:
        return "".join(filled(wanted))


@dataclass(frozen=True)
class List(_List):
    """A list. slots: how many it has, 0 where only a padded list tells. pad: what fills a slot that is not used.

    A list that shows both 0.0.0.0 and :: has slots for each kind of address (name servers of HPE and Lenovo).
    """

    slots: int = 0
    pad: str = ""

    def accepts(self, wanted: Any, shown: Any) -> str:
        kinds = _kinds(shown)
        if not kinds:
            return too_many(self._room(shown), wanted)
        counts = {kind: sum(_is_ipv6(server) is kind for server in wanted) for kind in (False, True)}
        names = {False: "IPv4", True: "IPv6"}
        return next(
            (
                f"has {kinds.count(kind)} slots for {names[kind]} addresses, {count} are wanted"
                for kind, count in counts.items()
                if count > kinds.count(kind)
            ),
            "",
        )

    def written(self, wanted: Any, shown: Any) -> Any:
        servers = list(filled(wanted))
        kinds = _kinds(shown)
        if kinds:
            waiting = {kind: [server for server in servers if _is_ipv6(server) is kind] for kind in (False, True)}
            return [waiting[kind].pop(0) if waiting[kind] else ("::" if kind else "0.0.0.0") for kind in kinds]  # noqa: S104
        blank = next((entry for entry in _entries(shown) if is_blank(entry) and entry is not None), self.pad)
        return servers + [blank] * (self._room(shown) - len(servers))

    def _room(self, shown: Any) -> int:
        """How many slots there are; 0 where nothing tells. A list without a blank may be as long as it likes."""
        entries = _entries(shown)
        return self.slots or (len(entries) if any(map(is_blank, entries)) else 0)


@dataclass(frozen=True)
class KeyText:
    """Keys in one text, a line each (Cray EX). What is there stays as it is written."""

    def value(self, shown: Any) -> tuple[str, ...]:
        return once(key_lines(shown))

    def accepts(self, wanted: Keys, shown: Any) -> str:
        return ""

    def same(self, wanted: Keys, shown: Any) -> bool:
        return same_keys(merged(self.value(shown), wanted), self.value(shown))

    def after(self, wanted: Keys, shown: Any) -> tuple[str, ...]:
        return merged(self.value(shown), wanted)

    def written(self, wanted: Keys, shown: Any) -> str:
        return "".join(f"{line}\n" for line in self.after(wanted, shown))


@dataclass(frozen=True)
class KeySlots(KeyText):
    """Keys in an array with a slot for each (Lenovo: four)."""

    empty: str | None = None

    def value(self, shown: Any) -> tuple[str, ...]:
        return once([entry.strip() for entry in _entries(shown) if isinstance(entry, str) and entry.strip()])

    def accepts(self, wanted: Keys, shown: Any) -> str:
        return too_many(len(_entries(shown)), self.after(wanted, shown), "keys")

    def written(self, wanted: Keys, shown: Any) -> Any:
        keys = list(self.after(wanted, shown))
        # An empty slot is null or "", by firmware.
        blank = next((entry for entry in _entries(shown) if not entry), "")
        return keys + [blank] * (len(_entries(shown)) - len(keys))


@dataclass(frozen=True)
class Exact(_Simple):
    """A dialect's own attribute: any JSON value, a number also as text. words: those it may be, () where not known."""

    words: Sequence[str] = field(default=())

    def value(self, shown: Any) -> Any:
        return shown

    def accepts(self, wanted: Any, shown: Any) -> str:
        if isinstance(wanted, (list, dict)):
            return "is no list or object"
        if isinstance(shown, int) and not isinstance(shown, bool) and not _is_number(wanted):
            return f"is a number, not {wanted!r}"
        if self.words and self._text(wanted) not in self.words:
            return f"can be {', '.join(self.words)}, not {wanted}"
        return ""

    def same(self, wanted: Any, shown: Any) -> bool:
        # null is what iDRAC shows for a text that nobody set.
        return bool(self.written(wanted, shown) == ("" if shown is None else shown))

    def after(self, wanted: Any, shown: Any) -> Any:
        return self.written(wanted, shown)

    def written(self, wanted: Any, shown: Any) -> Any:
        if isinstance(shown, int) and not isinstance(shown, bool) and _is_number(wanted):
            return int(str(wanted))
        if isinstance(shown, bool):
            return wanted
        return self._text(wanted)

    def _text(self, wanted: Any) -> str:
        """YAML reads Enabled as a text, and yes, on and true as a truth: iDRAC's words for that are these."""
        if isinstance(wanted, bool):
            return "Enabled" if wanted else "Disabled"
        return str(wanted)


def truth(value: Any) -> bool | None:
    """What a truth says, or a word for one (the vendors' own, and those that Ansible takes); None for anything else."""
    return _TRUTHS.get(str(value).strip().lower())


def too_many(slots: int, wanted: Sequence[str], what: str = "servers") -> str:
    """Why so many do not fit; "" where they do. slots: 0 where nobody knows."""
    return f"has {slots} slots, {len(wanted)} {what} are wanted" if slots and len(wanted) > slots else ""


def merged(present: Sequence[str], wanted: Keys) -> tuple[str, ...]:
    """The keys that are there in the end. A key that is there keeps its line."""
    lines = {key_name(line): line for line in reversed(present)}
    chosen = [lines.get(key_name(key), key.strip()) for key in wanted.keys]
    return once([*chosen] if wanted.exclusive else [*present, *chosen])


def once(lines: Sequence[str]) -> tuple[str, ...]:
    """Each key once, in the order given."""
    return tuple(
        {key_name(line): line for line in reversed(lines)}[name] for name in dict.fromkeys(map(key_name, lines))
    )


def same_keys(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether two lists hold the same keys; comments do not count."""
    return set(map(key_name, left)) == set(map(key_name, right))


def _word(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _entries(shown: object) -> list[Any]:
    return list(shown) if isinstance(shown, (list, tuple)) else []


def _kinds(shown: object) -> list[bool]:
    """For each slot whether it is for IPv6, where a list has slots of both kinds and says so; else nothing."""
    entries = [entry for entry in _entries(shown) if isinstance(entry, str) and entry.strip()]
    kinds = [_is_ipv6(entry) for entry in entries]
    return kinds if len(set(kinds)) == 2 and any(map(is_blank, entries)) else []


def _is_ipv6(value: str) -> bool:
    try:
        return isinstance(ip_address(value.strip()), IPv6Address)
    except ValueError:
        return False


def _is_number(value: object) -> bool:
    try:
        return not isinstance(value, bool) and str(int(str(value))) == str(value).strip()
    except ValueError:
        return False
