# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to one registry: logged in where it asks for that, patient where it is busy, and in words of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import NoReturn
from urllib.parse import urlencode, urljoin

from ..._core.clock import Clock
from ..._core.errors import BadArtifact, BmcError, CutOff, LocalFailure, MayHaveHappened, RegistryFailure
from ..._core.printable import printable
from ..._core.redact import Redactor
from ..._transport.web import Answer, Body, Patience, WebClient, split_url
from .access import Access, Credential
from .challenge import Challenge, challenges
from .content import json_object
from .docker_config import configured
from .reference import Reference

_SAFE = ("GET", "HEAD")
_BUSY = (429, 502, 503, 504)
_TRIES = 4
_LONGEST_PAUSE = 60.0
"""Seconds. A registry that wants to be left alone for longer is a failure now."""

_LARGEST_ERROR = 1 << 16
_LARGEST_TOKEN = 1 << 20
_CLIENT = "openchami.bmc"


class RegistrySession:
    """Of one task with one repository. A login that was refused is not tried again."""

    def __init__(self, reference: Reference, access: Access, clock: Clock) -> None:
        self.registry = reference.registry
        self.scheme = "http" if access.plain_http else "https"
        self._base = f"{self.scheme}://{reference.registry}/v2/{reference.repository}/"
        self._token_server = access.token_server
        self._clock = clock
        self._credential = access.credential or configured(reference, access.auth_file)
        self._redactor = Redactor([self._credential.password, self._credential.identity_token])
        patience = Patience(silence=access.timeout, total=access.deadline)
        self._web = WebClient(clock, patience, ca_path=access.ca_path, validate=access.validate)
        self._authorization = ""

    def renew(self) -> None:
        """What follows has the whole deadline for itself."""
        self._web.renew()

    def close(self) -> None:
        """Close the connections."""
        self._web.close()

    @contextmanager
    def opened(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: Body = None
    ) -> Iterator[Answer]:
        """An answer of whatever status but 401, and 429, 502, 503 and 504; its body is not read yet.

        path: below the repository, or a URL that the registry gave, which may be another host's: the account does not
        go there. A GET or HEAD is sent again to a busy registry. Raises RegistryFailure, also for a URL that leads out
        of TLS; LocalFailure; MayHaveHappened for a write; CutOff for what breaks while it is read.
        """
        url = urljoin(self._base, path)
        try:
            with ExitStack() as stack:
                yield self._answered(stack, method, url, dict(headers or {}), body)
        except (RegistryFailure, BadArtifact, CutOff):
            raise
        except BmcError as error:
            raise self._in_own_words(error) from error.__cause__

    def refuse(self, answer: Answer, what: str) -> NoReturn:
        """Raises RegistryFailure for an answer that was not wanted, with the registry's own words."""
        raise self._failure(what, why=self._said(answer))

    def _answered(self, stack: ExitStack, method: str, url: str, headers: dict[str, str], body: Body) -> Answer:
        """What opened() gives; it is closed with the stack."""
        left = _TRIES if method in _SAFE else 1
        logged_in = False
        own = self._is_own(url)
        while True:
            with ExitStack() as attempt:
                authorization = self._authorization if own else ""
                answer = attempt.enter_context(self._web.opened(method, url, headers, body, authorization))
                if answer.status not in (401, *_BUSY):
                    stack.push(attempt.pop_all())
                    return answer
                if answer.status == 401:
                    challenge = self._challenge(answer)
                    if logged_in:
                        raise self._login_refused(challenge, self._said(answer))
                    answer.content(_LARGEST_ERROR)
                else:
                    left -= 1
                    pause = self._pause(answer, left)
            if answer.status == 401:
                self._authorization, logged_in = self._log_in(challenge), True
            else:
                self._clock.sleep(pause)

    def _is_own(self, url: str) -> bool:
        """Whether it is the registry's, which alone gets the account. Raises RegistryFailure for one that drops TLS."""
        origin, own = split_url(url)[0], split_url(self._base)[0]
        if (own.scheme, origin.scheme) == ("https", "http"):
            raise self._failure(
                f"leads to {origin}, without TLS",
                way_out="Nothing was sent there. A registry behind a proxy that ends TLS must be told so, by the"
                " proxy's X-Forwarded-Proto or in its configuration (distribution: http.host).",
            )
        return origin == own

    def _pause(self, answer: Answer, left: int) -> float:
        """Seconds. Raises RegistryFailure where it makes no sense to wait."""
        said, asked = self._said(answer), answer.headers.get("retry-after", "")
        # Its other form is a date (RFC 9110, 10.2.3): registries give seconds.
        pause = float(asked) if asked.isdecimal() else float(1 << (_TRIES - left - 1))
        if left and pause <= min(_LONGEST_PAUSE, self._web.left()):
            return pause
        why = f"{said}, it asks to wait for {asked} s" if asked else said
        raise self._failure("is too busy to answer", why=why, way_out="Run the task again later.")

    def _challenge(self, answer: Answer) -> Challenge:
        offered = challenges(answer.headers.get("www-authenticate", ""))
        # A host that it redirects to asks in its own name, and gets nothing.
        own = answer.origin == split_url(self._base)[0]
        challenge = (offered.get("bearer") or offered.get("basic")) if own else None
        if challenge is None:
            why = f"{', '.join(offered) or 'none named'}, by {answer.origin}"
            raise self._failure("asks for a login of an unknown kind", why=why)
        return challenge

    def _log_in(self, challenge: Challenge) -> str:
        """The Authorization header."""
        if challenge.scheme == "bearer":
            return f"Bearer {self._token(challenge)}"
        if not self._credential.password:
            raise self._login_refused(challenge)
        return _basic(self._credential)

    def _token(self, challenge: Challenge) -> str:
        """From where the challenge points to; for anybody where there is no account."""
        realm = challenge.parameters.get("realm", "")
        self._trust_realm(realm)
        asked = {key: challenge.parameters[key] for key in ("service", "scope") if key in challenge.parameters}
        if self._credential.identity_token:
            form = {"grant_type": "refresh_token", "client_id": _CLIENT, **asked}
            body = urlencode({**form, "refresh_token": self._credential.identity_token}).encode()
            opened = self._web.opened("POST", realm, {"Content-Type": "application/x-www-form-urlencoded"}, body)
        else:
            url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(asked)}"
            authorization = _basic(self._credential) if self._credential else ""
            opened = self._web.opened("GET", url, {}, authorization=authorization)
        with opened as answer:
            if answer.status != 200:
                raise self._login_refused(challenge, self._said(answer))
            document = json_object(answer.content(_LARGEST_TOKEN), "the answer of the registry's token server")
        token = document.get("token") or document.get("access_token")
        if not (isinstance(token, str) and token.isascii() and token.isprintable()):
            raise self._failure("sends to a token server that gives no token", why=realm)
        return token

    def _trust_realm(self, realm: str) -> None:
        """Raises RegistryFailure for a token server that the account is not meant for."""
        origin, own = split_url(realm)[0], split_url(self._base)[0]
        if origin.scheme not in (own.scheme, "https"):
            raise self._failure("sends to a token server without TLS", why=realm, way_out="No password was sent.")
        if self._credential and origin.host not in (own.host, self._token_server):
            raise self._failure(
                "wants the password sent to another host",
                why=f"its token server is {origin.host}",
                way_out=f"If that is right, set registry_token_server to {origin.host}. No password was sent.",
            )

    def _login_refused(self, challenge: Challenge, said: str = "") -> RegistryFailure:
        if not self._credential:
            return self._failure(
                "asks for a login, and there is no account",
                why=": ".join(filter(None, (challenge.scheme, said))),
                way_out="Set registry_username and registry_password, or log in with docker, podman or oras.",
            )
        who = self._credential.username or "the identity token"
        return self._failure("refused the login", why=": ".join(filter(None, (f"as {who}", said))))

    def _said(self, answer: Answer) -> str:
        """The status, and the registry's own words (distribution-spec 1.1, "Error Codes")."""
        try:
            errors = json.loads(answer.content(_LARGEST_ERROR))["errors"]
            words = [str(error.get("message") or error.get("code")) for error in errors]
        except (AttributeError, BmcError, KeyError, RecursionError, TypeError, ValueError):
            # No words that can be read: the status has to do.
            words = []
        return self._redactor.text(printable(": ".join([f"HTTP {answer.status}", *words])))

    def _in_own_words(self, error: BmcError) -> BmcError:
        """What the transport says speaks of BMCs and their options."""
        if isinstance(error, MayHaveHappened):
            error.way_out = "It may have happened: publish again, what is there is not sent again."
            return error
        if isinstance(error, LocalFailure):
            if error.what.startswith("the CA"):
                error.way_out = "Set registry_ca_path to a PEM file or a folder of hashed certificates."
            return error
        why = ": ".join(filter(None, (error.what, error.why)))
        return self._failure("did not answer", why=self._redactor.text(why))

    def _failure(self, what: str, why: str = "", way_out: str = "") -> RegistryFailure:
        return RegistryFailure(f"the registry {self.registry} {what}", why=why, way_out=way_out)


def _basic(credential: Credential) -> str:
    pair = f"{credential.username}:{credential.password}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"
