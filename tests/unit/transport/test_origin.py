# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses, and links that must not lead away (promise 3)."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import ForeignLink, InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._transport.origin import Origin, parse_address
from tests.unit.json_documents import quick

HERE = Origin("https", "10.1.2.3", 443)


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("10.1.2.3", "10.1.2.3", 443),
        (" bmc1 ", "bmc1", 443),
        ("BMC1.Cluster", "bmc1.cluster", 443),
        ("bmc1:8443", "bmc1", 8443),
        ("https://bmc1", "bmc1", 443),
        ("https://bmc1:8443/", "bmc1", 8443),
        ("fd00::1", "fd00::1", 443),
        ("[fd00::1]", "fd00::1", 443),
        ("[fd00::1]:8443", "fd00::1", 8443),
        ("https://[fd00::1]:8443", "fd00::1", 8443),
    ],
)
def test_address_names_an_origin(address: str, host: str, port: int) -> None:
    assert parse_address(address) == Origin("https", host, port)


@pytest.mark.parametrize(
    "address",
    ["", " ", "http://bmc1", "ftp://bmc1", "https://", "bmc1/redfish/v1", "bmc1?query", "bmc1#fragment", "bmc1:x",
     "bmc1:0", "bmc1:65536", "bmc1:443:1", "[fd00::1", "[bmc1]", "bmc 1", "admin@bmc1", "https://admin@bmc1"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidRequest, match="is not the address of a BMC"):
        parse_address(address)


def test_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        parse_address("https://admin:canary-7f3a@bmc1")
    assert "canary-7f3a" not in str(refusal.value)


@quick
@given(st.text(alphabet=":/[]@?#%.-a1 \u2100", max_size=12))
def test_any_text_is_an_https_origin_or_refused(address: str) -> None:
    try:
        origin = parse_address(address)
    except InvalidRequest:
        return
    assert origin.scheme == "https"
    assert origin.host
    assert 0 < origin.port < 65536


@pytest.mark.parametrize(
    ("origin", "text"),
    [(HERE, "https://10.1.2.3:443"), (Origin("https", "fd00::1", 8443), "https://[fd00::1]:8443")],
)
def test_origin_reads_as_a_url(origin: Origin, text: str) -> None:
    assert str(origin) == text


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("/redfish/v1/Systems", "/redfish/v1/Systems"),
        ("/redfish/v1/Systems?$skip=2", "/redfish/v1/Systems?$skip=2"),
        ("/redfish/v1/Systems#/Members/0", "/redfish/v1/Systems"),
        ("Systems", "/redfish/Systems"),
        ("https://10.1.2.3/redfish", "/redfish"),
        ("https://10.1.2.3:443/redfish", "/redfish"),
        ("HTTPS://10.1.2.3", "/"),
        ("//10.1.2.3/redfish", "/redfish"),
        ("", "/redfish/v1"),
    ],
)
def test_link_on_the_origin_gives_its_path(link: str, path: str) -> None:
    assert HERE.path_of(link, "/redfish/v1") == path


@pytest.mark.parametrize(
    "link",
    ["https://10.1.2.4/redfish", "https://10.1.2.3:8443/", "http://10.1.2.3/redfish", "//evil/redfish",
     "https://10.1.2.3.evil/", "https://10.1.2.3@evil/", "ftp://10.1.2.3/", "mailto:admin@10.1.2.3",
     "https://10.1.2.3:99999/", "https://[", "//["],
)  # fmt: skip
def test_link_that_leads_away_is_refused(link: str) -> None:
    with pytest.raises(ForeignLink, match="leads away"):
        HERE.path_of(link)


@quick
@given(st.text(alphabet=":/[]@?#%\\.-a1 \u2100\n", max_size=16) | st.text())
@example("https://10.1.2.3//evil/redfish")
@example("\\\\evil")
def test_no_link_leaves_the_origin(link: str) -> None:
    try:
        path = HERE.path_of(link)
    except ForeignLink:
        return
    assert path.startswith("/")
    # What a request line with this path names, seen from the connection to the origin (RFC 9112, 3.2.1).
    asked = urlsplit(f"{HERE}{path}")
    assert (asked.scheme, asked.hostname, asked.port) == ("https", "10.1.2.3", 443)
    # Read again as a link, as HttpClient does, it stays here or is refused.
    if urlsplit(urljoin(str(HERE), path)).netloc == urlsplit(str(HERE)).netloc:
        assert HERE.path_of(path) == path
    else:
        with pytest.raises(ForeignLink):
            HERE.path_of(path)
