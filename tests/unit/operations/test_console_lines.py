# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URIs, command lines and ConMan's lines: whatever host, port and user, what a program reads back is what was meant."""

from __future__ import annotations

import re
import shlex
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._operations import console_lines
from ansible_collections.openchami.bmc.plugins.module_utils._operations.console_lines import Way
from tests.conman import directives, words

HOSTS = ["10.1.2.3", "fd00::1", "bmc1.example.org"]
users = (
    st.sampled_from(["", "admin", "a@b", "DOMAIN\\adm", "a b", "it's", 'q"q', "%N", "ü", "-oProxyCommand=x"])
    | st.text()
)
ports = st.integers(1, 65535) | st.sampled_from([22, 623, 2200])


@given(st.sampled_from(["ssh", "ipmi"]), st.sampled_from(HOSTS), ports, users.filter(lambda text: text.isprintable()))
def test_a_uri_is_taken_apart_into_what_it_was_made_of(protocol: str, host: str, port: int, user: str) -> None:
    parts = urlsplit(console_lines.uri(Way(protocol, host, port, user)))
    assert (parts.scheme, parts.hostname, parts.port, unquote(parts.username or "")) == (protocol, host, port, user)


@pytest.mark.parametrize(
    ("way", "uri"),
    [
        (Way("ssh", "fd00::1", 2200, "a@b"), "ssh://a%40b@[fd00::1]:2200"),
        (Way("ipmi", "10.1.2.3", 623), "ipmi://10.1.2.3:623"),
        (Way("kvm", "bmc1", None, "admin", "https://bmc1:443"), "https://bmc1/"),
        (Way("kvm", "fd00::1", 5900, "", "https://[fd00::1]:8443"), "https://[fd00::1]:8443/"),
    ],
)
def test_uris(way: Way, uri: str) -> None:
    assert console_lines.uri(way) == uri


@pytest.mark.parametrize(
    ("way", "command"),
    [
        (Way("ssh", "10.1.2.3", 22, "n0"), "ssh -l n0 10.1.2.3"),
        (Way("ssh", "fd00::1", 2200, "a@b"), "ssh -p 2200 -l a@b fd00::1"),
        (Way("ssh", "bmc1", 22, "it's"), "ssh -l 'it'\"'\"'s' bmc1"),
        (Way("ssh", "-oProxyCommand=x", 22), "ssh -- -oProxyCommand=x"),
        (Way("ipmi", "10.1.2.3", 623, "admin"), "ipmitool -I lanplus -H 10.1.2.3 -U admin -E sol activate"),
        (Way("ipmi", "fd00::1", 6230), "ipmitool -I lanplus -H fd00::1 -p 6230 -E sol activate"),
        (Way("kvm", "bmc1", 5900, "admin", "https://bmc1:443"), None),
    ],
)
def test_command_lines(way: Way, command: str | None) -> None:
    assert console_lines.command(way) == command


@given(st.sampled_from(["ssh", "ipmi"]), users, ports)
def test_a_shell_takes_a_command_line_apart_into_what_it_was_made_of(protocol: str, user: str, port: int) -> None:
    found = shlex.split(console_lines.command(Way(protocol, "bmc1", port, user)) or "")
    assert not user or found[found.index({"ssh": "-l", "ipmi": "-U"}[protocol]) + 1] == user
    assert "bmc1" in found


@given(st.sampled_from(["ssh", "ipmi"]), st.sampled_from(HOSTS), ports, users)
def test_conman_reads_back_what_was_meant_or_there_is_no_line(protocol: str, host: str, port: int, user: str) -> None:
    line = console_lines.conman(Way(protocol, host, port, user), "node1")
    if line is None:
        assert set(user) & set("'\"%, \\") or not user.isprintable() or len(user) > 16 or not user.isascii()
        return
    [directive] = directives(line)
    assert directive["name"] == "node1"
    if protocol == "ssh":
        argv = words(directive["dev"])
        assert argv == ["/usr/bin/ssh", "-tt", "-p", str(port), *(["-l", user] if user else []), host]
    else:
        bare = f"[{host}]" if ":" in host else host
        assert directive["dev"] in (f"ipmi:{bare}:{port}", *([f"ipmi:{host}"] if port == 623 and bare == host else []))
        assert directive.get("ipmiopts", "U:") == f"U:{user}"


@given(users)
def test_a_value_of_ssh_config_stays_in_its_line(user: str) -> None:
    options = console_lines.ssh_options(Way("ssh", "bmc1", 22, user)) or {}
    assert all(value.isprintable() or not re.search(r"[\x00-\x1f]", value) for value in options.values())
    assert options.get("User", user).strip('"') == user


@pytest.mark.parametrize("way", [Way("ipmi", "bmc1", 623), Way("kvm", "bmc1", 5900), Way("ssh", "b mc", 22)])
def test_what_is_no_ssh_has_no_options_of_ssh(way: Way) -> None:
    assert console_lines.ssh_options(way) is None
