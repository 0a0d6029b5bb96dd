# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One login to a Vault or OpenBao, for all the entries that are read with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Any

from .._core.clock import Clock
from .._core.errors import LocalFailure, NoCredential
from .._transport.http import reason_of
from .vault_connection import Connection
from .vault_login import METHODS

try:
    import hvac
    import requests
    import urllib3
    from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest, Unauthorized, VaultError
    from requests.adapters import HTTPAdapter
except ImportError:
    HAS_HVAC = False
else:
    HAS_HVAC = True

_AT_ONCE = 16
_RETRIES = 2
_BUSY = (412, 429, 472, 473, 500, 502, 503)
"""Vault's own list of what may pass (its Go client's DefaultRetryPolicy: 412 and 5xx but 501; 429 is a quota)."""

_REST = 30.0
"""Seconds for which a Vault that did not answer is not asked again: else each of 5,000 hosts would wait for it."""

_NOT_OF_VAULT = (AttributeError, KeyError, TypeError)
"""What hvac and the code here run into where an answer has not Vault's form."""


@dataclass
class _Login:
    """A token, in an hvac client of its own: it never changes under a request of another thread.

    proven: a read with it succeeded.
    """

    client: Any
    proven: bool = False


class VaultClient:
    """Logs in when first asked, once, and once more where the token expired. Safe to share between threads.

    A refused login is never tried again in a run: Vault locks users after five.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        if not HAS_HVAC:
            raise LocalFailure(
                "the Python library hvac is missing",
                way_out="Install it for the Python that runs Ansible: pip install 'hvac>=2.3'.",
            )
        self._connection = connection
        self._clock = clock
        self._redactor = connection.redactor()
        self._session = _session(connection)
        self._lock = threading.Lock()
        self._login: _Login | None = None
        self._failure: NoCredential | None = None
        self._rests_until = 0.0

    def read(self, engine_version: str, mount: str, path: str) -> Mapping[str, Any] | None:
        """The entry, or None where there surely is none. engine_version: of KV, "1" or "2". Raises NoCredential."""
        login = self._logged_in(None)
        try:
            return self._entry(login, engine_version, mount, path)
        except Forbidden as error:
            if not self._expired(login):
                raise self._not_allowed(path, error) from error
        login = self._logged_in(login)
        try:
            return self._entry(login, engine_version, mount, path)
        except Forbidden as error:
            raise self._not_allowed(path, error) from error

    def close(self) -> None:
        """Give back the token that a login brought; the one that was given stays."""
        if self._login is not None and self._connection.auth_method != "token":
            # Nothing needs it any more, and it expires by itself.
            with suppress(VaultError, OSError):
                self._login.client.auth.token.revoke_self()
        self._session.close()

    def _entry(self, login: _Login, engine_version: str, mount: str, path: str) -> Mapping[str, Any] | None:
        """Raises Forbidden, NoCredential."""
        kv = login.client.secrets.kv
        named: dict[str, Any] = {"path": path, "mount_point": mount}
        try:
            if engine_version == "1":
                entry = self._asked(lambda: kv.v1.read_secret(**named))["data"]
            else:
                answer = self._asked(lambda: kv.v2.read_secret_version(**named, raise_on_deleted_version=True))
                entry = answer["data"]["data"]
        except InvalidPath as error:
            if not _never_stored(error):
                why = self._said(error) or "it is not the path of an entry"
                way_out = "Check engine_mount_point and engine_version."
                raise NoCredential(
                    f"the Vault knows no such path as {mount}/{path}", why=why, way_out=way_out
                ) from error
            login.proven = True
            return None
        except (InvalidRequest, Unauthorized) as error:
            raise self._refused(f"reading {path}", error, "Check engine_mount_point, path and namespace.") from error
        except _NOT_OF_VAULT as error:
            raise self._no_vault() from error
        if not isinstance(entry, Mapping):
            raise self._no_vault()
        login.proven = True
        return entry

    def _expired(self, login: _Login) -> bool:
        """Whether a token that served before serves no more; else the Vault refuses this entry only."""
        if not login.proven:
            return False
        try:
            self._asked(login.client.auth.token.lookup_self)
        except VaultError:
            return True
        return False

    def _logged_in(self, expired: _Login | None) -> _Login:
        """The login, made where there is none yet or only the expired one. Raises NoCredential."""
        with self._lock:
            self._still_failing()
            if self._login is None or self._login is expired:
                login = self._new_login()
                if expired is not None and login.client.token == expired.client.token:
                    way_out = "Give a new one; every other auth_method renews itself."
                    raise self._final(NoCredential("the token of the Vault expired", way_out=way_out))
                self._login = login
            return self._login

    def _new_login(self) -> _Login:
        how, client = self._connection, _hvac_client(self._connection, self._session)
        try:
            self._asked(lambda: METHODS[how.auth_method].login(client, how.mount_point, dict(how.account)))
        except (InvalidRequest, Unauthorized, Forbidden, InvalidPath) as error:
            way_out = f"Check the {how.auth_method} login, its mount_point and the namespace; it is not tried again."
            raise self._final(self._refused("the login", error, way_out)) from error
        except _NOT_OF_VAULT as error:
            raise self._no_vault() from error
        if not client.token:
            raise self._final(NoCredential("the login to the Vault brought no token", way_out="Does it ask for MFA?"))
        return _Login(client)

    def _asked(self, request: Callable[[], Any]) -> Any:
        """Its answer. Raises hvac's errors for what Vault refuses, NoCredential where Vault does not serve."""
        self._still_failing()
        try:
            return request()
        except (InvalidRequest, Unauthorized, Forbidden, InvalidPath):
            raise
        except VaultError as error:
            raise self._rest(self._said(error), "Look at the Vault: 'vault status'.") from error
        except requests.exceptions.SSLError as error:
            raise self._rest(f"its certificate is not trusted: {reason_of(error)}", "Set ca_cert.") from error
        except OSError as error:
            raise self._rest(reason_of(error), "Check url, ca_cert and the network.") from error

    def _still_failing(self) -> None:
        failure = self._failure
        if failure is not None and self._clock.monotonic() < self._rests_until:
            raise NoCredential(failure.what, why=failure.why, way_out=failure.way_out)

    def _final(self, failure: NoCredential) -> NoCredential:
        self._failure, self._rests_until = failure, inf
        return failure

    def _rest(self, why: str, way_out: str) -> NoCredential:
        failure = NoCredential(f"the Vault {self._connection.url} does not serve", why=why, way_out=way_out)
        self._failure, self._rests_until = failure, self._clock.monotonic() + _REST
        return failure

    def _not_allowed(self, path: str, error: VaultError) -> NoCredential:
        return self._refused(f"reading {path}", error, "Allow it in the policy of the login.")

    def _refused(self, what: str, error: VaultError, way_out: str) -> NoCredential:
        return NoCredential(f"the Vault {self._connection.url} refused {what}", why=self._said(error), way_out=way_out)

    def _no_vault(self) -> NoCredential:
        return self._rest("its answer is none of a Vault, or a redirect", "Set url to the active node of a Vault.")

    def _said(self, error: VaultError) -> str:
        errors = [*(error.errors or ()), *_warnings(error)]
        return self._redactor.text("; ".join(str(line) for line in errors))


