#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bmc_firmware_bundle_info
short_description: Look at a firmware bundle, and judge it
version_added: 0.3.0
description:
  - Shows what a firmware bundle is, which hardware it is for, and what is attached to it.
  - Tells what the verification policies of the site say of it, demand by demand. What is attached and not signed by
    somebody whom a policy trusts is called present, not proven.
  - Fetches the payload, verified, into the cache of the controller where that is asked for.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
extends_documentation_fragment:
  - openchami.bmc._registry
  - openchami.bmc._registry.access
  - openchami.bmc._registry.cache
  - openchami.bmc._attributes.controller
options:
  hardware:
    description:
      - Names that hardware goes by, such as model, part number and software id. A bundle that is for none of them is
        refused, else only the components for it are returned.
    type: list
    elements: str
    default: []
  verification_policies:
    description:
      - What is demanded of the bundle. C(docs/firmware-policy.md) describes their form.
      - A bundle that no policy is for is refused.
    type: list
    elements: dict
  enforce:
    description: Fail where the policies refuse the bundle. Without it RV(verdict) only tells.
    type: bool
    default: false
  fetch:
    description:
      - Also fetch the payload into the cache. Of all processes on the controller that want it one does it, resumes it
        where the connection breaks, and verifies size and digest. One that is there is verified again.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Can run in check_mode; nothing but the cache of the controller changes in any case.
  diff_mode:
    support: N/A
    description: Will return details on what has changed.
    details: Nothing changes.
seealso:
  - module: openchami.bmc.bmc_firmware_bundle
"""

EXAMPLES = r"""
- name: Look at a bundle
  openchami.bmc.bmc_firmware_bundle_info:
    reference: registry.example:5000/firmware/nc:1.10.2
  run_once: true
  register: bundle

- name: Fetch the very same, if the site allows it
  openchami.bmc.bmc_firmware_bundle_info:
    reference: "{{ bundle.reference }}"
    verification_policies:
      - name: ours
        images: [{glob: registry.example:5000/firmware/**}]
        authorities:
          - name: site
            key: {path: /etc/keys/firmware.pub}
    enforce: true
    fetch: true
  run_once: true
"""

RETURN = r"""
reference:
  description: The bundle by its digest. Given as O(reference) to other tasks and runs it names this very bundle.
  returned: always, once it was found; also of a bundle that is refused
  type: str
  sample: registry.example:5000/nc:1.10.2@sha256:5a4a38b79a925da16f1f69707140a66ec462c40a3ed474b30ecd50f1f0cb4f05
digest:
  description: The digest of the bundle's manifest.
  returned: always, once it was found; also of a bundle that is refused
  type: str
version:
  description: The version of the bundle.
  returned: success
  type: str
payload:
  description: What BMCs get.
  returned: success
  type: dict
  contains:
    digest:
      description: Its digest.
      type: str
    size:
      description: Bytes.
      type: int
    file_name:
      description: Its name, made safe for a URL.
      type: str
    path:
      description: Where it is on the controller.
      returned: when O(fetch=true)
      type: str
components:
  description:
    - What the payload updates, in the order in which it is to be updated.
    - A version is empty, as is a reboot, where the bundle has no metadata of ours.
  returned: success
  type: list
  elements: dict
  sample:
    - component: bmc
      version: nc.1.10.2-22-shasta-release.arm.2026-01-15T01:13:10+00:00.a0bcef9
      compatible_hardware: [x9000]
      reboot: manager
      expected_duration: 900
annotations:
  description: The annotations of the bundle.
  returned: success
  type: dict
referrers:
  description: What is attached, each as its own manifest has it.
  returned: success
  type: list
  elements: dict
  contains:
    artifact_type:
      description: What it is.
      type: str
    digest:
      description: The digest of its manifest.
      type: str
    size:
      description: Bytes of its manifest.
      type: int
    annotations:
      description: Its annotations.
      type: dict
verdict:
  description: What O(verification_policies) say of the bundle. C(docs/firmware-policy.md) explains every reason.
  returned: when O(verification_policies) is given, also of a bundle that is refused
  type: dict
  contains:
    accepted:
      description: Whether the bundle may be used.
      type: bool
    image:
      description: The name of the bundle, as the policies see it.
      type: str
      sample: registry.example:5000/firmware/nc
    digest:
      description: The digest of the bundle.
      type: str
    reasons:
      description: What enforced demands failed for, each once.
      type: list
      elements: str
      sample: [unsigned]
    refusals:
      description: The same in sentences.
      type: list
      elements: str
    warnings:
      description: What policies in the mode V(warn) would refuse, and what is there and proves nothing.
      type: list
      elements: str
    policies:
      description:
        - Each policy that is for the bundle. C(policy), C(mode), C(passed), and its C(checks).
        - A check has C(kind) (V(signature), V(attestation) or V(annotation)), C(name), C(passed), C(proven), C(reason),
          C(detail), and as C(evidence) all that was looked at, with C(manifest), C(layout), C(authority),
          C(predicate_type), C(reason) and C(detail).
      type: list
      elements: dict
"""
