# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The methods of update that an UpdateService offers (UpdateService 1.x), and what it says of each."""

from __future__ import annotations

from collections.abc import Mapping

from ..._redfish.resource import Document, integer, member, objects, strings, text
from ..._redfish.service import Service
from ...vendor_api.v1 import UpdateMethod

SIMPLE_UPDATE, MULTIPART, HTTP_PUSH = "SimpleUpdate", "MultipartHttpPushUri", "HttpPushUri"


def simple_update(service: Service, update_service: Document) -> UpdateMethod | None:
    """The action SimpleUpdate. Its values stand in it, else in its ActionInfo, which is then read.

    The target is followed: it ends in "UpdateService.SimpleUpdate", and in "SimpleUpdate" on Cray EX and MegaRAC.
    """
    action = member(update_service, "Actions", "#UpdateService.SimpleUpdate") or {}
    target = text(action, "target")
    if target is None:
        return None
    parameters = {name: parameter for parameter in _parameters(service, action) if (name := text(parameter, "Name"))}
    return UpdateMethod(
        SIMPLE_UPDATE,
        target,
        pull=True,
        protocols=_values(action, parameters, "TransferProtocol"),
        largest=_largest(update_service),
        names_targets=not parameters or "Targets" in parameters,
        targets=_values(action, parameters, "Targets"),
        apply_times=_apply_times(member(action, "@Redfish.OperationApplyTimeSupport")),
        forces="ForceUpdate" in parameters,
    )


def multipart(update_service: Document) -> UpdateMethod | None:
    """The upload of a form with parameters and file."""
    uri = text(update_service, MULTIPART)
    if uri is None:
        return None
    return UpdateMethod(
        MULTIPART,
        uri,
        pull=False,
        largest=_largest(update_service),
        apply_times=_apply_times(member(update_service, f"{MULTIPART}@Redfish.OperationApplyTimeSupport")),
        forces=_forces(update_service),
    )


def http_push(update_service: Document) -> UpdateMethod | None:
    """The upload of the bare file, whose targets and options are properties of the UpdateService."""
    uri = text(update_service, HTTP_PUSH)
    if uri is None:
        return None
    times = member(update_service, "HttpPushUriOptions", "HttpPushUriApplyTime")
    return UpdateMethod(
        HTTP_PUSH,
        uri,
        pull=False,
        largest=_largest(update_service),
        names_targets="HttpPushUriTargets" in update_service,
        apply_times=("Immediate", "OnReset") if isinstance(times, Mapping) else (),
        forces=_forces(update_service),
    )


def _parameters(service: Service, action: Document) -> tuple[Document, ...]:
    uri = text(action, "@Redfish.ActionInfo")
    return objects(service.find(uri) or {}, "Parameters") if uri else ()


def _values(action: Document, parameters: Mapping[str, Document], name: str) -> tuple[str, ...]:
    inline = strings(action, f"{name}@Redfish.AllowableValues")
    return inline or strings(parameters.get(name, {}), "AllowableValues")


def _apply_times(support: object) -> tuple[str, ...]:
    return strings(support, "SupportedValues") if isinstance(support, Mapping) else ()


def _largest(update_service: Document) -> int:
    return max(integer(update_service, "MaxImageSizeBytes") or 0, 0)


def _forces(update_service: Document) -> bool:
    """NVIDIA's firmware takes ForceUpdate where it shows it as an option of its uploads."""
    return isinstance(member(update_service, "HttpPushUriOptions", "ForceUpdate"), bool)
