# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the outcome of a batch is told: counts that add up, reasons that fit, results that stay small."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.module_utils._results import OUTCOMES, Report, Result

AWX_LIMIT = 700_000  # bytes; AWX drops a larger result of a task
REASONS = {"failed": "could not be read: the API answered 404 Not Found: Order not found", "skipped": "was left alone"}
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


@pytest.mark.parametrize(("count", "others"), [(3, ""), (4, " The other one is"), (5, " The other 2 are")])
def test_the_first_reasons_are_told_whole_and_the_others_counted(count, others):
    results = [Result(str(n), "failed", reason=f"was left: reason {n}", hint="Do this.") for n in range(count)]
    assert Report(results).failure() == (
        f"{count} of {count} orders failed. Order 0 was left: reason 0. Do this. Order 1 was left: reason 1. Do this."
        f" Order 2 was left: reason 2. Do this.{others and others + ' in the results.'}"
    )


def test_a_result_has_four_keys_and_more_only_where_there_is_something_to_tell():
    assert Result("1001", "unchanged", "PAID", "PAID").as_dict() == {
        "order_number": "1001",
        "outcome": "unchanged",
        "previous_payment_status": "PAID",
        "payment_status": "PAID",
    }
    assert Result("1001", "failed", reason="could not be read: why", http_status=500).as_dict() == {
        "order_number": "1001",
        "outcome": "failed",
        "previous_payment_status": None,
        "payment_status": None,
        "msg": "Could not be read: why.",
        "http_status": 500,
    }


def test_a_thousand_changed_orders_take_less_than_130_bytes_each():
    results = [Result(f"2026-{n:06}", "changed", "UNPAID", "CANCELLED") for n in range(1000)]
    assert printed(**Report(results).as_dict(one=False, with_diff=False)) < 130_000


@pytest.mark.parametrize(
    "result",
    [
        lambda n: Result(n, "changed", "UNPAID", "CANCELLED"),
        lambda n: Result(n, "unchanged", "CANCELLED", "CANCELLED"),
        lambda n: Result(n, "not_attempted"),
        lambda n: Result(n, "skipped", "PAID", "PAID", reason="was left alone: its payment status is PAID, not UNPAID"),
        lambda n: Result(n, "failed", reason=REASONS["failed"], http_status=404),
        lambda n: Result(n, "failed", reason=f"could not be read: 404 Not Found: Order {n} not found", http_status=404),
        lambda n: Result(n, "failed", reason=f"could not be read: {n} {'x' * 200}", http_status=400),
    ],
    ids=range(7),
)
def test_five_thousand_orders_fit_into_what_awx_keeps(result):
    results = [result(f"2026-{n:06}") for n in range(5000)]
    told = Report(results).as_dict(one=False, with_diff=False)
    assert printed(**told) < AWX_LIMIT
    assert len(told["results"]) == 5000
    assert ("msg" in told["results"][0]) == (results[0].msg is not None)


def test_of_many_reasons_the_first_of_each_kind_is_kept():
    results = [Result(str(n), "failed", reason="could not be read: why " + "y" * 300) for n in range(5000)]
    results.append(Result("last", "failed", reason="could not be read: for another reason"))
    told = Report(results).as_dict(one=False, with_diff=False)["results"]
    assert told[0]["msg"] == results[0].msg
    assert told[-1]["msg"] == "Could not be read: for another reason."
    assert 0 < sum("msg" in entry for entry in told) < 5000


def test_the_diff_of_many_orders_holds_those_that_changed():
    results = [
        Result("a", "changed", "UNPAID", "CANCELLED"),
        Result("b", "unchanged", "CANCELLED", "CANCELLED"),
        Result("c", "failed", "PAID", "PAID", reason="was left alone"),
    ]
    diff = Report(results).as_dict(one=False, with_diff=True)["diff"]
    assert diff == {"before": {"a": "UNPAID"}, "after": {"a": "CANCELLED"}}
