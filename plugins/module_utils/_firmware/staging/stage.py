# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an update needs of staging, whichever way it is done."""

from __future__ import annotations

from typing import Protocol

from .fetched import Fetched


class Stage(Protocol):
    """A file for one BMC to fetch: from a server of this task, from the server of the play, or from the site's own."""

    @property
    def url(self) -> str:
        """For the BMC. It may hold a token that opens the file to this BMC: fit for the request, not for a message."""

    @property
    def origin(self) -> str:
        """Scheme, host and port of it, for messages."""

    @property
    def found(self) -> bool:
        """Whether the host in it was found by the route to the BMC, and so may be wrong in a container."""

    def fetched(self) -> Fetched | None:
        """What the BMC has fetched so far; None where nobody here can know. Raises LocalFailure."""

    def close(self) -> None:
        """Let go of it. Whether the file stays there for others is the way's own decision."""
