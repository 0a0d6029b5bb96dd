# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""bmc_firmware_bundle: a firmware bundle is there, with all that is attached to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._core.errors import BadArtifact, InvalidRequest
from .._firmware.oci.bundle import read_bundle
from .._firmware.oci.content import Descriptor, json_object
from .._firmware.oci.making import (
    Files,
    Labels,
    approval_of,
    attestation_of,
    bundle_of,
    sbom_of,
    test_report_of,
)
from .._firmware.oci.media_types import IN_TOTO, PAYLOAD, TITLE
from .._firmware.oci.metadata import REBOOTS, metadata_of
from .._firmware.oci.opening import opened_repository
from .._firmware.oci.publish import Publication, Repository, lacking, publish
from .._firmware.oci.reference import Reference, parse_reference
from .._firmware.policy.dsse import statement
from .._firmware.policy.keys import PrivateKey, private_key_file
from .._firmware.policy.signing import lacking_attestation, lacking_signatures
from .registry import REGISTRY_SPEC, access_of, default_cache, pins_of
from .task import Result, Task

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    **REGISTRY_SPEC,
    "payload": {"type": "path"},
    "version": {"type": "str"},
    "components": {
        "type": "list",
        "elements": "dict",
        "options": {
            "component": {"type": "str", "required": True},
            "version": {"type": "str", "required": True},
            "compatible_hardware": {"type": "list", "elements": "str", "required": True},
            "reboot": {"type": "str", "choices": list(REBOOTS), "required": True},
            "expected_duration": {"type": "int", "default": 0},
            "inventory_ids": {"type": "list", "elements": "str", "default": []},
        },
    },
    "order": {"type": "list", "elements": "str", "default": []},
    "vendor": {"type": "str", "default": ""},
    "platform": {"type": "str", "default": ""},
    "hw_revision": {"type": "str", "default": ""},
    "compatibility": {"type": "str", "default": ""},
    "annotations": {"type": "dict", "default": {}},
    "release_notes": {"type": "path"},
    "checksums": {"type": "path"},
    "overwrite_tag": {"type": "bool", "default": False},
    "sbom": {"type": "path"},
    "attestations": {"type": "list", "elements": "path", "default": []},
    "test_report": {"type": "path"},
    "approval": {"type": "path"},
    "signature_key": {"type": "path"},
    # A path is no secret, what it is sealed with is.
    "signature_key_password": {"type": "str", "no_log": True},
}

_SIGNATURE = "signature"
_SEALED = "signed attestation"
_OF_THE_BUNDLE = ("version", "components")
_Attach = Callable[[Path, Descriptor], Publication]


@dataclass(frozen=True)
class _Planned:
    """Something that is not there yet. what: in a word, for the result. subject: the digest that it is attached to."""

    what: str
    publication: Publication
    subject: str = ""

    def data(self) -> dict[str, Any]:
        manifest = self.publication.manifest
        return {
            "what": self.what,
            "subject": self.subject,
            # What is signed is another one each time that it is made, so check mode could not tell it.
            "digest": "" if self.what in (_SIGNATURE, _SEALED) else manifest.digest,
            "artifact_type": manifest.artifact_type,
            "tag": self.publication.tag,
        }


def run(options: Mapping[str, Any], task: Task) -> Result:
    """Publish what is not there yet. Raises BmcError."""
    reference = parse_reference(options["reference"])
    key = None
    if options["signature_key"]:
        key = private_key_file(options["signature_key"], options["signature_key_password"] or "")
    made = _bundle(options, reference)
    with opened_repository(reference, access_of(options), default_cache(task.clock), task.clock) as repository:
        subject = _subject(repository, reference, made, overwrite=options["overwrite_tag"])
        planned = list(_lacking(repository, reference, subject, made, options, key))
        if not task.check_mode:
            for step in planned:
                publish(repository, step.publication)
            if reference.tag and made is not None:
                pins_of(task).moved(reference, subject.digest)
    return _told(reference, subject, made, planned)


def _bundle(options: Mapping[str, Any], reference: Reference) -> Publication | None:
    """The bundle from its files; None where only something is attached to one. Raises InvalidRequest, LocalFailure."""
    if not options["payload"]:
        given = [name for name in (*_OF_THE_BUNDLE, "order", "release_notes", "checksums") if options[name]]
        if given:
            raise InvalidRequest(f"{', '.join(given)} without a payload", way_out="Give the payload's file, too.")
        return None
    if missing := [name for name in _OF_THE_BUNDLE if not options[name]]:
        raise InvalidRequest(f"a payload without {' and '.join(missing)}", way_out="Say what it is, and for whom.")
    if reference.digest or not reference.tag:
        raise InvalidRequest(f"{reference} names no tag to publish under", way_out="End it with :1.10.2, without @.")
    try:
        metadata = metadata_of({name: options[name] for name in (*_OF_THE_BUNDLE, "order")})
    except BadArtifact as error:
        raise InvalidRequest("this is no metadata of a bundle", why=error.why, way_out=error.way_out) from error
    files = Files(Path(options["payload"]), *(_path(options[name]) for name in ("release_notes", "checksums")))
    labels = Labels(
        vendor=options["vendor"],
        platform=options["platform"],
        hw_revision=options["hw_revision"],
        compatibility=options["compatibility"],
        others={str(name): str(value) for name, value in options["annotations"].items()},
    )
    return bundle_of(files, metadata, labels, reference.tag)


