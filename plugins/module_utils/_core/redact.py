# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets never leave through results, errors, logs or audit lines (promise 8)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

REDACTED = "********"

# Shorter values are not searched for in free text: replacing every "ab" would destroy the text and still
# give the secret away. They are covered by the names of their keys.
_SHORTEST = 4
_SECRET_KEY = re.compile(
    r"passw(or)?d|passphrase|secret|token|authorization|(api|private)[-_]?key|cookie|community", re.IGNORECASE
)


class Redactor:
    """Replaces known secret values everywhere, and whatever stands under a key that names a secret."""

    def __init__(self, secrets: Iterable[str | None] = ()) -> None:
        known = {form for secret in secrets if secret and len(secret) >= _SHORTEST for form in _forms(secret)}
        self._secrets = sorted((form for form in known if len(form) >= _SHORTEST), key=len, reverse=True)

    def text(self, value: str) -> str:
        """The text without any known secret."""
        for secret in self._secrets:
            value = value.replace(secret, REDACTED)
        return value

    def data(self, value: Any) -> Any:
        """A copy of JSON-like data without secrets; other types are returned as they are."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self._name(key): self._entry(key, item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.data(item) for item in value]
        return value

    def _name(self, key: Any) -> Any:
        return self.text(key) if isinstance(key, str) else key

    def _entry(self, key: Any, item: Any) -> Any:
        secret = isinstance(key, str) and names_secret(key)
        return self._hidden(item) if secret else self.data(item)

    def _hidden(self, item: Any) -> Any:
        """What stands under such a key: true, false and null say nothing; an object's own keys decide."""
        if isinstance(item, (list, tuple)):
            return [self._hidden(entry) for entry in item]
        if item is None or isinstance(item, (bool, dict)) or item == "":
            return self.data(item)
        return REDACTED


def names_secret(name: str) -> bool:
    """Whether what stands under this name is a secret: a password, a token, an SNMP community."""
    return bool(_SECRET_KEY.search(name))


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is, and as it looks in a traceback, a JSON document, a URL, or the one line of an error."""
    yield secret
    yield " ".join(secret.split())
    for quoted in (repr(secret), ascii(secret), json.dumps(secret), json.dumps(secret, ensure_ascii=False)):
        yield quoted[1:-1]
        yield quoted[1:-1].replace("\\", "\\\\").replace('"', '\\"')
        yield quoted[1:-1].replace("'", "\\'")
    yield quote(secret, safe="", errors="surrogatepass")
