# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web application: routing on the undecoded path, the key check, latency, the log, and who meets which fault."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Iterator
from http import HTTPStatus
from itertools import chain
from typing import cast
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import control, misbehave, operations
from .faults import Fault
from .log import KEY_HEADER, Entry
from .operations import Answer, Call, perform, refusal
from .protocol import TARGET, TRANSPORT
from .shop import Shop
from .wire import ENTRY, Wire
from .world import World

API_PATH = "/api/v2"
CONTROL_PATH = "/_control"
_KEY_HEADER = KEY_HEADER.encode()


class Segment(Convertor[str]):
    """Exactly one percent-encoded path segment (RFC 3986); decoded as UTF-8, and nothing is normalised."""

    regex = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+"

    def convert(self, value: str) -> str:
        """Decode a segment; one that is not UTF-8 names nothing."""
        try:
            return unquote(value, errors="strict")
        except UnicodeDecodeError:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None

    def to_string(self, value: str) -> str:
        """Encode an order number as one segment."""
        return quote(value, safe="")


register_url_convertor("segment", Segment())


class Endpoint:
    """One operation of the API as an ASGI app."""

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        self._name = name
        self._route = operations.ROUTES[name]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or misbehave as the fault plan says."""
        wire = Wire(scope, receive, send)
        entry, world = wire.entry, self._world
        key = next((value.decode("latin-1") for name, value in scope["headers"] if name == _KEY_HEADER), "")
        # The shop is looked up before any waiting: a request from before a reset must not reach the state after it.
        shop = world.shop_of(key)
        number: str | None = scope["path_params"].get("number")
        entry.operation, entry.order_number, entry.shop = self._name, number, shop.name if shop else None
        fault = world.plan.strike(self._name, number, entry.shop)
        call = Call(self._name, number or "", entry.query, world.settings.repeat_status)
        if world.settings.latency_ms:
            await asyncio.sleep(world.settings.latency_ms / 1000)
        if fault is None:
            answer = self._perform(shop, key, call, wire)
            if isinstance(answer.payload, Iterator):
                await wire.orders(answer.status, answer.payload)
            else:
                await wire.json(answer.status, answer.payload)
            return
        entry.fault = fault.id
        answer = await self._perform_with(fault, shop, key, call, wire)
        await misbehave.show(fault, answer, wire, shop, key)

    def _perform(self, shop: Shop | None, key: str, call: Call, wire: Wire) -> Answer:
        if shop is None:
            return refusal(HTTPStatus.UNAUTHORIZED, "API Key invalid" if key else "API Key missing")
        answer = perform(self._route, shop, call)
        wire.entry.before, wire.entry.after, wire.entry.changed = answer.before, answer.after, answer.changed
        return answer

    async def _perform_with(self, fault: Fault, shop: Shop | None, key: str, call: Call, wire: Wire) -> Answer:
        """Return the normal answer, with the fault's delay before or after the change.

        Where the change is not made the answer comes from a copy of the shop: it looks as if it had been made.
        """
        if fault.when == "before" and fault.delay:
            await asyncio.sleep(fault.delay)
        answer = self._perform(shop if fault.changes or shop is None else shop.copy(), key, call, wire)
        if isinstance(answer.payload, Iterator):
            answer.payload = list(chain.from_iterable(answer.payload))
        if not fault.changes:
            wire.entry.changed, wire.entry.after = False, wire.entry.before
        if fault.when == "after" and fault.delay:
            await asyncio.sleep(fault.delay)
        return answer


class Simulator:
    """The outermost ASGI app: logs what is not for /_control, and routes on the raw path."""

    def __init__(self, world: World) -> None:
        self._world = world
        routes = [
            Route(
                API_PATH + route.path.replace("{number}", "{number:segment}"),
                Endpoint(world, name),
                methods=[route.method],
            )
            for name, route in operations.ROUTES.items()
        ]
        api = Starlette(
            routes=[*routes, Mount(CONTROL_PATH, routes=control.routes(world))],
            exception_handlers={HTTPException: _http_error},
        )
        api.router.redirect_slashes = False
        self._app: ASGIApp = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        target: bytes = scope[TARGET]
        # An absolute target (as sent to a proxy) is routed by its path part; everything else just as it came.
        path = target.partition(b"?")[0] if target.startswith(b"/") else scope["raw_path"]
        scope["path"] = path.decode("latin-1")
        if scope["path"].startswith(CONTROL_PATH + "/"):
            await self._guarded(scope, receive, send)
            return
        entry: Entry = self._world.log.add(scope["method"], target, scope["headers"])
        scope[ENTRY] = entry
        transport: asyncio.Transport = scope[TRANSPORT]

        async def noting_send(message: Message) -> None:
            if message["type"] == "http.response.start" and not transport.is_closing():
                entry.status = message["status"]
            await send(message)

        more = True
        while more:
            message = await receive()
            entry.body += message.get("body", b"")
            more = message.get("more_body", False)
            if message["type"] == "http.disconnect" and len(entry.body) < _announced(entry):
                return  # cut off in mid-sentence; a complete request is carried out although nobody waits any more
        await self._guarded(scope, receive, noting_send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception:  # a bug of the simulator: say so, loudly, instead of looking like a fault
            traceback.print_exc(file=sys.stderr)
            sys.stderr.flush()

    def record_refused(self, method: str, target: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        """Log a request that the HTTP parser refused with 400."""
        self._world.log.add(method, target, headers).status = HTTPStatus.BAD_REQUEST


def _announced(entry: Entry) -> int:
    """Return the length in bytes that the request's header says its body has."""
    lengths = (value for name, value in entry.headers if name == b"content-length")
    return int(next(lengths, b"0"))


async def _http_error(request: Request, error: Exception) -> Response:
    """Answer what no route takes: 404, or 405 for a wrong method, in the API's form."""
    failure = cast(HTTPException, error)
    text = {404: "Not found", 405: "Method not allowed"}.get(failure.status_code, failure.detail)
    return control.json_response({"error": text}, failure.status_code, failure.headers)
