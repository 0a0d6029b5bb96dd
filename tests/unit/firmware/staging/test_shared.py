# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server of a play as a process: found by all, private to its user, and gone with its play, however that ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest, LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.addresses import Advertised
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.place import Place
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.shared import PlayServer, SharedStage
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.stage import Stage
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.wish import Staged, Wish
from tests.simulator.control import Simulator, eventually
from tests.simulator.images import build
from tests.staging.client import dialled, fetch
from tests.unit.simulator.conftest import Client
from tests.vault.processes import shown, wait_for_end

CONTENT = b"firmware" * 1000
ROOT = Path(__file__).resolve().parents[4]

# A play: it holds the write end of the lifeline, stages, says so, and lives until it is killed.
PLAY = """
import os, sys, time
from pathlib import Path
from tests.unit.firmware.staging.test_shared import PlayServer, wish
read, write = os.pipe()
staged = PlayServer(Path(sys.argv[1]), "a play").stage(wish(Path(sys.argv[2])), read)
print(staged.pid, staged.url, flush=True)
time.sleep(600)
"""


def wish(file: Path, number: int = 1, **other: object) -> Wish:
    address = f"127.61.0.{number}"
    found = Wish(f"node{number}", str(file), "bios.bin", (address,), Advertised("127.0.0.1"), Place(), 600.0)
    return replace(found, **other)  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bios.bin"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def lifeline() -> Iterator[tuple[int, int]]:
    """Of the play: read end, write end."""
    read, write = os.pipe()
    yield read, write
    for end in (read, write):
        with suppress(OSError):
            os.close(end)


@pytest.fixture
def server(tmp_path: Path, lifeline: tuple[int, int]) -> Iterator[PlayServer]:
    """Of a play that ends with the test."""
    folder = tmp_path / "staging"
    yield PlayServer(folder, "a play")
    os.close(lifeline[1])
    eventually(lambda: folders(folder) == [])


def folders(folder: Path) -> list[Path]:
    return [entry for entry in folder.iterdir() if entry.is_dir()] if folder.exists() else []


def is_refused(url: str) -> bool:
    try:
        fetch(url, "127.61.0.1")
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def test_fifty_tasks_at_once_start_one_server(server: PlayServer, file: Path, lifeline: tuple[int, int]) -> None:
    def stage(number: int) -> Staged:
        return server.stage(wish(file, number), lifeline[0])

    with ThreadPoolExecutor(50) as pool:
        staged = list(pool.map(stage, range(1, 51)))
    assert len({one.pid for one in staged}) == 1
    assert len({one.url for one in staged}) == 50
    assert all(one.new for one in staged)
    assert fetch(staged[6].url, "127.61.0.7").body == CONTENT
    assert fetch(staged[6].url, "127.61.0.8").status == 404
    shown = server.show("node7")
    assert shown
    assert (shown.fetched.gets, shown.fetched.refused_from) == (1, ("127.61.0.8",))


def test_fifty_simulated_bmcs_fetch_at_once(server: PlayServer, file: Path, lifeline: tuple[int, int]) -> None:
    """As BMCs do it: told by SimpleUpdate, each from its own address, and each judges the bytes that it got."""
    file.write_bytes(build("BMC", "9.9.9", 1 << 20))
    urls = {f"127.61.0.{number}": server.stage(wish(file, number), lifeline[0]).url for number in range(1, 51)}

    def submit(bmc: Mapping[str, Any]) -> int:
        client = Client(bmc["address"], bmc["port"])
        (action,) = client.get("/redfish/v1/UpdateService")["Actions"].values()
        return client.ask("POST", action["target"], {"ImageURI": urls[bmc["address"]]}).status

    def ends() -> list[str]:
        return [update["state"] for bmc in bmcs for update in simulator.state(bmc["name"])["updates"]]

    with socket.create_server(("127.61.0.1", 0)) as free:
        port = free.getsockname()[1]
    timing = {"flash": 0.1, "manager_reset": 0.1}
    entry = {
        "name": "ilo{}",
        "profile": "hpe_ilo5",
        "address": "127.61.0.1",
        "count": 50,
        "timing": timing,
        "idle_limit": None,
    }
    with Simulator.start({"port": port, "bmcs": [entry]}, file.parent) as simulator:
        bmcs = simulator.bmcs()
        with ThreadPoolExecutor(50) as pool:
            assert set(pool.map(submit, bmcs)) == {202}
        eventually(lambda: ends() == ["Completed"] * 50)
    for number in range(1, 51):
        shown = server.show(f"node{number}")
        assert shown
        assert (shown.fetched.complete, shown.fetched.gets, shown.fetched.refused) == (True, 1, 0)


