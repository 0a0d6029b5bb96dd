# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words with which BMCs refuse: HTTP status, MessageId, text. A profile replaces what its dialect says else."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Cause(enum.Enum):
    """Why a BMC refuses a request."""

    ALREADY_OFF = enum.auto()
    ALREADY_ON = enum.auto()
    BY_DHCP = enum.auto()
    ETAG_MISMATCH = enum.auto()
    ETAG_MISSING = enum.auto()
    IMAGE_REFUSED = enum.auto()
    IN_POST = enum.auto()
    JOB_WAITS = enum.auto()
    LOCKED_DOWN = enum.auto()
    MALFORMED_BODY = enum.auto()
    METHOD_NOT_ALLOWED = enum.auto()
    MISSING_PARAMETER = enum.auto()
    NO_CREDENTIALS = enum.auto()
    NOTHING_WAITS = enum.auto()
    NOT_FOUND = enum.auto()
    NOT_PACKED = enum.auto()
    NOT_YET = enum.auto()
    NO_ROOM = enum.auto()
    ODATA_VERSION = enum.auto()
    QUERY_UNSUPPORTED = enum.auto()
    QUERY_VALUE = enum.auto()
    SESSION_LIMIT = enum.auto()
    TOO_LARGE = enum.auto()
    UNAVAILABLE = enum.auto()
    UNLICENSED = enum.auto()
    UNKNOWN_PARAMETER = enum.auto()
    UPDATING = enum.auto()
    UNKNOWN_PROPERTY = enum.auto()
    VALUE_NOT_IN_LIST = enum.auto()
    VALUE_TYPE = enum.auto()
    WRONG_CREDENTIALS = enum.auto()


class Message(NamedTuple):
    """One refusal. `text` has {0}, {1}... where the message arguments go."""

    status: int
    message_id: str
    text: str


def base_messages(base: str) -> dict[Cause, Message]:
    """Return the standard's words; `base` is the Base registry as the dialect names it, such as "Base.1.4"."""
    return {
        Cause.ALREADY_OFF: Message(409, f"{base}.ResourceInUse", "The system is off already."),
        Cause.ALREADY_ON: Message(409, f"{base}.ResourceInUse", "The system is on already."),
        Cause.BY_DHCP: Message(400, f"{base}.PropertyNotWritable", "The property {0} is read only."),
        Cause.ETAG_MISMATCH: Message(412, f"{base}.PreconditionFailed", "The ETag supplied did not match."),
        Cause.ETAG_MISSING: Message(428, f"{base}.PreconditionRequired", "A precondition header is required."),
        Cause.IMAGE_REFUSED: Message(400, f"{base}.InvalidUpload", "Invalid file uploaded to {0}."),
        Cause.IN_POST: Message(503, f"{base}.ServiceTemporarilyUnavailable", "The system is starting."),
        Cause.LOCKED_DOWN: Message(403, f"{base}.ServiceDisabled", "The BMC is locked down."),
        Cause.JOB_WAITS: Message(400, f"{base}.ResourceInUse", "A change is waiting already."),
        Cause.MALFORMED_BODY: Message(400, f"{base}.MalformedJSON", "The request body submitted was malformed JSON."),
        Cause.METHOD_NOT_ALLOWED: Message(405, f"{base}.ActionNotSupported", "{0} is not supported by {1}."),
        Cause.MISSING_PARAMETER: Message(400, f"{base}.ActionParameterMissing", "The action {0} requires {1}."),
        Cause.NO_CREDENTIALS: Message(401, f"{base}.NoValidSession", "There is no valid session established."),
        Cause.NOTHING_WAITS: Message(400, f"{base}.ResourceInUse", "Nothing waits for {0}."),
        Cause.NOT_FOUND: Message(404, f"{base}.ResourceMissingAtURI", "The resource at the URI {0} was not found."),
        Cause.NOT_PACKED: Message(406, f"{base}.GeneralError", "The resource is available in gzip only."),
        Cause.NOT_YET: Message(
            409,
            f"{base}.ActionParameterValueConflict",
            "The parameter {0} with the requested value of {1} does not meet the constraints of the implementation.",
        ),
        Cause.NO_ROOM: Message(400, f"{base}.CreateLimitReachedForResource", "The create limit has been reached."),
        Cause.ODATA_VERSION: Message(412, f"{base}.PreconditionFailed", "OData-Version {0} is not supported."),
        Cause.QUERY_UNSUPPORTED: Message(501, f"{base}.QueryNotSupported", "Querying by {0} is not supported."),
        Cause.QUERY_VALUE: Message(
            400, f"{base}.QueryParameterValueTypeError", "The value {1} for the query parameter {0} is not acceptable."
        ),
        Cause.SESSION_LIMIT: Message(503, f"{base}.SessionLimitExceeded", "The session table is full."),
        Cause.TOO_LARGE: Message(413, f"{base}.PayloadTooLarge", "The image is larger than {0} bytes."),
        Cause.UNAVAILABLE: Message(503, f"{base}.ServiceTemporarilyUnavailable", "Retry in {0} seconds."),
        Cause.UNLICENSED: Message(403, f"{base}.InsufficientPrivilege", "A licence is missing."),
        Cause.UNKNOWN_PARAMETER: Message(
            400, f"{base}.ActionParameterUnknown", "The action {0} was submitted with the invalid parameter {1}."
        ),
        Cause.UNKNOWN_PROPERTY: Message(400, f"{base}.PropertyUnknown", "The property {0} is not valid here."),
        Cause.UPDATING: Message(503, f"{base}.ServiceTemporarilyUnavailable", "An update is in progress."),
        Cause.VALUE_NOT_IN_LIST: Message(
            400, f"{base}.ActionParameterValueNotInList", "The value {0} for the parameter {1} is not acceptable."
        ),
        Cause.VALUE_TYPE: Message(400, f"{base}.PropertyValueTypeError", "The value {0} for {1} is of another type."),
        Cause.WRONG_CREDENTIALS: Message(401, f"{base}.NoValidSession", "The credentials are not valid."),
    }
