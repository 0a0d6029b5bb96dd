# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What it costs to serve firmware: CPU of the server's process for each GiB, and the most memory that it held.

Both are the operating system's own account of that process. The clients are threads of this one, on the same cores.
Beside each stands a bare loop that sends the same bytes over one connection, without HTTP, threads or account:
socket.sendfile, for TLS copies of 256 KiB. On a busy machine only the ratio counts.
"""

from __future__ import annotations

import os
import socket
import ssl
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.addresses import Advertised
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.place import Place
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.shared import PlayServer
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.staging.wish import Wish
from tests.bench.run import markdown
from tests.simulator.certificate import issue
from tests.staging.client import dialled

_MIB, _GIB = 1 << 20, 1 << 30
_ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class _Case:
    """size: of the file. clients: at once, each from an address of its own. times: how often each fetches it all."""

    size: int
    clients: int
    times: int
    tls: bool

    @property
    def bytes(self) -> int:
        return self.size * self.clients * self.times


_CASES = [
    _Case(size, clients, times, tls)
    for tls in (False, True)
    for size, clients, times in ((64 * _MIB, 1, 32), (64 * _MIB, 50, 1), (4 * _GIB, 1, 1))
]


def table() -> str:
    """Measure, and show it as Markdown."""
    columns = ["server", "file MiB", "clients at once", "CPU s a GiB", "of a bare loop", "MB/s", "peak memory MiB"]
    return markdown(columns, [_measured(case) for case in _CASES])


def _measured(case: _Case) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="bmc-bench-") as name:
        folder = Path(name)
        file = folder / "firmware.bin"
        _fill(file, case.size)
        pem = folder / "pem"
        pem.write_bytes(issue("staging", _ADDRESS).pem)
        place = Place(certificate=str(pem), key=str(pem)) if case.tls else Place()
        context = ssl.create_default_context(cafile=str(pem)) if case.tls else None
        server = PlayServer(folder / "staging", "bench")
        sources = [f"127.70.0.{number}" for number in range(1, case.clients + 1)]
        urls = {}
        for source in sources:
            wish = Wish(source, str(file), "firmware.bin", (source,), Advertised(_ADDRESS), place, 600.0)
            staged = server.stage(wish)
            urls[source] = staged.url
        bare = _bare(file, pem if case.tls else None)
        used, begun = _cpu(staged.pid), time.monotonic()
        with ThreadPoolExecutor(case.clients) as pool:
            taken = sum(pool.map(lambda source: _fetch(urls[source], source, case.times, context), sources))
        seconds, used = time.monotonic() - begun, _cpu(staged.pid) - used
        peak = _peak(staged.pid)
        for source in sources:
            server.end(source)
    if taken < case.bytes:
        raise SystemExit(f"{taken} of {case.bytes} bytes arrived")
    cost = used * _GIB / case.bytes
    figures = [f"{cost:.2f}", f"{bare:.2f}", f"{case.bytes / seconds / 1e6:.0f}", f"{peak / 1024:.0f}"]
    return ["TLS" if case.tls else "plain", str(case.size // _MIB), str(case.clients), *figures]


def _fill(file: Path, size: int) -> None:
    """Real bytes, already in the page cache: what is measured is the serving, not the disk."""
    block = os.urandom(_MIB)
    with file.open("wb") as output:
        for _block in range(size // _MIB):
            output.write(block)


def _fetch(url: str, source: str, times: int, context: ssl.SSLContext | None) -> int:
    """Fetch a file several times, and throw it away; the bytes that came, heads included."""
    buffer, taken = bytearray(_MIB), 0
    path = url.split("/", 3)[3]
    for _time in range(times):
        plain = dialled(url, source)
        with context.wrap_socket(plain, server_hostname=_ADDRESS) if context else plain as connection:
            connection.sendall(f"GET /{path} HTTP/1.0\r\n\r\n".encode())
            while read := connection.recv_into(buffer):
                taken += read
    return taken


def _bare(file: Path, pem: Path | None) -> float:
    """CPU seconds a GiB of a process that does nothing but send."""
    times = max(1, _GIB // file.stat().st_size)
    with socket.create_server((_ADDRESS, 0)) as listener:
        child = os.fork()
        if not child:
            _send(listener, file, pem, times)
            os._exit(0)
        context = ssl.create_default_context(cafile=str(pem)) if pem else None
        buffer, taken = bytearray(_MIB), 0
        plain = socket.create_connection(listener.getsockname())
        with context.wrap_socket(plain, server_hostname=_ADDRESS) if context else plain as connection:
            while read := connection.recv_into(buffer):
                taken += read
        _pid, _status, usage = os.wait4(child, 0)
    return (usage.ru_utime + usage.ru_stime) * _GIB / taken


def _send(listener: socket.socket, file: Path, pem: Path | None, times: int) -> None:
    connection, _address = listener.accept()
    if pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        connection = context.wrap_socket(connection, server_side=True)
    buffer = memoryview(bytearray(256 << 10))
    with file.open("rb", buffering=0) as source:
        for _time in range(times):
            source.seek(0)
            if not pem:
                connection.sendfile(source)
                continue
            while read := source.readinto(buffer):
                connection.sendall(buffer[:read])
    connection.close()


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak(pid: int) -> int:
    """KiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
