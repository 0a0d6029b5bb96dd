# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""cosign itself verifies what we sign, in registries with and without the Referrers API, and we what it signs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openchami.bmc.plugins.module_utils._core.clock import SystemClock
from ansible_collections.openchami.bmc.plugins.module_utils._core.errors import InvalidRequest
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.content import Descriptor
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.publish import publish
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.oci.reference import parse_reference
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.document import policies
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.judge import judge
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.keys import (
    private_key_file,
    public_key_file,
)
from ansible_collections.openchami.bmc.plugins.module_utils._firmware.policy.signing import (
    lacking_attestation,
    lacking_signatures,
)
from tests.integration.bad_bundles import published
from tests.integration.shelves import Stocked, opened
from tests.registry.debian import PROGRAM
from tests.unit.firmware.policy.signers import PROVENANCE, SIGN, Signer, signer

PASSWORD = "canary-of-cosign"
PREDICATE = {
    "buildDefinition": {"buildType": "https://example.org/build", "externalParameters": {}},
    "runDetails": {"builder": {"id": "https://example.org"}},
}
VERIFY = ("--insecure-ignore-tlog", "--allow-http-registry")
SIGN_HERE = ("--tlog-upload=false", "--use-signing-config=false", "--allow-http-registry", "--yes")
# cosign signs with the hash of the curve, and verifies with SHA-256 unless it is told.
HASHES = {"p384": "sha384", "p521": "sha512"}


@dataclass
class Cosign:
    """The program, in a folder and home of its own."""

    program: Path
    folder: Path

    def __call__(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        # Experimental is the layout of a referrer with simple signing.
        own = {"HOME": str(self.folder), "COSIGN_PASSWORD": PASSWORD, "COSIGN_EXPERIMENTAL": "1"}
        command = [str(self.program), *map(str, arguments)]
        return subprocess.run(
            command, cwd=self.folder, env={**os.environ, **own}, capture_output=True, text=True, check=False, timeout=60
        )


@pytest.fixture
def run(cosign: Path, tmp_path: Path) -> Cosign:
    return Cosign(cosign, tmp_path)


@pytest.fixture(scope="module")
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stocked]:
    kind = getattr(request, "param", "debian")
    if kind == "debian" and not PROGRAM:
        pytest.skip("Debian's docker-registry is not installed")
    with ExitStack() as shelves:
        yield shelves.enter_context(opened(kind, tmp_path_factory.mktemp("shelf")))


either_registry = pytest.mark.parametrize("shelf", ["debian", "stand-in"], indirect=True)


def name_of(shelf: Stocked, subject: Descriptor) -> str:
    return f"{shelf.name}@{subject.digest}"


def refusals(shelf: Stocked, subject: Descriptor, public: str, **other: Any) -> list[str]:
    """What a policy that trusts one key has against a bundle."""
    policy = {"images": [{"glob": "**"}], "authorities": [{"name": "them", "key": {"data": public}}], **other}
    reference = parse_reference(name_of(shelf, subject))
    return judge(shelf.repository, reference, subject.digest, policies(policy), SystemClock()).reasons


@either_registry
@pytest.mark.parametrize("form", ["bundle", "tag"])
@pytest.mark.parametrize("kind", ["p256", "p384", "p521", "rsa", "ed25519"])
def test_it_verifies_what_we_sign(kind: str, form: str, shelf: Stocked, run: Cosign) -> None:
    by, subject = signer("vendor", kind), published(shelf)
    for made in lacking_signatures(
        shelf.repository, subject, shelf.name, private_key_file(str(by.key_file(run.folder)))
    ):
        if (made.tag == "") == (form == "bundle"):
            publish(shelf.repository, made)
    keys = {name: run.folder / f"{name}.pub" for name in ("vendor", "stranger")}
    for name, path in keys.items():
        path.write_text(signer(name, kind).public)
    extra = [f"--signature-digest-algorithm={HASHES[kind]}"] if kind in HASHES else []
    found = run("verify", "--key", keys["vendor"], *VERIFY, *extra, name_of(shelf, subject))
    assert found.returncode == 0, found.stderr
    assert subject.digest in found.stdout
    assert run("verify", "--key", keys["stranger"], *VERIFY, *extra, name_of(shelf, subject)).returncode != 0


