# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the outcome of a batch is told: counts that add up, reasons that fit, results that stay small."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import TRANSITIONS, UNEXPECTED_ADVICE
from ansible_collections.community.komfortkasse.plugins.module_utils._plan import Facts, describe
from ansible_collections.community.komfortkasse.plugins.module_utils._results import (
    OUTCOMES,
    Report,
    Result,
    money_warnings,
)

LONG = "Check the number. " * 8
AWX_LIMIT = 700_000  # bytes; AWX drops a larger result of a task
REASONS = {"failed": "could not be read: the API answered 404: Order not found", "skipped": "was left alone"}
RESULTS = st.lists(
    st.builds(
        lambda number, outcome: Result(str(number), outcome, "UNPAID", "PAID", reason=REASONS.get(outcome)),
        st.integers(),
        st.sampled_from(OUTCOMES),
    ),
    max_size=30,
)


def printed(**result):
    return len(json.dumps(result))


@given(RESULTS, st.integers(0, 5), st.booleans(), st.none() | st.just("Stopped."))
def test_counts_add_up_and_a_failure_is_told_exactly_if_there_is_one(results, duplicates, with_diff, stopped):
    # Nothing stays unattempted without a reason to stop.
    assume(stopped or all(result.outcome != "not_attempted" for result in results))
    report = Report(results, duplicates=duplicates, stopped=stopped)
    told = report.as_dict(one=False, with_diff=with_diff)
    summary = told["summary"]
    assert summary["requested"] == len(results) + duplicates
    assert sum(summary[outcome] for outcome in OUTCOMES) == len(results)
    assert told["changed"] == (summary["changed"] > 0)
    assert [entry["order_number"] for entry in told["results"]] == [result.order_number for result in results]
    failure = report.failure()
    assert (failure is not None) == bool(summary["failed"] or summary["not_attempted"])
    if failure and len(results) != 1:
        assert not summary["failed"] or f"{summary['failed']} of {len(results)} orders failed." in failure
        rest = "1 order was" if summary["not_attempted"] == 1 else f"{summary['not_attempted']} orders were"
        assert not summary["not_attempted"] or f"{rest} not attempted" in failure
    assert ("diff" in told) == with_diff


@given(
    st.builds(
        Result,
        st.text(),
        st.sampled_from(OUTCOMES),
        *[st.none() | st.text()] * 2,
        amount=st.none() | st.floats(allow_nan=False),
        currency=st.none() | st.just("EUR"),
        amount_paid=st.none() | st.floats(allow_nan=False),
        reason=st.none() | st.builds("could not be read: {}".format, st.text()),
        advice=st.text(),
        http_status=st.none() | st.integers(),
        order=st.none() | st.just({"number": "1"}),
    )
)
def test_a_result_is_read_back_from_what_users_see(result):
    assert Result.from_dict(result.as_dict()) == result


@pytest.mark.parametrize(("count", "others"), [(3, ""), (4, " The other one is"), (5, " The other 2 are")])
def test_the_message_names_the_first_reasons_and_counts_the_others(count, others):
    results = [Result(str(n), "failed", reason=f"was left: reason {n}", advice="Do this.") for n in range(count)]
    assert Report(results).failure() == (
        f"{count} of {count} orders failed. Order 0 was left: reason 0. Order 1 was left: reason 1."
        f" Order 2 was left: reason 2.{others and others + ' in the results.'} Do this."
    )


def test_the_message_gives_each_advice_once():
    results = [Result(str(n), "failed", reason="is lost", advice=f"Do {n % 2}.") for n in range(3)]
    assert Report(results).failure().endswith("Order 2 is lost. Do 0. Do 1.")


def test_what_stopped_the_run_is_in_the_result():
    report = Report([Result("1", "changed"), Result("2", "not_attempted")], stopped="It was stopped.")
    assert report.as_dict(one=False, with_diff=False)["stopped"] == "It was stopped."
    assert "stopped" not in Report([Result("1", "changed")]).as_dict(one=False, with_diff=False)


def test_a_result_has_four_keys_and_more_only_where_there_is_something_to_tell():
    assert Result("1001", "unchanged", "PAID", "PAID").as_dict() == {
        "order_number": "1001",
        "outcome": "unchanged",
        "previous_payment_status": "PAID",
        "payment_status": "PAID",
    }
    failed = Result("1001", "failed", reason="could not be read: why", advice="Do this.", http_status=500)
    assert failed.as_dict() == {
        "order_number": "1001",
        "outcome": "failed",
        "previous_payment_status": None,
        "payment_status": None,
        "msg": "Could not be read: why.",
        "advice": "Do this.",
        "http_status": 500,
    }


