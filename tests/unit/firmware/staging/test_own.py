# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server of one update, over real connections: who gets what, who is bounded by what, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.connection import Patience
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.fetched import Fetched
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.own import OwnStage, staged
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.place import Place
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.server import Limits
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.stage import Stage as Way
from tests.simulator.control import eventually
from tests.staging.client import connected, dialled, exchange, fetch, rest, spoken

ROOT = Path(__file__).resolve().parents[4]
BMC, STRANGER = "127.60.0.1", "127.60.0.2"
SMALL = bytes(range(256)) * 16
LARGE = os.urandom(1 << 20) * 12

Stage = Callable[..., OwnStage]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bios 1.2.bin"
    path.write_bytes(SMALL)
    return path


@pytest.fixture
def stage(file: Path) -> Iterator[Stage]:
    with ExitStack() as open_stages:

        def start(limits: Limits | None = None, place: Place | None = None, **named: object) -> OwnStage:
            block = staged(file, BMC, place or Place(), SystemClock(), limits=limits, **named)  # type: ignore[arg-type]
            return open_stages.enter_context(block)

        yield start


def limits(**patience: float) -> Limits:
    return Limits(patience=replace(Patience(), **patience))


def when(stage: OwnStage, holds: Callable[[Fetched], bool]) -> Fetched:
    """The account as soon as something is true of it: the server keeps it after the client has its answer."""
    eventually(lambda: holds(stage.fetched()))
    return stage.fetched()


def test_bmc_gets_the_file_under_a_name_that_it_can_read(stage: Stage) -> None:
    one = stage()
    assert one.url.startswith("http://127.0.0.1:")
    assert one.url.endswith("/bios_1.2.bin")
    got = fetch(one.url, BMC)
    assert (got.status, got.body, got.headers["Content-Type"]) == (200, SMALL, "application/octet-stream")
    found = when(one, lambda fetched: fetched.complete)
    assert (found.gets, found.sent, found.addresses) == (1, len(SMALL), (BMC,))


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_a_bmc_with_an_ipv6_address_alone_gets_it(file: Path) -> None:
    with staged(file, "::1", Place(), SystemClock()) as one:
        assert one.url.startswith("http://[::1]:")
        assert fetch(one.url, "::1").body == SMALL
        assert when(one, lambda fetched: fetched.complete).addresses == ("::1",)


def test_everything_else_gets_the_same_404(stage: Stage) -> None:
    one = stage()
    token, name = one.offer.token, one.offer.name
    origin = one.origin
    others = [f"/{token}/x", f"/{token}/", f"/{token}", f"/{'0' * 32}/{name}", f"/{token.upper()}x/{name}", "/", "//"]
    refused = [fetch(f"{origin}{path}", BMC) for path in others]
    refused += [fetch(one.url, STRANGER), fetch(one.url, STRANGER, range="bytes=0-")]
    refused += [fetch(one.url, STRANGER, "POST"), fetch(f"{origin}/x", BMC, "DELETE")]
    seen = {(got.status, got.body, tuple(sorted(set(got.headers) - {"Date"}))) for got in refused}
    assert seen == {(404, b"Not Found\n", ("Connection", "Content-Length", "Content-Type"))}
    assert fetch(one.url, STRANGER, "HEAD").status == 404
    found = one.fetched()
    assert (found.begun, found.refused, set(found.refused_from)) == (False, 12, {BMC, STRANGER})


def test_one_connection_serves_several_requests(stage: Stage) -> None:
    one = stage()
    with connected(one.url, BMC) as connection:
        head = exchange(connection, one.url, "HEAD")
        first = exchange(connection, one.url, range="bytes=0-99")
        kept = connection.sock
        nothing = exchange(connection, one.url, range="bytes=99999-")
        second = exchange(connection, one.url, range="bytes=100-", if_range=head.headers["ETag"])
        assert connection.sock is kept
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(SMALL)))
    assert (first.status, second.status, first.body + second.body) == (206, 206, SMALL)
    assert (nothing.status, nothing.headers["Content-Range"]) == (416, f"bytes */{len(SMALL)}")
    found = when(one, lambda fetched: fetched.complete)
    assert (found.heads, found.gets, found.ranged) == (1, 3, 2)


def test_http_1_0_and_bare_line_ends(stage: Stage) -> None:
    one = stage()
    with dialled(one.url, BMC) as connection:
        answer = spoken(connection, f"GET {one.offer.path} HTTP/1.0\n\n".encode())
    head, _separator, body = answer.partition(b"\r\n\r\n")
    assert body == SMALL
    assert b"Connection: close" in head


