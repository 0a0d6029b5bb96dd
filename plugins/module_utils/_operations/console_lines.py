# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach a console, in the words of the programs that do: a URI, a command line, lines of configuration files.

None of them holds a password. What a program's syntax cannot express is None, never an approximation.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from urllib.parse import quote

_SSH = "/usr/bin/ssh"
_DEFAULT_PORTS = {"ssh": 22, "ipmi": 623}

# An IPMI user name has at most 16 bytes (IPMI 2.0, "Set User Name"); ConMan separates its ipmiopts by commas.
_IPMI_USER = re.compile(r"[^,\"'\x00-\x20\x7f]{1,16}", re.ASCII)
# ConMan knows no escape in a string, and replaces %N by the console's name (conman.conf(5)).
_CONMAN_WORD = re.compile(r"(?:(?!%N)[^\"'\x00-\x1f\x7f])+")
# A backslash is itself before a letter only (DOMAIN\user); a percent sign begins a token since OpenSSH 10.
_SSH_WORD = re.compile(r"(?:[^\"\\%\x00-\x1f\x7f]|\\(?=\w))+")
_PLAIN = re.compile(r"[\w.@:+-]+", re.ASCII)


@dataclass(frozen=True)
class Way:
    """A console on the network.

    protocol: "ssh", "ipmi" or "kvm". host: a name or an IP address, an IPv6 one without brackets. port: None where a
    KVM's is not told. user: "" where nobody is known. page: of the BMC, for a KVM ("https://10.1.2.3:443").
    """

    protocol: str
    host: str
    port: int | None
    user: str = ""
    page: str = ""


def uri(way: Way) -> str:
    """ssh://user@host:port, ipmi://user@host:port, or the page. A user name is written as RFC 3986 has it."""
    if way.protocol == "kvm":
        return f"{way.page.removesuffix(':443')}/"
    user = f"{quote(way.user, safe='', errors='replace')}@" if way.user else ""
    return f"{way.protocol}://{user}{_bracketed(way.host)}:{way.port}"


def command(way: Way) -> str | None:
    """What a person types in a shell. ipmitool takes the password from IPMI_PASSWORD (-E). None for a KVM."""
    user = ["-U" if way.protocol == "ipmi" else "-l", way.user] if way.user else []
    port = ["-p", str(way.port)] if way.port != _DEFAULT_PORTS.get(way.protocol) else []
    if way.protocol == "ssh":
        # A host that begins with a hyphen is none of ssh's options.
        return shlex.join(["ssh", *port, *user, *(["--"] if way.host.startswith("-") else []), way.host])
    if way.protocol == "ipmi":
        return shlex.join(["ipmitool", "-I", "lanplus", "-H", way.host, *port, *user, "-E", "sol", "activate"])
    return None


def conman(way: Way, name: str) -> str | None:
    """A console directive of conman.conf(5); None for a KVM and for what ConMan cannot express.

    The password of IPMI is to stand in a GLOBAL IPMIOPTS; SSH needs a key, for ConMan has no terminal to type at.
    """
    if not _CONMAN_WORD.fullmatch(name) or not _CONMAN_WORD.fullmatch(way.host):
        return None
    if way.protocol == "ipmi":
        options = f' ipmiopts="U:{way.user}"' if way.user else ""
        host = way.host if (way.port, ":" in way.host) == (623, False) else f"{_bracketed(way.host)}:{way.port}"
        return f'console name="{name}" dev="ipmi:{host}"{options}' if _IPMI_USER.fullmatch(way.user or "-") else None
    if way.protocol == "ssh" and not way.host.startswith("-") and _CONMAN_WORD.fullmatch(way.user or "-"):
        user = f" -l {_word(way.user)}" if way.user else ""
        return f'console name="{name}" dev="{_SSH} -tt -p {way.port}{user} {way.host}"'
    return None


def ssh_options(way: Way) -> dict[str, str] | None:
    """The keywords of ssh_config(5) and their values, as they are written; None for what is no SSH.

    User is left out where ssh_config cannot express it in all versions of OpenSSH; then the caller's own name counts.
    """
    if way.protocol != "ssh" or not _PLAIN.fullmatch(way.host):
        return None
    options = {"HostName": way.host, "Port": str(way.port)}
    if _SSH_WORD.fullmatch(way.user):
        options["User"] = way.user if _PLAIN.fullmatch(way.user) else f'"{way.user}"'
    return options


def _word(text: str) -> str:
    """One argument of a program that ConMan starts."""
    return text if _PLAIN.fullmatch(text) else f"'{text}'"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
