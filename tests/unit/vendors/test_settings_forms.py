# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings in spellings of firmware that is not simulated (X10 3.80 and 4.0, XCC of 2018), and values as recorded."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.lenovo.settings import LenovoSettings
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.standard.forms import Flag, List, OneOf, Text
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.standard.places import Property
from ansible_collections.openchami.bmc.plugins.module_utils._vendors.supermicro.settings import SupermicroSettings
from ansible_collections.openchami.bmc.plugins.module_utils.vendor_api.v1 import Keys, Missing, Place, SettingsView
from tests.simulator.public_keys import public_key
from tests.unit.fuzz.answers import Answers

MANAGER, SYSLOG = "/redfish/v1/Managers/1", "/redfish/v1/Managers/1/Syslog"
ACCOUNT = "/redfish/v1/AccountService/Accounts/1"
KEY, OTHER = public_key("one", "one@site"), public_key("other")


def view(documents: dict[str, dict[str, Any]], **wanted: Any) -> SettingsView:
    """A BMC of these documents, each with its own URI."""
    answers = {uri: {"@odata.id": uri, **document} for uri, document in documents.items()}
    return SettingsView(Service(Answers(answers)), answers[MANAGER], "127.0.0.1", wanted)


def present(place: Place | Missing) -> Place:
    assert not isinstance(place, Missing), place.what
    return place


@pytest.mark.parametrize("name", ["SyslogServerIP", "Syslog ServerIP", "SyslogServer"])
@pytest.mark.parametrize("nothing", [None, "", "(null)"])
def test_the_syslog_server_of_an_x10_in_each_spelling(name: str, nothing: object) -> None:
    bmc = view(
        {
            MANAGER: {"Oem": {"Supermicro": {"Syslog": {"@odata.id": SYSLOG}}}},
            SYSLOG: {"EnableSyslog": False, name: nothing, "SyslogPortNumber": 0},
        }
    )
    place = present(SupermicroSettings().place("syslog.servers", bmc))
    assert place.value() == ()
    assert place.same(())
    (change,) = place.changes(("10.0.0.1",))
    assert (change.uri, change.body) == (SYSLOG, {name: "10.0.0.1"})


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize("path", [("Oem", "Lenovo", "SSHPublicKey"), ("Oem", "Lenovo:SSHPublicKey")])
def test_the_keys_of_an_xcc_in_each_spelling(path: tuple[str, ...], empty: str | None) -> None:
    slots: Any = [KEY, empty, empty, empty]
    for name in reversed(path[1:]):
        slots = {name: slots}
    bmc = view(
        {
            "/redfish/v1": {"RedfishVersion": "1.0.2", "AccountService": {"@odata.id": "/redfish/v1/AccountService"}},
            "/redfish/v1/AccountService": {"Accounts": {"@odata.id": "/redfish/v1/AccountService/Accounts"}},
            "/redfish/v1/AccountService/Accounts": {"Members": [{"@odata.id": ACCOUNT}]},
            ACCOUNT: {"UserName": "USERID", path[0]: slots},
            MANAGER: {},
        }
    )
    place = present(LenovoSettings().keys("account USERID", bmc))
    assert place.value() == (KEY,)
    assert place.same(Keys((KEY,), exclusive=True))
    (change,) = place.changes(Keys((OTHER,)))
    body: Any = change.body
    for name in path:
        body = body[name]
    assert (change.uri, body) == (ACCOUNT, [KEY, OTHER, empty, empty])


@pytest.mark.parametrize(
    ("form", "wanted", "shown"),
    [
        (List(), ("216.239.35.4",), [" 216.239.35.4", ""]),
        (List(), ("ntp.site", "fd00::1"), ["FD00:0:0::1", "NTP.site", "0.0.0.0", None]),  # noqa: S104
        (List(), (), ["", "", "", ""]),
        (List(), (), [None, "(null)"]),
        (List(), (), None),
        (OneOf(), ("log.site",), " LOG.SITE "),
        (OneOf(), (), "(null)"),
        (Text(), "bmc1", "BMC1 "),
        (Flag("Enabled", "Disabled"), True, "enabled"),
    ],
)
def test_what_differs_in_spelling_only_is_left_alone(form: Any, wanted: Any, shown: object) -> None:
    place = Property({"@odata.id": MANAGER, "Value": shown}, ("Value",), form)
    assert place.same(wanted)
    assert place.changes(wanted) == ()
