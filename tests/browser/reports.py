# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports as the action makes them, each for what it shows: what modules return, put together by the action's own code,
so that no report is one that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _report
from ansible_collections.community.komfortkasse.plugins.plugin_utils._late_payments import late_payments
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report_shop import Shop, shop_of

Report = dict[str, Any]
Order = dict[str, Any]

OUTCOMES = ("changed", "unchanged", "skipped", "failed", "not_attempted")
NOT_FOUND = "The API answered 404: no order with this number."
CHECK_NUMBER = "Check the order number, and that the key belongs to this shop."
LATER = "Run it again once the cause is gone."
OVERLOADED = "The API answered 503: down for maintenance."
STOPPED = "No more orders were started, after 5 orders had failed because the service is in trouble (max_failures)."

# What a shop may send, or an operator may paste, as an order number.
HOSTILE_NUMBERS = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    '"><img src=x onerror=alert(3)>',
    "' onmouseover='alert(4)",
    "A&B&amp;C",
    "{{ 7 * 7 }}{% raw %}",
    "\u202e4711-gpj\u202c",
    "\u05e9\u05dc\u05d5\u05dd-12",
    "--><!--",
    "N" * 400,
)


def order(number: str, outcome: str = "changed", **more: Any) -> Order:
    """Return what the module says of an order, with the payment statuses and words that go with its outcome."""
    statuses = {
        "changed": ("UNPAID", "CANCELLED"),
        "unchanged": ("CANCELLED", "CANCELLED"),
        "skipped": ("PAID", "PAID"),
    }
    before, after = statuses.get(outcome, (None, None))
    words: dict[str, dict[str, Any]] = {
        "skipped": {"msg": "Is PAID, not UNPAID."},
        "failed": {"http_status": 404, "msg": NOT_FOUND, "advice": CHECK_NUMBER},
    }
    amounts = {"amount": 119.5, "currency": "EUR"} if before else {}
    return {
        "order_number": number,
        "outcome": outcome,
        "previous_payment_status": before,
        "payment_status": after,
        **amounts,
        **words.get(outcome, {}),
        **more,
    }


def shop(name: str, orders: list[Order], **result: Any) -> Shop:
    """Return a shop whose task returned results of these orders."""
    failed = any(one["outcome"] in ("failed", "not_attempted") for one in orders)
    facts = {"journal_path": "/var/log/komfortkasse.jsonl", "limits": {"max_changes": 100, "only_from": ["UNPAID"]}}
    return shop_of(name, [{"results": orders, "failed": failed, "msg": "Some orders failed.", **facts, **result}])


def report(shops: list[Shop], **more: Any) -> Report:
    """Return a report about shops."""
    head = {
        "title": "cancel_orders",
        "kind": "cancellation",
        "check_mode": False,
        "time": "2026-11-23T23:51:23Z",
        "local_time": "2026-11-24 00:51:23 CET",
        "user": "alice",
        "job": "4711",
    }
    return _report.report(shops, {**head, **more})


def everyday_orders() -> list[Order]:
    """Return orders with every outcome, numbers that sort naturally, and amounts."""
    return [
        order("1002", amount=30),
        order("9", "unchanged", amount_paid=5, amount=5),
        order("101-B", "skipped", amount_paid=119.5),
        order("101-A", "failed"),
        order("20", amount_paid=40.25, amount=1040.25, currency="CHF"),
        order("Muster-7", "not_attempted"),
    ]


def everyday() -> Report:
    """Return a run with every outcome."""
    return report([shop("demo-shop", everyday_orders(), stopped=STOPPED)])


def dry_run() -> Report:
    """Return the same as a dry run, outside AWX and where local time is UTC."""
    shops = [shop("demo-shop", everyday_orders(), stopped=STOPPED, plan={})]
    return report(shops, check_mode=True, job="", local_time="")


