# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The crawl is a plan, not a client: it says what to read next, and who drives it may read many at once.

A plan yields a wave, the URIs that can be read now, none of them ever twice, and is sent their answers::

    wave = next(crawl)
    while True:
        wave = crawl.send({uri: answer to its GET for uri in wave})    # until StopIteration, whose value is the result

The result is that of an ordinary reading function. Links that it is known to read are followed beforehand, so that a
wave is large; what it asks for besides is the next wave, and it begins again. So a table that lacks a link costs time,
never an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, Union

from .._core.errors import BadAnswer, BmcError, ForeignLink, LoginRefused, RefusedByBmc, Unreachable
from .._transport.origin import Origin
from .reset import values_elsewhere
from .resource import Document, link, links, objects, text
from .service import MOST_PAGES, ROOT, Service, key

Result = TypeVar("Result")

Answer = Union[Document, BmcError]  # noqa: UP007 - ansible-test's pylint does not understand the other form here
"""The document, or the error of its GET: 404 is RefusedByBmc with that status."""

Plan = Generator[tuple[str, ...], Mapping[str, Answer], Result]

Row = Callable[[Document], Iterable[tuple[str, str]]]
"""Links that are followed from a resource: URI and type of what is there."""

Table = Mapping[str, Sequence[Row]]
"""The rows of each type of resource. Of a type that ends in Collection all pages and members are followed."""

_COLLECTION = "Collection"


def to(kind: str, *path: str) -> Row:
    """The link at a path, to a resource of this type."""

    def row(document: Document) -> Iterable[tuple[str, str]]:
        uri = link(document, *path)
        return ((uri, kind),) if uri else ()

    return row


def to_each(kind: str, *path: str) -> Row:
    """The links of an array at a path."""
    return lambda document: [(uri, kind) for uri in links(document, *path)]


def to_reset_values(document: Document) -> Iterable[tuple[str, str]]:
    """The ActionInfo, where a reset tells its values only there."""
    uri = values_elsewhere(document)
    return ((uri, "ActionInfo"),) if uri else ()


def joined(*tables: Table) -> Table:
    """One table of several."""
    kinds = {kind for table in tables for kind in table}
    return {kind: [row for table in tables for row in table.get(kind, ())] for kind in kinds}


class Unread(Exception):
    """A reading function asked for what was not read yet. uris: at least one, as it spelled them."""

    def __init__(self, *uris: str) -> None:
        super().__init__(*uris)
        self.uris = uris


def plan(
    read: Callable[[Service], Result], root: Document, origin: Origin, table: Table, expand: str = ""
) -> Plan[Result]:
    """The plan of a reading function.

    root: the service root, read before. table: the links to follow beforehand. expand: the query that makes a
    collection come with its members ("$expand=."), "" for a service that is not known to answer it whole.
    Raises what the reading function raises, and LoginRefused as soon as the login is refused: the first wave is one
    URI, so that a wrong password is tried once.
    """
    crawl = _Crawl(root, origin, table, expand)
    service = _ReadService(crawl)
    while True:
        while wave := crawl.wave():
            crawl.take((yield wave))
        try:
            return read(service)
        except Unread as unread:
            for uri in unread.uris:
                crawl.want(uri)


def drive(plan: Plan[Result], get: Callable[[str], Document]) -> Result:
    """Carry out a plan, one GET after the other. Raises Unreachable and LoginRefused (401) at once."""
    try:
        wave = next(plan)
        while True:
            wave = plan.send({uri: _answer(get, uri) for uri in wave})
    except StopIteration as end:
        result: Result = end.value
        return result


def _answer(get: Callable[[str], Document], uri: str) -> Answer:
    try:
        return get(uri)
    except (BadAnswer, RefusedByBmc) as error:
        return error
    except LoginRefused as error:
        if error.status == 401:
            raise
        return error


