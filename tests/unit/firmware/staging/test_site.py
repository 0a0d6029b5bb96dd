# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A web server of the site: the URL, and the look whether the file is there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.site import SiteStage, site_stage
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.stage import Stage


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """Python's own web server, with a file."""
    (tmp_path / "fw").mkdir()
    (tmp_path / "fw" / "bios_1.bin").write_bytes(b"firmware")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def at(url: str, title: str = "bios 1.bin") -> SiteStage:
    return site_stage(url, title, SystemClock())


def test_a_folder_gets_the_payloads_name_and_a_file_stays_as_it_is(web: str) -> None:
    in_folder: Stage = at(f"{web}/fw/")
    assert (in_folder.url, in_folder.origin) == (f"{web}/fw/bios_1.bin", web)
    assert at(f"{web}/fw/other").url == f"{web}/fw/other"
    assert in_folder.fetched() is None
    in_folder.close()


def test_a_file_that_is_there_is_proven(web: str) -> None:
    at(f"{web}/fw/").prove(8)


@pytest.mark.parametrize(
    ("path", "size", "words"), [("/fw/", 9, "HTTP 200, 8 bytes, and 9"), ("/fw/none", 8, "HTTP 404, and 8")]
)
def test_another_file_or_none_is_refused(web: str, path: str, size: int, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        at(f"{web}{path}").prove(size)


def test_a_server_that_is_away_is_said_with_the_way_out() -> None:
    with pytest.raises(LocalFailure, match=r"could not be looked at.*refused.*Check stage_url"):
        at("http://127.0.0.1:1/x.bin").prove(8)


@pytest.mark.parametrize("url", ["fw.bin", "ftp://x/y", "http://", "http://site", "http://u:p@site/x", "http://s/x?y"])
def test_what_is_no_url_of_a_file_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest):
        at(url)
