# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The BMCs whose documents are mutated: every simulated profile, and where BMC_TREES names them, every recording."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from hypothesis import settings

from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import BmcError
from ansible_collections.openchami.bmc.plugins.module_utils._operations import facts, info, watch
from ansible_collections.openchami.bmc.plugins.module_utils._operations.connect import Bmc
from ansible_collections.openchami.bmc.plugins.module_utils._operations.power_rules import STATES
from ansible_collections.openchami.bmc.plugins.module_utils._redfish.service import Service
from ansible_collections.openchami.bmc.plugins.module_utils._vendors import registry
from tests.simulator.bmc import Bmc as SimulatedBmc
from tests.simulator.clock import LoopClock
from tests.simulator.fleet import expand
from tests.simulator.profile import profile_names
from tests.trees.archives import each, tree
from tests.trees.reads import Reads

from . import answers
from .answers import Answers

Path = tuple[str | int, ...]
Document = dict[str, Any]
Look = Callable[[Bmc], None]

_ROOT = "/redfish/v1"

# Of a longer list the first entries stand for all.
_ENTRIES = 3


@dataclass(frozen=True)
class Place:
    """A place in an answer. uri: of the document. path: keys and indices down to it; () is the whole document."""

    uri: str
    path: Path


@dataclass(frozen=True)
class Subject:
    """A BMC.

    documents: what operations read of it, by path. facts: what bmc_info shows of it. read: the places that operations
    look at, also those where nothing is. unread: all other places of the same documents.
    """

    documents: Mapping[str, Document]
    facts: Document
    read: tuple[Place, ...]
    unread: tuple[Place, ...]

    def places_in(self, collection: str) -> tuple[Place, ...]:
        """The places that are read in the members of one of the root's collections."""
        members = {entry["uri"].rstrip("/") for entry in self.facts[collection]}
        return tuple(place for place in self.read if place.uri in members)


# With `make soak` only: each of these answers much as another profile of its dialect does.
ALIKE = (
    *("ami_dgx_h100", "cray_ex_cc", "cray_ex_sc", "dell_idrac10", "dell_idrac9_3", "hpe_ilo6", "hpe_ilo7"),
    *("lenovo_xcc3", "nvidia_gb200", "supermicro_gb300", "supermicro_x10"),
)
SUBJECTS = [
    *(pytest.param(name, marks=pytest.mark.soak if name in ALIKE else ()) for name in profile_names()),
    *each(),
]
"""Parameters for a test; a profile that is added later is among them by itself."""

shared = settings(max_examples=settings().max_examples // 3)
"""For a test that is done with each of them: fewer examples each."""


@functools.cache
def subject(name: str) -> Subject:
    """A BMC by the name of its profile or recording."""
    return _subject(name, _plans)


@functools.cache
def gathered(name: str) -> Subject:
    """The same, of what bmc_info gathers when it is asked for everything, and of a look at a known BMC."""
    return _subject(name, _parts)


def bios_read(name: str) -> Subject:
    """The same, of what bmc_bios and the facts of a BIOS look at."""
    return _subject(name, _setup)


def read_by(name: str, look: Look) -> Subject:
    """The same, of what anything else looks at."""
    return _subject(name, look)


def _subject(name: str, look: Look) -> Subject:
    documents = simulated(name) if name in profile_names() else _Recorded(tree(name).documents)
    shown, reads = _looked_at(documents, look)
    visited = {uri: documents[uri] for uri in reads}
    patterns = {uri: {read.path for read in seen} for uri, seen in reads.items()}
    places = [Place(uri, path) for uri, document in visited.items() for path in paths(document)]
    read = [place for place in places if _pattern(place.path) in patterns[place.uri]]
    absent = [
        Place(uri, tuple(path.strip("/").split("/")))
        for uri, paths in patterns.items()
        for path in sorted(paths - {_pattern(place.path) for place in places if place.uri == uri})
        if "[]" not in path
    ]
    unread = tuple(place for place in places if place.path and _pattern(place.path) not in patterns[place.uri])
    return Subject(visited, shown, (*read, *absent), unread)


class _Recorded(dict[str, Document]):
    """Recorded answers, parsed when they are asked for."""

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        super().__init__()
        self._bodies = bodies

    def __missing__(self, path: str) -> Document:
        self[path] = json.loads(self._bodies[path])
        return self[path]

    def get(self, path: str, default: Any = None) -> Any:
        return self[path] if path in self._bodies else default


def simulated(profile: str) -> dict[str, Document]:
    """All documents of a simulated BMC as it is at the start, by path."""
    [spec] = expand({"bmcs": [{"name": "one", "profile": profile, "address": "127.0.0.1"}]})
    bmc = SimulatedBmc(spec, LoopClock())
    return {uri.rstrip("/"): bmc.profile.document(bmc, uri) for uri in bmc.layout.documents}


class _WatchedService(Service):
    """Records which places of which documents are read. reads: by path of the document."""

    def __init__(self, reader: Answers, reads: dict[str, Reads]) -> None:
        super().__init__(reader)
        self._reads = reads

    def get(self, uri: str) -> Document:
        return self._watched(uri, super().get(uri))

    def root(self) -> Document:
        return self._watched(_ROOT, super().root())

    def _watched(self, uri: str, document: Mapping[str, Any]) -> Document:
        return self._reads.setdefault(answers.ORIGIN.path_of(uri).rstrip("/"), Reads()).wrap(dict(document))


def _looked_at(documents: Mapping[str, Document], look: Look) -> tuple[Document, dict[str, Reads]]:
    """The facts, and the places that bmc_info and this look at."""
    reads: dict[str, Reads] = {}
    bmc = answers.connected(Answers(documents), {})
    bmc.service = _WatchedService(Answers(documents), reads)
    registry.detect(bmc.service)
    bmc.driver.inventory.serial_number(bmc.service)
    shown = info.run(bmc)
    look(bmc)
    return shown, reads


def _parts(bmc: Bmc) -> None:
    facts.gathered(bmc, facts.SUBSETS)
    watch.watch(bmc, {})


def _setup(bmc: Bmc) -> None:
    facts.gathered(bmc, [facts.BIOS])


def _plans(bmc: Bmc) -> None:
    # Another identity makes it read what tells one machine from another, and ends the plan; without one it goes on.
    for state, kind, identity in product(STATES, ("system", "chassis", "manager"), ({"uuid": "another"}, {})):
        try:
            answers.predicted(bmc, state, kind, identity=identity)
        except BmcError:
            continue


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value[:_ENTRIES]):
            yield from paths(inner, (*path, index))


def _pattern(path: Path) -> str:
    """The path as the recorder writes it."""
    return "".join(f"/{'[]' if isinstance(key, int) else key}" for key in path)
