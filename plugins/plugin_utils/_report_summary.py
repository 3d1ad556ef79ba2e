# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""A report as lines for the output of a run: short, reasons told once, what comes next last. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.community.komfortkasse.plugins.plugin_utils._amounts import shown, shown_sums, sums_of
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report import (
    alike,
    amounts_of,
    asked_of_several,
    in_no_shop,
    is_missing,
    money_on_cancelled,
)
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report_shop import Row, Shop

WIDTH = 110
INDENT = " " * 7
MOST_PLANNED = 1000  # orders that would be cancelled, of all shops: who approves a plan must see them
MOST_NAMED = 8  # orders of anything else that a line names
MOST_REASONS = 10  # of one outcome in one shop
MOST_LATE = 100  # late payments in all shops
WORDS = {
    "changed": ("cancelled", "would be cancelled"),
    "unchanged": ("cancelled before", "cancelled before"),
    "skipped": ("left alone", "would be left alone"),
    "failed": ("FAILED", "WOULD FAIL"),
    "not_attempted": ("NOT ATTEMPTED", "NOT LOOKED AT"),
}
"""What an outcome is called in a real run and in a dry run."""


def cancellation(
    shops: Sequence[Shop], check_mode: bool, files: Sequence[str], plan_file: str | None, time: datetime
) -> dict[str, list[str]]:
    """The lines by shop. Those that concern all shops come after those of the last shop."""
    room = MOST_PLANNED
    lines: dict[str, list[str]] = {}
    given: set[str] = set()
    left_out = 0
    shared = asked_of_several(shops)
    for shop in shops:
        changed = sum(order["outcome"] == "changed" for order in shop.orders)
        named = min(changed, room) if check_mode else MOST_NAMED
        lines[shop.name] = _orders_of(shop, check_mode, named, given, shared)
        room, left_out = room - named, left_out + changed - named
    closing = [*_total(shops, check_mode), *_in_no_shop(shops)]
    if check_mode and left_out:
        where = (*files, plan_file or "a report, which needs a folder (path)")[0]
        closing.append(f"{_counted(left_out, 'more order')} would be cancelled: see {where}.")
    _tell_once(lines, shops)
    closing += [*_journals(shops), *_limits(shops), *_plan(shops, check_mode, plan_file, time), *_report_line(files)]
    return _closed(lines, shops, closing)


def late_payments(shops: Sequence[Shop], files: Sequence[str]) -> dict[str, list[str]]:
    """The same for late payments."""
    lines = {}
    room = MOST_LATE
    for shop in shops:
        lines[shop.name] = _late_of(shop, room)
        room -= min(room, len((shop.late or {}).get("found", ())))
    _tell_once(lines, shops)
    found = [entry for shop in shops for entry in (shop.late or {}).get("found", ())]
    return _closed(lines, shops, [*_in_all(shops, _have_money(found)), *_report_line(files)])


def _counted(number: int, one: str, many: str = "") -> str:
    return f"1 {one}" if number == 1 else f"{number:,} {many or one + 's'}"


def _tell_once(lines: dict[str, list[str]], shops: Sequence[Shop]) -> None:
    """Of shops that failed for the same reason, the first names it."""
    first: dict[str, str] = {}
    for shop in shops:
        if shop.ended == "failed" and first.setdefault(shop.message, shop.name) != shop.name:
            lines[shop.name][0] = f"{shop.name}: FAILED like {first[shop.message]}."


def _closed(lines: dict[str, list[str]], shops: Sequence[Shop], closing: list[str]) -> dict[str, list[str]]:
    if shops:
        lines[shops[-1].name] += closing
    return lines


