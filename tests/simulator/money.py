# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Money that arrives on an order, and money that goes back: what both make of its payment status and amountPaid.

Both functions return the fields of the order that change. Amounts are added as decimals.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from .order import (
    CANCELLED,
    COLLECTION,
    PAID,
    PAID_PARTIAL,
    REFUNDED,
    REFUNDED_PARTIAL,
    UNPAID,
    Invalid,
    Order,
    days_ago,
    is_amount,
)

EXECUTED = "PROCESSED"
LATE_PAYMENT_STATUSES = (CANCELLED, PAID)


def receive(order: Order, asked: object, late_payment_status: str) -> Order:
    """Return what a posting changes. asked: ``amount`` (default: the order's), ``age`` in days, fields of a Posting.

    late_payment_status: what a cancelled order becomes, CANCELLED or PAID (PAID_PARTIAL if the money is not enough).
    Raises Invalid.
    """
    posting = _checked(asked, order["amount"])
    day = days_ago(posting.pop("age", 0))
    postings = order.get("postings", [])
    made_up = {
        "id": f"P-{order['number']}-{len(postings) + 1}",
        "currency": order.get("currency", "EUR"),
        "postingDate": day,
        "valuationDate": day,
        "originator": "Sample Sender",
        "reference": f"Order {order['number']}",
        "text": "SEPA credit transfer",
    }
    paid = _paid(order) + Decimal(str(posting["amount"]))
    return {
        "paymentStatus": _status_with_money(order, paid, late_payment_status),
        "amountPaid": float(paid),
        "postings": [*postings, {**made_up, **posting}],
        "hasBankDetailsForRefund": True,
    }


def refund(order: Order, asked: object) -> Order:
    """Return what a refund changes. asked: ``amount`` (default: all that is there), ``age``, fields of a Refund.

    Only with the status PROCESSED (the default) it is executed and its money gone. The same ``externalReference``
    again changes the refund that has it. Raises Invalid.
    """
    paid = _paid(order)
    refunds = {each["externalReference"]: each for each in order.get("refunds", [])}
    reference = f"refund-{order['number']}-{len(refunds) + 1}"
    if isinstance(asked, dict):
        reference = asked.get("externalReference", reference)
    planned = refunds.get(reference, {})
    if planned.get("status") == EXECUTED:
        raise Invalid(f"The refund {reference} is executed already")
    wanted = _checked(asked, planned.get("amount", float(paid)))
    day = days_ago(wanted.pop("age", 0))
    executed = wanted.setdefault("status", EXECUTED) == EXECUTED
    refunds[reference] = {
        "id": f"R-{reference}",
        "externalReference": reference,
        "currency": order.get("currency", "EUR"),
        "plannedDate": day,
        "referenceNumber": "KKBT0001",
        **planned,
        "executionDate": day if executed else None,
        **wanted,
    }
    changes: Order = {"refunds": list(refunds.values())}
    if executed:
        changes["amountPaid"] = float(paid - Decimal(str(wanted["amount"])))
        changes["paymentStatus"] = _status_after_refunds(order, changes["refunds"])
    return changes


def _checked(asked: object, amount: float) -> dict[str, Any]:
    if not isinstance(asked, dict):
        raise Invalid("Send an object: amount, age in days, and fields of its own")
    checked = {"amount": amount, **asked}
    if not is_amount(checked["amount"]):
        raise Invalid(f"amount must be a number, not {checked['amount']!r}")
    return checked


def _paid(order: Order) -> Decimal:
    """Return the money on an order; another client of the control interface may have made amountPaid a text."""
    try:
        return Decimal(str(order.get("amountPaid", 0)))
    except InvalidOperation:
        raise Invalid(f"amountPaid of order {order['number']} is no amount: {order['amountPaid']!r}") from None


def _status_with_money(order: Order, paid: Decimal, late_payment_status: str) -> str:
    status: str = order.get("paymentStatus", UNPAID)
    enough = paid >= Decimal(str(order["amount"]))
    if status in (UNPAID, PAID_PARTIAL) or (status == CANCELLED and late_payment_status == PAID):
        return PAID if enough else PAID_PARTIAL if paid > 0 else status
    return PAID if status == COLLECTION and enough else status


def _status_after_refunds(order: Order, refunds: list[dict[str, Any]]) -> str:
    status: str = order.get("paymentStatus", UNPAID)
    if status not in (PAID, PAID_PARTIAL, REFUNDED_PARTIAL):
        return status
    returned = sum(Decimal(str(each["amount"])) for each in refunds if each["status"] == EXECUTED)
    return REFUNDED if returned >= Decimal(str(order["amount"])) else REFUNDED_PARTIAL
