# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What reading thousands of BMCs costs: our sweep, and a plain crawler of threads and requests, on the same documents.

The BMCs are one nginx, which answers with static documents over TLS on every address of 127.0.0.0/8; its module echo
delays the answers. Both come from Debian.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.run import markdown
from tests.simulator.certificate import issue

PORTS = {"0 ms": 18443, "100 ms": 18444}
SIZES = (1_000, 5_000)
_MODULE = Path("/usr/lib/nginx/modules/ngx_http_echo_module.so")
_CONFIGURATION = """
load_module {module};
worker_processes 1;
worker_rlimit_nofile 65536;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    default_type application/json;
    keepalive_requests 100000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    root {folder}/documents;
    allow 127.0.0.0/8;
    deny all;
    server {{ listen {at_once} ssl backlog=4096; location / {{ try_files $uri/index.json =404; }} }}
    server {{
        listen {later} ssl backlog=4096;
        location / {{ echo_sleep 0.1; echo_exec @document; }}
        location @document {{ try_files $uri/index.json =404; }}
    }}
}}
"""


def documents() -> dict[str, dict[str, Any]]:
    """Twenty resources by URI, as many and as large as those of an ordinary BMC."""
    names = ["Systems/1", "Managers/1", "Chassis/1"]
    names += [f"Systems/1/Processors/{number}" for number in (1, 2)]
    names += [f"Systems/1/Memory/{number}" for number in range(1, 9)]
    collections = ["Systems", "Managers", "Chassis", "Systems/1/Processors", "Systems/1/Memory"]
    found: dict[str, dict[str, Any]] = {"/redfish/v1": {"RedfishVersion": "1.18.0", "Vendor": "Static"}}
    for name in (*collections, *names, "UpdateService"):
        uri = f"/redfish/v1/{name}"
        found[uri] = {"@odata.id": uri, "Id": name.rpartition("/")[2], "Status": {"State": "Enabled", "Health": "OK"}}
        found[uri] |= {f"Property{number}": f"{name} value {number}" for number in range(30)}
    return found


def table() -> str:
    """Measure, and show it as Markdown; or say why not."""
    if not _installed():
        return "The crawl is skipped: nginx and its module echo are not there, and apt-get does not install them."
    rows = []
    with _served() as folder:
        for size in SIZES:
            for delay, port in PORTS.items():
                for crawler, at_once in (("ours", 400), ("ours", 1_000), ("requests", 100)):
                    figures = _measured(folder, crawler, size, port, at_once)
                    print(f"  {crawler}, {size} BMCs, {delay}, {at_once} at once: {figures}", flush=True)
                    rows.append(_line(crawler, size, delay, at_once, figures))
    columns = ["crawler", "BMCs", "answers after", "at once", "wall s", "CPU ms a BMC", "memory MiB", "GETs a BMC"]
    return markdown(columns, rows)


def _line(crawler: str, size: int, delay: str, at_once: int, figures: dict[str, float]) -> list[str]:
    told = [f"{figures['wall']:.1f}", f"{figures['cpu'] / size * 1000:.1f}", f"{figures['memory']:.0f}"]
    return [crawler, str(size), delay, str(at_once), *told, f"{figures['requests'] / size:.0f}"]


def _measured(folder: Path, crawler: str, size: int, port: int, at_once: int) -> dict[str, float]:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.crawlers", crawler, str(size), str(port), str(at_once)]
    done = subprocess.run([*command, str(folder / "uris.json")], check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    if figures["answered"] != size:
        sys.exit(f"{crawler}: {figures['answered']} of {size} BMCs answered\n{done.stderr[-2000:]}")
    return figures


def _installed() -> bool:
    if not (shutil.which("nginx") and _MODULE.exists()) and os.geteuid() == 0 and shutil.which("apt-get"):
        command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "nginx", "libnginx-mod-http-echo"]
        # Where it starts services by itself, the package would start its own server on port 80.
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
        subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False)
    return bool(shutil.which("nginx")) and _MODULE.exists()


@contextmanager
def _served() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bmc-crawl-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        _write(folder)
        with subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-p", name]) as nginx:
            try:
                _await(folder / "nginx.pid", nginx)
                yield folder
            finally:
                nginx.terminate()


def _write(folder: Path) -> None:
    found = documents()
    for uri, document in found.items():
        place = folder / "documents" / uri.strip("/")
        place.mkdir(parents=True, exist_ok=True)
        (place / "index.json").write_text(json.dumps(document))
    (folder / "uris.json").write_text(json.dumps(list(found)))
    (folder / "server.pem").write_bytes(issue("static", "127.0.0.1").pem)
    at_once, later = PORTS.values()
    told = _CONFIGURATION.format(folder=folder, module=_MODULE, at_once=at_once, later=later)
    (folder / "nginx.conf").write_text(told)


def _await(file: Path, nginx: subprocess.Popen[bytes], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not (file.exists() and file.read_text()):
        if nginx.poll() is not None or time.monotonic() > deadline:
            sys.exit("nginx did not start")
        time.sleep(0.02)


def addresses(size: int) -> Sequence[str]:
    """So many BMCs."""
    return [f"127.{30 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}" for number in range(size)]
