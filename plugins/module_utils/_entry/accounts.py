# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which account a discovered BMC gets: by rule, in references (promises 3 and 8)."""

from __future__ import annotations

import fnmatch
import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._core.errors import InvalidRequest
from .._credentials.chain import checked, secrets
from .._operations.addresses import place
from .._transport.bmc import Credential
from .._transport.origin import Origin

Reference = dict[str, Any]


@dataclass(frozen=True)
class Called:
    """A BMC by all that a rule may match: its address as candidates have it, what the targets call it, its name."""

    address: str
    origin: Origin
    given: str
    name: str


class Accounts:
    """The rules of a source.

    rules: each {match, bmc_credentials}, in order. otherwise: the references for what none matches, [] for none.
    own: the account for the discovery itself, where no reference is given; it never becomes a variable.
    Raises InvalidRequest for what no rule can mean.
    """

    def __init__(self, rules: Sequence[Mapping[str, Any]], otherwise: Sequence[Reference], own: Credential) -> None:
        self._rules = [_parsed(rule, f"credentials[{index}]") for index, rule in enumerate(rules)]
        self._otherwise = list(otherwise)
        self._own = own
        for references in (*(references for _matches, references in self._rules), self._otherwise):
            if references:
                checked(references)
            if secrets(references):
                raise _no_mere_reference()

    def references(self, called: Called) -> list[Reference]:
        """The references for a BMC, its own words filled in; [] where no rule gives it any."""
        found = next((references for matches, references in self._rules if matches(called)), self._otherwise)
        return [_filled(reference, called) for reference in found]

    def credential(self, called: Called, ask: Callable[[list[Reference]], Credential]) -> Credential | None:
        """The account, None where no rule gives it one. ask: resolves references. Raises what it raises."""
        if any(matches(called) for matches, _references in self._rules) or self._otherwise:
            references = self.references(called)
            return ask(references) if references else None
        return self._own if self._own.given else None


def _no_mere_reference() -> InvalidRequest:
    return InvalidRequest(
        "bmc_credentials hold a secret",
        why="they become variables of every host, which --export, caches and AWX's database keep",
        way_out="Leave token, secret_id, jwt and password out of them, and in the environment of the run:"
        " VAULT_TOKEN, VAULT_SECRET_ID, VAULT_JWT, VAULT_PASSWORD.",
    )


def _parsed(rule: Mapping[str, Any], name: str) -> tuple[Callable[[Called], bool], list[Reference]]:
    unknown = sorted(set(rule) - {"match", "bmc_credentials"}) if isinstance(rule, Mapping) else []
    if not isinstance(rule, Mapping) or unknown or not {"match", "bmc_credentials"} <= set(rule):
        why = f"it has {', '.join(unknown)}" if unknown else "it needs both"
        raise InvalidRequest(f"{name} is no rule of match and bmc_credentials", why=why)
    patterns, references = rule["match"], rule["bmc_credentials"]
    patterns = [patterns] if isinstance(patterns, str) else patterns
    if not isinstance(patterns, Sequence) or not patterns or not all(map(_is_pattern, patterns)):
        raise InvalidRequest(f"{name}.match is no list of networks and patterns")
    if not isinstance(references, Sequence) or isinstance(references, str):
        raise InvalidRequest(f"{name}.bmc_credentials is no list of references")
    tests = [_pattern(entry) for entry in patterns]
    return (lambda called: any(test(called) for test in tests)), [dict(reference) for reference in references]


def _is_pattern(entry: Any) -> bool:
    return isinstance(entry, str) and bool(entry)


def _pattern(pattern: str) -> Callable[[Called], bool]:
    """The test of a network, of an address however it is spelled, or of a shell pattern; of whatever case."""
    try:
        network = ipaddress.ip_network(pattern, strict=False)
    except ValueError:
        return _address_or_words(pattern)
    return lambda called: _within(called.origin.host, network)


def _address_or_words(pattern: str) -> Callable[[Called], bool]:
    try:
        host, port = place(pattern)
    except InvalidRequest:
        return lambda called: any(fnmatch.fnmatchcase(word, pattern.lower()) for word in _words(called))
    # "[fd00::1]" is an address, and as a shell pattern one character.
    return lambda called: (
        (called.origin.host == host and port in (0, called.origin.port)) or pattern.lower() in _words(called)
    )


def _words(called: Called) -> tuple[str, ...]:
    host, port = called.origin.host, called.origin.port
    return tuple(word.lower() for word in (called.address, host, f"{host}:{port}", called.given, called.name))


def _within(host: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        return ipaddress.ip_address(host) in network
    except ValueError:
        return False


def _filled(reference: Reference, called: Called) -> Reference:
    """Only these three words are replaced: a reference is no template."""
    words = {"{address}": called.address, "{host}": called.origin.host, "{name}": called.name}

    def filled(value: Any) -> Any:
        if isinstance(value, str):
            for word, own in words.items():
                value = value.replace(word, own)
        return value

    return {key: filled(value) for key, value in reference.items()}