def test_server_holds_nothing_of_the_task_and_shows_no_secret(
    server: PlayServer, file: Path, lifeline: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "canary-8a1f")
    staged = server.stage(wish(file), lifeline[0])
    token = staged.url.split("/")[-2].encode()
    assert shown(staged.pid, "cmdline")
    assert [secret in shown(staged.pid, name) for secret in (token, b"canary") for name in ("cmdline", "environ")] == [
        False
    ] * 4
    (folder,) = folders(server.folder)
    assert (folder.stat().st_mode & 0o777, (folder / "socket").stat().st_mode & 0o777) == (0o700, 0o600)
    assert not any(token in path.read_bytes() for path in server.folder.rglob("*") if path.is_file())
    # Its own: the sockets, the lifeline, standard three, the file, an epoll each of its two loops, the wake-up pair.
    eventually(lambda: len(list(Path(f"/proc/{staged.pid}/fd").iterdir())) == 11)
    assert os.getsid(staged.pid) != os.getsid(0)


def test_plays_do_not_see_each_other(server: PlayServer, file: Path, lifeline: tuple[int, int]) -> None:
    other = PlayServer(server.folder, "another play")
    staged = server.stage(wish(file), lifeline[0])
    assert other.show("node1") is None
    assert other.stage(wish(file), lifeline[0]).pid != staged.pid
    assert other.end("node1")
    assert server.show("node1")


def test_end_of_the_last_ends_the_process(server: PlayServer, file: Path, lifeline: tuple[int, int]) -> None:
    staged = server.stage(wish(file), lifeline[0])
    server.stage(wish(file, 2), lifeline[0])
    assert fetch(staged.url, "127.61.0.1").body == CONTENT
    ended = server.end("node1")
    assert ended
    assert ended.fetched.complete
    assert fetch(staged.url, "127.61.0.1").status == 404
    assert server.end("node1") is None
    server.end("node2")
    wait_for_end(staged.pid)
    assert server.end("node2") is None
    assert server.show("node2") is None
    assert is_refused(staged.url)


def test_a_server_on_the_same_port_follows_at_once(server: PlayServer, file: Path, lifeline: tuple[int, int]) -> None:
    """As in a play with `serial`: the last host of a batch stops it, the first of the next one starts it."""
    with socket.create_server(("", 0)) as free:
        place = Place(str(free.getsockname()[1]))
    pids = set()
    for _batch in range(5):
        pids.add(server.stage(wish(file, place=place), lifeline[0]).pid)
        server.end("node1")
    assert len(pids) == 5


def test_lease_that_runs_out_ends_the_process(server: PlayServer, file: Path, lifeline: tuple[int, int]) -> None:
    staged = server.stage(wish(file, lease=0.2), lifeline[0])
    wait_for_end(staged.pid)
    assert folders(server.folder) == []
    assert server.stage(wish(file), lifeline[0]).url != staged.url


def test_sigterm_leaves_no_socket_and_no_port(server: PlayServer, file: Path, lifeline: tuple[int, int]) -> None:
    staged = server.stage(wish(file), lifeline[0])
    with dialled(staged.url, "127.61.0.1"):
        os.kill(staged.pid, signal.SIGTERM)
        wait_for_end(staged.pid)
    assert folders(server.folder) == []
    assert is_refused(staged.url)


