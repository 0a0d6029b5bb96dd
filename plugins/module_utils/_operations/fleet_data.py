# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fleet as data for other programs: the content of fleet.json and fleet.yml."""

from __future__ import annotations

from typing import Any

from .fleet import Bmc, Fleet, Node, kinds, spreads

SCHEMA = "openchami.bmc.fleet/1"


def as_data(fleet: Fleet) -> dict[str, Any]:
    """Plain data. Strings are as the BMCs gave them; "" stands for what is not known.

    Shape::

        schema     SCHEMA; another number after the slash when a key goes or changes its meaning
        as_of      the newest time in it, ISO 8601
        counts     bmcs, nodes, answered, silent, refused, failed, unknown, new, changed, incomplete, several_addresses
        kinds      [{vendor, model, firmware_version, bmcs, nodes, power: {On: 3}, health: {OK: 3}}]
        firmware   [{vendor, model, rule, versions: [{version, bmcs: [name]}]}]; rule: what more than half of them have
        bmcs       [{name, address, vendor, model, dialect, firmware_version, chassis, power_state, health,
                     serial_number, status, since, why, last_seen, new, incomplete, same_as, changed,
                     changed_resources, hosts: [name], nodes: [...]}]
        nodes      of each BMC: [{name, power_state, health, model, serial_number}]
    """
    return {
        "schema": SCHEMA,
        "as_of": fleet.as_of,
        "counts": fleet.counts(),
        "kinds": [
            {
                "vendor": kind.vendor,
                "model": kind.model,
                "firmware_version": kind.firmware,
                "bmcs": len(kind.bmcs),
                "nodes": kind.nodes,
                "power": dict(kind.power),
                "health": dict(kind.health),
            }
            for kind in kinds(fleet)
        ],
        "firmware": [
            {
                "vendor": spread.vendor,
                "model": spread.model,
                "rule": spread.rule,
                "versions": [{"version": version, "bmcs": list(names)} for version, names in spread.versions],
            }
            for spread in spreads(fleet)
        ],
        "bmcs": [_bmc(bmc) for bmc in fleet.bmcs],
    }


def _bmc(bmc: Bmc) -> dict[str, Any]:
    return {
        "name": bmc.name,
        "address": bmc.address,
        "vendor": bmc.vendor,
        "model": bmc.model,
        "dialect": bmc.dialect,
        "firmware_version": bmc.firmware,
        "chassis": bmc.chassis,
        "power_state": bmc.power,
        "health": bmc.health,
        "serial_number": bmc.serial,
        "status": bmc.status,
        "since": bmc.since,
        "why": bmc.why,
        "last_seen": bmc.last_seen,
        "new": bmc.new,
        "incomplete": bmc.incomplete,
        "same_as": bmc.same_as,
        "changed": bmc.changed,
        "changed_resources": bmc.changed_resources,
        "hosts": list(bmc.hosts),
        "nodes": [_node(node) for node in bmc.nodes],
    }


def _node(node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "power_state": node.power,
        "health": node.health,
        "model": node.model,
        "serial_number": node.serial,
    }
