# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a vendor profile declares. One file in `profiles/` holds one dialect; nothing else knows it by name."""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from . import profiles
from .configuration import INTERFACE, MANAGER, NETWORK_PROTOCOL, Growing, Rule
from .messages import Cause, Message
from .parts import Equipment
from .settings import InvalidInput

if TYPE_CHECKING:
    from .bios import Bios
    from .bmc import Bmc, Session
    from .host import Host
    from .update_rules.rules import Updates
    from .updates import Update

Document = dict[str, Any]
Builder = Callable[["Bmc"], Document]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: status, document (None: no body), further headers, whether the BMC then restarts, what it fetches.

    A document is sent as JSON; a text or bytes as they are, whose Content-Type is then among the headers.
    """

    status: int
    document: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    then_restart: bool = False
    then_download: Update | None = None


@dataclass(frozen=True, slots=True)
class Reset:
    """A Reset action: its name, its allowed values, and on what it acts.

    `system` is the id of a system. `chassis` are the ids of chassis with a power of their own: the one that has the
    action, then those in it, which go off with it and stay off when it goes on; () for an empty slot. `manager` is the
    URI of a manager beside the BMC, which restarts alone. Without any of them it is the BMC that restarts.
    """

    action: str
    allowed: tuple[str, ...]
    system: str | None = None
    chassis: tuple[str, ...] | None = None
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """What a BMC with a certain number of nodes consists of. URIs are written as the real BMC links them.

    `systems` are the ids of the computer systems; `documents` has the builder of every resource but the single
    sessions; `resets` the Reset actions by target; `writable` the properties that a PATCH may change, by URI; `chassis`
    the ids of those chassis that have a power of their own; `equipment` the parts of the machines (shelves.py);
    `bioses` the BIOSes that can be configured (bios.py).
    """

    systems: tuple[str, ...]
    documents: Mapping[str, Builder]
    resets: Mapping[str, Reset]
    writable: Mapping[str, tuple[str, ...]]
    chassis: tuple[str, ...] = ()
    equipment: Equipment = field(default_factory=Equipment)
    bioses: tuple[Bios, ...] = ()


class Profile(ABC):
    """A dialect of Redfish: the documents of a BMC as functions of its state, and how it behaves."""

    name: str
    node_counts: tuple[int, ...] = (1,)
    # Settings that differ from Settings(), as a fleet file would write them.
    defaults: Mapping[str, object] = MappingProxyType({})
    # Whether a URI with a slash too many or too few is answered with 308 to the linked form, instead of directly.
    redirects_sibling = False
    # Whether each resource carries an @odata.context.
    uses_context = False
    # How many members one page of a collection has at most (None: all); the rest is behind its nextLink.
    page_size: int | None = None
    # Whether a query that the BMC does not understand is as good as none.
    ignores_queries = False
    # Properties that a member of a collection lacks under $expand.
    lost_in_expand: tuple[str, ...] = ()
    # HTTP headers of every answer, beside those that all dialects send.
    headers: Mapping[str, str] = MappingProxyType({})
    # The Base message registry as the dialect names it, and its words.
    base_registry: str
    messages: Mapping[Cause, Message]
    manager_uri: str
    # Which property of which resource shows the version of a firmware, whose id in the inventory is the other value.
    versions: Mapping[str, tuple[str, str]] = MappingProxyType({})
    # How an image is taken that the BMC fetches; None where that is not simulated.
    updates: Updates | None = None
    sessions_uri = "/redfish/v1/SessionService/Sessions"
    # Settings of the BMC that a PATCH merges, beside those of every dialect, and collections that take new members.
    rules: Mapping[str, Rule] = MappingProxyType({})
    growing: Mapping[str, Growing] = MappingProxyType({})

    def __init__(self) -> None:
        self.layouts = {nodes: self.layout(nodes) for nodes in self.node_counts}

    @abstractmethod
    def layout(self, nodes: int) -> Layout:
        """Return what a BMC with this number of nodes consists of."""

    def document(self, bmc: Bmc, uri: str) -> Document:
        """Return a resource as it is now."""
        uri = bmc.hardware.factory_uri(uri)
        if bmc.configuration.is_member(uri):
            return self.finish(bmc, uri, bmc.configuration.member(uri))
        document = bmc.hardware.shown(uri, bmc.layout.documents[uri](bmc))
        return self.finish(bmc, uri, bmc.updates.shown(uri, bmc.configuration.shown(uri, document)))

    def session(self, bmc: Bmc, session: Session) -> Document:
        """Return the document of one session."""
        uri = f"{self.sessions_uri}/{session.id}"
        document = {"@odata.id": uri, "@odata.type": "#Session.v1_0_0.Session", "Id": session.id}
        return self.finish(bmc, uri, {**document, "Name": "User Session", "UserName": session.username})

    def finish(self, bmc: Bmc, uri: str, document: Document) -> Document:
        """Add what the dialect writes into every resource; a registry may be a mere file."""
        if "@odata.id" not in document:
            return document
        if self.uses_context:
            kind, *_versions, last = document["@odata.type"].removeprefix("#").split(".")
            document = {"@odata.context": f"/redfish/v1/$metadata#{kind}.{last}", **document}
        etag = self.etag(bmc, uri)
        return document if etag is None else {**document, "@odata.etag": etag}

    def version_shown(self, uri: str, version: str) -> str:
        """Return how one of the resources in `versions` writes the version that the firmware inventory tells."""
        return version

    def image_id(self, factory: Document, version: str) -> str:
        """Return the id of a firmware in a version; `factory` is its resource as it left the factory."""
        return str(factory["Id"])

    def images_of(self, image: str) -> tuple[str, ...]:
        """Return the ids of all firmwares that are the same image as this one, with it."""
        return (image,)

    def session_id(self, number: int, username: str) -> str:
        """Return the id of the BMC's session of this number."""
        return str(number)

    def session_location(self, uri: str, host: str) -> str:
        """Return the Location of a new session; `host` is the request's Host header."""
        return uri

    def etag(self, bmc: Bmc, uri: str) -> str | None:
        """Return the ETag of a resource, or None when this one has none."""
        return None

    def refuse_reset(self, host: Host, reset_type: str) -> tuple[Cause, tuple[str, ...]] | None:
        """Return why a host in its present state refuses an allowed ResetType, with the message's arguments."""
        return None

    def rule(self, uri: str) -> Rule | None:
        """Return what of the BMC's settings a PATCH may write at a URI; None where that is nothing."""
        if uri in self.rules:
            return self.rules[uri]
        own = self.manager_uri.rstrip("/")
        if uri.rstrip("/") == own:
            return MANAGER
        if uri.rstrip("/") == f"{own}/NetworkProtocol":
            return NETWORK_PROTOCOL
        return INTERFACE if uri.startswith(f"{own}/EthernetInterfaces/") else None

    def refuse_configuration(self, bmc: Bmc, uri: str, body: Mapping[str, Any]) -> tuple[Cause, tuple[str, ...]] | None:
        """Return why a PATCH of settings is refused though each property may be written, with the arguments."""
        return None

    def consequences(self, uri: str, body: Mapping[str, Any]) -> Mapping[str, Document]:
        """Return what else a PATCH of settings writes, by URI: the same setting may stand in two places."""
        return {}

    def refusal(self, cause: Cause, *arguments: str) -> Reply:
        """Return the error in Redfish's standard form."""
        message = self.messages[cause]
        entry = {
            "MessageId": message.message_id,
            "Message": message.text.format(*arguments),
            "MessageArgs": list(arguments),
            "Severity": "Warning",
        }
        error = {"code": f"{self.base_registry}.GeneralError", "message": "A general error has occurred."}
        return Reply(message.status, {"error": {**error, "@Message.ExtendedInfo": [entry]}})

    def accepted(self, bmc: Bmc, then_restart: bool = False) -> Reply:
        """Return the answer to an action that was accepted."""
        return Reply(204, then_restart=then_restart)

    def patched(self, bmc: Bmc) -> Reply:
        """Return the answer to a PATCH that was applied."""
        return Reply(204)


def profile_names() -> list[str]:
    """Return the names of all profiles: one for each file in `profiles/`."""
    return sorted(module.name for module in pkgutil.iter_modules(profiles.__path__))


def load_profile(name: str) -> Profile:
    """Return the profile of this name. Raise InvalidInput when there is none."""
    if name not in profile_names():
        raise InvalidInput(f"there is no profile {name}; there are {', '.join(profile_names())}")
    profile = importlib.import_module(f"{profiles.__name__}.{name}").PROFILE
    assert isinstance(profile, Profile)
    return profile