def read(number, outcome, status, **more):
    return Result(number, outcome, status, status, 119.99, "EUR", **more)


@pytest.mark.parametrize(
    "result",
    [
        lambda n: Result(n, "changed", "UNPAID", "CANCELLED", 119.99, "EUR"),
        lambda n: read(
            n,
            "failed",
            "PAID_PARTIAL",
            amount_paid=50.0,
            reason="is PAID_PARTIAL, not UNPAID",
            advice=UNEXPECTED_ADVICE,
        ),
        lambda n: Result(n, "failed", reason=REASONS["failed"], advice=LONG, http_status=404),
    ],
    ids=range(3),
)
def test_three_thousand_orders_fit_into_what_awx_keeps(result):
    results = [result(f"2026-{n:06}") for n in range(3000)]
    shown = Report(results).as_dict(one=False, with_diff=False)
    assert printed(**shown) < AWX_LIMIT
    assert [entry.get("msg") for entry in shown["results"]] == [entry.msg for entry in results]


@pytest.mark.parametrize(("count", "shown"), [(1000, True), (1001, False), (3000, False)])
def test_a_long_plan_alone_shows_what_is_paid(count, shown):
    paid = ("PAID_PARTIAL", "CANCELLED", 119.99, "EUR", 50.0)
    results = [Result(f"2026-{n:06}", "changed", *paid) for n in range(count)]
    left = Result("left", "failed", "PAID", "PAID", 10.0, "EUR", 10.0, "is PAID, not UNPAID", UNEXPECTED_ADVICE)
    orders = {result.order_number: Facts("PAID_PARTIAL", 119.99, "EUR", 50.0) for result in results}
    plan = describe(orders, "cancelled", "https://ssl.komfortkasse.eu/api/v2", "shop-a", "2026-12-01T08:00:00+00:00")
    told = Report([*results, left], plan=plan).as_dict(one=False, with_diff=False)
    assert [entry.get("amount_paid") for entry in told["results"]] == [50.0 if shown else None] * count + [10.0]
    assert printed(**told) < AWX_LIMIT


def test_of_many_orders_with_the_same_advice_the_first_carry_it():
    results = [Result(str(n), "failed", reason="is lost", advice="Do this.") for n in range(15)]
    results.append(Result("last", "failed", reason="is lost", advice="Do that."))
    entries = Report(results).as_dict(one=False, with_diff=False)["results"]
    assert [entry.get("advice") for entry in entries] == ["Do this."] * 10 + [None] * 5 + ["Do that."]


def test_the_diff_of_many_orders_holds_those_that_changed():
    results = [
        Result("a", "changed", "UNPAID", "CANCELLED"),
        Result("b", "unchanged", "CANCELLED", "CANCELLED"),
        Result("c", "failed", "PAID", "PAID", reason="was left alone"),
    ]
    diff = Report(results).as_dict(one=False, with_diff=True)["diff"]
    assert diff == {"before": {"a": "UNPAID"}, "after": {"a": "CANCELLED"}}


@pytest.mark.parametrize(("count", "last"), [(1000, "999"), (1001, "and 1 more, see the results")])
def test_a_diff_shows_a_thousand_orders(count, last):
    changed = [Result(str(n), "changed", "UNPAID", "CANCELLED") for n in range(count)]
    diff = Report(changed).as_dict(one=False, with_diff=True)["diff"]
    assert (len(diff["before"]), list(diff["after"])[-1]) == (1000, last)


@pytest.mark.parametrize(("check_mode", "verb", "currency"), [(False, "was", "EUR"), (True, "would be", None)])
def test_a_warning_of_money_names_number_amount_and_currency(check_mode, verb, currency):
    amount = f"12.50 {currency or '(no currency given)'}"
    result = Result("1001", "changed", amount_paid=12.5, currency=currency)
    assert money_warnings([result], TRANSITIONS["cancelled"], check_mode=check_mode) == [
        f"Order 1001 has {amount} paid on it and {verb} cancelled: the money may have to be refunded."
    ]
