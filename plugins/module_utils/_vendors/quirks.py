# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quirk table: every way in which a dialect departs from the standard, as a row with its evidence.

A quirk is a named question (a field of Quirks). A row answers it for one dialect within a window of firmware versions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from ..vendor_api.v1 import Quirks


@dataclass(frozen=True)
class Quirk:
    """One row.

    question: a field of Quirks. first, last: the firmware versions between which it was seen, both included, ""
    where no bound is known. evidence: where it was seen.

    Where versions do not order the generations of a dialect (RESTARTED) a row has no bounds: they would compare an
    iDRAC10 1.30 or an iLO 7 1.17 with the versions of their forerunners.
    """

    question: str
    dialect: str
    answer: Any
    evidence: str
    first: str = ""
    last: str = ""

    def covers(self, firmware: str) -> bool:
        """Whether the row holds for a firmware version; a version that is not known could be any."""
        if not firmware:
            return True
        version = _ordered(firmware)
        return not (self.first and version < _ordered(self.first)) and not (self.last and version > _ordered(self.last))


RESTARTED: tuple[str, ...] = ("dell", "hpe")

TABLE: tuple[Quirk, ...] = (
    Quirk(
        "rests_before_reset",
        "hpe",
        1.0,
        "iLO resets a kept connection now and then when it is used again (libredfish, client of NVIDIA's controller:"
        " one retry of GETs). A write must not meet that, so a connection that rested is not used again.",
    ),
    Quirk(
        "refusals_for_now",
        "hpe",
        frozenset({"UnableToModifyDuringSystemPOST", "InvalidOperationForSystemState", "ResourceNotReadyRetry"}),
        "iLO refuses with these while the host is in POST, and takes the same request later (sushy, connector.py,"
        " check_retry_on_exception; ironic, redfish/power.py).",
    ),
    Quirk(
        "refusals_for_now",
        "dell",
        frozenset({"SYS518"}),
        "iDRAC answers SYS518, 'iDRAC is not ready', while its services start (sushy, connector.py).",
    ),
    Quirk(
        "refusals_of_on_for_now",
        "dell",
        frozenset({"ActionParameterValueConflict"}),
        "iDRAC10 refuses On with 409 ActionParameterValueConflict for a while after power-off, and takes it later"
        " (ironic, redfish/power.py: six tries, ten seconds apart).",
    ),
    Quirk(
        "graceful_off_values",
        "cray",
        ("Off",),
        "Cray EX controllers offer On, ForceOff and Off; Off is the graceful one (hms-power-control,"
        " internal/domain/power-status.go: both 'off' and 'gracefulshutdown' are Soft-Off).",
    ),
    Quirk(
        "expand",
        "hpe",
        "$expand=.",
        "iLO 5 and newer put each member's own answer into the collection (HPE, 'OData query options': the service"
        " replaces a link with the results of an internal GET); check_redfish reads processors, memory, interfaces and"
        " firmware of iLO so. Recorded: ExpandQuery with NoLinks, one level. iLO 4 leaves bare links, which are read.",
    ),
    Quirk(
        "expand",
        "dell",
        "$expand=*($levels=1)",
        "iDRAC9 answers with whole members: Dell's own Ansible collection reads the processors so (idrac_cpu_info), and"
        " check_redfish every collection. Recorded: ExpandQuery with ExpandAll, one level.",
    ),
)


def answers(dialect: str, firmware: str = "", table: tuple[Quirk, ...] = TABLE) -> Quirks:
    """All answers for a dialect and firmware version ("" when not known)."""
    rows = (row for row in table if row.dialect == dialect and row.covers(firmware))
    return replace(Quirks(), **{row.question: row.answer for row in rows})


def _ordered(version: str) -> tuple[int, ...]:
    """The numbers of a version, for comparison: "iLO 5 v2.72" orders as 5.2.72. No real number has 18 digits."""
    return tuple(int(number) for number in re.findall(r"\d{1,18}", str(version)))
