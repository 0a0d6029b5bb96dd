# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every error of the collection.

Raised below, translated once at the top (`_entry`) into one line that names the host, what happened, why, and
what to do next::

    BmcError
    ├── InvalidRequest       the task asks for something that cannot be meant; nothing was sent
    │   └── TargetUnknown    no such system, manager or chassis, or several and none named
    ├── LocalFailure         the controller's own side: missing library, lock, state folder, audit log
    ├── NoCredential         no source has an entry for the BMC, or one refused or could not be read; nothing was sent
    ├── RegistryFailure      the registry of firmware bundles did not answer, refused, or lacks what was named
    ├── BadArtifact          what a registry or layout holds is not what it should be: digest, size, type, metadata
    ├── BundleRefused        a bundle is not what the site's policy demands, or is not for this hardware
    ├── Unreachable          no connection, or no answer in time to a request that changes nothing
    ├── Untrusted            the certificate is not verified, or no trust was decided
    │   └── PinMismatch      the certificate is not the pinned one
    ├── LoginRefused         401 or 403: one try, never a second
    ├── BadAnswer            what answers does not speak Redfish as it should
    │   ├── CutOff           the connection broke before the answer to a read was whole
    │   ├── NotRedfish       what answers is no Redfish service at all
    │   └── ForeignLink      a link or redirect leads away from the BMC
    ├── RefusedByBmc         an HTTP error status; carries status and MessageIds
    ├── NotSupported         this BMC cannot do it: names vendor, model, firmware and what was missing
    ├── WrongMachine         the BMC is not the recorded one
    ├── Busy                 another task is at work on this target
    ├── NotReached           sent, but the wanted state was not seen before the deadline
    ├── UpdateFailed         a firmware update is over, and what was wanted does not run
    └── MayHaveHappened      a write was cut off before a clear answer
"""

from __future__ import annotations

from typing import Any

# A link of 1 MB in a BMC's document, or a number of 5,000 digits in a playbook, is not repeated whole.
_LONGEST_PART = 2_000


class BmcError(Exception):
    """Base of the tree.

    what: the failed thing, without a full stop ("the login was refused").
    why: the cause as far as it is known, often the BMC's own words.
    way_out: what the reader can do next, a sentence.
    message_id: Redfish MessageId ("Base.1.8.NoValidSession"), where the BMC gave one.
    host: inventory name or address; filled in at the top when it is unknown below.
    warnings: what else a person should know, such as a session that is left on the BMC.
    found: what was found before it, which a result holds also when it fails, such as the digest of a bundle.
    """

    def __init__(self, what: str, *, why: str = "", way_out: str = "", message_id: str = "", host: str = "") -> None:
        super().__init__(what, why, way_out, message_id, host)
        self.what = what
        self.why = why
        self.way_out = way_out
        self.message_id = message_id
        self.host = host
        self.warnings: list[str] = []
        self.found: dict[str, Any] = {}

    @property
    def kind(self) -> str:
        """Name of the error's class: stable, for conditions in playbooks."""
        return type(self).__name__

    def __str__(self) -> str:
        """One line: host, what, why, way out, MessageId; of what is very long its beginning."""
        line = f"{self.host}: {_bounded(self.what)}" if self.host else _bounded(self.what)
        if self.why:
            line += f": {_bounded(self.why.rstrip('.'))}"
        if self.message_id:
            line += f" [{_bounded(self.message_id)}]"
        if self.way_out:
            line += f". {_bounded(self.way_out)}"
        return " ".join(line.split())


def _bounded(part: str) -> str:
    return part if len(part) <= _LONGEST_PART else part[: _LONGEST_PART - 1] + "…"


class InvalidRequest(BmcError):
    """The task asks for something that cannot be meant; nothing was sent."""


class TargetUnknown(InvalidRequest):
    """No such system, manager or chassis, or several and none named."""


class LocalFailure(BmcError):
    """The controller's own side failed: missing library, lock, state folder, audit log."""


class NoCredential(BmcError):
    """No source has an entry for the BMC, or one refused or could not be read; nothing was sent to the BMC."""


class RegistryFailure(BmcError):
    """The registry of firmware bundles did not answer, refused, or lacks what was named. No BMC was touched."""


class BadArtifact(BmcError):
    """What a registry or layout holds is not what it should be: digest, size, type, metadata. No BMC was touched."""


class BundleRefused(BmcError):
    """A bundle is not what the site's policy demands, or is not for this hardware. No BMC was touched."""


class Unreachable(BmcError):
    """No connection, or no answer in time to a request that changes nothing."""


class Untrusted(BmcError):
    """The certificate is not verified, or no trust was decided."""


class PinMismatch(Untrusted):
    """The certificate is not the pinned one."""


class LoginRefused(BmcError):
    """401 or 403. The collection tries a password once (promise 4).

    status: 401 says that the login is no good, 403 that this account may not do this one thing.
    """

    def __init__(
        self, what: str, *, status: int = 401, why: str = "", way_out: str = "", message_id: str = "", host: str = ""
    ) -> None:
        super().__init__(what, why=why, way_out=way_out, message_id=message_id, host=host)
        self.status = status


class BadAnswer(BmcError):
    """What answers does not speak Redfish as it should."""


class CutOff(BadAnswer):
    """The connection broke before the answer to a read was whole."""


class NotRedfish(BadAnswer):
    """What answers is no Redfish service at all."""


class ForeignLink(BadAnswer):
    """A link or redirect leads away from the BMC's origin."""


class RefusedByBmc(BmcError):
    """The BMC answered with an HTTP error status.

    status: the HTTP status. message_ids: all MessageIds of its extended information, most specific first.
    """

    def __init__(
        self,
        what: str,
        *,
        status: int,
        message_ids: tuple[str, ...] = (),
        why: str = "",
        way_out: str = "",
        host: str = "",
    ) -> None:
        message_id = message_ids[0] if message_ids else ""
        super().__init__(what, why=why, way_out=way_out, message_id=message_id, host=host)
        self.status = status
        self.message_ids = message_ids

    @property
    def unclear(self) -> bool:
        """Whether a write may have been done all the same: the BMC, or what stands before it, failed on the way.

        501 and 503 say that it was not (RFC 9110, 15.6).
        """
        return self.status >= 500 and self.status not in (501, 503)


class NotSupported(BmcError):
    """This BMC cannot do it. A first-class result: names vendor, model, firmware and what was missing."""


class WrongMachine(BmcError):
    """The BMC is not the recorded one (promise 1)."""


class Busy(BmcError):
    """Another task is at work on this target (promise 5)."""


class NotReached(BmcError):
    """Sent, but the wanted state was not seen before the deadline; it may still come."""


class UpdateFailed(BmcError):
    """A firmware update is over, and what was wanted does not run. It is never tried again by itself (promise 5)."""


class MayHaveHappened(BmcError):
    """A write was cut off before a clear answer: it may have happened (promise 9)."""
