# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The six operations: what each makes of a shop and a request, and what it answers. No web, no faults."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from .order import INCLUDES, Invalid, parse_date, render
from .shop import DEFAULT_MAX_AGE, TARGETS, Filter, Shop

ETERNITY = 10**9  # days
SLICE = 200  # orders that are looked at in one go


@dataclass
class Call:
    """What an operation gets. number is '' where the path has none; repeat_status as in the settings."""

    operation: str
    number: str
    query: str
    repeat_status: int = HTTPStatus.OK


@dataclass
class Answer:
    """What goes out, and what it did: the payment status of the order before and after (None: no single order).

    payload: an iterator stands for the list of orders, in lists of some, so that a long one holds nobody up.
    """

    payload: Any
    status: int = HTTPStatus.OK
    before: str | None = None
    after: str | None = None
    changed: bool = False


Operation = Callable[[Shop, Call], Answer]


class Route(NamedTuple):
    """Where an operation lives: HTTP method and path under the API's URL."""

    method: str
    path: str
    function: Operation


def perform(route: Route, shop: Shop, call: Call) -> Answer:
    """Run an operation on a shop and return its answer; what it refuses is an answer as well (400 or 404)."""
    try:
        return route.function(shop, call)
    except Invalid as error:
        return refusal(HTTPStatus.BAD_REQUEST, str(error))


def refusal(status: int, error: str) -> Answer:
    """Return an error answer in the API's form."""
    return Answer({"error": error}, status)


def _get(shop: Shop, call: Call) -> Answer:
    order = shop.orders.get(call.number)
    if order is None:
        return refusal(HTTPStatus.NOT_FOUND, "Order not found")
    status = order.get("paymentStatus")
    return Answer(render(order, _includes(call.query)), before=status, after=status)


def _read(shop: Shop, call: Call) -> Answer:
    includes = _includes(call.query)
    wish = _filter(call.query)
    today = datetime.date.today()
    orders = list(shop.orders.values())
    slices = (orders[start : start + SLICE] for start in range(0, len(orders), SLICE))
    return Answer([render(order, includes) for order in some if wish.takes(order, today)] for some in slices)


def _transition(shop: Shop, call: Call) -> Answer:
    includes = _includes(call.query) if call.operation == "removeOrder" else frozenset()
    old = shop.orders.get(call.number)
    if old is None:
        return refusal(HTTPStatus.NOT_FOUND, "Order not found")
    before, target = old.get("paymentStatus"), TARGETS[call.operation]
    if before == target and call.repeat_status != HTTPStatus.OK:
        answer = refusal(call.repeat_status, f"Order is already {target}")
        answer.before = answer.after = before
        return answer
    order = shop.change(call.number, {"paymentStatus": target})
    return Answer(render(order, includes), before=before, after=target, changed=before != target)


ROUTES: dict[str, Route] = {
    # First match wins, and the static segment comes first: POST /order/remove/cancel removes the order "cancel".
    "removeOrder": Route("POST", "/order/remove/{number}", _transition),
    "cancelOrder": Route("POST", "/order/{number}/cancel", _transition),
    "setOrderPaid": Route("POST", "/order/{number}/setpaid", _transition),
    "setOrderUnpaid": Route("POST", "/order/{number}/setunpaid", _transition),
    "getOrder": Route("GET", "/order/{number}", _get),
    "readOrders": Route("GET", "/orders", _read),
}


def _parameters(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True)) if query else {}


def _includes(query: str) -> frozenset[str]:
    """Return the include flags that are set. Documented is only "true", so anything but true or false is refused."""
    parameters = _parameters(query)
    for flag in INCLUDES:
        if parameters.get(flag, "false") not in ("true", "false"):
            raise Invalid(f"Invalid request: {flag} must be true or false")
    return frozenset(flag for flag in INCLUDES if parameters.get(flag) == "true")


def _filter(query: str) -> Filter:
    """Return the filter of readOrders. A status may be any word: the list of them is not documented in full."""
    parameters = _parameters(query)
    max_age = parameters.get("maxAge", str(DEFAULT_MAX_AGE))
    if not re.fullmatch("[0-9]+", max_age):
        raise Invalid("Invalid request: maxAge must be a number of days")
    max_age = max_age.lstrip("0") or "0"
    statuses = parameters.get("paymentStatus")
    if statuses is not None and not re.fullmatch("[^, ]+(,[^, ]+)*", statuses):
        raise Invalid("Invalid request: paymentStatus must be statuses with commas between them, and nothing else")
    posted = parameters.get("minPostingDate")
    return Filter(
        statuses=frozenset(statuses.split(",") if statuses else ()),
        max_age=int(max_age) if len(max_age) < 10 else ETERNITY,
        min_posting_date=None if posted is None else parse_date(posted, "minPostingDate"),
    )
