# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Redfish service of one BMC: from a request and the BMC's state to a reply. No network in here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from . import bios_service, odata
from .bmc import Bmc, Session
from .host import Host
from .login import authenticate
from .messages import Cause
from .profile import Document, Reply, Reset
from .update_rules import service as update_service

# The specification (DSP0266) leaves these readable without login.
OPEN_URIS = frozenset({"/redfish", "/redfish/v1", "/redfish/v1/", odata.SERVICE_DOCUMENT, odata.METADATA})
READ_METHODS = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `power_is_stuck` is an injected fault: a reset is accepted and has no effect.

    `skip` is the $skip of the query: so many members of a collection stand on earlier pages.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    power_is_stuck: bool = False
    query: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Bmc, Call, str], Reply]


def respond(bmc: Bmc, call: Call) -> Reply:
    """Do what the request asks for and return the reply."""
    uri = _linked_form(bmc, call.path)
    handlers = _handlers(bmc, uri)
    reply = _reply(bmc, call, uri, handlers)
    if handlers and (call.method in READ_METHODS or reply.status == 405):
        reply = replace(reply, headers={"Allow": ", ".join(handlers), **reply.headers})
    return reply


def _reply(bmc: Bmc, call: Call, uri: str, handlers: Mapping[str, Handler]) -> Reply:
    if uri != call.path and bmc.profile.redirects_sibling:
        return Reply(308, headers={"Location": uri})
    version = call.headers.get("OData-Version", odata.VERSION)
    if version != odata.VERSION:
        return bmc.profile.refusal(Cause.ODATA_VERSION, version)
    if not _is_open(bmc, call.method, uri):
        refusal = authenticate(bmc, call.headers)
        if refusal is not None:
            return refusal
    if not handlers:
        return bmc.profile.refusal(Cause.NOT_FOUND, uri)
    if call.method not in handlers:
        return bmc.profile.refusal(Cause.METHOD_NOT_ALLOWED, call.method, uri)
    refused = _refused_query(bmc, call.query)
    if refused is not None:
        return bmc.profile.refusal(refused[0], *refused[1])
    return handlers[call.method](bmc, call, uri)


def _refused_query(bmc: Bmc, query: Mapping[str, str]) -> tuple[Cause, tuple[str, ...]] | None:
    if bmc.profile.ignores_queries:
        return None
    paged = {"$skip"} if bmc.profile.page_size else set()
    rest = {name: value for name, value in query.items() if name not in paged}
    return odata.refused_query(_root(bmc), rest) if rest else None


def _linked_form(bmc: Bmc, path: str) -> str:
    """Return the path as this BMC links the resource: with the trailing slash or without it."""
    if _handlers(bmc, path):
        return path
    sibling = path[:-1] if path.endswith("/") else f"{path}/"
    return sibling if _handlers(bmc, sibling) else path


def _handlers(bmc: Bmc, uri: str) -> dict[str, Handler]:
    """Return what can be done with a URI, by method; nothing when it does not exist."""
    of_bios = bios_service.methods(bmc, uri)
    if of_bios:
        return dict.fromkeys(of_bios, _of_bios)
    if _is_bios_registry_gone(bmc, uri):
        return {}
    return _of_sessions(bmc, uri) or _of_settings(bmc, uri) or _of_resources(bmc, uri)


def _of_sessions(bmc: Bmc, uri: str) -> dict[str, Handler]:
    if uri == bmc.profile.sessions_uri:
        return {"GET": _get, "HEAD": _get, "POST": _log_in}
    if uri == _members(bmc):
        return {"POST": _log_in}
    if _session_at(bmc, uri) is not None:
        return {"GET": _get_session, "HEAD": _get_session, "DELETE": _log_out}
    return {}


def _of_settings(bmc: Bmc, uri: str) -> dict[str, Handler]:
    if bmc.configuration.is_member(uri):
        return {"GET": _get, "HEAD": _get, "PATCH": _patch, "DELETE": _remove}
    if uri in bmc.profile.growing and uri in bmc.layout.documents:
        return {"GET": _get, "HEAD": _get, "POST": _add}
    if uri in bmc.layout.writable or _is_configurable(bmc, uri):
        return {"GET": _get, "HEAD": _get, "PATCH": _patch}
    return {}


def _of_resources(bmc: Bmc, uri: str) -> dict[str, Handler]:
    if uri in OPEN_URIS - {"/redfish/v1", "/redfish/v1/"}:
        return {"GET": _get_open, "HEAD": _get_open}
    of_updates = update_service.methods(bmc, uri)
    if of_updates:
        return dict.fromkeys(of_updates, _of_updates)
    if uri not in bmc.hardware.gone and bmc.hardware.factory_uri(uri) in bmc.layout.documents:
        return {"GET": _get, "HEAD": _get}
    reset = bmc.layout.resets.get(uri)
    if reset is not None and not (_is_system_reset(reset) and bmc.settings.remove_reset):
        return {"POST": _reset}
    return {}


# Login


