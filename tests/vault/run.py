# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A program in the place of ansible-playbook: it makes a broker, then forks workers that ask it.

    python -m tests.vault.run FOLDER

Each line of its input is a JSON list of chains of references; a worker is forked for each, all at once, and their
answers are printed as a JSON list. It ends with its input.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError
from ansible_collections.openchami.bmc.plugins.module_utils._credentials.broker import Broker


def worker(broker: Broker, references: Any) -> Any:
    try:
        account = broker.account(references)
    except BmcError as error:
        return [error.kind, str(error)]
    return [account.username, account.password]


def forked(broker: Broker, references: Any, start: tuple[int, int]) -> int:
    """The read end of a pipe with the answer of a new worker, which begins at the end of what start brings."""
    read, write = os.pipe()
    if os.fork():
        os.close(write)
        return read
    os.close(start[1])
    os.read(start[0], 1)
    os.write(write, json.dumps(worker(broker, references)).encode())
    os._exit(0)


def main() -> None:
    broker = Broker(Path(sys.argv[1]))
    for line in sys.stdin:
        start = os.pipe()
        pipes = [forked(broker, references, start) for references in json.loads(line)]
        for end in start:
            os.close(end)
        answers = []
        for pipe in pipes:
            with os.fdopen(pipe) as answer:
                answers.append(json.loads(answer.read() or '"the worker died"'))
            os.wait()
        print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    main()
