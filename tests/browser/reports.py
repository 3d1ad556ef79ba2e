# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports as the playbooks have them, each for what it shows: what modules return, put together by what the playbooks
use, so that no report is one that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils._errors import ApiError, NotFoundError
from ansible_collections.community.komfortkasse.plugins.plugin_utils import _report

Report = dict[str, Any]
Order = dict[str, Any]

OUTCOMES = ("changed", "unchanged", "skipped", "failed", "not_attempted")
NOT_FOUND = "The API answered 404 Not Found: no order with this number."
CHECK_NUMBER = _report.ADVICE[NotFoundError.hint]
OVERLOADED = f"The API answered 503 Service Unavailable: down for maintenance. {ApiError.hint}"
NOT_STARTED = "The run was stopped before its turn came: 5 orders had failed because the service is in trouble"

# What a shop may send, or an operator may paste, as an order number.
HOSTILE_NUMBERS = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    '"><img src=x onerror=alert(3)>',
    "' onmouseover='alert(4)",
    "A&B&amp;C",
    "{{ 7 * 7 }}{% raw %}",
    "\u202e4711-gpj\u202c",
    "שלום-12",
    "--><!--",
    "N" * 400,
)


def order(number: str, outcome: str = "changed", shop: str = "demo-shop", **more: Any) -> Order:
    """Return what the module says of an order, with the payment statuses and words that go with its outcome."""
    statuses = {
        "changed": ("UNPAID", "CANCELLED"),
        "unchanged": ("CANCELLED", "CANCELLED"),
        "skipped": ("PAID", "PAID"),
    }
    before, after = statuses.get(outcome, (None, None))
    words: dict[str, dict[str, Any]] = {
        "skipped": {"msg": "Its payment status is PAID, not UNPAID"},
        "failed": {"http_status": 404, "msg": f"{NOT_FOUND} {NotFoundError.hint}"},
        "not_attempted": {"msg": NOT_STARTED},
    }
    return {
        "shop": shop,
        "order_number": number,
        "outcome": outcome,
        "previous_payment_status": before,
        "payment_status": after,
        **words.get(outcome, {}),
        **more,
    }


def report(orders: list[Order], *, ended: dict[str, dict[str, Any]] | None = None, **more: Any) -> Report:
    """Return a report about orders. ended: what there is to say about shops that did not go through."""
    shops = dict.fromkeys([*(order["shop"] for order in orders), *(ended or {})])
    runs = [
        {"shop": shop, "plan": [one for one in orders if one["shop"] == shop], **(ended or {}).get(shop, {})}
        for shop in shops
    ]
    return {
        "playbook": "cancel_orders",
        "check_mode": False,
        "started": "2026-11-23T23:51:23Z",
        "finished": "2026-11-23T23:52:01Z",
        "user": "alice",
        "job": "4711",
        **_report.report(runs or [{"shop": "demo-shop", "plan": []}]),
        **more,
    }


def everyday() -> Report:
    """Return a run with every outcome, numbers that sort naturally, and amounts."""
    orders = [
        order("1002", amount_paid=0),
        order("9", "unchanged", amount_paid=5),
        order("101-B", "skipped", amount_paid=119.5),
        order("101-A", "failed"),
        order("20", amount_paid=40.25),
        order("Muster-7", "not_attempted"),
    ]
    return report(orders)


def dry_run() -> Report:
    """Return the same as a dry run, by nobody in particular and outside AWX."""
    return {**everyday(), "check_mode": True, "user": "", "job": ""}


def hostile() -> Report:
    """Return a run in which all text is hostile."""
    nasty = HOSTILE_NUMBERS[0]
    orders = [
        order(number, OUTCOMES[i % len(OUTCOMES)], shop=("a" + nasty, 'b"' + nasty)[i // 5], msg=number)
        for i, number in enumerate(HOSTILE_NUMBERS)
    ]
    ended = {'b"' + nasty: {"ended": "stopped", "message": nasty, "advice": nasty}}
    return report(orders, ended=ended, user=nasty, job=nasty)


def many_orders(number_of_orders: int = 5000) -> Report:
    """Return a big run of one shop: of 100 orders 90 are cancelled, 5 cancelled before, 3 left alone, 2 failed."""
    outcomes = ["changed"] * 90 + ["unchanged"] * 5 + ["skipped"] * 3 + ["failed"] * 2
    orders = [
        # 7919 is prime: the orders come well mixed
        order(f"2026-{i * 7919 % number_of_orders}", outcomes[i % 100], amount_paid=i % 500 / 4)
        for i in range(number_of_orders)
    ]
    return report(orders)


def forty_shops() -> Report:
    """Return a run of 40 shops: one with a wrong key, one with an outage, one refused, one that took no part."""
    orders = [
        order(f"{i}-{number}", "unchanged" if number % 7 == 0 else "changed", shop=f"shop-{i:02}")
        for i in range(1, 41)
        for number in range(1000, 1000 + (3 * i if i in (7, 21, 40) else 3))
        if i != 13
    ]
    for one in orders:
        if one["shop"] == "shop-07":
            text = "The API answered 401 Unauthorized: wrong API key"
            one.update(order(one["order_number"], "failed", "shop-07", http_status=401, msg=text))
        if one["shop"] == "shop-21" and one["order_number"] > "21-1030":
            one.update(order(one["order_number"], "not_attempted", "shop-21"))
        elif one["shop"] == "shop-21" and one["order_number"] > "21-1025":
            one.update(order(one["order_number"], "failed", "shop-21", http_status=503, msg=OVERLOADED))
    too_many = "103 orders would be cancelled, but komfortkasse_max_changes allows 100."
    ended: dict[str, dict[str, Any]] = {
        "shop-21": {"ended": "stopped", "said": "No more orders were started after 5 had failed (max_failures)."},
        "shop-40": {
            "ended": "refused",
            "message": f"{too_many} Nothing was changed.",
            "reason": too_many,
            "advice": "Allow more.",
            "done": 0,
        },
        "shop-13": {
            "ended": "failed",
            "message": "api_key is missing: set KOMFORTKASSE_API_KEY or komfortkasse_api_key.",
        },
    }
    return report(orders, ended=ended, playbook="cancel_overdue_orders")


def empty() -> Report:
    """Return a run that found no order."""
    return report([])


REPORTS: dict[str, Callable[[], Report]] = {
    "everyday": everyday,
    "dry_run": dry_run,
    "hostile": hostile,
    "many_orders": many_orders,
    "forty_shops": forty_shops,
    "empty": empty,
}
