# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""The domain: order numbers, payment statuses, and what to do with an order.

Pure: nothing here sends, waits, or knows Ansible.
"""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

MOST_SHOWN = 60  # characters of a value in a message

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
"""The fields of a posting that hold no personal data."""


@dataclass(frozen=True)
class Transition:
    """A state, the payment status that stands for it, and how messages name the change.

    ``wording`` completes "could not be ...". ``ends`` is true if no money is expected for the order afterwards.
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
    return number_in(order.get("amount"))


def currency(order: Order) -> str | None:
    """The currency of an order, None if the API gives nothing that looks like one."""
    code = order.get("currency")
    return code if isinstance(code, str) and re.fullmatch("[A-Za-z]{3}", code) else None


def amount_paid(order: Order) -> float | None:
    """The money that has arrived for an order, if any. The API gives ``amountPaid`` unless the order is UNPAID."""
    paid = number_in(order.get("amountPaid"))
    return paid if paid is not None and paid > 0 else None


def is_paid_less(order: Order, least: float) -> bool:
    """Tell whether less money than this is known to be on an order. A negative amount counts as not known."""
    given = order.get("amountPaid")
    paid = 0 if given is None and order.get("paymentStatus") == "UNPAID" else number_in(given)
    return paid is not None and 0 <= paid < least


def number_in(value: object) -> float | None:
    """The number in an amount of money, which the API may also give as text; None if there is none."""
    if isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]{1,15}(\.[0-9]{1,15}|,[0-9]{1,2})?\s*", value):
        return float(value.replace(",", "."))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


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
"""What is returned of an order, by the value of return_order."""


def check_order_number(value: object) -> str:
    """Return an order number as text, or raise ValueError with a sentence that says what is wrong with it.

    A value that is not text is refused, because YAML may have altered it (0123 is the number 83), and so is text that
    would address something other than an order (``..``, ``remove``).
    """
    if value is None or value == "":
        raise ValueError("an order number is empty.")
    if not isinstance(value, str):
        raise ValueError(
            f"the order number {shown(value)} is not text but {kind_of(value)}."
            " YAML may have altered it: put the order number in quotes."
        )
    if not value.strip():
        raise ValueError(f"the order number {shown(value)} is blank.")
    if value != value.strip():
        raise ValueError(f"the order number {shown(value)} begins or ends with white space: remove it.")
    if not value.isprintable() and any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in value):
        raise ValueError(f"the order number {shown(value)} holds a control character, such as a tab: remove it.")
    if value in (".", "..", "remove"):
        raise ValueError(f"{value!r} cannot be used as an order number: it has another meaning in the API's URLs.")
    return value


def check_order_numbers(values: Iterable[object]) -> list[str]:
    """Return the order numbers of a list as text, or raise ValueError that names the entry (from 1) that is wrong."""
    numbers = []
    for place, value in enumerate(values, start=1):
        try:
            numbers.append(check_order_number(value))
        except ValueError as error:
            raise ValueError(f"entry {place}: {error}") from None
    return numbers


def orders_in_words(count: int) -> str:
    """``1 order``, ``12 orders``."""
    return f"{count} order{'' if count == 1 else 's'}"


def shown(value: object) -> str:
    """Return a value for a message: bounded, text in quotes, control and invisible characters spelt out."""
    text = repr(str(value)) if isinstance(value, str) else str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 4]}...{text[-1]}"


def kind_of(value: object) -> str:
    """Name the type of a value that YAML or JSON has made of something, for a message."""
    return next((words for kind, words in _KINDS.items() if isinstance(value, kind)), type(value).__name__)


_KINDS: dict[type | tuple[type, ...], str] = {
    bool: "a truth value",  # before int, which is its base class
    int: "a whole number",
    float: "a decimal number",
    datetime.date: "a date",
    (list, tuple): "a list",
    dict: "a mapping",
    type(None): "null",
}
