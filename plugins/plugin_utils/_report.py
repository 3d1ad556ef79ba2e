# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""What a run over one or more shops did, put together from what komfortkasse_order returned. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils._errors import HINTS, ApiError, NotFoundError
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import UNEXPECTED_ADVICE
from ansible_collections.community.komfortkasse.plugins.module_utils._results import OUTCOMES

Row = dict[str, Any]
"""One order: shop, order_number, outcome, previous_payment_status, payment_status, amount_paid, http_status, reason,
advice. Reason and advice are text, maybe empty; what else is not known is None."""

COUNTS_OF_ONE_TASK = re.compile(
    r"\d+ of \d+ orders failed\. |The other (?:one is|\d+ are) in the results\. ?"
    r"| ?\d+ orders? (?:was|were) not attempted: run it again to continue\."
)

COLUMNS = (
    "shop",
    "order_number",
    "outcome",
    "previous_payment_status",
    "payment_status",
    "amount_paid",
    "http_status",
    "reason",
    "advice",
)

ADVICE = {
    **{hint: hint for hint in HINTS},
    # They name options of the module, and who reads a report may have answered questions of a form.
    NotFoundError.hint: "Check the number, and that the key belongs to the shop that the order is from,"
    " or have orders skipped that the shop does not have.",
    UNEXPECTED_ADVICE: "If it may be changed anyway, add its payment status to those that are allowed.",
}
"""What a message of komfortkasse_order may end with, and how that is told in a report."""

LOST = {
    "outcome": "failed",
    "msg": "Its outcome is not known, because the task that worked on it did not finish.",
}
LEFT_OUT = "Its reason was left out of a result that was too long: it is one of those told of other orders like it."
KEY_REFUSED = (401, 403)


def report(
    shops: Iterable[Mapping[str, Any]], plans: Sequence[Iterable[Iterable[Mapping[str, Any]]]] = ()
) -> dict[str, Any]:
    """Put the shops' runs together: ``orders`` (a Row each), ``shops`` and ``counts`` (by outcome).

    Of each shop it takes ``shop`` (its name), ``plan`` (the results of the orders in check mode), and if there is:

    - ``orders``: the order numbers in their order, so that those are told of that the plan did not come to;
    - ``unclear``: results of orders that were left out of the plan;
    - ``done``: how many of the orders that the plan wants changed were worked on, in its order; empty in check mode;
    - ``lost``: how many after these were begun, but nothing is known of how they ended;
    - ``others``: the results of orders that did not end as planned;
    - ``said``: the msg of the task that ended the run early;
    - ``reason`` and ``advice``: why orders were not attempted, and what can be done about it;
    - ``ended`` and ``message``: passed on.

    ``plans`` has for each shop what its plan goes on with, in parts.
    """
    told, rows = [], []
    for place, shop in enumerate(shops):
        parts = plans[place] if place < len(plans) else ()
        plan = [*shop["plan"], *(result for part in parts for result in part)]
        orders = [_row(shop["shop"], result) for result in _with_messages(_final({**shop, "plan": plan}))]
        facts = _facts(shop, orders)
        _tell_why(shop, facts["message"], orders)
        rows += orders
        told.append(facts)
    return {"counts": _counts(rows), "shops": told, "orders": rows}


def _facts(shop: Mapping[str, Any], orders: list[Row]) -> dict[str, Any]:
    """What there is to say about a shop: how its run ended, and the sentence with which it fails, if it does."""
    counts = _counts(orders)
    failed = [order for order in orders if order["outcome"] == "failed"]
    refused = [order for order in failed if order["http_status"] in KEY_REFUSED]
    ended, message = shop.get("ended", "done"), shop.get("message", "")
    if refused and ended == "done":
        ended = "stopped"
    first = " ".join(f"Order {order['order_number']}: {order['reason']}" for order in (refused or failed)[:1])
    if not message and ended != "done":
        message = " ".join(filter(None, [_bad_counts(counts), _said(shop) or first]))
    verdict = message or " ".join(filter(None, [_bad_counts(counts), first]))
    return {"shop": shop["shop"], "ended": ended, "message": message, "verdict": verdict, "counts": counts}


def _bad_counts(counts: Mapping[str, int]) -> str:
    failed, left = counts["failed"], counts["not_attempted"]
    were = "was" if left == 1 else "were"
    if failed:
        return f"{failed} of {counts['requested']} orders failed{f', {left} {were} not attempted' if left else ''}."
    return f"{left} of {counts['requested']} orders {were} not attempted." if left else ""


def _said(shop: Mapping[str, Any]) -> str:
    return COUNTS_OF_ONE_TASK.sub("", shop.get("said") or "").strip()


