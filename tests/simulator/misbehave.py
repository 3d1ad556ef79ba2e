# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each kind of fault looks on the wire."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson

from . import padding
from .faults import Fault
from .operations import Answer
from .order import UNPAID, Order
from .shop import Shop
from .wire import JSON, Wire

DEFAULT_SIZE = {"enormous": 50_000_000, "gzip_bomb": 200_000_000, "endless": 1}

_ESCAPED_KEY = "(the key in JSON escapes)"

_ERRORS = {
    400: "Invalid request",
    401: "API Key invalid",
    403: "Access denied",
    404: "Order not found",
    409: "The order is being changed by somebody else",
    429: "Too many requests",
    500: "Internal error",
    502: "Bad gateway",
    503: "Service unavailable, please try again later",
    504: "Gateway time-out",
}


async def show(fault: Fault, answer: Answer, wire: Wire, shop: Shop | None, key: str) -> None:
    """Answer a request (or not) as its fault says. answer: the normal one; shop: None if the key belongs to none."""
    if fault.kind == "outside_change":
        _outside_change(fault, shop, wire)
    elif fault.kind == "echo_key":
        await _echo_key(fault, wire, key)
        return
    elif fault.kind == "echo_key_in_order":
        await _echo_key_in_order(fault, answer, wire, key)
        return
    await _SHOW[fault.kind](fault, answer, wire)


async def _normal(_fault: Fault, answer: Answer, wire: Wire) -> None:
    await wire.json(answer.status, answer.payload)


async def _status(fault: Fault, _answer: Answer, wire: Wire) -> None:
    status = fault.fields["status"]
    error = fault.fields.get("error", _ERRORS.get(status, "Something went wrong"))
    after = fault.fields.get("retry_after")
    await wire.json(status, {"error": error}, [] if after is None else [(b"retry-after", _header(after))])


async def _reset(_fault: Fault, _answer: Answer, wire: Wire) -> None:
    await wire.reset()


async def _truncated(_fault: Fault, answer: Answer, wire: Wire) -> None:
    body = orjson.dumps(answer.payload)
    await wire.start(answer.status, JSON, [(b"content-length", str(len(body)).encode())])
    await wire.piece(body[: len(body) // 2])
    await wire.close()


async def _body(fault: Fault, _answer: Answer, wire: Wire) -> None:
    content_type = _header(fault.fields.get("content_type", "text/html"))
    await wire.answer(fault.fields.get("status", HTTPStatus.OK), fault.fields["body"].encode(), content_type)


async def _redirect(fault: Fault, _answer: Answer, wire: Wire) -> None:
    headers = [(b"location", _header(fault.fields["location"]))]
    await wire.answer(fault.fields.get("status", HTTPStatus.FOUND), b"", b"text/html", headers)


async def _wrong_order(_fault: Fault, answer: Answer, wire: Wire) -> None:
    await wire.json(answer.status, _with_order(answer, lambda order: {**order, "number": f"{order['number']}-1"}))


async def _stale_status(_fault: Fault, answer: Answer, wire: Wire) -> None:
    def stale(order: Order) -> Order:
        old = {**order, "paymentStatus": answer.before}
        if answer.before == UNPAID:
            old.pop("amountPaid", None)
        return old

    await wire.json(answer.status, _with_order(answer, stale) if answer.before else answer.payload)


async def _enormous(fault: Fault, answer: Answer, wire: Wire) -> None:
    size = _size(fault)
    await wire.start(answer.status, JSON, [(b"content-length", str(padding.length(answer.payload, size)).encode())])
    for piece in padding.pieces(answer.payload, size):
        if wire.gone:
            return
        await wire.piece(piece)
    await wire.piece(b"", last=True)


async def _endless(fault: Fault, answer: Answer, wire: Wire) -> None:
    await wire.start(answer.status, JSON)
    async for piece in padding.trickle(answer.payload, _size(fault), fault.fields.get("interval", 0.1)):
        if wire.gone:
            return
        await wire.piece(piece)


async def _gzip_bomb(fault: Fault, answer: Answer, wire: Wire) -> None:
    body = await padding.gzipped(answer.payload, _size(fault))
    await wire.answer(answer.status, body, JSON, [(b"content-encoding", b"gzip")])


async def _echo_key(fault: Fault, wire: Wire, key: str) -> None:
    error = f"Invalid request: key {key} (as sent in ?key={quote(key, safe='')}) may not do this"
    await wire.json(fault.fields.get("status", HTTPStatus.BAD_REQUEST), {"error": error})


async def _echo_key_in_order(fault: Fault, answer: Answer, wire: Wire, key: str) -> None:
    """Put the key into a field of the order in every spelling; no library writes plain letters as JSON escapes."""
    spelt = f"{key} {quote(key, safe='')} {_ESCAPED_KEY}"
    payload = _with_order(answer, lambda order: {**order, fault.fields.get("field", "referenceNumber"): spelt})
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in key).encode()
    await wire.answer(answer.status, orjson.dumps(payload).replace(_ESCAPED_KEY.encode(), escaped), JSON)


def _outside_change(fault: Fault, shop: Shop | None, wire: Wire) -> None:
    """Change an order now: the answer is made already, and nothing else can happen before it goes out."""
    number = fault.fields.get("changed_number", wire.entry.order_number)
    if shop is not None and number in shop.orders:
        shop.change(number, {"paymentStatus": fault.fields["payment_status"]})


_SHOW: dict[str, Callable[[Fault, Answer, Wire], Awaitable[None]]] = {
    "status": _status,
    "delay": _normal,
    "reset": _reset,
    "truncated": _truncated,
    "body": _body,
    "redirect": _redirect,
    "wrong_order": _wrong_order,
    "stale_status": _stale_status,
    "outside_change": _normal,
    "enormous": _enormous,
    "endless": _endless,
    "gzip_bomb": _gzip_bomb,
}


def _with_order(answer: Answer, change: Callable[[Order], Order]) -> Any:
    """Return the payload with its order changed; of a list the first one, of an error nothing."""
    if answer.status != HTTPStatus.OK or not answer.payload:
        return answer.payload
    if isinstance(answer.payload, list):
        return [change(answer.payload[0]), *answer.payload[1:]]
    return change(answer.payload)


def _size(fault: Fault) -> int:
    return int(fault.fields.get("size", DEFAULT_SIZE[fault.kind]))


def _header(value: object) -> bytes:
    return str(value).encode("latin-1", "replace")
