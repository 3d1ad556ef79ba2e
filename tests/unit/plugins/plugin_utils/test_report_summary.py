# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary: short, every order of a plan named, reasons told once, and what comes next last."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _report_summary
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report_shop import shop_of

NOW = datetime(2026, 11, 30, 20, 0, tzinfo=timezone.utc)
REPORT = ["/r/x.html", "/r/x.csv", "/r/x.json"]


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


def test_a_shop_in_which_all_orders_were_cancelled_is_one_line():
    assert summary(shop("a", order("1"), order("2"))) == {"a": ["a: 2 orders cancelled (20.20 EUR): 1, 2"]}


def test_an_outcome_is_a_line_with_its_count_and_sums():
    orders = [order("1"), order("2", currency="CHF"), order("3", "unchanged"), order("4", "skipped", msg="Is PAID.")]
    assert summary(shop("a", *orders))["a"] == [
        "a: 4 orders",
        "     2 cancelled (10.10 CHF, 10.10 EUR): 1, 2",
        "     1 cancelled before (10.10 EUR): 3",
        "     1 left alone (10.10 EUR)",
        "       4: Is PAID.",
    ]


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
        shop("a", *(order(f"A{number}") for number in range(600))),
        shop("b", *(order(f"B{number}") for number in range(orders - 600))),
    ]
    lines = [line for lines in summary(*shops, check_mode=True, files=REPORT).values() for line in lines]
    named = re.findall(r"\b[AB]\d+\b", "\n".join(lines))
    assert named == [f"A{number}" for number in range(600)] + [f"B{number}" for number in range(400)]
    told = [line for line in lines if "would be cancelled: see" in line]
    more = "1 more order" if left_out == 1 else f"{left_out:,} more orders"
    assert told == ([f"{more} would be cancelled: see /r/x.html."] if left_out else [])
    assert max(map(len, lines)) <= 110


def test_money_on_cancelled_orders_is_told():
    orders = [
        order("1", amount_paid=0.1),
        order("2", "unchanged", amount_paid=0.2),
        order("3", "skipped", amount_paid=9),
    ]
    assert "    Money on 2 cancelled orders: 0.30 EUR: 1, 2" in summary(shop("a", *orders))["a"]
    assert summary(shop("a", order("1", amount_paid=1)))["a"][1:] == ["    Money on 1 cancelled order: 1.00 EUR: 1"]


def test_it_ends_with_what_comes_next():
    facts = {
        "journal_path": "/var/j.jsonl",
        "limits": {"max_changes": 0, "only_from": ["UNPAID", "PAID_PARTIAL"]},
        "plan_created": (NOW - timedelta(hours=3)).isoformat(),
    }
    lines = summary(shop("a", order("1"), **facts), shop("b", order("2"), **facts), files=REPORT)
    assert lines["a"] == ["a: 1 order cancelled (10.10 EUR): 1"]
    assert lines["b"][1:] == [
        "In all 2 shops: 2 orders; 2 cancelled (20.20 EUR)",
        "Journal: /var/j.jsonl",
        "Limits: max_changes 0, only_from UNPAID, PAID_PARTIAL",
        "Plan: made 2026-11-30 17:00 UTC, 3 hours old",
        "Report: /r/x.html (also .csv and .json)",
    ]


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=5), "0 minutes old"),
        (timedelta(minutes=1), "1 minute old"),
        (timedelta(minutes=119), "119 minutes old"),
        (timedelta(hours=47), "47 hours old"),
        (timedelta(days=3), "3 days old"),
    ],
)
def test_the_age_of_a_plan(age, words):
    made = (NOW - age).isoformat()
    assert summary(shop("a", order("1"), plan_created=made))["a"][-1].endswith(words)


def test_shops_that_failed_for_the_same_reason_tell_it_once():
    shops = [shop_of(name, [{"failed": True, "msg": "The key was refused."}]) for name in "abc"]
    assert summary(*shops) == {
        "a": ["a: FAILED. The key was refused."],
        "b": ["b: FAILED like a."],
        "c": ["c: FAILED like a.", "In all 3 shops: 0 orders; 3 shops FAILED"],
    }


def test_a_run_that_stopped_says_so_and_what_was_not_attempted():
    orders = [order("1"), order("2", "not_attempted", amount=None)]
    assert summary(shop("a", *orders, stopped="The key was refused.", failed=True, msg="x"))["a"] == [
        "a: 2 orders. STOPPED. The key was refused.",
        "     1 cancelled (10.10 EUR): 1",
        "     1 NOT ATTEMPTED: 2",
    ]


def test_a_shop_without_a_plan_says_so():
    lines = summary(shop("a", msg="The plan file p has no plan for a, so nothing was changed."))["a"]
    assert lines == ["a: 0 orders. The plan file p has no plan for a, so nothing was changed."]


def test_without_a_planned_order_there_is_nothing_to_carry_out():
    lines = summary(shop("a", plan={"orders": {}}), check_mode=True, plan_file="/p")["a"]
    assert lines == ["a: dry run, nothing was changed: 0 orders"]
