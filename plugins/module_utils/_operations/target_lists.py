# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Targets that others wrote down: files, what magellan found, and the RedfishEndpoints of SMD."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from .._core.errors import InvalidRequest, LocalFailure
from .addresses import Target

try:
    import yaml
except ImportError:
    HAS_YAML = False
else:
    HAS_YAML = True

_LISTS = ("targets", "RedfishEndpoints", "bmcs")
_PATHS = ("@", "/", "./", "../", "~/")
_SMD = "smd+"
# A line may begin with a bracket, too: [fd00::1]:8443.
_JSON = re.compile(r"\s*(\{|\[\s*[\"{\[\]])")

ReadSmd = Callable[[str], list[Mapping[str, Any]]]
"""The RedfishEndpoints of the SMD at a URL."""


def read(given: Iterable[str], folder: Path, read_smd: ReadSmd) -> list[Target]:
    """The targets, with those of files and of SMD in place of their names.

    given: "@targets.yml", "./targets", "/etc/targets" and "~/targets" are files, "smd+https://smd" is an SMD; all else
    is a target by itself. folder: where relative paths begin.
    Raises InvalidRequest, LocalFailure for a file that cannot be read, and what read_smd raises.
    """
    found: list[Target] = []
    for text in map(str.strip, given):
        if text.startswith(_SMD):
            found += _targets(read_smd(text.removeprefix(_SMD)), text)
        elif text.startswith(_PATHS):
            path = folder / Path(text.removeprefix("@")).expanduser()
            found += _targets(document(path), str(path))
        else:
            found.append(Target(text))
    return found


def document(path: Path) -> Any:
    """What a file holds: JSON, YAML where its name or its first line says so, else its lines without comments.

    Raises InvalidRequest, LocalFailure.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LocalFailure("a file of the targets could not be read", why=f"{path}: {error}") from error
    try:
        if path.suffix == ".json" or _JSON.match(content):
            return json.loads(content)
        if path.suffix in (".yml", ".yaml") or content.startswith(("---", "- ")):
            return _yaml(content)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"{path} is neither a list of targets nor valid JSON or YAML", why=str(error)) from error
    lines = (line.partition("#")[0].strip() for line in content.splitlines())
    return [line for line in lines if line]


def _yaml(content: str) -> Any:
    if not HAS_YAML:
        raise LocalFailure("the Python library PyYAML is missing", way_out="pip install PyYAML.")
    try:
        return yaml.safe_load(content) or []
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _targets(document: Any, where: str) -> list[Target]:
    entries = document
    if isinstance(document, Mapping):
        entries = next((document[name] for name in _LISTS if name in document), None)
    if not isinstance(entries, list):
        raise InvalidRequest(f"{where} holds no list of targets", way_out=f"A list, or one under {', '.join(_LISTS)}.")
    return [target for entry in entries for target in _entry(entry, where)]


def _entry(entry: Any, where: str) -> list[Target]:
    """The target of one entry: none for what magellan found closed, or what is not enabled in SMD."""
    if isinstance(entry, str) and not entry.startswith((*_PATHS, _SMD)):
        return [Target(entry)]
    if not isinstance(entry, Mapping):
        raise InvalidRequest(f"{where} holds {entry!r} among its targets", way_out="Give each as text.")
    if entry.get("Enabled") is False or entry.get("state") is False:
        return []
    host, name = _host(entry), str(entry.get("ID") or entry.get("xname") or "")
    if not host:
        raise InvalidRequest(f"{where} has a target without an address", why=f"it has {', '.join(map(str, entry))}")
    return [Target(host, name)]


def _host(entry: Mapping[str, Any]) -> str:
    """The address in an entry of magellan's scan (host with its scheme, port), of SMD, or of ex-bootstrap (xname, ip).

    SMD and its clients reach a BMC by its FQDN, which may be an IP address.
    """
    keys = ("host", "FQDN", "Hostname", "IPAddress", "ip", "ID")
    host = next((entry[key] for key in keys if isinstance(entry.get(key), str) and entry[key]), "")
    port = entry.get("port")
    return f"{host}:{port}" if isinstance(port, int) and "host" in entry else host
