# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""Which cancelled orders have money on them: somebody owes the customer a refund, or the goods. Pure."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import TRANSITIONS
from ansible_collections.community.komfortkasse.plugins.plugin_utils._amounts import (
    amount_of,
    as_numbers,
    currency_of,
    sums_of,
)

ENDING = {state for state, transition in TRANSITIONS.items() if transition.ends}
ENDED = {TRANSITIONS[state].payment_status for state in ENDING}
MAY_BE_OVERDUE = ("INVOICE", "COD")
"""The types of order that Komfortkasse shows as CANCELLED also when only their time to pay is over."""

DAYS = (
    re.compile(r"(?P<day>\d\d)[-.](?P<month>\d\d)[-.](?P<year>\d{4})", re.ASCII),
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?:[T ].*)?", re.ASCII),
)


@dataclass(frozen=True)
class Cancelled:
    """When we cancelled or removed an order, and who did it, as the journal says."""

    time: str
    user: str


def late_payments(
    orders: Iterable[Mapping[str, Any]], journal: str | Iterable[object] = (), shop: str | None = None
) -> dict[str, Any]:
    """Pick the orders that are cancelled and have money on them, newest posting first.

    ``journal`` is the text of a journal, its lines, or its entries; an entry that names another shop than ``shop`` does
    not count. Amounts become binary floats only in what is returned.
    """
    ours, unreadable_lines = _ours(journal, shop)
    picked: dict[str, list[dict[str, Any]]] = {"found": [], "merely_overdue": []}
    unreadable = []
    for order in orders:
        known = ours.get(order["number"])
        verdict = judge(order, known is not None)
        if verdict == "unreadable":
            unreadable.append(order["number"])
        elif verdict:
            picked[verdict].append(_entry(order, known))
    for entries in picked.values():
        entries.sort(key=lambda entry: entry["last_posting"] or "", reverse=True)
    return {
        **picked,
        "unreadable": unreadable,
        "unreadable_journal_lines": unreadable_lines,
        "sums": as_numbers(sums_of((entry["amount_paid"], entry["currency"]) for entry in picked["found"])),
    }


def judge(order: Mapping[str, Any], ours: bool) -> str | None:
    """Tell what an order is: ``found``, ``merely_overdue``, ``unreadable``, or None if nothing is owed for it.

    ``ours`` says that we cancelled it, whatever Komfortkasse shows now.
    """
    status, given = order["paymentStatus"], order.get("amountPaid")
    if status not in ENDED and not ours:
        return None
    paid = amount_of(given)
    if paid is None or paid < 0:
        return None if given is None and status == "UNPAID" else "unreadable"  # UNPAID orders have no amountPaid
    if not paid:
        return None
    if status == "CANCELLED" and not ours and order.get("type") in MAY_BE_OVERDUE:
        return "merely_overdue"
    return "found"


def _entry(order: Mapping[str, Any], known: Cancelled | None) -> dict[str, Any]:
    amount, paid = amount_of(order.get("amount")), amount_of(order["amountPaid"])
    return {
        "order_number": order["number"],
        "type": order.get("type"),
        "payment_status": order["paymentStatus"],
        "amount_paid": float(paid or 0),
        "amount": None if amount is None else float(amount),
        "currency": currency_of(order.get("currency")) or None,
        "last_posting": _last_posting(order.get("postings")),
        "cancelled": known.time if known else None,
        "cancelled_by": known.user if known else None,
    }


def _last_posting(postings: object) -> str | None:
    """The day of the last posting as yyyy-MM-dd, or None if no posting has a day that can be read."""
    if not isinstance(postings, list):
        return None
    days = [_day(posting.get("postingDate")) or _day(posting.get("valuationDate")) for posting in postings if posting]
    return max(filter(None, days), default=None)


def _day(value: object) -> str | None:
    """The API's dates are day first; the form of those of postings is not documented."""
    for form in DAYS:
        match = form.fullmatch(value) if isinstance(value, str) else None
        if match:
            try:
                return datetime.date(*(int(match[part]) for part in ("year", "month", "day"))).isoformat()
            except ValueError:
                return None
    return None


def _ours(journal: str | Iterable[object], shop: str | None) -> tuple[dict[str, Cancelled], int]:
    """The orders that the journal says we cancelled, by number, and how many of its lines cannot be read."""
    changed: dict[str, Cancelled] = {}
    perhaps: dict[str, Cancelled] = {}  # attempts without a result that says how they ended
    unreadable = 0
    for line in journal.splitlines() if isinstance(journal, str) else journal:
        if line == "":
            continue
        entry = _parsed(line)
        if entry is None:
            unreadable += 1
        elif not shop or entry.get("shop") in (shop, None, ""):
            _note(entry, changed, perhaps)
    return {**perhaps, **changed}, unreadable


def _parsed(line: object) -> Mapping[str, Any] | None:
    try:
        entry = json.loads(line) if isinstance(line, str) else line
    except ValueError:
        return None
    return entry if isinstance(entry, Mapping) and isinstance(entry.get("order_number"), str) else None


def _note(entry: Mapping[str, Any], changed: dict[str, Cancelled], perhaps: dict[str, Cancelled]) -> None:
    number, was_changed = entry["order_number"], entry.get("outcome") == "changed"
    known = Cancelled(str(entry.get("time") or ""), str(entry.get("user") or ""))
    if entry.get("state") not in ENDING:
        if was_changed:  # taken back
            changed.pop(number, None)
            perhaps.pop(number, None)
    elif entry.get("event") == "attempt":
        perhaps[number] = known
    elif was_changed:
        changed[number] = known
    elif entry.get("payment_status") is not None:
        perhaps.pop(number, None)
