# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A text file from a template of the site or of a playbook. What a BMC wrote is data in it, never a template."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateError

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import LocalFailure


def rendered(path: str, variables: Mapping[str, Any]) -> str:
    """The template at a path with these variables. Raises LocalFailure."""
    # No HTML: these files are read by ssh and ConMan.
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    try:
        return environment.from_string(Path(path).read_text(encoding="utf-8")).render(variables)
    except (OSError, ValueError, ArithmeticError, TypeError, TemplateError) as error:
        raise LocalFailure(
            "a template could not be rendered", why=f"{path}: {error}", way_out="Nothing was written."
        ) from error
