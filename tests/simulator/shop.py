# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of one shop: its orders, their transitions, the filters of the order list. Knows nothing of the web."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from .order import CANCELLED, DISAPPEARED, PAID, UNPAID, Invalid, Order, parse_date

DEFAULT_MAX_AGE = 120

# Operation -> the payment status that it sets. The API documents no status from which one is refused.
TARGETS = {"cancelOrder": CANCELLED, "removeOrder": DISAPPEARED, "setOrderPaid": PAID, "setOrderUnpaid": UNPAID}


def _date_or_none(text: object) -> datetime.date | None:
    """Read a date of an order that somebody may have spoilt from outside, which is no fault of the one who asks."""
    try:
        return parse_date(text, "date")
    except Invalid:
        return None


@dataclass
class Filter:
    """What readOrders asks for. statuses: empty = any; max_age: days; min_posting_date: posted then or later."""

    statuses: frozenset[str] = frozenset()
    max_age: int = DEFAULT_MAX_AGE
    min_posting_date: datetime.date | None = None

    def takes(self, order: Order, today: datetime.date) -> bool:
        """Tell whether an order belongs in the list. An order without a posting never has a posting date."""
        if self.statuses and order.get("paymentStatus") not in self.statuses:
            return False
        ordered = _date_or_none(order.get("date"))
        if ordered and (today - ordered).days > self.max_age:
            return False
        if self.min_posting_date is None:
            return True
        dates = (_date_or_none(posting.get("postingDate")) for posting in order.get("postings", ()))
        return any(date and date >= self.min_posting_date for date in dates)


@dataclass
class Shop:
    """One shop: name, API key, and its orders by order number."""

    name: str
    api_key: str
    orders: dict[str, Order] = field(default_factory=dict)

    def copy(self) -> Shop:
        """Return a shop of its own with the same orders (which are never changed in place)."""
        return Shop(self.name, self.api_key, dict(self.orders))

    def change(self, number: str, changes: Order) -> Order:
        """Merge fields into an order; a field that is None goes away. Raises KeyError for an unknown order."""
        order = {**self.orders[number], **changes}
        self.orders[number] = {name: value for name, value in order.items() if value is not None}
        return self.orders[number]
