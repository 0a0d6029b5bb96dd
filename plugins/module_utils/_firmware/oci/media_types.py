# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words by which OpenCHAMI's firmware bundles are known: the RFD's, firmware-updater's, and OCI's own.

firmware-updater (OpenCHAMI, v0.6.2, pkg/firmwareproxy/resolver.go) takes a manifest of BUNDLE, its first layer for the
payload, and reads VERSION, COMPATIBLE and TITLE; the RFD names the others.
"""

from __future__ import annotations

BUNDLE = "application/vnd.openchami.firmware.bundle.v1+json"
PAYLOAD = "application/vnd.openchami.firmware.payload.v1"
METADATA = "application/vnd.openchami.firmware.metadata.v1+json"
RELEASE_NOTES = "application/vnd.openchami.firmware.release-notes.v1"
CHECKSUMS = "application/vnd.openchami.firmware.checksums.v1"

SPDX = "application/spdx+json"
CYCLONEDX = "application/vnd.cyclonedx+json"
IN_TOTO = "application/vnd.in-toto+json"
DSSE = "application/vnd.dsse.envelope.v1+json"
TEST_REPORT = "application/vnd.openchami.firmware.test-report.v1+json"
APPROVAL = "application/vnd.openchami.firmware.approval.v1+json"
"""A site's approval: a JSON object with `expires`, a time as RFC 3339 writes it."""

TITLE = "org.opencontainers.image.title"
VERSION = "org.opencontainers.image.version"
VENDOR = "org.opencontainers.image.vendor"
COMPATIBLE = "dev.fabrica.hardware.compatible"
RFD_VERSION = "org.openchami.firmware.version"
COMPONENT = "org.openchami.firmware.component"
PLATFORM = "org.openchami.firmware.platform"
HW_REVISION = "org.openchami.firmware.hw-revision"
COMPATIBILITY = "org.openchami.firmware.compatibility"
