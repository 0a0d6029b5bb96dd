# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which bundles a policy is for: sigstore's globs, over the name of a bundle without tag and digest.

`*` stands for any characters but `/`, also for none; `**` for any characters. Nothing else is special. A name is
registry[:port]/repository, or oci-layout: and the absolute path of a folder.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from ..oci.reference import LAYOUT, Reference

_SIGNS = re.compile(r"[A-Za-z0-9\-_:/.*\[\]]+")


def name_of(reference: Reference) -> str:
    """What globs look at. Host names have no case; a layout's path is made absolute, without `~` and `..`."""
    if reference.layout:
        return LAYOUT + os.path.abspath(Path(reference.layout).expanduser())  # noqa: PTH100 - resolve() follows links
    return f"{reference.registry.lower()}/{reference.repository}"


def problem(glob: str) -> str:
    """Why a glob would never do what it seems to say; "" for a good one."""
    if glob.startswith(LAYOUT):
        return "" if glob.startswith((f"{LAYOUT}/", f"{LAYOUT}*")) else f"{LAYOUT} is followed by an absolute path"
    if not _SIGNS.fullmatch(glob):
        return "only letters, digits and . - _ : / * stand in a name"
    if "@" in glob or ":" in glob.rpartition("/")[2]:
        return "a policy looks at registry and repository: anyone who may push can move a tag"
    if "/" not in glob and "**" not in glob:
        return "it has no '/', so it matches no registry/repository"
    return ""


def matches(glob: str, name: str) -> bool:
    """Whether a glob is for a name that name_of() gave."""
    return _pattern(glob).fullmatch(name) is not None


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    if not glob.startswith(LAYOUT):
        registry, slash, repository = glob.partition("/")
        glob = registry.lower() + slash + repository
    parts = re.split(r"(\*\*|\*)", glob)
    # Three or more stars are as many as two.
    return re.compile("".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts), re.DOTALL)