def _is_open(bmc: Bmc, method: str, uri: str) -> bool:
    if method == "POST":
        return uri in (bmc.profile.sessions_uri, _members(bmc))
    return uri in OPEN_URIS and method in READ_METHODS


def _members(bmc: Bmc) -> str:
    """Return where a session can be created as well: the specification makes it equivalent to the collection."""
    return f"{bmc.profile.sessions_uri}/Members"


def _session_at(bmc: Bmc, uri: str) -> Session | None:
    prefix, _separator, identifier = uri.rpartition("/")
    if prefix != bmc.profile.sessions_uri:
        return None
    return next((session for session in bmc.sessions.values() if session.id == identifier), None)


def _log_in(bmc: Bmc, call: Call, uri: str) -> Reply:
    body = _json_object(call.body)
    if body is None:
        return bmc.profile.refusal(Cause.MALFORMED_BODY)
    if not bmc.login(body.get("UserName"), body.get("Password")):
        return bmc.profile.refusal(Cause.WRONG_CREDENTIALS)
    session = bmc.open_session()
    if session is None:
        return bmc.profile.refusal(Cause.SESSION_LIMIT)
    location = bmc.profile.session_location(f"{bmc.profile.sessions_uri}/{session.id}", call.headers.get("Host", ""))
    headers = {"X-Auth-Token": session.token, "Location": location}
    return Reply(201, bmc.profile.session(bmc, session), headers)


def _get_session(bmc: Bmc, call: Call, uri: str) -> Reply:
    session = _session_at(bmc, uri)
    assert session is not None
    return Reply(200, bmc.profile.session(bmc, session))


def _log_out(bmc: Bmc, call: Call, uri: str) -> Reply:
    session = _session_at(bmc, uri)
    assert session is not None
    bmc.close_session(session)
    return bmc.profile.accepted(bmc)


# Resources


def _get(bmc: Bmc, call: Call, uri: str) -> Reply:
    if bmc.is_away(uri):
        return bmc.profile.refusal(Cause.UNAVAILABLE, "1")
    document = _page(bmc, bmc.profile.document(bmc, uri), int(call.query.get("$skip", 0)))
    document = _expanded(bmc, document, call.query.get("$expand", ""))
    etag = bmc.profile.etag(bmc, uri)
    headers = {"Link": odata.described_by(document)}
    return Reply(200, document, headers if etag is None else {**headers, "ETag": etag})


def _root(bmc: Bmc) -> Document:
    return bmc.profile.document(bmc, _linked_form(bmc, "/redfish/v1"))


def _get_open(bmc: Bmc, call: Call, uri: str) -> Reply:
    """Answer what the specification fixes for every service."""
    if uri == "/redfish":
        return Reply(200, {"v1": "/redfish/v1/"})
    if uri == odata.SERVICE_DOCUMENT:
        return Reply(200, odata.service_document(_root(bmc)))
    return Reply(200, odata.metadata(_root(bmc)), {"Content-Type": "application/xml"})


def _page(bmc: Bmc, document: Document, skip: int) -> Document:
    """Return the page of a collection that begins behind `skip` members; all of a resource that has no pages."""
    size, members = bmc.profile.page_size, document.get("Members", ())
    if size is None or len(members) <= size:
        return document
    page = {**document, "Members": members[skip : skip + size]}
    if skip + size < len(members):
        page["Members@odata.nextLink"] = f"{document['@odata.id']}?$skip={skip + size}"
    return page


def _expanded(bmc: Bmc, document: Document, value: str) -> Document:
    """Return a collection with its members whole, where that is asked for and offered."""
    if "Members" not in document or not odata.expands_members(_root(bmc), value):
        return document
    members = [_member(bmc, member["@odata.id"]) for member in document["Members"]]
    return {**document, "Members": members}


def _member(bmc: Bmc, uri: str) -> Document:
    """Return one member of an expanded collection."""
    session = _session_at(bmc, uri)
    member = bmc.profile.document(bmc, uri) if session is None else bmc.profile.session(bmc, session)
    return {name: value for name, value in member.items() if name not in bmc.profile.lost_in_expand}


def _patch(bmc: Bmc, call: Call, uri: str) -> Reply:
    etag = bmc.profile.etag(bmc, uri)
    unmet = _unmet_precondition(bmc.settings.if_match, etag, call.headers.get("If-Match"))
    if unmet is not None:
        return bmc.profile.refusal(unmet, uri)
    body = _json_object(call.body)
    if body is None:
        return bmc.profile.refusal(Cause.MALFORMED_BODY)
    if _is_configurable(bmc, uri) or bmc.configuration.is_member(uri):
        return _configure(bmc, uri, body)
    writable = bmc.layout.writable[uri]
    for name in body:
        if name not in writable:
            return bmc.profile.refusal(Cause.UNKNOWN_PROPERTY, name)
    for name, value in body.items():
        bmc.write(uri, name, value)
    return bmc.profile.patched(bmc)


def _is_configurable(bmc: Bmc, uri: str) -> bool:
    return uri in bmc.layout.documents and bmc.profile.rule(uri) is not None


