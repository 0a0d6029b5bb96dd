# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the specification (DSP0266) wants for clients that speak OData and know nothing of Redfish."""

from __future__ import annotations

from collections.abc import Mapping

from .messages import Cause
from .profile import Document

SERVICE_DOCUMENT = "/redfish/v1/odata"
METADATA = "/redfish/v1/$metadata"

VERSION = "4.0"

# Which feature of ProtocolFeaturesSupported offers a query. What is offered is taken; only $expand has an effect.
_FEATURES = {"$expand": "ExpandQuery", "$filter": "FilterQuery", "$select": "SelectQuery"}
_WITHOUT_VALUE = ("excerpt", "only")
# Which part of ExpandQuery offers to show the members of a collection, by the first character of the value.
_EXPANSIONS = {".": "NoLinks", "*": "ExpandAll"}
_SCHEMAS = "http://redfish.dmtf.org/schemas/v1"
_ODATA = "http://docs.oasis-open.org/odata/ns"


def service_document(root: Document) -> Document:
    """Return the list of what the service root links to."""
    linked = {
        name: value["@odata.id"] for name, value in root.items() if isinstance(value, dict) and "@odata.id" in value
    }
    services = {"Service": root["@odata.id"]} | linked
    return {
        "@odata.context": METADATA,
        "value": [{"name": name, "kind": "Singleton", "url": uri} for name, uri in services.items()],
    }


def metadata(root: Document) -> str:
    """Return the XML that says where the schemas are; of these only the service root's, whose container it extends."""
    _name, version, _type = root["@odata.type"].removeprefix("#").split(".")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx xmlns:edmx="{_ODATA}/edmx" Version="4.0">
  <edmx:Reference Uri="{_SCHEMAS}/ServiceRoot_v1.xml">
    <edmx:Include Namespace="ServiceRoot"/>
    <edmx:Include Namespace="ServiceRoot.{version}"/>
  </edmx:Reference>
  <edmx:DataServices>
    <Schema xmlns="{_ODATA}/edm" Namespace="Service">
      <EntityContainer Name="Service" Extends="ServiceRoot.{version}.ServiceContainer"/>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
"""


def described_by(document: Document) -> str:
    """Return the Link header that names the schema of a resource."""
    name, *versions, _type = document["@odata.type"].removeprefix("#").split(".")
    return f"<{_SCHEMAS}/{'.'.join([name, *versions])}.json>; rel=describedby"


def refused_query(root: Document, query: Mapping[str, str]) -> tuple[Cause, tuple[str, ...]] | None:
    """Return why a query is refused by a service with this root, with the message's arguments."""
    features = root.get("ProtocolFeaturesSupported", {})
    for name, value in query.items():
        if name.startswith("$") and not _is_offered(features.get(_FEATURES.get(name, ""))):
            return Cause.QUERY_UNSUPPORTED, (name,)
        if name in _WITHOUT_VALUE and value:
            return Cause.QUERY_VALUE, (name, value)
    return None


def _is_offered(feature: object) -> bool:
    return any(value is True for value in feature.values()) if isinstance(feature, Mapping) else bool(feature)


def expands_members(root: Document, value: str) -> bool:
    """Say whether a service with this root shows the members of a collection whole for this value of $expand."""
    offered = root.get("ProtocolFeaturesSupported", {}).get("ExpandQuery", {})
    return bool(offered.get(_EXPANSIONS.get(value[:1], "")))
