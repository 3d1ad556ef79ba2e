# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""A report on all shops of a play: counts, sums by currency, reasons told once, money on cancelled orders. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils._results import OUTCOMES
from ansible_collections.community.komfortkasse.plugins.plugin_utils._amounts import (
    Sums,
    amount_of,
    as_numbers,
    sums_of,
)
from ansible_collections.community.komfortkasse.plugins.plugin_utils._late_payments import judge
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report_shop import LATE, Row, Shop

KINDS = ("cancellation", "late_payments")
LATE_COUNTS = (*LATE, "unreadable", "unreadable_journal_lines")


def report(shops: Sequence[Shop], head: Mapping[str, Any]) -> dict[str, Any]:
    """Put the shops together, as the JSON file of a report has it.

    ``head`` has ``title``, ``kind``, ``check_mode``, ``time`` (UTC), ``local_time``, ``user`` and ``job``.
    """
    late = head["kind"] == "late_payments"
    body = _late_body(shops) if late else _orders_body(shops)
    entries = [
        {
            "shop": shop.name,
            "ended": shop.ended,
            "message": shop.message,
            **shop.facts,
            **(_late_numbers([shop]) if late else _order_numbers(shop.orders)),
        }
        for shop in shops
    ]
    return {**head, "shops": entries, **body}


def _orders_body(shops: Sequence[Shop]) -> dict[str, Any]:
    orders = [order for shop in shops for order in shop.orders]
    return {**_order_numbers(orders), "money_on_cancelled": money_on_cancelled(orders), "orders": orders}


def _order_numbers(orders: list[Row]) -> dict[str, Any]:
    """Counts by outcome, and the amounts by outcome and currency."""
    counted = Counter(order["outcome"] for order in orders)
    counts = {"requested": len(orders), **{outcome: counted[outcome] for outcome in OUTCOMES}}
    sums = {outcome: as_numbers(amounts_of(orders, outcome)) for outcome in OUTCOMES if counts[outcome]}
    return {"counts": counts, "sums": sums}


def amounts_of(orders: Iterable[Row], outcome: str) -> Sums:
    """The sums of the orders with this outcome."""
    return sums_of((order["amount"], order["currency"]) for order in orders if order["outcome"] == outcome)


def money_on_cancelled(orders: Iterable[Row]) -> list[Row]:
    """The orders that are cancelled now, by this run or before, or would be, and have money on them."""
    return [order for order in orders if order["amount_paid"] is not None and _owed(order)]


def _owed(order: Row) -> bool:
    as_read = {"paymentStatus": order["payment_status"], "amountPaid": order["amount_paid"]}
    return judge(as_read, ours=False) == "found"


def alike(orders: Iterable[Row], *outcomes: str) -> list[list[Row]]:
    """The orders with these outcomes, those with the same reason together.

    Reasons that differ by the order number alone are the same.
    """
    kinds: dict[tuple[object, ...], list[Row]] = {}
    for order in orders:
        if order["outcome"] in outcomes:
            reason = order["reason"].replace(order["order_number"], "")
            kinds.setdefault((order["outcome"], order["http_status"], reason), []).append(order)
    return sorted(kinds.values(), key=lambda group: outcomes.index(group[0]["outcome"]))


def is_missing(order: Row) -> bool:
    """Whether the shop does not have an order, and that was expected."""
    return bool(order["outcome"] == "skipped" and order["http_status"] == 404)


def asked_of_several(shops: Sequence[Shop]) -> set[str]:
    """The order numbers that several shops were asked for: one list was worked through in all of them."""
    asked = Counter(order["order_number"] for shop in shops for order in shop.orders)
    return {number for number, shops_asked in asked.items() if shops_asked > 1}


def in_no_shop(shops: Sequence[Shop]) -> list[str]:
    """The order numbers that several shops were asked for and none has."""
    shared = asked_of_several(shops)
    found = {order["order_number"] for shop in shops for order in shop.orders if not is_missing(order)}
    numbers = dict.fromkeys(order["order_number"] for shop in shops for order in shop.orders)
    return [number for number in numbers if number in shared and number not in found]


def _late_body(shops: Sequence[Shop]) -> dict[str, Any]:
    lists = {
        name: sorted(
            ({"shop": shop.name, **entry} for shop in shops for entry in (shop.late or {}).get(name, ())),
            key=lambda entry: entry["last_posting"] or "",
            reverse=True,
        )
        for name in LATE
    }
    return {**_late_numbers(shops), **lists, "unreadable": late_unreadable(shops)}


def late_unreadable(shops: Iterable[Shop]) -> list[dict[str, str]]:
    """The orders whose amountPaid cannot be read."""
    return [
        {"shop": shop.name, "order_number": number}
        for shop in shops
        for number in (shop.late or {}).get("unreadable", ())
    ]


def _late_numbers(shops: Sequence[Shop]) -> dict[str, Any]:
    lates = [shop.late for shop in shops if shop.late]
    counts = {name: sum(_count(late.get(name)) for late in lates) for name in LATE_COUNTS}
    sums = {
        name: as_numbers(sums_of((entry["amount_paid"], entry["currency"]) for late in lates for entry in late[name]))
        for name in LATE
    }
    return {"counts": counts, "sums": sums}


def _count(value: object) -> int:
    return len(value) if isinstance(value, list) else int(amount_of(value) or 0)
