# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of what reads and publishes firmware bundles."""

from __future__ import annotations


class ModuleDocFragment:
    """What the modules share that speak with a registry."""

    DOCUMENTATION = r"""
options:
  reference:
    description:
      - The bundle, as C(registry.example:5000/firmware/nc:1.10.2), as the same with C(@sha256:...) at its end, or as a
        local folder in the OCI image layout, C(oci-layout:/srv/bundles/nc:1.10.2).
      - There is no registry and no tag by default.
    type: str
    required: true
notes:
  - One task serves all hosts of a play, so give it C(run_once).
  - What a tag means is asked once for a run of Ansible, for all its hosts. RV(ignore:reference) of the result names the
    digest; given to other runs, job slices or resumed ones it makes all of them use the same bundle.
  - A registry that is busy, HTTP 429, 502, 503 or 504, is asked again, as it says with C(Retry-After), up to a minute.
    Nothing that was sent to be published is sent again.
  - No account is sent to another host that a registry leads to, by a redirect, a page of a list, or the place of an
    upload; a registry with TLS may not lead to a place without. Proxies and C(.netrc) of the environment are not used.
"""

    ACCESS = r"""
options:
  registry_username:
    description:
      - The account of the registry. Without one it is taken from the first file of docker, podman and oras that has
        one, with its identity tokens and credential helpers. Without any the registry is read as by anybody.
      - The files are C($REGISTRY_AUTH_FILE), C($DOCKER_CONFIG/config.json) or C(~/.docker/config.json),
        C($XDG_RUNTIME_DIR/containers/auth.json), and C($XDG_CONFIG_HOME/containers/auth.json) or
        C(~/.config/containers/auth.json).
    type: str
  registry_password:
    description: The password of O(registry_username).
    type: str
  registry_identity_token:
    description: An OAuth2 refresh token in place of a password, as C(docker login) keeps one.
    type: str
  registry_auth_file:
    description: Only this file is asked for an account, in the form of docker's C(config.json).
    type: path
  registry_ca_path:
    description:
      - The CA, a PEM file or a folder of hashed certificates, that the certificates of the registry, of its token
        server, and of where it redirects to are verified with. Without one it is the system's CAs.
    type: path
  registry_validate_certs:
    description: Whether certificates are verified. The bytes of firmware are verified by their digest in any case.
    type: bool
    default: true
  registry_plain_http:
    description: Speak HTTP without TLS. An account then goes over the network for everyone to read.
    type: bool
    default: false
  registry_token_server:
    description:
      - A host that may get the account beside the registry itself. A registry that logs in by tokens says where they
        are to be had; where that is another host, the account is sent only to the one that is named here.
    type: str
  registry_timeout:
    description: Seconds of silence, after which a connection counts as broken. A payload is then resumed.
    type: float
    default: 30
  registry_deadline:
    description: Seconds for the payload, and as many for all other requests to the registry together.
    type: float
    default: 1800
"""

    CACHE = r"""
options:
  cache_path:
    description: A folder for payloads. It is C(openchami.bmc/firmware) in C($XDG_CACHE_HOME) or C(~/.cache) by default.
    type: path
  cache_size:
    description: GiB that all payloads in the cache may have together. Those used longest ago go first.
    type: float
    default: 20
  cache_days:
    description: Days after which a payload goes that nobody used.
    type: float
    default: 90
  cache_keep:
    description: So many payloads stay anyway, those used last. One that was used within the last hour stays as well.
    type: int
    default: 2
"""