def _orders_of(shop: Shop, check_mode: bool, most_changed: int, given: set[str], shared: Container[str]) -> list[str]:
    """The lines of a shop. ``given`` is the advice that needs no repetition.

    ``shared`` are the orders of a list for several shops: those of them that this shop does not have only count.
    """
    total = len(shop.orders)
    here = _here(shop, shared)
    by_outcome = {
        outcome: [order for order in here if order["outcome"] == outcome]
        for outcome in WORDS
        if any(order["outcome"] == outcome for order in here)
    }
    part = f"{len(here):,} of " if len(here) < total else ""
    orders = f"{part}{_counted(total, 'order')}"
    dry = "dry run, nothing was changed: " if check_mode else ""
    if total and not here and shop.ended == "done":
        return [f"{shop.name}: {dry}has none of the {orders.removeprefix(part)}"]
    if shop.ended == "done" and [*by_outcome] in (["changed"], ["unchanged"]):
        [(outcome, these)] = by_outcome.items()
        title = f"{shop.name}: {dry}{orders} {WORDS[outcome][check_mode]}{_amounts(these, outcome)}"
        lines = _with_numbers(title, these, most_changed if outcome == "changed" else MOST_NAMED)
        return [*lines, *_money(shop)]
    head = {"failed": "FAILED. ", "stopped": f"{dry}{orders}. STOPPED. ", "done": f"{dry}{orders}. "}[shop.ended]
    lines = [f"{shop.name}: {head}{shop.message}" if shop.message else f"{shop.name}: {head}".rstrip(". ")]
    for outcome, these in by_outcome.items():
        if shop.message and all(order["reason"] == shop.message for order in these):
            lines += _with_numbers(_title(these, outcome, check_mode), these, MOST_NAMED)
        else:
            lines += _outcome(these, outcome, check_mode, most_changed, given)
    return [*lines, *_money(shop)]


def _here(shop: Shop, shared: Container[str]) -> list[Row]:
    return [order for order in shop.orders if not (is_missing(order) and order["order_number"] in shared)]


def _money(shop: Shop) -> list[str]:
    paid = money_on_cancelled(shop.orders)
    if not paid:
        return []
    sums = shown_sums(sums_of((order["amount_paid"], order["currency"]) for order in paid))
    return _with_numbers(f"    Money on {_counted(len(paid), 'cancelled order')}: {sums}", paid, MOST_NAMED)


def _outcome(these: list[Row], outcome: str, check_mode: bool, most_changed: int, given: set[str]) -> list[str]:
    title = _title(these, outcome, check_mode)
    if outcome in ("changed", "unchanged"):
        return _with_numbers(title, these, most_changed if outcome == "changed" else MOST_NAMED)
    lines = [title]
    kinds = alike(these, outcome)
    for group in kinds[:MOST_REASONS]:
        advice = next((order["advice"] for order in group if order["advice"]), "")
        reason = group[0]["reason"] or "No reason was given."
        if advice not in given:
            reason = f"{reason} {advice}".rstrip()
            given.add(advice)
        if len(group) == 1:
            lines.append(f"{INDENT}{group[0]['order_number']}: {reason}")
        else:
            lines += [f"{INDENT}{len(group):,} orders: {reason}", *_wrapped(_numbers(group, MOST_NAMED))]
    if len(kinds) > MOST_REASONS:
        lines.append(f"{INDENT}and {_counted(len(kinds) - MOST_REASONS, 'more reason')}, which the report names")
    return lines


def _title(these: list[Row], outcome: str, check_mode: bool) -> str:
    return f"{len(these):6,} {WORDS[outcome][check_mode]}{_amounts(these, outcome)}"


def _amounts(orders: Sequence[Row], outcome: str) -> str:
    text = shown_sums(amounts_of(orders, outcome))
    return f" ({text})" if text else ""


def _with_numbers(head: str, orders: Sequence[Row], most: int) -> list[str]:
    """The line with the order numbers after it, in lines of their own if they do not fit."""
    numbers = _numbers(orders, most)
    line = f"{head}: {numbers}"
    return [line] if len(line) <= WIDTH else [head, *_wrapped(numbers)]


def _numbers(orders: Sequence[Row], most: int) -> str:
    return _first([order["order_number"] for order in orders], most)


def _first(numbers: Sequence[str], most: int) -> str:
    return ", ".join([*numbers[:most], *(["..."] if len(numbers) > most else [])])