def _tell_why(shop: Mapping[str, Any], message: str, orders: list[Row]) -> None:
    """Give orders that were not attempted the reason and the advice of their shop."""
    reason = shop.get("reason") or _said(shop) or message
    for order in orders:
        if order["outcome"] == "not_attempted" and not order["reason"]:
            order["reason"] = reason
            order["advice"] = shop.get("advice") or order["advice"]


def trouble(orders: Iterable[Row]) -> list[list[Row]]:
    """The orders that failed or were not attempted, those with the same trouble together, failed ones first.

    Reasons that differ by the order number alone are the same trouble.
    """
    kinds: dict[tuple[object, ...], list[Row]] = {}
    for order in orders:
        if order["outcome"] in ("failed", "not_attempted"):
            reason = order["reason"].replace(order["order_number"], "")
            kinds.setdefault((order["outcome"], order["http_status"], reason, order["advice"]), []).append(order)
    return sorted(kinds.values(), key=lambda alike: alike[0]["outcome"])


def first_of_each(report: Mapping[str, Any], most: int) -> list[dict[str, list[Row]]]:
    """The first orders with each outcome, at most so many: for each shop of the report."""
    told, rows = [], iter(report["orders"])
    for shop in report["shops"]:
        first: dict[str, list[Row]] = {outcome: [] for outcome in OUTCOMES}
        for order in islice(rows, shop["counts"]["requested"]):
            if len(first[order["outcome"]]) < most:
                first[order["outcome"]].append(order)
        told.append(first)
    return told


def _final(shop: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The plan, with what came of it where it was carried out."""
    results = {str(number): _not_attempted(str(number)) for number in shop.get("orders", ())}
    results.update((result["order_number"], dict(result)) for result in shop["plan"])
    if shop.get("done") not in (None, ""):
        wanted = [result["order_number"] for result in shop["plan"] if result["outcome"] == "changed"]
        done = int(shop["done"])  # ansible-core 2.18 makes text of what a template gives
        begun = done + int(shop.get("lost", 0))
        results.update((number, {**LOST, "order_number": number}) for number in wanted[done:begun])
        results.update((number, _not_attempted(number, results[number])) for number in wanted[begun:])
        results.update((result["order_number"], dict(result)) for result in shop.get("others", ()))
    return [*results.values(), *map(dict, shop.get("unclear", ()))]


def _not_attempted(number: str, planned: Mapping[str, Any] | None = None) -> dict[str, Any]:
    status = planned["previous_payment_status"] if planned else None
    return {
        "order_number": number,
        "outcome": "not_attempted",
        "previous_payment_status": status,
        "payment_status": status,
    }


def _with_messages(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where hundreds of orders share a reason, only the first carry it: give it back to the others."""
    messages: dict[tuple[object, ...], dict[str, tuple[str, str]]] = {}
    for result in results:
        number, msg = result["order_number"], result.get("msg")
        if msg:
            messages.setdefault(_kind_of(result), {}).setdefault(_about("", number, msg), (number, msg))
    for result in results:
        if not result.get("msg") and _kind_of(result) in messages:
            [(first, msg), *others] = messages[_kind_of(result)].values()
            result["msg"] = LEFT_OUT if others else _about(result["order_number"], first, msg)
    return results


def _kind_of(result: Mapping[str, Any]) -> tuple[object, ...]:
    """What orders share that may share a reason."""
    return tuple(result.get(fact) for fact in ("outcome", "http_status", "previous_payment_status", "payment_status"))


def _about(number: str, first: str, msg: str) -> str:
    """What was said of the first order, said of this one."""
    return re.sub(rf"(?<!\w){re.escape(first)}(?!\w)", lambda _match: number, msg)


def _row(shop: str, result: Mapping[str, Any]) -> Row:
    row = {column: result.get(column) for column in COLUMNS}
    outcome, msg = result["outcome"], result.get("msg") or ""
    hint = next((hint for hint in ADVICE if msg.endswith(hint)), "")
    return {**row, "shop": shop, "reason": msg.removesuffix(hint).rstrip(), "advice": _advice(outcome, hint)}


def _advice(outcome: str, hint: str) -> str:
    """What a person can do about an order that is not as it should be."""
    if outcome == "not_attempted":
        return "Run it again to go on."
    return ADVICE.get(hint) or (ApiError.hint if outcome == "failed" else "")


def _counts(rows: list[Row]) -> dict[str, int]:
    counted = Counter(row["outcome"] for row in rows)
    return {"requested": len(rows), **{outcome: counted[outcome] for outcome in OUTCOMES}}
