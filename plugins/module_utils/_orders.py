# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""The domain: order numbers, payment statuses, and what to do with an order.

Pure: nothing here sends, waits, or knows Ansible.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Order = dict[str, Any]  # an order as the API gives it; fields this collection does not know are kept

PAYMENT_STATUSES = (
    "UNPAID",
    "PAID",
    "PAID_PARTIAL",
    "CANCELLED",
    "REFUNDED",
    "REFUNDED_PARTIAL",
    "COLLECTION",
    "DISAPPEARED",
    "LEGACY",
)
"""The payment statuses known to exist. The API may know more: treat a status as an open set."""

SUMMARY_FIELDS = (
    "number",
    "type",
    "date",
    "dueDate",
    "amount",
    "currency",
    "amountPaid",
    "paymentStatus",
    "referenceNumber",
    "dunningLevel",
    "collectionStatus",
    "refunds",
)
"""The fields of an order that hold no personal data."""

POSTING_FIELDS = ("amount", "currency", "postingDate", "valuationDate")
"""The same of a posting."""


@dataclass(frozen=True)
class Transition:
    """How an order gets into a state.

    ``wording`` completes "could not be ..."; ``ends`` tells that nobody expects money afterwards.
    """

    state: str
    payment_status: str
    wording: str
    ends: bool = False


TRANSITIONS = {
    transition.state: transition
    for transition in (
        Transition("cancelled", "CANCELLED", "cancelled", ends=True),
        Transition("removed", "DISAPPEARED", "removed", ends=True),
        Transition("paid", "PAID", "set to paid"),
        Transition("unpaid", "UNPAID", "set to unpaid"),
    )
}


@dataclass(frozen=True)
class DesiredState:
    """What a run wants of each of its orders."""

    transition: Transition
    only_from: frozenset[str] | None = None  # None: from any payment status
    skip_unexpected: bool = False
    skip_missing: bool = False


UNEXPECTED_ADVICE = "If it may be changed anyway, add its payment status to only_from."


@dataclass(frozen=True)
class Decision:
    """What to do with one order: ``outcome`` is what it will be if all goes well.

    ``reason`` is a clause that continues "Order 1001 ...", ``advice`` a sentence.
    """

    outcome: str
    reason: str | None = None
    advice: str = ""


def decide(order: Order, desired: DesiredState) -> Decision:
    """Compare an order as it was read with the desired state. Only ``changed`` calls for a request."""
    status = order["paymentStatus"]
    if status == desired.transition.payment_status:
        return Decision("unchanged")
    if desired.only_from is None or status in desired.only_from:
        return Decision("changed")
    reason = f"is {status}, not {' or '.join(sorted(desired.only_from))}"
    return Decision("skipped", reason) if desired.skip_unexpected else Decision("failed", reason, UNEXPECTED_ADVICE)


def amount(order: Order) -> float | None:
    """The gross total of an order, None if the API gives none that can be read."""
    return _number(order.get("amount"))


def currency(order: Order) -> str | None:
    """The currency of an order, None if the API gives nothing that looks like one."""
    code = order.get("currency")
    return code if isinstance(code, str) and re.fullmatch("[A-Za-z]{3}", code) else None


def amount_paid(order: Order) -> float | None:
    """The money that has arrived for an order, if any. The API gives ``amountPaid`` unless the order is UNPAID."""
    paid = _number(order.get("amountPaid"))
    return paid if paid is not None and paid > 0 else None


def money_warning(number: str, paid: float, currency: str | None, transition: Transition, *, check_mode: bool) -> str:
    """The sentence for an order that is ended although money has arrived for it."""
    return (
        f"Order {number} has {paid:.2f} {currency or '(no currency given)'} paid on it and"
        f" {'would be' if check_mode else 'was'} {transition.wording}: the money may have to be refunded."
    )


def _number(value: object) -> float | None:
    """An amount of money, which the API may give as text as well."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15}|,[0-9]{1,2})?", value):
        return float(value.replace(",", "."))
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def summary_of(order: Order) -> Order:
    """The part of an order that holds no personal data."""
    summary = {field: order[field] for field in SUMMARY_FIELDS if field in order}
    postings = order.get("postings")
    if isinstance(postings, list):
        summary["postings"] = [
            {field: posting[field] for field in POSTING_FIELDS if field in posting}
            for posting in postings
            if isinstance(posting, dict)
        ]
    return summary


SHOWN: dict[str, Callable[[Order], Order]] = {"summary": summary_of, "full": lambda order: order}
"""What of an order is shown to users, by the value of return_order."""


def check_order_number(value: object) -> str:
    """Return an order number as text, or raise ValueError with a sentence that says what is wrong with it.

    What is not text is refused, because YAML may have altered it (0123 is the number 83). So is what could address
    something other than an order (``..``, ``remove``).
    """
    if value is None or value == "":
        raise ValueError("an order number is empty.")
    if not isinstance(value, str):
        raise ValueError(
            f"the order number {value!r} is not text but {_kind(value)}."
            " YAML may have altered it: put the order number in quotes."
        )
    if not value.strip():
        raise ValueError(f"the order number {value!r} is blank.")
    if value != value.strip():
        raise ValueError(f"the order number {value!r} begins or ends with white space: remove it.")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in value):
        raise ValueError(f"the order number {value!r} holds a control character (a line break, a tab or the like).")
    if value in (".", "..", "remove"):
        raise ValueError(f"{value!r} cannot be used as an order number: it has another meaning in the API's URLs.")
    return value


def check_order_numbers(values: Iterable[object]) -> list[str]:
    """The same for a list, naming the place (counted from 1) of the entry that is wrong."""
    numbers = []
    for place, value in enumerate(values, start=1):
        try:
            numbers.append(check_order_number(value))
        except ValueError as error:
            raise ValueError(f"entry {place}: {error}") from None
    return numbers


def _kind(value: object) -> str:
    return next((words for kind, words in _YAML_KINDS.items() if isinstance(value, kind)), type(value).__name__)


# In the order of asking: a truth value is a whole number for Python as well.
_YAML_KINDS: dict[type, str] = {
    bool: "a truth value",
    int: "a whole number",
    float: "a decimal number",
    list: "a list",
    dict: "a mapping",
}
