# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary: short, every order of a plan named, reasons told once, and what comes next last."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _report_summary
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report_shop import shop_of

NOW = datetime(2026, 11, 30, 20, 0, tzinfo=timezone.utc)
REPORT = ["/r.d/x.html", "/r.d/x.csv", "/r.d/x.json"]


def order(number, outcome="changed", **more):
    status = {"changed": "CANCELLED", "unchanged": "CANCELLED"}.get(outcome, "PAID")
    return {
        "order_number": number,
        "outcome": outcome,
        "previous_payment_status": "UNPAID",
        "payment_status": status,
        "amount": 10.1,
        "currency": "EUR",
        **more,
    }


def shop(name, *orders, **more):
    return shop_of(name, [{"results": list(orders), **more}])


def missing(number, outcome="skipped"):
    return order(number, outcome, http_status=404, msg="Is missing.", amount=None, advice="Check the number.")


def summary(*shops, check_mode=False, files=(), plan_file=None):
    return _report_summary.cancellation(shops, check_mode, files, plan_file, NOW)


def many(number, *outcome, prefix="N-", **more):
    return [order(f"{prefix}{serial}", *outcome, **more) for serial in range(1, number + 1)]


EIGHT = "N-1, N-2, N-3, N-4, N-5, N-6, N-7, N-8"
MIXED = [order("1"), order("2", currency="CHF"), *many(9, "unchanged"), order("4", "skipped", msg="Is PAID.")]


@pytest.mark.parametrize(
    ("orders", "lines"),
    [
        (many(8), [f"a: 8 orders cancelled (80.80 EUR): {EIGHT}"]),
        (many(9), [f"a: 9 orders cancelled (90.90 EUR): {EIGHT}, ..."]),
        (many(9, "unchanged"), [f"a: 9 orders cancelled before (90.90 EUR): {EIGHT}, ..."]),
        ([order("1" * 76)], [f"a: 1 order cancelled (10.10 EUR): {'1' * 76}"]),
        ([order("1" * 77)], ["a: 1 order cancelled (10.10 EUR)", f"           {'1' * 77}"]),
        ([order("1" * 200)], ["a: 1 order cancelled (10.10 EUR)", f"           {'1' * 200}"]),
        (
            MIXED,
            [
                "a: 12 orders",
                "     2 cancelled (10.10 CHF, 10.10 EUR): 1, 2",
                f"     9 cancelled before (90.90 EUR): {EIGHT}, ...",
                "     1 left alone (10.10 EUR)",
                "       4: Is PAID.",
            ],
        ),
    ],
)
def test_an_outcome_is_a_line_with_its_count_and_sums(orders, lines):
    assert summary(shop("a", *orders)) == {"a": lines}


def test_at_most_10_reasons_of_an_outcome_are_named():
    orders = [order(str(number), "failed", http_status=number) for number in range(11)]
    assert summary(shop("a", *orders[:10]))["a"][2:] == [f"       {n}: No reason was given." for n in range(10)]
    assert summary(shop("a", *orders))["a"][-1] == "       and 1 more reason, which the report names"


def test_orders_with_the_same_reason_are_one_line_with_their_count():
    orders = [missing(f"N-{number}", "failed") for number in range(12)]
    orders += [order(f"M-{number}", "failed", msg=f"Order M-{number} is gone.", amount=None) for number in range(2)]
    assert summary(shop("a", *orders))["a"] == [
        "a: 14 orders",
        "    14 FAILED",
        "       12 orders: Is missing. Check the number.",
        "           N-0, N-1, N-2, N-3, N-4, N-5, N-6, N-7, ...",
        "       2 orders: Order M-0 is gone.",
        "           M-0, M-1",
    ]


def test_advice_is_told_once_in_a_run():
    lines = summary(*(shop(name, missing("1", "failed")) for name in "ab"))
    assert sum("Check the number." in line for shops in lines.values() for line in shops) == 1


@pytest.mark.parametrize(("orders", "left_out"), [(1000, 0), (1001, 1), (3000, 2000)])
def test_a_plan_names_every_order_up_to_1000_in_all(orders, left_out):
    shops = [
        shop("a", *many(600, prefix="A-")),
        shop("b", *many(orders - 600, prefix="B-"), *many(9, "unchanged")),
    ]
    lines = [line for lines in summary(*shops, check_mode=True, files=REPORT).values() for line in lines]
    named = re.findall(r"\b[AB]-\d+\b", "\n".join(lines))
    assert named == [f"A-{number}" for number in range(1, 601)] + [f"B-{number}" for number in range(1, 401)]
    assert f"     9 cancelled before (90.90 EUR): {EIGHT}, ..." in lines
    told = [line for line in lines if "would be cancelled: see" in line]
    more = "1 more order" if left_out == 1 else f"{left_out:,} more orders"
    assert told == ([f"{more} would be cancelled: see /r.d/x.html."] if left_out else [])
    assert lines[2].startswith("           A-")
    assert max(map(len, lines)) <= 110


def test_money_on_cancelled_orders_is_told():
    orders = [
        order("1", amount_paid=0.1),
        order("2", "unchanged", amount_paid=0.2),
        order("3", "skipped", amount_paid=9),
    ]
    assert "    Money on 2 cancelled orders: 0.30 EUR: 1, 2" in summary(shop("a", *orders))["a"]
    assert summary(shop("a", order("1", amount_paid=1)))["a"][1:] == ["    Money on 1 cancelled order: 1.00 EUR: 1"]
    nine = summary(shop("a", *many(9, amount_paid=1)))["a"][1:]
    assert nine == [f"    Money on 9 cancelled orders: 9.00 EUR: {EIGHT}, ..."]


