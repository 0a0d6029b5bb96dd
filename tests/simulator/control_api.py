# Copyright (c) 2026, OpenCHAMI contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API: plain HTTP with JSON on 127.0.0.1, by which a test learns the truth and makes things go wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from .endpoint import Endpoint
from .settings import InvalidInput, choice, mapping, require_known_keys
from .simulation import Simulation

MAX_WAIT_SECONDS = 600.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build(simulation: Simulation) -> web.Application:
    """Return the application that serves the control API."""
    api = _Api(simulation)
    application = web.Application(middlewares=[_explain_errors])
    application.add_routes(
        [
            web.get("/bmcs", api.list_bmcs),
            web.get("/bmcs/{name}/state", api.get_state),
            web.patch("/bmcs/{name}/state", api.set_state),
            web.get("/bmcs/{name}/requests", api.get_requests),
            web.delete("/bmcs/{name}/requests", api.clear_requests),
            web.get("/bmcs/{name}/history", api.get_history),
            web.post("/bmcs/{name}/faults", api.add_fault),
            web.delete("/bmcs/{name}/faults", api.clear_faults),
            web.get("/requests/wait", api.wait_for_requests),
            web.get("/summary", api.get_summary),
            web.post("/reset", api.reset),
        ]
    )
    return application


@web.middleware
async def _explain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error as JSON: 400 for what cannot be meant, 404 for what does not exist."""
    try:
        return await handler(request)
    except InvalidInput as error:
        return web.json_response({"error": str(error)}, status=400)
    except web.HTTPException as error:
        return web.json_response({"error": error.text}, status=error.status)


class _Api:
    """The handlers; each answers one route."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def _endpoint(self, name: str) -> Endpoint:
        endpoint = self._simulation.endpoints.get(name)
        if endpoint is None:
            raise web.HTTPNotFound(text=f"there is no BMC {name}")
        return endpoint

    def _named(self, request: web.Request) -> Endpoint:
        return self._endpoint(request.match_info["name"])

    async def list_bmcs(self, request: web.Request) -> web.Response:
        bmcs = []
        for name, endpoint in self._simulation.endpoints.items():
            spec = endpoint.bmc.spec
            bmcs.append(
                {
                    "name": name,
                    "address": spec.address,
                    "port": spec.port,
                    "profile": spec.profile.name,
                    "certificate_sha256": endpoint.certificate.sha256,
                }
            )
            # The first call makes every certificate of the fleet: let the BMCs answer meanwhile.
            await asyncio.sleep(0)
        return web.json_response(bmcs)

    async def get_state(self, request: web.Request) -> web.Response:
        return web.json_response(self._named(request).bmc.truth())

    async def set_state(self, request: web.Request) -> web.Response:
        endpoint = self._named(request)
        changes = dict(await _body(request))
        renew = "certificate" in changes and choice(changes.pop("certificate"), ("new",), "certificate") == "new"
        endpoint.bmc.set_truth(changes)
        if renew:
            endpoint.renew_certificate()
        return web.json_response(endpoint.bmc.truth())

    async def get_requests(self, request: web.Request) -> web.Response:
        return web.json_response([entry.as_json() for entry in self._named(request).bmc.requests.entries])

    async def clear_requests(self, request: web.Request) -> web.Response:
        self._named(request).bmc.requests.clear()
        return web.json_response({})

    async def get_history(self, request: web.Request) -> web.Response:
        return web.json_response(self._named(request).bmc.history)

    async def add_fault(self, request: web.Request) -> web.Response:
        return web.json_response({"id": self._named(request).bmc.faults.add(await _body(request))})

    async def clear_faults(self, request: web.Request) -> web.Response:
        self._named(request).bmc.faults.clear()
        return web.json_response({})

    async def wait_for_requests(self, request: web.Request) -> web.Response:
        require_known_keys(dict(request.query), {"bmc", "count", "timeout"}, "wait")
        log = self._endpoint(request.query.get("bmc", "")).bmc.requests
        count = int(_number(request.query.get("count"), "count"))
        timeout = min(_number(request.query.get("timeout", "30"), "timeout"), MAX_WAIT_SECONDS)
        if not await log.wait(count, timeout):
            message = f"{len(log.entries)} of {count} requests after {timeout:g} seconds"
            return web.json_response({"error": message}, status=408)
        return web.json_response({"count": len(log.entries)})

    async def get_summary(self, request: web.Request) -> web.Response:
        endpoints = self._simulation.endpoints.values()
        return web.json_response(
            {
                "bmcs": len(endpoints),
                "requests": sum(len(endpoint.bmc.requests.entries) for endpoint in endpoints),
                "connections": sum(endpoint.accepted for endpoint in endpoints),
            }
        )

    async def reset(self, request: web.Request) -> web.Response:
        self._simulation.restore()
        return web.json_response({})


async def _body(request: web.Request) -> Mapping[str, object]:
    try:
        return mapping(json.loads(await request.read()), "body")
    except json.JSONDecodeError as error:
        raise InvalidInput(f"body is not JSON: {error}") from error


def _number(value: str | None, where: str) -> float:
    try:
        return float(value or "")
    except ValueError as error:
        raise InvalidInput(f"{where} must be a number, not {value!r}") from error
