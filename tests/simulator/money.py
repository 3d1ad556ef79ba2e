# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Money that arrives on an order: what it makes of its payment status and amountPaid. Amounts are added as decimals."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from .order import CANCELLED, COLLECTION, PAID, PAID_PARTIAL, UNPAID, Invalid, Order, days_ago, is_amount

LATE_PAYMENT_STATUSES = (CANCELLED, PAID)


def posting(order: Order, serial: int, amount: float, day: str) -> Order:
    """Return a posting on an order as the API shows it."""
    return {
        "id": f"P-{order['number']}-{serial}",
        "amount": amount,
        "currency": order.get("currency", "EUR"),
        "postingDate": day,
        "valuationDate": day,
        "originator": "Sample Sender",
        "reference": f"Order {order['number']}",
        "text": "SEPA credit transfer",
    }


def receive(order: Order, asked: object, late_payment_status: str) -> Order:
    """Return the fields that a posting changes. asked: ``amount`` (default: the order's), ``age`` in days.

    late_payment_status: what a cancelled order becomes, CANCELLED or PAID (PAID_PARTIAL if the money is not enough).
    Raises Invalid.
    """
    if not isinstance(asked, dict) or not set(asked) <= {"amount", "age"}:
        raise Invalid("Send an object: amount, age in days")
    amount: Any = asked.get("amount", order["amount"])
    if not is_amount(amount):
        raise Invalid(f"amount must be a number, not {amount!r}")
    postings = order.get("postings", [])
    try:  # another client of the control interface may have made amountPaid a text
        paid = Decimal(str(order.get("amountPaid", 0))) + Decimal(str(amount))
    except InvalidOperation:
        raise Invalid(f"amountPaid of order {order['number']} is no amount: {order['amountPaid']!r}") from None
    return {
        "paymentStatus": _status_with_money(order, paid, late_payment_status),
        "amountPaid": float(paid),
        "postings": [*postings, posting(order, len(postings) + 1, amount, days_ago(asked.get("age", 0)))],
        "hasBankDetailsForRefund": True,
    }


def _status_with_money(order: Order, paid: Decimal, late_payment_status: str) -> str:
    status: str = order.get("paymentStatus", UNPAID)
    enough = paid >= Decimal(str(order["amount"]))
    if status in (UNPAID, PAID_PARTIAL) or (status == CANCELLED and late_payment_status == PAID):
        return PAID if enough else PAID_PARTIAL if paid > 0 else status
    return PAID if status == COLLECTION and enough else status
