# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A web server of the site's own that holds the file already: only the URL is made here, and the file looked for."""

from __future__ import annotations

from dataclasses import dataclass

from ..._core.clock import Clock
from ..._core.errors import BmcError, InvalidRequest, LocalFailure
from ..._transport.http import Response, Service, reach
from .paths import safe_file_name


@dataclass(frozen=True)
class SiteStage:
    """A Stage that the site serves: how much was fetched there is the web server's own knowledge.

    service: the file's URL, plain HTTP too, as for a BMC that does not know the site's CA. It is only looked at from
    here, and no secret goes there.
    """

    service: Service
    clock: Clock
    found: bool = False

    @property
    def url(self) -> str:
        return self.service.url

    @property
    def origin(self) -> str:
        return "/".join(self.url.split("/")[:3])

    def fetched(self) -> None:
        return None

    def close(self) -> None:
        """Nothing: the site's server goes on."""

    def prove(self, size: int) -> None:
        """See that the file is there, and has its size in bytes. Raises InvalidRequest, LocalFailure."""
        try:
            response = self._head()
        except InvalidRequest:
            raise
        except BmcError as error:
            why = ": ".join(filter(None, (error.what, error.why)))
            way_out = "Check stage_url from this machine; a server that only the BMC reaches cannot be looked at."
            raise LocalFailure(f"{self.url} could not be looked at", why=why, way_out=way_out) from error
        length = response.headers.get("content-length", "nothing")
        if response.status != 200 or length != str(size):
            told = f"HTTP {response.status}" + (f", {length} bytes" if response.status == 200 else "")
            raise InvalidRequest(
                "the file is not at stage_url",
                why=f"{self.url}: {told}, and {size} bytes are wanted",
                way_out="Put the bundle's payload there, under this very name.",
            )

    def _head(self) -> Response:
        http, _path = reach(self.service, self.clock)
        try:
            # reach() leaves out a slash at the end, which here would be another file.
            return http.request("HEAD", self.url)
        finally:
            http.close()


def site_stage(stage_url: str, title: str, clock: Clock, *, ca_path: str = "", validate: bool = True) -> SiteStage:
    """The file on the site's server. stage_url: of the file, or of its folder when it ends in a slash.

    title: of the payload; its safe form is the name in the folder. Raises InvalidRequest.
    """
    url = f"{stage_url}{safe_file_name(title)}" if stage_url.endswith("/") else stage_url
    service = Service(url, ca_path, validate)
    http, path = reach(service, clock)
    http.close()
    if not path:
        way_out = "Give the file's URL, or that of its folder with a slash at the end."
        raise InvalidRequest(f"stage_url {stage_url!r} names no file", way_out=way_out)
    return SiteStage(service, clock)