def _configure(bmc: Bmc, uri: str, body: Document) -> Reply:
    refused = bmc.configuration.refused(uri, body) or bmc.profile.refuse_configuration(bmc, uri, body)
    if refused is not None:
        return bmc.profile.refusal(refused[0], *refused[1])
    bmc.configuration.write(uri, body, "PATCH")
    for other, same in bmc.profile.consequences(uri, body).items():
        bmc.configuration.write(other, same, "the same setting")
    return bmc.profile.patched(bmc)


def _add(bmc: Bmc, call: Call, uri: str) -> Reply:
    """Make a member of a collection."""
    body = _json_object(call.body)
    if body is None:
        return bmc.profile.refusal(Cause.MALFORMED_BODY)
    refused = bmc.configuration.refused_member(uri, body)
    if refused is not None:
        return bmc.profile.refusal(refused[0], *refused[1])
    made = bmc.configuration.add(uri, body)
    return Reply(201, bmc.profile.document(bmc, made), {"Location": made})


def _remove(bmc: Bmc, call: Call, uri: str) -> Reply:
    """Take a member out of a collection."""
    bmc.configuration.remove(uri)
    return bmc.profile.patched(bmc)


def _unmet_precondition(rule: str, etag: str | None, given: str | None) -> Cause | None:
    """Return why a PATCH with this If-Match header is refused; the rules are those of Settings.if_match."""
    if given is None:
        return None if rule in ("optional", "refused") else Cause.ETAG_MISSING
    accepted: dict[str, set[str | None]] = {
        "optional": {"*", etag or given},
        "demanded": {"*", etag},
        "weak_refused": {etag and etag.removeprefix("W/")},
        "star_only": {"*"},
        "refused": set(),
    }
    return None if given in accepted[rule] else Cause.ETAG_MISMATCH


def _of_updates(bmc: Bmc, call: Call, uri: str) -> Reply:
    return update_service.respond(bmc, call.method, uri, call.headers, _json_object(call.body))


# The BIOS


def _is_bios_registry_gone(bmc: Bmc, uri: str) -> bool:
    bodies = {bios.registry.body for bios in bmc.layout.bioses if bios.registry is not None}
    return bmc.settings.bios_registry == "missing" and uri in bodies


def _of_bios(bmc: Bmc, call: Call, uri: str) -> Reply:
    if call.method == "PATCH":
        etag = bmc.profile.etag(bmc, uri)
        unmet = _unmet_precondition(bmc.settings.if_match, etag, call.headers.get("If-Match"))
        if unmet is not None:
            return bmc.profile.refusal(unmet)
    if call.method == "POST" and bmc.settings.refuses_if_match_on_action and "If-Match" in call.headers:
        return bmc.profile.refusal(Cause.ETAG_MISMATCH)
    reply = bios_service.respond(bmc, call.method, uri, call.headers, _json_object(call.body))
    return reply or _get(bmc, call, uri)


# Actions


def _is_system_reset(reset: Reset) -> bool:
    return reset.action == "ComputerSystem.Reset"


def _reset(bmc: Bmc, call: Call, uri: str) -> Reply:
    profile = bmc.profile
    reset = bmc.layout.resets[uri]
    if bmc.settings.refuses_if_match_on_action and "If-Match" in call.headers:
        return profile.refusal(Cause.ETAG_MISMATCH)
    body = _json_object(call.body)
    if body is None:
        return profile.refusal(Cause.MALFORMED_BODY)
    for name in body:
        if name != "ResetType":
            return profile.refusal(Cause.UNKNOWN_PARAMETER, reset.action, name)
    if "ResetType" not in body:
        return profile.refusal(Cause.MISSING_PARAMETER, reset.action, "ResetType")
    reset_type = body["ResetType"]
    allowed = bmc.settings.reset_types if _is_system_reset(reset) else None
    if reset_type not in (reset.allowed if allowed is None else allowed):
        return profile.refusal(Cause.VALUE_NOT_IN_LIST, str(reset_type), "ResetType", reset.action)
    if reset.manager is not None:
        bmc.reset_other_manager(reset.manager, reset_type)
        return profile.accepted(bmc)
    if reset.chassis is not None:
        switched = reset.chassis[:1] if reset_type == "On" else reset.chassis
        return _switch(bmc, call, reset_type, [bmc.slots[name] for name in switched])
    if reset.system is not None:
        return _switch(bmc, call, reset_type, [bmc.hosts[reset.system]])
    bmc.reset_manager(reset_type)
    return profile.accepted(bmc, then_restart=True)


def _switch(bmc: Bmc, call: Call, reset_type: str, switched: Iterable[Host]) -> Reply:
    for host in switched:
        refused = bmc.profile.refuse_reset(host, reset_type)
        if refused is not None:
            return bmc.profile.refusal(refused[0], *refused[1])
        if not call.power_is_stuck:
            host.reset(reset_type)
    return bmc.profile.accepted(bmc)


def _json_object(body: bytes) -> Document | None:
    """Return a request's body when it is a JSON object, else None."""
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
