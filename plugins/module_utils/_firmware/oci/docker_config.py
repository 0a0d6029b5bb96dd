# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account of a registry, where docker, podman and oras keep it (docker's config.json, containers-auth.json(5))."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..._core.errors import LocalFailure
from .access import ANONYMOUS, Credential
from .reference import Reference

_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HELPER_SECONDS = 30
_NOT_THERE = "credentials not found"
"""What a helper says where it has no account (docker-credential-helpers, credentials/error.go)."""

_IDENTITY_TOKEN = "<token>"  # noqa: S105 - the user name with which a helper marks one
_NAMED = re.compile(r"^(?:https?://)?(?P<name>.*?)(?:/v[12])?/*$")


def configured(reference: Reference, auth_file: str, environment: Mapping[str, str] | None = None) -> Credential:
    """The account for a repository from the first file that has one; none is ANONYMOUS.

    auth_file: only this one, which must be there. Else $REGISTRY_AUTH_FILE, docker's file, and where podman keeps its
    own (containers-auth.json(5)). Raises LocalFailure for a file or helper that is there and cannot be used.
    """
    for path in [Path(auth_file)] if auth_file else _usual(os.environ if environment is None else environment):
        if auth_file or path.exists():
            found = _account(_config(path), path, reference)
            if found:
                return found
    return ANONYMOUS


def _usual(environment: Mapping[str, str]) -> Iterator[Path]:
    if named := environment.get("REGISTRY_AUTH_FILE"):
        yield Path(named)
    yield Path(environment.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    if running := environment.get("XDG_RUNTIME_DIR"):
        yield Path(running) / "containers" / "auth.json"
    yield Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "containers" / "auth.json"


def _config(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        # Not the text of a ValueError: it may quote the file.
        why = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise LocalFailure("the registry's accounts could not be read", why=f"{path}: {why}") from None
    return document if isinstance(document, Mapping) else {}


def _account(config: Mapping[str, Any], path: Path, reference: Reference) -> Credential:
    """Docker's order: a helper for this registry, the store of all, what stands in the file itself."""
    helper = _section(config, "credHelpers").get(reference.registry) or config.get("credsStore")
    found = _from_helper(str(helper), reference.registry) if helper else ANONYMOUS
    return found or _from_file(_section(config, "auths"), path, reference)


def _section(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = config.get(name)
    return found if isinstance(found, Mapping) else {}


def _from_file(accounts: Mapping[str, Any], path: Path, reference: Reference) -> Credential:
    """The entry of the longest name: podman's may name a part of a registry."""
    named = {match["name"]: entry for key, entry in accounts.items() if (match := _NAMED.match(key))}
    parts = f"{reference.registry}/{reference.repository}".split("/")
    for count in range(len(parts), 0, -1):
        entry = named.get("/".join(parts[:count]))
        if isinstance(entry, Mapping) and entry:
            return _entry(entry, path)
    return ANONYMOUS


def _entry(entry: Mapping[str, Any], path: Path) -> Credential:
    username, password = str(entry.get("username") or ""), str(entry.get("password") or "")
    if entry.get("auth"):
        try:
            pair = base64.b64decode(str(entry["auth"]), validate=True).decode()
        except ValueError:
            raise LocalFailure(
                "the registry's accounts could not be read", why=f"{path}: an auth is not base64"
            ) from None
        username, _colon, password = pair.partition(":")
    return Credential(username, password.rstrip("\0"), str(entry.get("identitytoken") or ""))


def _from_helper(name: str, registry: str) -> Credential:
    """Raises LocalFailure. The helper's protocol: the registry on its standard input, JSON on its standard output."""
    program = shutil.which(f"docker-credential-{name}") if _HELPER.fullmatch(name) else None
    if program is None:
        raise _helper_failed(name, "there is no such program on the PATH")
    try:
        # The user's own configuration names it, as it does for docker.
        done = subprocess.run(  # noqa: S603 # pylint: disable=ansible-bad-function
            [program, "get"], input=registry, capture_output=True, text=True, timeout=_HELPER_SECONDS, check=False
        )
        if done.returncode:
            if _NOT_THERE in f"{done.stdout}{done.stderr}":
                return ANONYMOUS
            raise _helper_failed(name, f"it ended with {done.returncode}")
        answer = json.loads(done.stdout)
        username, secret = str(answer["Username"]), str(answer["Secret"])
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _helper_failed(name, type(error).__name__) from error
    except (KeyError, TypeError, ValueError):
        raise _helper_failed(name, "its answer has no Username and Secret") from None
    return Credential(identity_token=secret) if username == _IDENTITY_TOKEN else Credential(username, secret)


def _helper_failed(name: str, why: str) -> LocalFailure:
    return LocalFailure(
        "the credential helper of the docker configuration failed",
        why=f"docker-credential-{name[:80]}: {why}",
        way_out="Try it by hand with 'get', or give registry_username and registry_password.",
    )