def _session(connection: Connection) -> requests.Session:
    if not connection.validate_certs:
        # It was the user's decision.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    session = requests.Session()
    # No proxy and no .netrc of the environment: as for a BMC, a secret goes where the reference says.
    session.trust_env = False
    session.verify = (connection.ca_cert or True) if connection.validate_certs else False
    retry = urllib3.Retry(
        total=_RETRIES,
        connect=0,
        read=0,
        status_forcelist=_BUSY,
        allowed_methods={"GET"},
        backoff_factor=0.1,
        raise_on_status=False,
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=_AT_ONCE, pool_block=True, max_retries=retry))
    return session


def _hvac_client(connection: Connection, session: requests.Session) -> Any:
    # A token of "": else hvac sends what VAULT_TOKEN or ~/.vault-token hold. No redirects: requests would keep
    # X-Vault-Token on its way to another host.
    return hvac.Client(  # type: ignore[no-untyped-call]
        url=connection.url,
        token="",
        verify=session.verify,
        timeout=connection.timeout,
        namespace=connection.namespace or None,
        session=session,
        allow_redirects=False,
    )


def _never_stored(error: InvalidPath) -> bool:
    """Whether a 404 means that there is no entry, or no more; not that the mount or the engine is another.

    Vault answers an unknown key with no errors, one of a wrong mount with "no handler for route", and one of the wrong
    engine with a warning.
    """
    return not error.errors and not _warnings(error)


def _warnings(error: VaultError) -> list[Any]:
    content = error.json
    return (content.get("warnings") or []) if isinstance(content, Mapping) else []
