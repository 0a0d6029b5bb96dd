# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/faults.md: what each fault comes to, written by the tests and read by them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.integration.fault_cases import HAZARDS, OPERATIONS
from tests.integration.firmware_faults import TROUBLES, cases

FILE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
ANSWER = "answer"
IN_PART = "answer in part"

# By hazard, operation and profile: "answer", "answer in part", or the kind of the error.
Outcomes = Mapping[tuple[str, str, str], str]

_INTRODUCTION = """# What a fault of a BMC comes to

Written by `make soak`, which has each simulated dialect do each of these to each of these tasks, and judges by the
BMC's own account: a task ends in its time, with a true answer or with an error of one line; `changed` only where the
BMC took a reset or an image; never more writes than planned, nor a second image; no session left behind without a
word; no second try of a password; not a byte to another host. `make test` takes a part of it and compares.

`answer` is the right one, as without the fault; `answer in part` lacks what the BMC does not tell in a way that can be
read, and claims nothing that is not so; else the kind of the error ([operator.md](operator.md#errors)).
For `bmc_firmware`, which updates the BMC itself, "the reset" is the request that sends the image, or where it is.
Dialects that differ are named by their profile (`tests/simulator/profiles/`).
"""


_UPDATES = """## While it is updated

What a BMC may do with an image that it was sent, and what `bmc_firmware` makes of it: the state of the update, or the
kind of the error. It never sends a second image. With `NotReached` and `WrongMachine` comes a `handle`, as the update
may still run.
"""


def rendered(outcomes: Outcomes) -> str:
    """The file."""
    rows = [["the BMC ...", *(operation.name for operation in OPERATIONS)]]
    for hazard, details in HAZARDS.items():
        rows.append([details.words, *(_of_operation(outcomes, hazard, operation.name) for operation in OPERATIONS)])
    return f"{_INTRODUCTION}\n{_table(rows)}\n{of_updates()}"


def of_updates() -> str:
    """The section about updates: what test_firmware_faults.py proves."""
    rows = [["the BMC ...", "the BMC's own firmware", "its host's"]]
    all_cases = list(cases(everything=True))
    for name, trouble in TROUBLES.items():
        of = [case for case in all_cases if case.trouble == name]
        parts = ([case for case in of if case.asked.component == component] for component in ("bmc", "bios"))
        rows.append([trouble.words, *(_cell({case.profile: case.end for case in part}) for part in parts)])
    return f"{_UPDATES}\n{_table(rows)}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    header, *others = rows
    return "".join(f"| {' | '.join(row)} |\n" for row in (header, ["---"] * len(header), *others))


def _of_operation(outcomes: Outcomes, hazard: str, operation: str) -> str:
    return _cell({name: seen for (one, other, name), seen in outcomes.items() if (one, other) == (hazard, operation)})


def _cell(found: Mapping[str, str]) -> str:
    """What most dialects come to, then those that differ."""
    usual = min(Counter(found.values()).items(), key=lambda entry: (-entry[1], entry[0]))[0]
    differing = (f"{profile}: {outcome}" for profile, outcome in sorted(found.items()) if outcome != usual)
    return "; ".join([usual, *differing])


def expected(text: str, hazard: str, operation: str, profile: str) -> str:
    """What the file says of one case; "" where it has no such row."""
    column = 1 + [one.name for one in OPERATIONS].index(operation)
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == HAZARDS[hazard].words:
            usual, *differing = cells[column].split("; ")
            return dict(entry.split(": ") for entry in differing).get(profile, usual)
    return ""