def _wrapped(numbers: str) -> list[str]:
    """Order numbers in lines that are broken only between them."""
    indent = f"{INDENT}    "
    return textwrap.wrap(
        numbers, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _total(shops: Sequence[Shop], check_mode: bool) -> list[str]:
    shared = asked_of_several(shops)
    orders = [order for shop in shops for order in _here(shop, shared)]
    parts = [_counted(len(orders), "order")]
    for outcome, words in WORDS.items():
        these = [order for order in orders if order["outcome"] == outcome]
        if these:
            parts.append(f"{len(these):,} {words[check_mode]}{_amounts(these, outcome)}")
    return _in_all(shops, "; ".join(parts))


def _in_all(shops: Sequence[Shop], text: str) -> list[str]:
    """What is true of all shops, and how many it leaves out, if there are several."""
    if len(shops) < 2:
        return []
    failed = sum(shop.ended == "failed" for shop in shops)
    left_out = f"; {_counted(failed, 'shop')} FAILED" if failed else ""
    return [f"In all {len(shops)} shops: {text}{left_out}"]


def _in_no_shop(shops: Sequence[Shop]) -> list[str]:
    numbers = in_no_shop(shops)
    if not numbers:
        return []
    orders = _counted(len(numbers), "order is", "orders are")
    return [f"{orders} in none of the shops: {_first(numbers, MOST_NAMED)}"]


def _journals(shops: Sequence[Shop]) -> list[str]:
    paths = list(dict.fromkeys(shop.facts["journal_path"] for shop in shops if shop.facts.get("journal_path")))
    more = f" and {len(paths) - 1} more, one for each shop" if len(paths) > 1 else ""
    return [f"Journal: {paths[0]}{more}"] if paths else []


def _limits(shops: Sequence[Shop]) -> list[str]:
    """The limits that held, once for all shops that had the same."""
    texts = list(dict.fromkeys(limits_text(shop.facts["limits"]) for shop in shops if shop.facts.get("limits")))
    return [f"Limits: {text}" for text in texts if text]


def limits_text(limits: Mapping[str, Any]) -> str:
    """The limits as options of komfortkasse_order, for people."""
    return ", ".join(
        f"{name} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in limits.items()
        if value is not None
    )


def _plan(shops: Sequence[Shop], check_mode: bool, plan_file: str | None, time: datetime) -> list[str]:
    if check_mode:
        anything = any(shop.plan and shop.plan.get("orders") for shop in shops)
        return [f"Plan: {plan_file}. The same command without --check applies it."] if plan_file and anything else []
    made = min((shop.facts["plan_created"] for shop in shops if shop.facts.get("plan_created")), default=None)
    return [f"Plan: made {made[:16].replace('T', ' ')} UTC{_age(made, time)}"] if made else []


def _age(made: str, time: datetime) -> str:
    try:
        minutes = (time - datetime.fromisoformat(made.replace("Z", "+00:00"))) // timedelta(minutes=1)
    except (TypeError, ValueError):
        return ""
    for unit, name in ((1440, "days"), (60, "hours")):
        if minutes >= 2 * unit:
            return f", {minutes // unit} {name} old"
    return f", {_counted(minutes, 'minute')} old"


def _report_line(files: Sequence[str]) -> list[str]:
    """The page's path and the kinds of the other files."""
    others = " and ".join(f".{path.rpartition('.')[2]}" for path in files[1:])
    return [f"Report: {files[0]} (also {others})"] if files else []


def _late_of(shop: Shop, most: int) -> list[str]:
    if shop.late is None:
        return [f"{shop.name}: FAILED. {shop.message or 'Nothing is known of its late payments.'}"]
    found, overdue, unreadable = shop.late["found"], shop.late["merely_overdue"], shop.late.get("unreadable")
    lines = [f"{shop.name}: {_have_money(found)}"]
    lines += [f"    {_late_line(entry)}" for entry in found[:most]]
    if len(found) > most:
        lines.append(f"    and {len(found) - most:,} more, which the report names")
    if overdue:
        orders = _counted(len(overdue), "invoice or cash on delivery order")
        lines.append(f"    Perhaps merely overdue: {orders}{_sums(overdue)}")
    if unreadable:
        orders = _counted(len(unreadable), "cancelled order has", "cancelled orders have")
        lines.append(f"    {orders} no readable amountPaid: {_first(unreadable, MOST_NAMED)}")
    if shop.late.get("unreadable_journal_lines"):
        journal_lines = _counted(shop.late["unreadable_journal_lines"], "line")
        lines.append(f"    {journal_lines} of the journal cannot be read")
    return lines


def _have_money(found: Sequence[Mapping[str, Any]]) -> str:
    have = _counted(len(found), "cancelled order has money on it", "cancelled orders have money on them")
    return f"{have}{_sums(found)}"


def _late_line(entry: Mapping[str, Any]) -> str:
    posted = f"last posting {entry['last_posting']}" if entry.get("last_posting") else "day of the last posting unknown"
    cancelled = f", cancelled {entry['cancelled'][:10]} by {entry['cancelled_by']}" if entry.get("cancelled") else ""
    paid = shown(entry["amount_paid"], entry["currency"])
    return f"{entry['order_number']}: {paid}, {posted}, {entry['payment_status']}{cancelled}"


def _sums(entries: Iterable[Mapping[str, Any]]) -> str:
    text = shown_sums(sums_of((entry["amount_paid"], entry["currency"]) for entry in entries))
    return f": {text}" if text else ""