def test_requests_in_one_piece_are_answered_in_order(stage: Stage) -> None:
    one = stage()
    ask = f"GET {one.offer.path} HTTP/1.1\r\nHost: x\r\nRange: bytes=%s\r\n%s\r\n"
    with dialled(one.url, BMC) as connection:
        answer = spoken(connection, (ask % ("0-1", "") + ask % ("2-3", "Connection: close\r\n")).encode())
    assert [part for part in (SMALL[:2], SMALL[2:4]) if part in answer] == [SMALL[:2], SMALL[2:4]]
    assert answer.count(b"HTTP/1.1 206") == 2


def test_what_is_no_http_is_told_so_and_ended(stage: Stage) -> None:
    one = stage()
    for nonsense in (b"\x16\x03\x01\x00\n\n", b"GET /x\r\n\r\n", b"x" * 40_000):
        with dialled(one.url, BMC) as connection:
            assert spoken(connection, nonsense).startswith(b"HTTP/1.1 400 ")


def test_an_address_in_other_clothes_is_the_same(stage: Stage) -> None:
    """Given an address, all of this machine is listened on, where IPv4 comes as ::ffff:127.60.0.1."""
    one = stage(place=Place(advertise="localhost"))
    assert not one.found
    assert fetch(one.url.replace("localhost", "127.0.0.1"), BMC).body == SMALL


def test_who_may_fetch_can_be_said(stage: Stage) -> None:
    one = stage(clients=["127.60.0.2/31"])
    assert [fetch(one.url, source).status for source in (BMC, STRANGER, "127.60.0.3")] == [404, 200, 200]


def test_half_a_request_is_waited_for_only_so_long(stage: Stage) -> None:
    one = stage(limits(head=0.2))
    with dialled(one.url, BMC) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        ended = threading.Event()

        def trickle() -> None:
            with suppress(OSError):
                while not ended.wait(0.05):
                    connection.sendall(b"X: y\r\n")

        thread = threading.Thread(target=trickle)
        thread.start()
        with suppress(ConnectionResetError):
            rest(connection)
        ended.set()
        thread.join()


def test_idle_connections_end(stage: Stage) -> None:
    one = stage(limits(idle=0.1, end=0.1))
    with dialled(one.url, BMC) as connection:
        assert rest(connection) == b""


def test_strangers_cannot_keep_the_bmc_out(stage: Stage) -> None:
    one = stage(replace(Limits(), strangers=4, connections=20))
    with ExitStack() as held:
        for _attempt in range(50):
            held.enter_context(dialled(one.url, STRANGER))
        assert fetch(one.url, BMC).body == SMALL


def test_a_bmc_has_so_many_connections_for_each_file(stage: Stage) -> None:
    one = stage(replace(Limits(), each=2))
    with ExitStack() as held:
        for _attempt in range(2):
            connection = held.enter_context(connected(one.url, BMC))
            assert exchange(connection, one.url, "HEAD").status == 200
        with dialled(one.url, BMC) as third, suppress(ConnectionResetError):
            assert rest(third) == b""
    eventually(lambda: _status(one) == 200)


def _status(stage: OwnStage) -> int:
    with suppress(OSError):
        return fetch(stage.url, BMC).status
    return 0


def test_slow_reader_stops_no_other(stage: Stage, file: Path) -> None:
    file.write_bytes(LARGE)
    one = stage()
    with dialled(one.url, BMC) as slow:
        slow.sendall(f"GET {one.offer.path} HTTP/1.0\r\n\r\n".encode())
        assert slow.recv(10)
        assert fetch(one.url, BMC).body == LARGE


def test_reader_that_takes_nothing_is_given_up(stage: Stage, file: Path) -> None:
    file.write_bytes(LARGE)
    one = stage(limits(stall=0.3))
    with dialled(one.url, BMC) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(f"GET {one.offer.path} HTTP/1.0\r\n\r\n".encode())
        eventually(lambda: one.fetched().sent > 0)
        eventually(lambda: not one.server._open)
    assert 0 < one.fetched().received < len(LARGE)


def hang_up(connection: socket.socket) -> None:
    """End as a BMC that reboots."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_fetch_that_is_cut_off_is_never_whole(stage: Stage, file: Path, content: bytes) -> None:
    """A small file lies in the kernel's buffers as a whole, long before the BMC has read it."""
    file.write_bytes(content)
    one = stage()
    connection = dialled(one.url, BMC)
    connection.sendall(f"GET {one.offer.path} HTTP/1.1\r\n\r\n".encode())
    taken = 0
    while taken < len(content) * 0.6:
        taken += len(connection.recv(1 << 10))
    hang_up(connection)
    eventually(lambda: not one.server._open)
    assert not one.fetched().complete
    with_the_rest = fetch(one.url, BMC, range=f"bytes={taken // 2}-")
    assert with_the_rest.status == 206
    assert when(one, lambda fetched: fetched.complete).ranged == 1


