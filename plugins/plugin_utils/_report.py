# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""What a run over one or more shops did, put together from what komfortkasse_order returned. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils._errors import ApiError, error_for_status
from ansible_collections.community.komfortkasse.plugins.module_utils._results import OUTCOMES

Row = dict[str, Any]
"""One order: shop, order_number, outcome, previous_payment_status, payment_status, amount_paid, http_status, reason,
advice. Reason and advice are text, maybe empty; what else is not known is None."""

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
CSV_COLUMNS = (*COLUMNS, "run")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet program calculate instead of show

LOST = {
    "outcome": "failed",
    "msg": "It is not known what became of it, because the task that worked on it did not come to its end.",
}


KEY_REFUSED = (401, 403)
# What the module says of one batch and is not so of the shop.
OF_A_BATCH = re.compile(
    r"\d+ of \d+ orders? failed\. |The results have the other \d+\. ?"
    r"| ?\d+ orders? (?:was|were) not attempted: run it again to go on with (?:it|them)\."
)


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
    return OF_A_BATCH.sub("", shop.get("said") or "").strip()


def _tell_why(shop: Mapping[str, Any], message: str, orders: list[Row]) -> None:
    """Give orders that were not attempted the reason and the advice of their shop."""
    reason = shop.get("reason") or _said(shop) or message
    for order in orders:
        if order["outcome"] == "not_attempted" and not order["reason"]:
            order["reason"] = reason
            order["advice"] = shop.get("advice") or order["advice"]


def report_csv(report: Mapping[str, Any]) -> str:
    """The orders as CSV that spreadsheet programs open right: byte-order mark, semicolons, everything in quotes.

    Amounts have a decimal comma: where that is usual, a decimal point makes a date of some. Text that a spreadsheet
    program would take for a formula gets an apostrophe in front. Each line says whether the run was a dry one.
    """
    check_mode = report.get("check_mode")
    run = "" if check_mode is None else "dry run" if check_mode else "real"
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for order in report["orders"]:
        writer.writerow([*(_cell(order[column]) for column in COLUMNS), run])
    return "\ufeff" + text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.2f}".replace(".", ",")
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


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
    messages: dict[tuple[object, ...], tuple[str, str]] = {}
    for result in results:
        facts = ("outcome", "http_status", "previous_payment_status", "payment_status")
        kind = tuple(result.get(fact) for fact in facts)
        number, msg = result["order_number"], result.get("msg")
        if msg:
            messages.setdefault(kind, (number, msg))
        elif kind in messages:
            first, msg = messages[kind]
            result["msg"] = _about(number, first, msg)
    return results


def _about(number: str, first: str, msg: str) -> str:
    """What was said of the first order, said of this one."""
    return re.sub(rf"(?<!\w){re.escape(first)}(?!\w)", lambda _match: number, msg)


def _row(shop: str, result: Mapping[str, Any]) -> Row:
    row = {column: result.get(column) for column in COLUMNS}
    return {**row, "shop": shop, "reason": result.get("msg") or "", "advice": _advice(result)}


def _advice(result: Mapping[str, Any]) -> str:
    """What a person can do about an order that is not as it should be."""
    outcome, http_status, status = result["outcome"], result.get("http_status"), result.get("payment_status")
    if outcome == "not_attempted":
        return "Run it again to go on."
    if outcome != "failed":
        return ""
    if http_status:
        return error_for_status(http_status).hint
    if status and f"its payment status is {status}" in (result.get("msg") or ""):
        return f"Add {status} to the payment statuses that an order may come from if it may be changed all the same."
    return ApiError.hint


def _counts(rows: list[Row]) -> dict[str, int]:
    counted = Counter(row["outcome"] for row in rows)
    return {"requested": len(rows), **{outcome: counted[outcome] for outcome in OUTCOMES}}