@either_registry
def test_it_verifies_what_we_attest(shelf: Stocked, run: Cosign) -> None:
    by, subject = signer("vendor"), published(shelf)
    key = private_key_file(str(by.key_file(run.folder)))
    for made in lacking_attestation(shelf.repository, subject, PROVENANCE, PREDICATE, key):
        publish(shelf.repository, made)
    (run.folder / "key.pub").write_text(by.public)
    found = run("verify-attestation", "--key", "key.pub", "--type", PROVENANCE, *VERIFY, name_of(shelf, subject))
    assert found.returncode == 0, found.stderr


def imported(run: Cosign, by: Signer) -> Path:
    """A key of openssl's kind, brought to cosign as its documentation says: in cosign's own encrypted form."""
    path = by.key_file(run.folder)
    made = run("import-key-pair", "--key", path, "--output-key-prefix", "theirs")
    assert made.returncode == 0, made.stderr
    return run.folder / "theirs.key"


@pytest.mark.parametrize("form", ["bundle", "tag", "referrer of cosign 2"])
@pytest.mark.parametrize("kind", ["p256", "p384", "rsa"])
def test_we_verify_what_it_signs(kind: str, form: str, shelf: Stocked, run: Cosign) -> None:
    by, subject = signer("vendor", kind), published(shelf)
    assert refusals(shelf, subject, by.public) == ["unsigned"]
    form_options = {
        "bundle": ["--new-bundle-format=true"],
        "tag": ["--new-bundle-format=false"],
        "referrer of cosign 2": ["--new-bundle-format=false", "--registry-referrers-mode=oci-1-1"],
    }[form]
    made = run("sign", "--key", imported(run, by), *SIGN_HERE, *form_options, name_of(shelf, subject))
    assert made.returncode == 0, made.stderr
    assert refusals(shelf, subject, by.public) == []
    assert refusals(shelf, subject, signer("stranger", kind).public) == ["wrong_key"]


def test_it_does_not_verify_itself_what_it_signs_with_ed25519(shelf: Stocked, run: Cosign) -> None:
    """It signs what is hashed before (Ed25519ph) and verifies what is not (cosign 3.1.2); we do as it verifies."""
    by, subject = signer("vendor", "ed25519"), published(shelf)
    assert run("sign", "--key", imported(run, by), *SIGN_HERE, name_of(shelf, subject)).returncode == 0
    assert run("verify", "--key", "theirs.pub", *VERIFY, name_of(shelf, subject)).returncode != 0
    assert refusals(shelf, subject, by.public) == ["wrong_key"]


@pytest.mark.parametrize("form", ["bundle", "tag"])
def test_we_verify_what_it_attests_and_take_it_for_no_signature(form: str, shelf: Stocked, run: Cosign) -> None:
    by, subject = signer("vendor"), published(shelf)
    (run.folder / "predicate.json").write_text(json.dumps(PREDICATE))
    form_option = f"--new-bundle-format={'true' if form == 'bundle' else 'false'}"
    options = ["--predicate", "predicate.json", "--type", "slsaprovenance1", form_option]
    made = run("attest", "--key", imported(run, by), *SIGN_HERE, *options, name_of(shelf, subject))
    assert made.returncode == 0, made.stderr
    wanted = [{"intoto": {"type": PROVENANCE}}]
    assert refusals(shelf, subject, by.public, attestations=wanted) == ["attestation_in_place_of_signature"]
    assert refusals(shelf, subject, by.public, attestations=[{"intoto": {"type": SIGN}}])[1:] == ["missing"]


@pytest.mark.parametrize("kind", ["p256", "p384", "p521", "rsa", "ed25519"])
def test_a_key_that_it_imported_is_the_one_that_was_given(kind: str, run: Cosign) -> None:
    by = signer("vendor", kind)
    path = str(imported(run, by))
    assert private_key_file(path, PASSWORD).public == private_key_file(str(by.key_file(run.folder))).public
    with pytest.raises(InvalidRequest, match="the password is wrong") as refused:
        private_key_file(path, f"not {PASSWORD}")
    assert PASSWORD not in str(refused.value)


def test_a_key_file_of_cosign_signs(run: Cosign) -> None:
    made = run("generate-key-pair")
    assert made.returncode == 0, made.stderr
    key = private_key_file(str(run.folder / "cosign.key"), PASSWORD)
    assert key.public == public_key_file(str(run.folder / "cosign.pub"))
