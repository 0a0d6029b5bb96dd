# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file on its way to a BMC: as the body of a request, or as one part of a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FormField:
    """A part of a form before its file. content_type: "" for none, as browsers send plain values."""

    name: str
    content: str
    content_type: str = ""


@dataclass(frozen=True)
class Upload:
    """A POST that carries a file.

    fields: those before the file, of multipart/form-data (RFC 7578). file_field: name of the file's part; "" where the
    file itself is the body, as for HttpPushUri. headers: further ones, by name; a Cookie may be among them.
    """

    uri: str
    file_name: str
    file_field: str = ""
    fields: tuple[FormField, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
