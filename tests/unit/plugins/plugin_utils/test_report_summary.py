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
    orders = [*many(12, "failed", amount=None, msg="Is missing.", advice="Check the number.")]
    orders += [order(f"M-{number}", "failed", msg=f"Order M-{number} is gone.", amount=None) for number in range(2)]
    assert summary(shop("a", *orders))["a"] == [
        "a: 14 orders",
        "    14 FAILED",
        "       12 orders: Is missing. Check the number.",
        f"           {EIGHT}, ...",
        "       2 orders: Order M-0 is gone.",
        "           M-0, M-1",
    ]


def test_advice_is_told_once_in_a_run():
    lines = summary(*(shop(name, order("1", "failed", http_status=404, advice="Check the number.")) for name in "ab"))
    assert sum("Check the number." in line for shops in lines.values() for line in shops) == 1


@pytest.mark.parametrize(
    ("orders", "more", "told"),
    [
        (1000, {}, []),
        (1001, {"files": REPORT, "plan_file": "/p"}, ["1 more order would be cancelled: see /r.d/x.html."]),
        (1002, {"plan_file": "/p"}, ["2 more orders would be cancelled: see /p."]),
        (3000, {}, ["2,000 more orders would be cancelled: see a report, which needs a folder (path)."]),
    ],
)
def test_a_plan_names_every_order_up_to_1000_in_all(orders, more, told):
    shops = [
        shop("a", *many(600, prefix="AA-x")),
        shop("b", *many(orders - 600, prefix="BB-x"), *many(9, "unchanged")),
    ]
    lines = [line for lines in summary(*shops, check_mode=True, **more).values() for line in lines]
    named = re.findall(r"\b[AB]+-x\d+\b", "\n".join(lines))
    assert named == [f"AA-x{number}" for number in range(1, 601)] + [f"BB-x{number}" for number in range(1, 401)]
    assert f"     9 cancelled before (90.90 EUR): {EIGHT}, ..." in lines
    assert [line for line in lines if "would be cancelled: see" in line] == told
    assert lines[2].startswith("           AA-x")
    assert 95 < len(lines[1]) <= max(map(len, lines)) <= 110


def test_money_on_cancelled_orders_is_told():
    orders = [
        order("1", amount_paid=0.1),
        order("2", "unchanged", amount_paid=0.2),
        order("3", "skipped", amount_paid=9),
    ]
    assert "    Money on 2 cancelled orders: 0.30 EUR: 1, 2" in summary(shop("a", *orders))["a"]
    assert summary(shop("a", order("1", amount_paid=1)))["a"][1:] == ["    Money on 1 cancelled order: 1.00 EUR: 1"]
    plan = {"orders": {"1": ["PAID", 10.1, "EUR", 1.0]}}  # a long one alone shows it
    assert "Money on 1 cancelled order: 1.00 EUR: 1" in summary(shop("a", order("1"), plan=plan))["a"][1]
    nine = summary(shop("a", *many(9, amount_paid=1)))["a"][1:]
    assert nine == [f"    Money on 9 cancelled orders: 9.00 EUR: {EIGHT}, ..."]


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


def missing(number):
    return order(number, "skipped", http_status=404, msg="Is missing.", amount=None)


def test_each_shop_is_one_line_however_many_orders_it_lacks():
    numbers = [f"N-{number}" for number in range(1, 101)]
    berlin = shop("berlin", *many(100), missing("H"))
    hamburg = shop("hamburg", *map(missing, numbers), order("H"))
    assert summary(berlin, hamburg, shop("wien", *map(missing, [*numbers, "H"]))) == {
        "berlin": [f"berlin: 100 of 101 orders cancelled (1,010.00 EUR): {EIGHT}, ..."],
        "hamburg": ["hamburg: 1 of 101 orders cancelled (10.10 EUR): H"],
        "wien": [
            "wien: has none of the 101 orders",
            "In all 3 shops: 101 orders; 101 cancelled (1,020.10 EUR)",
        ],
    }


def test_orders_that_no_shop_has_are_named_once():
    absent = [missing(f"N-{number}") for number in range(1, 10)]
    assert summary(shop("a", order("B"), *absent), shop("b", missing("B"), *absent), check_mode=True) == {
        "a": ["a: dry run, nothing was changed: 1 of 10 orders would be cancelled (10.10 EUR): B"],
        "b": [
            "b: dry run, nothing was changed: has none of the 10 orders",
            "In all 2 shops: 1 order; 1 would be cancelled (10.10 EUR)",
            f"9 orders are in none of the shops: {EIGHT}, ...",
        ],
    }


def late(name, found, overdue=(), **more):
    found, overdue = ([{**LATE, "order_number": number} for number in numbers] for numbers in (found, overdue))
    return shop_of(name, [{"found": found, "merely_overdue": overdue, **more}])


LATE = {"amount_paid": 2, "currency": "EUR", "payment_status": "CANCELLED", "last_posting": None}
REFUSED = {"failed": True, "msg": "No key."}


def test_late_payments():
    first = late("a", "12", "345", unreadable=["X"], unreadable_journal_lines=1)
    shops = [first, shop_of("b", [REFUSED]), shop_of("c", [REFUSED]), late("d", ""), shop_of("e", [{}])]
    assert [line for told in _report_summary.late_payments(shops, []).values() for line in told] == [
        "a: 2 cancelled orders have money on them: 4.00 EUR",
        "    1: 2.00 EUR, day of the last posting unknown, CANCELLED",
        "    2: 2.00 EUR, day of the last posting unknown, CANCELLED",
        "    Perhaps merely overdue: 3 invoice or cash on delivery orders: 6.00 EUR",
        "    1 cancelled order has no readable amountPaid: X",
        "    1 line of the journal cannot be read",
        "b: FAILED. No key.",
        "c: FAILED like b.",
        "d: 0 cancelled orders have money on them",
        "e: FAILED. Nothing is known of its late payments.",
        "In all 5 shops: 2 cancelled orders have money on them: 4.00 EUR; 2 shops FAILED",
    ]


def test_at_most_100_late_payments_are_named_in_all():
    shops = [late(name, [f"{name}{number}" for number in range(60)]) for name in "abc"]
    told = _report_summary.late_payments(shops, [])
    assert [sum("CANCELLED" in line for line in lines) for lines in told.values()] == [60, 40, 0]
    assert told["b"][-1] == "    and 20 more, which the report names"
    assert told["c"][1] == "    and 60 more, which the report names"