def hostile() -> Report:
    """Return a run in which all text is hostile."""
    nasty = HOSTILE_NUMBERS[0]
    orders = [
        order(number, OUTCOMES[i % len(OUTCOMES)], msg=number, currency=nasty, payment_status=nasty, amount_paid=nasty)
        for i, number in enumerate(HOSTILE_NUMBERS)
    ]
    more = {"stopped": nasty, "msg": nasty, "journal_path": nasty, "limits": {nasty: nasty}}
    shops = [shop(name + nasty, orders[i * 5 : i * 5 + 5], **more) for i, name in enumerate(("a", 'b"'))]
    return report(shops, user=nasty, job=nasty, title=nasty, local_time=nasty)


def many_orders(number_of_orders: int = 5000) -> Report:
    """Return a big run of one shop: of 100 orders 90 are cancelled, 5 cancelled before, 3 left alone, 2 failed."""
    outcomes = ["changed"] * 90 + ["unchanged"] * 5 + ["skipped"] * 3 + ["failed"] * 2
    orders = [
        # 7919 is prime: the orders come well mixed
        order(f"2026-{i * 7919 % number_of_orders}", outcomes[i % 100], amount_paid=i % 500 / 4)
        for i in range(number_of_orders)
    ]
    return report([shop("demo-shop", orders)])


def forty_shops() -> Report:
    """Return a run of 40 shops: one with a wrong key, one with an outage, one refused, one that took no part."""
    shops = []
    for i in range(1, 41):
        name, numbers = f"shop-{i:02}", range(1000, 1000 + (3 * i if i in (7, 21, 40) else 3))
        orders = [order(f"{i}-{number}", "unchanged" if number % 7 == 0 else "changed") for number in numbers]
        more: dict[str, Any] = {}
        if i == 7:
            text = "The API answered 401: wrong API key."
            orders = [order(one["order_number"], "failed", http_status=401, msg=text, advice="") for one in orders]
        elif i == 21:
            orders[26:31] = [
                order(one["order_number"], "failed", http_status=503, msg=OVERLOADED, advice=LATER)
                for one in orders[26:31]
            ]
            orders[31:] = [order(one["order_number"], "not_attempted") for one in orders[31:]]
            more = {"stopped": STOPPED}
        elif i == 40:
            too_many = "103 orders would be changed, but max_changes allows 100. Nothing was changed."
            orders = [order(one["order_number"], "not_attempted") for one in orders]
            more = {"msg": too_many}
        shops.append(shop_of(name, []) if i == 13 else shop(name, orders, **more))
    return report(shops, title="cancel_overdue_orders")


def empty() -> Report:
    """Return a run that found no order."""
    return report([shop("demo-shop", [])])


def late() -> Report:
    """Return late payments of two shops, and a third that could not be read."""

    def one(number: str, paid: object, day: str | None, **more: Any) -> Order:
        return {
            "number": number,
            "type": "PREPAYMENT",
            "paymentStatus": "CANCELLED",
            "amount": 119.5,
            "currency": "EUR",
            "amountPaid": paid,
            "postings": [{"postingDate": day}] if day else [],
            **more,
        }

    journal = [
        {
            "time": "2026-11-01T09:30:00.000+00:00",
            "event": "result",
            "order_number": "1001",
            "state": "cancelled",
            "outcome": "changed",
            "user": "bob",
        }
    ]
    de = [
        one("1001", 119.5, "20-11-2026", paymentStatus="PAID"),
        one("1002", "10.00", "21-11-2026"),
        one("1003", None, None),
        one("1004", 20, "01-10-2026", type="INVOICE"),
    ]
    at = [one("20", 1040.25, None, currency="CHF", paymentStatus="DISAPPEARED"), one("21", 0, None)]
    shops = [
        shop_of("shop-de", [late_payments(de, journal)]),
        shop_of("shop-at", [late_payments(at)]),
        shop_of("shop-ch", [{"failed": True, "msg": "The API key was refused."}]),
    ]
    return report(shops, kind="late_payments", title="find_late_payments")


REPORTS: dict[str, Callable[[], Report]] = {
    "everyday": everyday,
    "dry_run": dry_run,
    "hostile": hostile,
    "many_orders": many_orders,
    "forty_shops": forty_shops,
    "empty": empty,
    "late": late,
}