def test_killed_server_is_replaced_and_its_leftovers_cleaned(
    server: PlayServer, file: Path, lifeline: tuple[int, int]
) -> None:
    staged = server.stage(wish(file), lifeline[0])
    os.kill(staged.pid, signal.SIGKILL)
    wait_for_end(staged.pid)
    assert len(folders(server.folder)) == 1
    assert server.show("node1") is None
    again = server.stage(wish(file), lifeline[0])
    assert (again.new, again.pid != staged.pid) == (True, True)
    os.kill(again.pid, signal.SIGKILL)
    wait_for_end(again.pid)
    assert PlayServer(server.folder, "another play").end("node1") is None
    assert folders(server.folder) == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_server_ends_with_its_play(tmp_path: Path, file: Path, how: signal.Signals) -> None:
    play = subprocess.Popen(
        [sys.executable, "-c", PLAY, str(tmp_path / "staging"), str(file)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert play.stdout
    pid, url = play.stdout.readline().split()
    assert fetch(url, "127.61.0.1").body == CONTENT
    play.send_signal(how)
    play.communicate(timeout=30)
    wait_for_end(int(pid))
    assert folders(tmp_path / "staging") == []
    assert is_refused(url)


def test_play_on_another_machine_is_known_by_its_lease_alone(tmp_path: Path, file: Path) -> None:
    staged = PlayServer(tmp_path / "staging", "a play").stage(wish(file, lease=0.5))
    wait_for_end(staged.pid)
    assert folders(tmp_path / "staging") == []


def test_no_port_is_told_by_the_task_that_asks_and_leaves_nothing(server: PlayServer, file: Path) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:  # noqa: S104 - the server listens on all addresses, too
        port = taken.getsockname()[1]
        with pytest.raises(LocalFailure, match=f"port {port} cannot be listened on"):
            server.stage(wish(file, place=Place(str(port))))
    assert folders(server.folder) == []


def test_certificate_that_cannot_be_read_is_told_and_leaves_nothing(server: PlayServer, file: Path) -> None:
    with pytest.raises(LocalFailure, match="certificate for staging"):
        server.stage(wish(file, place=Place(certificate="/nowhere", key="/nowhere")))
    assert folders(server.folder) == []


def test_errors_arrive_as_they_were_raised(server: PlayServer, file: Path, lifeline: tuple[int, int]) -> None:
    server.stage(wish(file), lifeline[0])
    with pytest.raises(LocalFailure, match=r"cannot be staged: /nowhere: No such file"):
        server.stage(wish(Path("/nowhere"), 2), lifeline[0])
    with pytest.raises(InvalidRequest, match="in another way"):
        server.stage(wish(file, 2, place=Place("8080")), lifeline[0])


def test_a_task_that_says_nothing_holds_up_no_other_for_long(
    server: PlayServer, file: Path, lifeline: tuple[int, int]
) -> None:
    server.stage(wish(file), lifeline[0])
    with socket.socket(socket.AF_UNIX) as other:
        other.connect(str(server.control / "socket"))
        other.sendall(b"{")
        thread = threading.Timer(0.2, other.close)
        thread.start()
        assert server.show("node1")
        thread.join()


def test_stage_of_the_update_asks_the_server(server: PlayServer, file: Path, lifeline: tuple[int, int]) -> None:
    staged = server.stage(wish(file), lifeline[0])
    where: Any = {"lasts": False, "control": str(server.control), "machine": socket.gethostname()}
    stage = SharedStage("node1", staged.url, staged.origin, staged.found, staged.digest, **where)
    fetch(stage.url, "127.61.0.1", range="bytes=0-99")

    def told() -> tuple[int, bool, int]:
        found = stage.fetched()
        assert found
        return found.received, found.complete, found.ranged

    # The client has the bytes before the server has noted it.
    eventually(lambda: told() == (100, False, 1))
    assert replace(stage, machine="elsewhere").fetched() is None
    way: Stage = stage
    way.close()
    assert way.fetched()
    server.end("node1")
    with pytest.raises(LocalFailure, match="not staged any more"):
        stage.fetched()


def test_memory_does_not_grow_with_the_file(server: PlayServer, tmp_path: Path, lifeline: tuple[int, int]) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as sparse:
        sparse.truncate(256 << 20)
    staged = server.stage(wish(large), lifeline[0])
    with dialled(staged.url, "127.61.0.1") as connection:
        connection.sendall(f"GET /{staged.url.split('/', 3)[3]} HTTP/1.0\r\n\r\n".encode())
        buffer = bytearray(1 << 20)
        while connection.recv_into(buffer):
            pass
    status = Path(f"/proc/{staged.pid}/status").read_text(encoding="ascii")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    assert peak < 64 << 10
