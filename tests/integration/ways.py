# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which tests run in the worker only: everything else runs both ways, in the worker and shipped to a delegate."""

from __future__ import annotations

# By file and test: why it cannot apply to a shipped module. Skipped, printed and counted.
NEVER_SHIPPED = {
    "test_controller.py::test_a_host_with_an_ssh_connection_gets_none": "a delegate does get a connection",
}
# Files, and single tests of others, shipped with --soak only (make soak): a module takes over half a second of CPU. For
# each module one story at least is always told both ways.
SHIPPED_IN_SOAK = (
    "test_bad_input.py",
    "test_bios.py",
    "test_bios_playbook.py",
    "test_bios_secrets.py",
    "test_controller.py",
    "test_credentials.py",
    "test_credentials_secrets.py",
    "test_examples.py",
    "test_faults.py",
    "test_firmware.py",
    "test_firmware_from_bundle.py",
    "test_firmware_kill.py",
    "test_firmware_secrets.py",
    "test_firmware_turns.py",
    "test_handles.py",
    "test_keywords.py",
    "test_kill.py",
    "test_power.py",
    "test_power_playbook.py",
    "test_secrets.py",
    "test_settings.py",
    "test_settings_faults.py",
    "test_settings_kill.py",
    "test_settings_playbook.py",
    "test_settings_secrets.py",
    "test_settings_ways.py::test_a_reset_is_refused_while_an_update_runs_and_nothing_is_written",
    "test_settings_ways.py::test_a_setting_that_is_dropped_is_an_error_that_names_it",
    "test_settings_ways.py::test_if_match_goes_the_ladder",
    "test_settings_ways.py::test_lockdown_is_said_plainly",
    "test_settings_ways.py::test_one_refused_write_does_not_stop_the_others",
    "test_staging.py",
    "test_sushy_tools.py",
    "test_trees.py",
    "test_trust.py",
)
