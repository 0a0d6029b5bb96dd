#!/usr/bin/python

# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bmc_staging
short_description: A firmware image for BMCs to fetch, from one server for the whole play
version_added: 0.3.0
description:
  - Serves a file over HTTP or HTTPS to the BMC of each host, under a URL of its own. One process serves all hosts of a
    play.
  - Only the BMC's own address gets the file, and only under its URL, which has a random token. Everything else gets the
    same 404.
  - The process runs apart from the tasks. It ends when the play ends, when the last file is taken away, or when nobody
    has used a file within its O(lease).
  - The BMC is not spoken to, and no account of it is needed.
author:
  - OpenCHAMI contributors (@OpenCHAMI)
options:
  bmc_address:
    description:
      - Name or address of the BMC; only from there the file is given out. Also a host variable of that name.
    type: str
    required: true
  state:
    description:
      - V(started) has the file of O(path) served to the host's BMC, and starts the server where it is the first. Each
        host has one file at a time; another takes its place under a new URL.
      - V(stopped) takes the host's file away. The server ends with the last one.
    type: str
    choices: [started, stopped]
    default: started
  path:
    description:
      - The file, on the machine where the task runs. It is held open, so that another file may be moved into its place.
        One that is written to while it is served is not given out any more.
      - Required for O(state=started).
    type: path
  file_name:
    description:
      - The last part of the URL. BMCs look at its extension. Signs other than letters, digits, dots, dashes and
        underscores are replaced, folders are left out.
      - The default is the name of O(path).
    type: str
  port:
    description:
      - A port, or a range of ports of which a free one is taken, as in V(8080-8090). V(0) is any free port.
      - It must be the same for all hosts of a play.
    type: str
    default: "0"
  advertise:
    description:
      - The address under which the BMC reaches this machine, a name or IP address, with a port where another one is
        forwarded to it (V(10.1.1.1:8080)).
      - The default is this machine's own address on the route to the BMC. In a container or pod that is wrong; set it
        there.
    type: str
  clients:
    description:
      - Addresses and networks that may fetch, in place of the addresses of O(bmc_address). Needed where the BMC comes
        from another address, as behind NAT.
    type: list
    elements: str
    default: []
  certificate:
    description:
      - PEM file of the server's certificate with its chain, for HTTPS.
      - It must be the same for all hosts of a play.
    type: path
  private_key:
    description: PEM file of the key of O(certificate), without a passphrase.
    type: path
  lease:
    description:
      - Seconds without use after which the file is taken away. Each request of the BMC, each part of the file that it
        takes, and each task that asks is a use.
    type: float
    default: 900
attributes:
  action:
    support: full
    description: Has a corresponding action plugin, so it runs in the worker on the controller.
    details: Delegated to another host, the module itself runs there, and serves from there.
  async:
    support: none
    description: Supports being used with C(async).
  check_mode:
    support: full
    description: Can run in check_mode; then nothing is served that was not before.
  diff_mode:
    support: none
    description: Will return details on what has changed.
  platform:
    platforms: posix
    support: full
    description: The host's operating system does not matter; that of the machine which serves does.
notes:
  - The server answers in check mode, too, as long as it runs; asking it renews the lease.
  - With C(delegate_to) a staging host serves, one that the BMCs reach. It cannot know when the play ends, so there the
    server ends by O(state=stopped) or by its lease.
  - Lock and control socket are in the folder that the environment variable E(OPENCHAMI_BMC_STATE_DIR) names, else in
    C(openchami.bmc) in the user's state folder (E(XDG_STATE_HOME), else C(~/.local/state)).
  - C(docs/staging.md) has firewalls, containers and AWX.
requirements:
  - python >= 3.11
  - urllib3 >= 2.2
"""

EXAMPLES = r"""
- name: Let each BMC fetch the image
  openchami.bmc.bmc_staging:
    path: /srv/firmware/ilo5_314.bin
  register: staged

- name: Say from where
  ansible.builtin.debug:
    msg: "{{ inventory_hostname }} fetches {{ staged.size }} bytes from port {{ staged.port }}"

- name: Ask how far it is, which keeps it staged
  openchami.bmc.bmc_staging:
    path: /srv/firmware/ilo5_314.bin
  register: staged
  changed_when: false

- name: Take it away again
  openchami.bmc.bmc_staging:
    state: stopped
  register: ended
"""

RETURN = r"""
state:
  description: The state that was asked for.
  returned: success
  type: str
  sample: started
url:
  description:
    - For this host's BMC. Whoever has the BMC's address and knows it gets the file.
    - C(null) in check mode where it would be new.
  returned: O(state=started)
  type: str
  sample: http://10.1.1.1:8080/0f1e2d3c4b5a69788796a5b4c3d2e1f0/ilo5_314.bin
file_name:
  description: The last part of the URL.
  returned: O(state=started)
  type: str
  sample: ilo5_314.bin
size:
  description: Bytes of the file.
  returned: O(state=started), when it is served
  type: int
digest:
  description: SHA-256 of the file, as the manifest of a bundle has it.
  returned: O(state=started), when it is served
  type: str
  sample: sha256:4d5e6f70819203a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c
port:
  description: On which the server listens.
  returned: O(state=started), when it is served
  type: int
pid:
  description: Of the server's process.
  returned: O(state=started), when it is served
  type: int
lease:
  description: As O(lease).
  returned: O(state=started), when it is served
  type: float
expires:
  description: When the file is taken away unless it is used until then.
  returned: O(state=started), when it is served
  type: str
  sample: "2026-11-28T18:00:00.000Z"
stage:
  description: What a task that updates firmware needs of this result.
  returned: O(state=started), when it is served
  type: dict
fetched:
  description: What the BMC has fetched so far. C(null) where nothing is served.
  returned: success
  type: dict
  contains:
    begun:
      description: Whether the BMC came at all.
      type: bool
    complete:
      description: Whether every byte arrived, the last one included, and the file was not written to.
      type: bool
    size:
      description: Bytes of the file.
      type: int
    received:
      description: Bytes that arrived, each counted once.
      type: int
    sent:
      description: Bytes that left, repetitions included.
      type: int
    spans:
      description: What arrived, as pairs of the first and the last byte.
      type: list
      elements: list
    heads:
      description: HEAD requests.
      type: int
    gets:
      description: GET requests.
      type: int
    ranged:
      description: Those of them for a part of the file.
      type: int
    first:
      description: When the BMC came first; C(null) for never.
      type: str
    last:
      description: When it last asked for or took something.
      type: str
    addresses:
      description: From where it fetched.
      type: list
      elements: str
    refused:
      description: Requests from elsewhere with this URL, and requests of the BMC for something else.
      type: int
    refused_from:
      description: From where they came, at most 20 addresses.
      type: list
      elements: str
    changed:
      description: Whether the file was written to while it was served.
      type: bool
error:
  description: The parts of C(msg). C(kind) is stable, for conditions.
  returned: failure
  type: dict
  contains:
    kind:
      description: Name of the error's class.
      type: str
      sample: LocalFailure
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
      description: Always empty here.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.openchami.bmc.plugins.module_utils._entry import shipping


def main() -> None:
    shipping.require()
    from ansible_collections.openchami.bmc.plugins.module_utils._entry import bmc_staging

    shipping.run(AnsibleModule(argument_spec=bmc_staging.ARGUMENT_SPEC, supports_check_mode=True), bmc_staging.run)


if __name__ == "__main__":
    main()