def _path(option: str | None) -> Path | None:
    return Path(option) if option else None


def _subject(repository: Repository, reference: Reference, made: Publication | None, *, overwrite: bool) -> Descriptor:
    """The bundle that the rest is attached to. Raises InvalidRequest for a tag that is taken; BadArtifact."""
    if made is None:
        return read_bundle(repository, reference).manifest.descriptor()
    taken = repository.tagged(reference.tag)
    if taken is not None and taken.digest != made.manifest.digest and not overwrite:
        raise InvalidRequest(
            f"{reference} is there, and is something else",
            why=f"{taken.digest}, not {made.manifest.digest}",
            way_out="Publish under another tag; a version that changes misleads whoever relies on it."
            " With overwrite_tag: true the tag is moved.",
        )
    return made.manifest.descriptor()


def _lacking(
    repository: Repository,
    reference: Reference,
    subject: Descriptor,
    made: Publication | None,
    options: Mapping[str, Any],
    key: PrivateKey | None,
) -> Iterator[_Planned]:
    """What is to be published, in this order: whoever sees a signature finds what it signs."""
    wanted = [_Planned("bundle", made)] if made is not None else []
    wanted += [_Planned(what, attach(path, subject), subject.digest) for what, attach, path in _attachments(options)]
    statements = [step for step in wanted if _is_statement(step)] if key is not None else []
    wanted = [step for step in wanted if step not in statements]
    yield from (step for step in wanted if lacking(repository, [step.publication]))
    if key is not None:
        for step in statements:
            yield from _sealed(repository, subject, step, key)
        # An SBOM or approval proves something only where it is signed itself.
        signed = {subject.digest: subject} | {
            step.publication.manifest.digest: step.publication.manifest.descriptor() for step in wanted
        }
        for descriptor in signed.values():
            for signature in lacking_signatures(repository, descriptor, reference.name, key):
                yield _Planned(_SIGNATURE, signature, descriptor.digest)


def _is_statement(step: _Planned) -> bool:
    """Whether it is an in-toto statement that nobody signed yet."""
    return step.what == "attestation" and step.publication.manifest.layers[0].media_type == IN_TOTO


def _sealed(repository: Repository, subject: Descriptor, step: _Planned, key: PrivateKey) -> Iterator[_Planned]:
    """The statement signed, as `cosign attest` does it, where it is not there yet. Raises InvalidRequest."""
    (blob,) = (blob for blob in step.publication.blobs if blob.descriptor.media_type == IN_TOTO)
    try:
        said = statement(json_object(bytes(blob.content), "the attestation"))
    except BadArtifact as error:
        raise InvalidRequest(error.what, why=error.why) from error
    if said.subjects - {subject.digest}:
        named = ", ".join(sorted(said.subjects))
        raise InvalidRequest("an attestation is about something else", why=f"{named}, not {subject.digest}")
    for made in lacking_attestation(repository, subject, said.predicate_type, said.predicate, key):
        yield _Planned(_SEALED, made, subject.digest)


def _attachments(options: Mapping[str, Any]) -> Iterator[tuple[str, _Attach, Path]]:
    singles: tuple[tuple[str, _Attach], ...] = (
        ("sbom", sbom_of),
        ("test_report", test_report_of),
        ("approval", approval_of),
    )
    for name, attach in singles:
        if options[name]:
            yield name, attach, Path(options[name])
    for path in options["attestations"]:
        yield "attestation", attestation_of, Path(path)


def _told(reference: Reference, subject: Descriptor, made: Publication | None, planned: list[_Planned]) -> Result:
    steps = [step.data() for step in planned]
    told: Result = {
        "changed": bool(planned),
        "reference": str(reference.pinned(subject.digest)),
        "digest": subject.digest,
        "published": steps,
        "diff": {"before": {"published": []}, "after": {"published": steps}},
    }
    if made is not None:
        payload = next(layer for layer in made.manifest.layers if layer.media_type == PAYLOAD)
        name = payload.annotations[TITLE]
        told["payload"] = {"digest": payload.digest, "size": payload.size, "file_name": name}
    return told
