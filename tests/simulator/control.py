# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface under /_control: settings, log, faults, other people's changes, reset. No key needed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from . import seed
from .order import Invalid, Order
from .shop import Shop
from .world import World

Handler = Callable[[Request], Awaitable[Response]]


def json_response(payload: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    return Response(orjson.dumps(payload), status, headers, media_type="application/json")


def routes(world: World) -> list[BaseRoute]:
    """Return the routes below /_control."""
    control = _Control(world)
    return [
        Route("/settings", _answering(control.settings), methods=["GET", "PATCH"]),
        Route("/log", _answering(control.log), methods=["GET", "DELETE"]),
        Route("/faults", _answering(control.faults), methods=["GET", "PUT", "DELETE"]),
        Route("/orders", _answering(control.orders), methods=["GET"]),
        Route("/orders/{shop:segment}", _answering(control.add_orders), methods=["POST"]),
        Route("/orders/{shop:segment}/{number:segment}", _answering(control.order), methods=["GET", "PATCH"]),
        Route("/reset", _answering(control.reset), methods=["POST"]),
    ]


def _answering(handler: Callable[[Request], Awaitable[Any]]) -> Handler:
    """Make JSON of what a handler returns, and 400 of what it refuses."""

    async def endpoint(request: Request) -> Response:
        try:
            return json_response(await handler(request))
        except (Invalid, orjson.JSONDecodeError) as error:
            return json_response({"error": str(error)}, 400)

    return endpoint


class _Control:
    """The handlers; each returns what is to be sent as JSON."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def settings(self, request: Request) -> dict[str, Any]:
        if request.method == "PATCH":
            self._world.settings = self._world.settings.merged(await _body(request))
        return asdict(self._world.settings)

    async def log(self, request: Request) -> list[dict[str, Any]]:
        if request.method == "DELETE":
            self._world.log.clear()
        return self._world.log.as_json(request.query_params.get("method"))

    async def faults(self, request: Request) -> Any:
        plan = self._world.plan
        if request.method == "PUT":
            plan.replace(await _body(request))
        elif request.method == "DELETE":
            plan.replace([])
        return plan.as_json()

    async def orders(self, request: Request) -> dict[str, Any]:
        wanted = request.query_params.get("shop")
        shops = self._world.shops if wanted is None else {wanted: self._shop(wanted)}
        return {name: shop.orders for name, shop in shops.items()}

    async def add_orders(self, request: Request) -> dict[str, list[str]]:
        shop = self._shop(request.path_params["shop"])
        body = await _body(request)
        if isinstance(body, list):
            return {"numbers": seed.add(shop, body)}
        return {"numbers": seed.generate(shop, body["generate"], body.get("prefix", "G"), body.get("fields"))}

    async def order(self, request: Request) -> Order:
        shop, order = self._order(request)
        if request.method == "GET":
            return order
        return shop.change(order["number"], await _body(request))

    async def reset(self, _request: Request) -> dict[str, Any]:
        for _turn in range(10):  # what has arrived by now belongs to the time before
            await asyncio.sleep(0)
        self._world.reset()
        return {}

    def _order(self, request: Request) -> tuple[Shop, Order]:
        shop, number = self._shop(request.path_params["shop"]), request.path_params["number"]
        if number not in shop.orders:
            raise HTTPException(404, f"No order {number} in shop {shop.name}")
        return shop, shop.orders[number]

    def _shop(self, name: str) -> Shop:
        if name not in self._world.shops:
            raise HTTPException(404, f"No shop {name}")
        return self._world.shops[name]


async def _body(request: Request) -> Any:
    return orjson.loads(await request.body())
