# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One order in the shape of the API: what it holds, and what an answer shows of it.

Orders are dictionaries in the API's own spelling. They are never changed in place: every change makes a new
dictionary, so a copied table of orders (the shop before a fault, the shop after a reset) stays as it was.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping
from typing import Any

Order = dict[str, Any]

UNPAID = "UNPAID"
PAID = "PAID"
PAID_PARTIAL = "PAID_PARTIAL"
CANCELLED = "CANCELLED"
REFUNDED = "REFUNDED"
REFUNDED_PARTIAL = "REFUNDED_PARTIAL"
COLLECTION = "COLLECTION"
DISAPPEARED = "DISAPPEARED"
LEGACY = "LEGACY"

# Query flag -> the fields that an answer holds only with that flag.
INCLUDES: Mapping[str, tuple[str, ...]] = {
    "includePostings": ("postings", "hasBankDetailsForRefund"),
    "includeCollectionHistory": ("collectionHistory",),
    "includePaymentReminders": ("paymentReminders",),
    "includeRefunds": ("refunds",),
}
COLLECTION_ONLY = ("collectionPartner", "collectionFile", "collectionStatus", "collectionHistory")


class Invalid(ValueError):
    """What was sent is not what the API takes; the text is the API's error text."""


def render(order: Order, includes: frozenset[str] = frozenset()) -> Order:
    """Return what an answer shows of an order; includes: names of the flags that are set."""
    hidden = _hidden(order.get("paymentStatus"), includes)
    return {field: value for field, value in order.items() if field not in hidden}


@functools.lru_cache
def _hidden(status: str | None, includes: frozenset[str]) -> frozenset[str]:
    hidden = {field for flag, fields in INCLUDES.items() if flag not in includes for field in fields}
    if status == UNPAID:
        hidden.add("amountPaid")
    if status != COLLECTION:
        hidden.update(COLLECTION_ONLY)
    return frozenset(hidden)


def parse_date(text: object, what: str) -> datetime.date:
    """Read the API's dd-MM-yyyy; raise Invalid naming the field or parameter."""
    date = _read_date(text) if isinstance(text, str) else None
    if date is None:
        raise Invalid(f"Invalid request: {what} must be a date dd-MM-yyyy")
    return date


@functools.lru_cache(maxsize=4096)  # the list of orders reads every order's date, and strptime is slow
def _read_date(text: str) -> datetime.date | None:
    try:
        return datetime.datetime.strptime(text, "%d-%m-%Y").date() if len(text) == 10 else None
    except ValueError:
        return None


@functools.lru_cache(maxsize=4096)  # each of 60,000 generated orders has several dates, and strftime is slow
def format_date(date: datetime.date) -> str:
    """Write the API's dd-MM-yyyy."""
    return date.strftime("%d-%m-%Y")


def days_ago(days: int) -> str:
    """Write the day that was this many days before today."""
    return format_date(datetime.date.today() - datetime.timedelta(days=days))