@pytest.mark.parametrize(("plan_file", "where"), [(None, "a report, which needs a folder (path)"), ("/p", "/p")])
def test_where_the_orders_are_that_a_plan_does_not_name(plan_file, where):
    lines = summary(shop("a", *many(1002)), check_mode=True, plan_file=plan_file)["a"]
    assert lines[-1] == f"2 more orders would be cancelled: see {where}."


def test_it_ends_with_what_comes_next():
    facts = {
        "journal_path": "/var/j.jsonl",
        "limits": {"max_changes": 0, "only_from": ["UNPAID", "PAID_PARTIAL"]},
        "plan_created": "2026-11-30T17:00:00+00:00",
    }
    lines = summary(
        shop("a", order("1"), **facts), shop("b", order("2"), **{**facts, "journal_path": "/var/k.jsonl"}), files=REPORT
    )
    assert lines["a"] == ["a: 1 order cancelled (10.10 EUR): 1"]
    assert lines["b"][1:] == [
        "In all 2 shops: 2 orders; 2 cancelled (20.20 EUR)",
        "Journal: /var/j.jsonl and 1 more, one for each shop",
        "Limits: max_changes 0, only_from UNPAID, PAID_PARTIAL",
        "Plan: made 2026-11-30 17:00 UTC, 3 hours old",
        "Report: /r.d/x.html (also .csv and .json)",
    ]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ("2026-11-30T19:59:55Z", "2026-11-30 19:59 UTC, 0 minutes old"),
        ("2026-11-30T19:59:00+00:00", "2026-11-30 19:59 UTC, 1 minute old"),
        ("2026-11-30T18:01:00+00:00", "2026-11-30 18:01 UTC, 119 minutes old"),
        ("2026-11-30T18:00:00+00:00", "2026-11-30 18:00 UTC, 2 hours old"),
        ("2026-11-28T20:01:00+00:00", "2026-11-28 20:01 UTC, 47 hours old"),
        ("2026-11-28T20:00:00+00:00", "2026-11-28 20:00 UTC, 2 days old"),
        ("long ago", "long ago UTC"),
    ],
)
def test_the_age_of_a_plan(made, words):
    facts = {"plan_created": made, "journal_path": "/j"}
    assert summary(shop("a", order("1"), **facts))["a"][1:] == ["Journal: /j", f"Plan: made {words}"]


def test_shops_that_failed_for_the_same_reason_tell_it_once():
    shops = [shop_of(name, [{"failed": True, "msg": "The key was refused."}]) for name in "abc"]
    assert summary(*shops) == {
        "a": ["a: FAILED. The key was refused."],
        "b": ["b: FAILED like a."],
        "c": ["c: FAILED like a.", "In all 3 shops: 0 orders; 3 shops FAILED"],
    }


def test_a_run_that_stopped_says_so_and_what_was_not_attempted():
    orders = [order("1"), order("F", "failed", amount=None, msg="Is gone."), *many(9, "not_attempted", amount=None)]
    assert summary(shop("a", *orders, stopped="The key was refused.", failed=True, msg="x"))["a"] == [
        "a: 11 orders. STOPPED. The key was refused.",
        "     1 cancelled (10.10 EUR): 1",
        "     1 FAILED",
        "       F: Is gone.",
        f"     9 NOT ATTEMPTED: {EIGHT}, ...",
    ]


def test_a_shop_without_a_plan_says_so():
    lines = summary(shop("a", msg="The plan file p has no plan for a, so nothing was changed."))["a"]
    assert lines == ["a: 0 orders. The plan file p has no plan for a, so nothing was changed."]


def test_without_a_planned_order_there_is_nothing_to_carry_out():
    lines = summary(shop("a", plan={"orders": {}}), check_mode=True, plan_file="/p")["a"]
    assert lines == ["a: dry run, nothing was changed: 0 orders"]


def late(name, found, overdue="", **more):
    money = {"amount_paid": 2, "currency": "EUR", "payment_status": "CANCELLED", "last_posting": None}
    lists = {"found": found, "merely_overdue": overdue}
    entries = {key: [{"order_number": number, **money} for number in numbers] for key, numbers in lists.items()}
    return shop_of(name, [{**entries, **more}])


def late_lines(*shops):
    return [line for lines in _report_summary.late_payments(shops, []).values() for line in lines]


def test_late_payments_of_a_shop():
    assert late_lines(late("a", "12", "345", unreadable=["X"], unreadable_journal_lines=1)) == [
        "a: 2 cancelled orders have money on them: 4.00 EUR",
        "    1: 2.00 EUR, day of the last posting unknown, CANCELLED",
        "    2: 2.00 EUR, day of the last posting unknown, CANCELLED",
        "    Perhaps merely overdue: 3 invoice or cash on delivery orders: 6.00 EUR",
        "    1 cancelled order has no readable amountPaid: X",
        "    1 line of the journal cannot be read",
    ]


def test_shops_of_which_no_late_payments_are_known_failed():
    refused = {"failed": True, "msg": "No key."}
    assert late_lines(shop_of("a", [refused]), shop_of("b", [refused]), shop_of("c", [{}])) == [
        "a: FAILED. No key.",
        "b: FAILED like a.",
        "c: FAILED. Nothing is known of its late payments.",
        "In all 3 shops: 0 cancelled orders have money on them; 2 shops FAILED",
    ]


def test_at_most_100_late_payments_are_named_in_all():
    lines = late_lines(*(late(name, [f"{name}{number}" for number in range(60)]) for name in "abc"))
    assert [line[4:].partition(":")[0] for line in lines if ", CANCELLED" in line] == [
        *(f"a{number}" for number in range(60)),
        *(f"b{number}" for number in range(40)),
    ]
    more = [f"    and {number} more, which the report names" for number in (20, 60)]
    assert [line for line in lines if "more" in line] == more
