#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bmc_firmware
short_description: Firmware of a BMC and of the machine behind it
version_added: 0.4.0
description:
  - Makes a component run the version that a firmware bundle brings, whichever way its BMC takes updates.
  - A component that runs the version already is left alone, and nothing but reading is done.
  - An update counts as done when it was seen to end, or the version was seen to change, and the BMC's inventory shows
    exactly the version that is wanted. Anything else is a failure, the same version as before included.
  - A task that follows an update that it did not start, after an interruption or beside another task for the same
    image, sends nothing. RV(attached) says so. An update is never tried again by itself.
  - While an update of this module runs, other updates, resets and restarts of the same BMC by this collection are
    refused on this controller, and everywhere while the BMC itself says that it is at it.
  - In check mode RV(plan) is the list of requests that the run then sends. The policies have judged the bundle by then.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
extends_documentation_fragment:
  - openchami.bmc._connection
  - openchami.bmc._attributes
  - openchami.bmc._registry.access
  - openchami.bmc._registry.cache
attributes:
  diff_mode:
    support: full
options:
  bundle:
    description:
      - The firmware bundle, as O(openchami.bmc.bmc_firmware_bundle_info#module:reference). One of O(bundle) and
        O(image_path) is needed.
      - What a tag means is asked once for a run of Ansible, for all its hosts. With C(delegate_to) another host the
        digest is needed, as in RV(openchami.bmc.bmc_firmware_bundle_info#module:reference), since each delegate would
        ask for itself.
    type: str
  verification_policies:
    description:
      - What is demanded of the bundle, as O(openchami.bmc.bmc_firmware_bundle_info#module:verification_policies). No
        BMC is touched where it is refused.
    type: list
    elements: dict
  image_path:
    description:
      - A plain file on the controller in place of a bundle. It needs O(version), and O(component) or O(targets).
        Nothing proves who made it.
    type: path
  version:
    description:
      - The version, exactly as the BMC's inventory will show it. A bundle that was published with metadata says it.
    type: str
  component:
    description:
      - What is to be updated, by a plain name, such as V(bmc), V(bios), V(cpld), V(nic) or V(psu), or by the Id or Name
        of the inventory. Without it, without O(targets) and without O(all_compatible) the bundle says it.
      - Recovery, golden, backup, staging and previous images are never meant by a plain name.
      - Behind a BMC with several nodes O(bmc_system) says which node is meant.
    type: str
  targets:
    description: What is to be updated, by URIs or Ids of the inventory.
    type: list
    elements: str
    default: []
  all_compatible:
    description: Update everything that the bundle is for, where a machine has several of a kind.
    type: bool
    default: false
  downgrade:
    description:
      - Whether to go to an older version. It is also needed where the forms of two versions differ, so that nobody can
        tell which is the older one.
    type: bool
    default: false
  force:
    description: Whether to send the image also where the version runs already.
    type: bool
    default: false
  allow_bmc_reset:
    description:
      - Whether the BMC may restart itself, as each of its own updates makes it do. Without it such an update is
        refused.
    type: bool
    default: false
  reboot:
    description:
      - V(never) leaves the host alone. What needs its restart then ends as C(pending_reboot).
      - V(when_needed) restarts it where the new firmware waits for that. A host that is off is never powered on.
    type: str
    choices: [never, when_needed]
    default: never
  reboot_type:
    description: How to restart, as O(openchami.bmc.bmc_power#module:state).
    type: str
    choices: [soft_restart, hard_restart]
    default: soft_restart
  transfer:
    description:
      - V(pull) lets the BMC fetch the image, V(push) uploads it. V(auto) takes what the BMC offers, what its dialect
        does best first.
    type: str
    choices: [auto, pull, push]
    default: auto
  stage:
    description:
      - What M(openchami.bmc.bmc_staging) returned as C(stage) for this host. Without O(stage) and O(stage_url) the task
        itself serves the image for as long as it runs.
      - What is staged must have the digest of the image; no BMC is touched where it has another one.
    type: dict
  stage_url:
    description:
      - The image on a web server of the site, or the folder that it lies in when it ends in a slash. It is looked for
        there before anything is sent. Only its size is compared, which a warning says.
    type: str
  stage_ca_path:
    description: The CA of O(stage_url).
    type: path
  stage_validate_certs:
    description: Whether the certificate of O(stage_url) is verified from here. The BMC decides for itself.
    type: bool
    default: true
  stage_port:
    description: The port that the task serves at, as O(openchami.bmc.bmc_staging#module:port).
    type: str
    default: "0"
  stage_advertise:
    description: The address for the BMC, as O(openchami.bmc.bmc_staging#module:advertise).
    type: str
  stage_clients:
    description: Who may fetch, as O(openchami.bmc.bmc_staging#module:clients).
    type: list
    elements: str
    default: []
  stage_certificate:
    description: For HTTPS, as O(openchami.bmc.bmc_staging#module:certificate).
    type: path
  stage_private_key:
    description: For HTTPS, as O(openchami.bmc.bmc_staging#module:private_key).
    type: path
  wait:
    description:
      - Whether to follow the update to its end. V(false) returns RV(handle) once the BMC has the image and has accepted
        the update. Several updates are then done one by one, each time that the handle is settled.
    type: bool
    default: true
  handle:
    description:
      - The RV(handle) of the same task. It is settled, and nothing that was sent is sent again.
    type: dict
  timeout:
    description: Seconds for all of an update, from its request to the version that is read back.
    type: float
    default: 7200
  transfer_timeout:
    description: Seconds until the BMC has the image.
    type: float
    default: 1800
  apply_timeout:
    description: Seconds from there until it is flashed, and again for a restarted host until it runs.
    type: float
    default: 3600
  return_timeout:
    description: Seconds for which the BMC may be away.
    type: float
    default: 900
  reboot_timeout:
    description: Seconds that each reset of a host's restart gets to show its effect.
    type: float
    default: 300
  poll_interval:
    description: Seconds between two looks.
    type: float
    default: 10
notes:
  - With C(-v) each worker shows how far its update is. The same stands, a line of JSON for each step, in
    C(firmware/) of the state folder of the controller, C($OPENCHAMI_BMC_STATE_DIR).
seealso:
  - module: openchami.bmc.bmc_firmware_bundle_info
  - module: openchami.bmc.bmc_staging
"""

EXAMPLES = r"""
- name: The BIOS of the bundle, running when the task ends
  openchami.bmc.bmc_firmware:
    bundle: registry.example:5000/firmware/bios:1.10.2
    reboot: when_needed

- name: The same for the BMC itself, if the site's key has signed it
  openchami.bmc.bmc_firmware:
    bundle: registry.example:5000/firmware/bmc:2.78.0
    allow_bmc_reset: true
    verification_policies:
      - name: ours
        images: [{glob: registry.example:5000/firmware/**}]
        authorities:
          - name: site
            key: {path: /etc/keys/firmware.pub}

- name: A plain file
  openchami.bmc.bmc_firmware:
    image_path: /srv/firmware/bios.bin
    component: bios
    version: U46 v2.70 (02/17/2023)

- name: Begin on all hosts at once
  openchami.bmc.bmc_firmware:
    bundle: registry.example:5000/firmware/bios:1.10.2
    wait: false
  register: begun

- name: See it through
  openchami.bmc.bmc_firmware:
    bundle: registry.example:5000/firmware/bios:1.10.2
    handle: "{{ begun.handle }}"
    reboot: when_needed
"""

RETURN = r"""
updates:
  description: What became of each component, in the order of the updates.
  returned: success
  type: list
  elements: dict
  contains:
    component:
      description: Its plain name, V("") where nothing tells one.
      type: str
      sample: bios
    id:
      description: Redfish Id, as it was at the start.
      type: str
    name:
      description: Redfish Name.
      type: str
    uri:
      description: Redfish URI, as it was at the start.
      type: str
    before:
      description: The version before the update, which an earlier task may have begun.
      type: str
      sample: U46 v2.60 (11/24/2022)
    wanted:
      description: The version that is wanted.
      type: str
      sample: U46 v2.70 (02/17/2023)
    after:
      description: The version at the end, in check mode the one that a run leads to.
      type: str
    method:
      description: The property or action of the UpdateService that the image goes by, C(null) where none goes.
      type: str
      sample: SimpleUpdate
    bytes:
      description: Size of the image, 0 where none goes.
      type: int
    reboot:
      description: What must restart before it runs, V(none), V(manager), V(host) or V(power_cycle).
      type: str
    unavailable:
      description:
        - What is away for a while, V(bmc) for an update of the BMC's own, V(host) where the task restarts the host.
      type: list
      elements: str
    expected_duration:
      description: Seconds that it takes as the bundle says, C(null) where it does not.
      type: int
    state:
      description:
        - V(current) ran the version already. V(planned) was not begun, as in check mode. V(submitted) runs, and
          RV(handle) settles it. V(pending_reboot) is flashed and waits for a restart. V(updated) was seen through.
          V(failed) did not succeed, or was not seen to.
      type: str
    note:
      description: Why it is not done, or what failed.
      type: str
reboot_required:
  description: Whether something waits for a restart of the host.
  returned: success
  type: bool
rebooted:
  description: Whether the host was restarted, in check mode whether it would be.
  returned: success
  type: bool
attached:
  description: Whether an update was followed that another task had begun.
  returned: success
  type: bool
settled:
  description: Whether nothing is under way any more.
  returned: success
  type: bool
handle:
  description: What another task needs to settle an update that runs, or may still run. C(null) where none does.
  returned: success
  type: dict
bundle:
  description: The bundle, C(null) for a plain file.
  returned: always, once it was found; also of a task that failed
  type: dict
  contains:
    reference:
      description: The bundle by its digest.
      type: str
    digest:
      description: Digest of its manifest.
      type: str
    version:
      description: Version of the bundle, C(null) where it could not be read.
      type: str
    verdict:
      description: As RV(openchami.bmc.bmc_firmware_bundle_info#module:verdict), C(null) without policies.
      type: dict
plan:
  description:
    - The requests that the situation asks for, each with C(method), C(uri) and C(body). The address of a staged image
      is shown without the token that opens it, an upload by its form and the name of its file.
  returned: success
  type: list
  elements: dict
  sample:
    - method: POST
      uri: /redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate
      body: {ImageURI: "http://…/bios-1.10.2.bin"}
escalation:
  description: The resets that O(reboot_type=hard_restart) sends only when a deadline passes, as RV(plan).
  returned: success
  type: list
  elements: dict
model:
  description: The machine's model, C(null) where the BMC does not tell it.
  returned: success
  type: str
dialect:
  description: The driver that spoke with the BMC.
  returned: success
  type: str
  sample: hpe
error:
  description: The parts of C(msg). C(kind) is stable, for conditions.
  returned: failure
  type: dict
  contains:
    kind:
      description: Name of the error's class.
      type: str
      sample: UpdateFailed
    host:
      description: Inventory name.
      type: str
    what:
      description: What happened.
      type: str
    why:
      description: Why, as far as it is known.
      type: str
    way_out:
      description: What to do next.
      type: str
    message_id:
      description: Redfish MessageId, where the BMC gave one.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openchami.bmc.plugins.module_utils._entry import shipping


def main() -> None:
    shipping.require()
    from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_firmware

    shipping.run(AnsibleModule(argument_spec=bmc_firmware.ARGUMENT_SPEC, supports_check_mode=True), bmc_firmware.run)


if __name__ == "__main__":
    main()
