#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bmc_firmware_bundle
short_description: Publish a firmware bundle
version_added: 0.3.0
description:
  - Publishes firmware to an OCI registry, or to a local folder in the OCI image layout, with the metadata that says
    what it is and which hardware it is for.
  - Attaches SBOM, in-toto attestations, test report and approval to it, and signs them all with a key file as cosign
    does.
  - What is there already is not sent again. The same files make the same digest, whoever publishes them, and when.
  - A bundle can be used by OpenCHAMI's firmware-updater as well, and those made for it can be used here.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
extends_documentation_fragment:
  - openchami.bmc._registry
  - openchami.bmc._registry.access
  - openchami.bmc._attributes.controller
requirements:
  - The Python library oras 0.2.43 or newer on the controller, to publish to a registry.
  - The Python library PyNaCl there, to sign with a key file of C(cosign generate-key-pair).
options:
  payload:
    description:
      - The file that BMCs get. They see its name, so it has letters, digits and C(. _ + -) only.
      - Without it the rest is attached to the bundle that is there.
    type: path
  version:
    description: The version of the bundle, a semantic one such as V(1.10.2). It is needed with O(payload).
    type: str
  components:
    description:
      - What the payload updates. It is needed with O(payload).
      - Its form in the bundle is C(docs/firmware-bundle-metadata.schema.json).
    type: list
    elements: dict
    suboptions:
      component:
        description: The kind of firmware, such as V(bmc) or V(bios).
        type: str
        required: true
      version:
        description: The version exactly as the BMC's inventory shows it once the firmware is in use.
        type: str
        required: true
      compatible_hardware:
        description: Models, part numbers or software ids that it is for, compared as a whole and without case.
        type: list
        elements: str
        required: true
      reboot:
        description: What must restart before it is in use.
        type: str
        choices: [none, manager, host, power_cycle]
        required: true
      expected_duration:
        description: Seconds that an update takes; V(0) where it is not known.
        type: int
        default: 0
      inventory_ids:
        description: The C(Id) of the entries of the BMC's firmware inventory, where they are known.
        type: list
        elements: str
        default: []
  order:
    description:
      - The names of O(components) in the order in which they are to be updated.
      - Those that it does not name come after it; the BMC, then the BIOS, then the others as they are listed.
    type: list
    elements: str
    default: []
  vendor:
    description: The annotation C(org.opencontainers.image.vendor).
    type: str
    default: ''
  platform:
    description: The annotation C(org.openchami.firmware.platform).
    type: str
    default: ''
  hw_revision:
    description: The annotation C(org.openchami.firmware.hw-revision).
    type: str
    default: ''
  compatibility:
    description: The annotation C(org.openchami.firmware.compatibility), such as V(vendor-certified).
    type: str
    default: ''
  annotations:
    description: Further annotations, by their full names.
    type: dict
    default: {}
  release_notes:
    description: A file with release notes.
    type: path
  checksums:
    description: A file with the vendor's checksums. Without one the SHA-256 of the payload is written.
    type: path
  overwrite_tag:
    description: Move a tag that names another bundle. Without it such a tag is refused.
    type: bool
    default: false
  sbom:
    description: A file in SPDX or CycloneDX, as JSON.
    type: path
  attestations:
    description:
      - Files with in-toto attestations, as DSSE envelopes or sigstore bundles.
      - A bare statement is signed with O(signature_key), as C(cosign attest) does. It may name no other subject than
        the bundle. Without a key it is attached as it is, and proves nothing.
    type: list
    elements: path
    default: []
  test_report:
    description: A JSON file that reports tests.
    type: path
  approval:
    description: A JSON file with the approval of a site; its C(expires) says until when it holds.
    type: path
  signature_key:
    description:
      - A private key in a PEM file. The bundle and what is attached to it are signed with it where its signature is not
        there yet, for cosign 3 and for cosign 2.
      - Nothing is sent to a transparency log.
    type: path
  signature_key_password:
    description: What O(signature_key) is sealed with, as PKCS 8 or by cosign.
    type: str
attributes:
  check_mode:
    support: full
    description: Can run in check_mode; RV(published) then is what would be published.
  diff_mode:
    support: full
    description: Will return details on what has changed.
seealso:
  - module: openchami.bmc.bmc_firmware_bundle_info
"""

EXAMPLES = r"""
- name: Publish the firmware of a blade's BMC
  openchami.bmc.bmc_firmware_bundle:
    reference: registry.example:5000/firmware/nc:1.10.2
    payload: /srv/vendor/nc-1.10.2.tar.gz
    version: 1.10.2
    components:
      - component: bmc
        version: nc.1.10.2-22-shasta-release.arm.2026-01-15T01:13:10+00:00.a0bcef9
        compatible_hardware: [x9000, 'nc:*:*:*']
        reboot: manager
        expected_duration: 900
        inventory_ids: [BMC]
    compatibility: vendor-certified
    release_notes: /srv/vendor/nc-1.10.2.md
    sbom: /srv/vendor/nc-1.10.2.spdx.json
    signature_key: /etc/keys/firmware.pem
  run_once: true
  register: published

- name: Approve it, once it was tried
  openchami.bmc.bmc_firmware_bundle:
    reference: "{{ published.reference }}"
    test_report: /srv/site/nc-1.10.2.tests.json
    approval: /srv/site/nc-1.10.2.approval.json
    signature_key: /etc/keys/firmware.pem
  run_once: true
"""

RETURN = r"""
reference:
  description: The bundle by its digest.
  returned: success
  type: str
  sample: registry.example:5000/nc:1.10.2@sha256:5a4a38b79a925da16f1f69707140a66ec462c40a3ed474b30ecd50f1f0cb4f05
digest:
  description: The digest of the bundle's manifest.
  returned: success
  type: str
payload:
  description: The payload that was given.
  returned: when O(payload) is given
  type: dict
  sample:
    digest: sha256:827a78b2484e60492c914b9567df487b6c5d647a13dceae13f93ecbf1cb44b14
    size: 58825216
    file_name: nc-1.10.2.tar.gz
published:
  description: What was not there, in the order in which it was published.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: V(bundle), V(sbom), V(attestation), V(test_report), V(approval),
        V(signed attestation) or V(signature).
      type: str
    subject:
      description: The digest of the manifest that it is attached to; empty for the bundle itself.
      type: str
    digest:
      description: The digest of its manifest; empty for what is signed, which is another one each time.
      type: str
    artifact_type:
      description: Its artifact type.
      type: str
    tag:
      description: The tag that names it, if any.
      type: str
"""