@dataclass(frozen=True)
class _Link:
    """Something to read. kind: its type, "" where not known. page: its number. query: added to the path."""

    path: str
    kind: str
    page: int = 1
    query: str = ""

    @property
    def uri(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


class _Crawl:
    """What was read so far, and what can be read now."""

    def __init__(self, root: Document, origin: Origin, table: Table, expand: str) -> None:
        self._origin = origin
        self._table = table
        self._expand = expand
        self._answers: dict[str, Answer] = {ROOT: root}
        self._met = {ROOT}
        self._waiting: list[_Link] = []
        self._asked: dict[str, _Link] = {}
        self._welcome = False
        self._follow(root, _Link(ROOT, "ServiceRoot"))

    def answer(self, uri: str) -> Answer | None:
        """What was answered; None where nobody asked yet."""
        try:
            return self._answers.get(key(self._path(uri)))
        except ForeignLink:
            return self._answers.get(key(uri))

    def want(self, uri: str, kind: str = "", page: int = 1) -> None:
        """Read this in the next wave, unless it was met before. A link that leads away is an error at once."""
        try:
            path = self._path(uri)
        except ForeignLink as error:
            self._answers[key(uri)] = error
            return
        if key(path) not in self._met:
            self._met.add(key(path))
            query = self._expand if kind.endswith(_COLLECTION) and "?" not in path else ""
            self._waiting.append(_Link(path, kind, page, query))

    def wave(self) -> tuple[str, ...]:
        """What can be read now. Until an answer shows that the login is good, one URI."""
        now = self._waiting if self._welcome else self._waiting[:1]
        self._waiting = self._waiting[len(now) :]
        self._asked = {link.uri: link for link in now}
        return tuple(self._asked)

    def take(self, answers: Mapping[str, Answer]) -> None:
        """The answers to the last wave. Raises LoginRefused, and Unreachable where nothing was answered yet."""
        for uri, asked in self._asked.items():
            answer = answers[uri]
            if isinstance(answer, LoginRefused) and answer.status == 401:
                raise answer
            if not self._welcome and isinstance(answer, (LoginRefused, Unreachable)):
                raise answer
            if asked.query and isinstance(answer, (BadAnswer, RefusedByBmc)):
                # It may be the query that the service does not answer.
                self._waiting.append(replace(asked, query=""))
            else:
                self._keep(answer, asked)

    def _keep(self, answer: Answer, at: _Link) -> None:
        self._answers[key(at.path)] = answer
        if not isinstance(answer, BmcError):
            self._welcome = True
            self._follow(answer, at)

    def _follow(self, document: Document, at: _Link) -> None:
        kind = at.kind or _type(document)
        if kind.endswith(_COLLECTION) or (not kind and "Members" in document):
            self._follow_members(document, kind, at.page)
        for row in self._table.get(kind, ()):
            for uri, target in row(document):
                self.want(uri, target)

    def _follow_members(self, document: Document, kind: str, page: int) -> None:
        for entry in objects(document, "Members"):
            uri = link(entry)
            if uri and "Id" in entry:
                self._keep_member(uri, kind.removesuffix(_COLLECTION), entry)
            elif uri:
                self.want(uri, kind.removesuffix(_COLLECTION))
        following = text(document, "Members@odata.nextLink")
        if following and page < MOST_PAGES:
            self.want(following, kind or _COLLECTION, page + 1)

    def _keep_member(self, uri: str, kind: str, document: Document) -> None:
        """A member that came whole with its collection."""
        try:
            at = _Link(self._path(uri), kind)
        except ForeignLink as error:
            self._answers[key(uri)] = error
            return
        if key(at.path) not in self._met:
            self._met.add(key(at.path))
            self._keep(document, at)

    def _path(self, uri: str) -> str:
        """The path and query of a URI. Raises ForeignLink."""
        plain = uri.startswith("/") and not uri.startswith("//") and "/." not in uri
        return uri.partition("#")[0] if plain else self._origin.path_of(uri)


class _ReadService(Service):
    """The resources that a plan has read. For any other, Unread is raised."""

    def __init__(self, crawl: _Crawl) -> None:
        super().__init__(_Replay(crawl))
        self._crawl = crawl

    def ahead(self, *uris: str | None) -> None:
        missing = [uri for uri in uris if uri and self._crawl.answer(uri) is None]
        if missing:
            raise Unread(*missing)


class _Replay:
    """Reads from the answers that a plan was sent."""

    def __init__(self, crawl: _Crawl) -> None:
        self._crawl = crawl

    def get(self, uri: str) -> dict[str, object]:
        answer = self._crawl.answer(uri)
        if answer is None:
            raise Unread(uri)
        if isinstance(answer, BmcError):
            raise answer
        return dict(answer)

    def get_unauthenticated(self, uri: str) -> dict[str, object]:
        return self.get(uri)


def _type(document: Document) -> str:
    """Processor of "#Processor.v1_12_0.Processor"; "" where the document tells none."""
    return (text(document, "@odata.type") or "").lstrip("#").partition(".")[0]
