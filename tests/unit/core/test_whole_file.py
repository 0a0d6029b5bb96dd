# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole files: whoever is killed, and whoever else writes, a reader sees a whole one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import LocalFailure
from ansible_collections.openchami.bmc.plugins.module_utils._core.whole_file import alone_in, keep_newest, write_all

# Writes files of some hundred kilobytes for ever, each with one number throughout; says when it begins.
WRITER = """
import json, sys
from itertools import count
from pathlib import Path
from ansible_collections.openchami.bmc.plugins.module_utils._core.whole_file import alone_in, write_all

folder = Path(sys.argv[1])
for number in count(int(sys.argv[2])):
    with alone_in(folder):
        write_all(folder, {name: json.dumps([number] * 40000) for name in ("a.json", "b.json")})
    print(number, flush=True)
"""


def writer(folder: Path, first: int = 0) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(first)], stdout=subprocess.PIPE)


def whole(folder: Path) -> bool:
    """Whether both files are one writer's."""
    contents = [json.loads((folder / name).read_bytes()) for name in ("a.json", "b.json")]
    return all(len(content) == 40000 and len(set(content)) == 1 for content in contents)


def begun(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline()


def test_killed_at_any_moment_it_leaves_whole_files(tmp_path: Path) -> None:
    for moment in range(25):
        process = writer(tmp_path)
        begun(process)
        time.sleep(moment / 2000)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert whole(tmp_path)
        # What it left beside them does not pile up.
        assert len(list(tmp_path.iterdir())) <= 4


def test_two_writers_take_turns_and_readers_see_whole_files(tmp_path: Path) -> None:
    processes = [writer(tmp_path, first) for first in (0, 1000000)]
    try:
        for process in processes:
            begun(process)
        for _look in range(200):
            assert whole(tmp_path)
        assert [process.poll() for process in processes] == [None, None], "one stumbled over the other"
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_failed_write_keeps_what_was_there(tmp_path: Path) -> None:
    with alone_in(tmp_path):
        write_all(tmp_path, {"a": "old"})
    (tmp_path / ".part").mkdir()
    with pytest.raises(LocalFailure, match=r"result could not be written.*Is a directory"), alone_in(tmp_path):
        write_all(tmp_path, {"a": "new"})
    assert (tmp_path / "a").read_text(encoding="utf-8") == "old"


def test_what_a_killed_writer_left_is_used_up_by_a_file_of_another_name(tmp_path: Path) -> None:
    (tmp_path / ".part").write_text("half a fi", encoding="utf-8")
    with alone_in(tmp_path):
        write_all(tmp_path, {"20261128.json": "{}"})
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "20261128.json"]


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for name in ("3.json", "1.json", "2.json", "0.txt"):
        (tmp_path / name).touch()
    keep_newest(tmp_path, "*.json", 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.txt", "2.json", "3.json"]
    keep_newest(tmp_path, "*.json", 0)
    assert [path.name for path in tmp_path.iterdir()] == ["0.txt"]
