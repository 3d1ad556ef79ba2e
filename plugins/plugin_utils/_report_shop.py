# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""What is known of one host from the results that it registered: its orders, and how its run ended. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils._plan import Facts

Row = dict[str, Any]
"""One order, see COLUMNS. Reason and advice are text, maybe empty; what else is not known is None."""

COLUMNS = (
    "shop",
    "order_number",
    "outcome",
    "previous_payment_status",
    "payment_status",
    "amount",
    "currency",
    "amount_paid",
    "http_status",
    "reason",
    "advice",
)
GO_ON = "Run it again to go on."
TOOK_NO_PART = (
    "Nothing was sent: something failed for this shop before its orders were worked on. See the error in the output."
)
NOT_YET = "Nothing is known of this shop: it has not registered any of the results yet."
LATE = ("found", "merely_overdue")
# What ansible-core puts around the message of a plugin means nothing to people who cancel orders.
AROUND = re.compile(
    r"(?s)\A(?:.*?(?:community\.komfortkasse|ansible\.builtin)\.\w+(?:'[^:]*)?: )+"
    r"|\n\nThe error appears to be in .*\Z"
)


@dataclass
class Shop:
    """A host and the outcomes of its orders.

    ``ended`` is ``done``, ``stopped`` (orders were not attempted) or ``failed`` (nothing is known of its orders);
    ``message`` says why it is not ``done``, or why nothing was to be done; ``failure`` is the sentence to fail with,
    empty if all is well.
    """

    name: str
    ended: str = "done"
    message: str = ""
    failure: str = ""
    orders: list[Row] = field(default_factory=list)
    plan: Mapping[str, Any] | None = None  # of a run in check mode
    facts: dict[str, Any] = field(default_factory=dict)  # journal_path, limits, plan_created: see FACTS
    late: Mapping[str, Any] | None = None  # what the filter late_payments found


FACTS = ("journal_path", "limits", "plan_created")
"""What komfortkasse_order returns of its options for a report to show."""


def shop_of(
    name: str, results: Sequence[object], unclear: Iterable[Mapping[str, Any]] = (), active: bool = False
) -> Shop:
    """Read what a host registered, in the order of its tasks; None stands for what it did not register.

    ``active`` says that the play still runs for it: with the keyword serial it may come later.
    """
    registered = [result for result in results if isinstance(result, Mapping)]
    shop = Shop(name)
    if not registered:
        shop.ended = "failed"
        shop.message = shop.failure = NOT_YET if active else TOOK_NO_PART
    last = next((result for result in reversed(registered) if isinstance(result.get("results"), list)), {})
    shop.plan = last.get("plan")
    planned = shop.plan["orders"] if shop.plan else {}
    orders = (*last.get("results", ()), *unclear)
    shop.orders = [_row(name, order, planned) for order in orders if "order_number" in order]
    shop.facts = {fact: last[fact] for fact in FACTS if last.get(fact)}
    shop.late = next(filter(None, map(_late_payments, registered)), None)
    failed = next((result for result in registered if result.get("failed")), None)
    if failed:
        shop.failure = sentence_of(failed.get("msg"))
        if failed is not last or not last.get("results"):
            shop.ended, shop.message = "failed", shop.failure
    elif not shop.orders and last.get("msg"):
        shop.message = sentence_of(last["msg"])
    if shop.ended == "done" and any(order["outcome"] == "not_attempted" for order in shop.orders):
        shop.ended, shop.message = "stopped", last.get("stopped") or shop.failure
    for order in shop.orders:
        if order["outcome"] == "not_attempted":
            order["reason"] = order["reason"] or shop.message
            order["advice"] = order["advice"] or GO_ON
    return shop


def sentence_of(msg: object) -> str:
    """Return the msg of a task that failed as a sentence for people."""
    text = AROUND.sub("", str(msg or "")).strip() or "It failed without a message."
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _row(shop: str, order: Mapping[str, Any], planned: Mapping[str, Sequence[Any]]) -> Row:
    row = {column: order.get(column) for column in COLUMNS}
    if order["order_number"] in planned:  # a long plan alone tells what is paid
        row["amount_paid"] = Facts(*planned[order["order_number"]]).amount_paid or None
    return {**row, "shop": shop, "reason": order.get("msg") or "", "advice": order.get("advice") or ""}


def _late_payments(result: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the filter late_payments returned: the variable itself, or a fact that a task set and registered."""
    for value in (result, *_facts_of(result)):
        if isinstance(value, Mapping) and all(isinstance(value.get(key), list) for key in LATE):
            return value
    return None


def _facts_of(result: Mapping[str, Any]) -> list[object]:
    facts = result.get("ansible_facts")
    return list(facts.values()) if isinstance(facts, Mapping) else []