def test_file_that_is_cut_while_it_is_fetched_ends_the_answer_short(stage: Stage, file: Path) -> None:
    file.write_bytes(LARGE)
    one = stage()
    with dialled(one.url, BMC) as connection:
        connection.sendall(f"GET {one.offer.path} HTTP/1.1\r\n\r\n".encode())
        connection.recv(10)
        os.truncate(file, len(LARGE) // 2)
        got = b""
        with suppress(ConnectionResetError):
            got = rest(connection)
    assert len(got) < len(LARGE)
    eventually(lambda: not one.server._open)
    assert not one.fetched().complete
    assert fetch(one.url, BMC).status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert one.fetched().changed


def test_file_that_is_overwritten_while_it_is_fetched_is_never_complete(stage: Stage, file: Path) -> None:
    file.write_bytes(LARGE)
    one = stage()
    with dialled(one.url, BMC) as connection:
        connection.sendall(f"GET {one.offer.path} HTTP/1.1\r\n\r\n".encode())
        connection.recv(10)
        with file.open("r+b") as other:
            other.write(b"other")
        with suppress(ConnectionResetError):
            rest(connection)
    found = when(one, lambda fetched: fetched.changed)
    assert not found.complete


def test_file_that_is_replaced_while_it_is_fetched_arrives_as_it_was(stage: Stage, file: Path) -> None:
    file.write_bytes(LARGE)
    one = stage()
    with connected(one.url, BMC) as connection:
        connection.request("GET", one.offer.path)
        answer = connection.getresponse()
        other = file.with_name("new")
        other.write_bytes(SMALL)
        other.replace(file)
        assert answer.read() == LARGE
    assert when(one, lambda fetched: fetched.complete).size == len(LARGE)


@pytest.mark.parametrize("damage", ["missing", "folder", "pipe", "empty"])
def test_what_is_no_file_is_refused_before_anything_listens(tmp_path: Path, damage: str) -> None:
    path = tmp_path / damage
    if damage == "folder":
        path.mkdir()
    elif damage == "pipe":
        os.mkfifo(path)
    elif damage == "empty":
        path.touch()
    with pytest.raises(LocalFailure, match="cannot be staged"), staged(path, BMC, Place(), SystemClock()):
        pass


def test_end_ends_what_is_under_way_and_leaves_nothing_open(file: Path) -> None:
    file.write_bytes(LARGE)
    before, threads = _descriptors(), threading.active_count()
    for _round in range(5):
        with ExitStack() as held:
            with staged(file, BMC, Place(), SystemClock()) as one:
                for source in (BMC, BMC, STRANGER):
                    connection = held.enter_context(dialled(one.url, source))
                    connection.sendall(f"GET {one.offer.path} HTTP/1.1\r\n\r\n".encode())
                with suppress(OSError):
                    fetch(one.url, BMC)
            with pytest.raises(OSError, match="refused"):
                fetch(one.url, BMC)
    assert (_descriptors(), threading.active_count()) == (before, threads)


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_end_comes_with_an_exception(file: Path, error: type[BaseException]) -> None:
    urls = []

    def run() -> None:
        with staged(file, BMC, Place(), SystemClock()) as one:
            urls.append(one.url)
            raise error

    with pytest.raises(error):
        run()
    with pytest.raises(OSError, match="refused"):
        fetch(urls[0], BMC)


# A task: it stages, says so, and lives until it is killed.
TASK = """
import sys, time
from pathlib import Path
from tests.unit.firmware.staging.test_own import BMC, Place, SystemClock, staged
with staged(Path(sys.argv[1]), BMC, Place(), SystemClock()) as one:
    print(one.url, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_end_comes_with_the_process(file: Path, how: signal.Signals) -> None:
    task = subprocess.Popen([sys.executable, "-c", TASK, str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert task.stdout
    url = task.stdout.readline().strip()
    assert fetch(url, BMC).body == SMALL
    task.send_signal(how)
    task.communicate()
    with pytest.raises(OSError, match="refused"):
        fetch(url, BMC)


def test_many_requests_leave_no_descriptor(stage: Stage) -> None:
    one = stage()
    fetch(one.url, BMC)
    eventually(lambda: not one.server._open)
    before = _descriptors()
    for _request in range(100):
        fetch(one.url, BMC)
        fetch(one.url, STRANGER)
    eventually(lambda: _descriptors() == before)


def test_token_is_not_in_what_python_shows(stage: Stage) -> None:
    one: Way = stage()
    assert one.url.split("/")[-2] not in repr(one)
