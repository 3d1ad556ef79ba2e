# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter report: what is told of a run is what it did."""

from __future__ import annotations

import pytest

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.filter.report import FilterModule
from ansible_collections.community.komfortkasse.plugins.module_utils._errors import HINTS, ApiError, NotFoundError
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import UNEXPECTED_ADVICE
from ansible_collections.community.komfortkasse.plugins.module_utils._results import Report, Result
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report import ADVICE

report = FilterModule().filters()["report"]


def result(number, outcome="changed", before="UNPAID", after="CANCELLED", **more):
    return {
        "order_number": number,
        "outcome": outcome,
        "previous_payment_status": before,
        "payment_status": after,
        **more,
    }


def shop(*plan, **more):
    return {"shop": "a", "plan": list(plan), **more}


def outcomes(*shops):
    return {order["order_number"]: order["outcome"] for order in report(shops)["orders"]}


def test_a_plan_alone_is_told_as_it_is():
    told = report([shop(result("1"), result("2", "unchanged", "CANCELLED"))])
    assert told["counts"] == {
        "requested": 2,
        "changed": 1,
        "unchanged": 1,
        "skipped": 0,
        "failed": 0,
        "not_attempted": 0,
    }
    assert told["shops"] == [{"shop": "a", "ended": "done", "message": "", "verdict": "", "counts": told["counts"]}]
    assert told["orders"][0] == {
        "shop": "a",
        "order_number": "1",
        "outcome": "changed",
        "previous_payment_status": "UNPAID",
        "payment_status": "CANCELLED",
        "amount_paid": None,
        "http_status": None,
        "reason": "",
        "advice": "",
    }


def test_shops_add_up_and_are_kept_apart():
    told = report(
        [shop(result("1")), {"shop": "b", "plan": [result("1", "failed")], "ended": "stopped", "message": "why"}]
    )
    assert [told["counts"]["requested"], told["counts"]["changed"], told["counts"]["failed"]] == [2, 1, 1]
    assert [order["shop"] for order in told["orders"]] == ["a", "b"]
    assert told["shops"][1]["ended"] == "stopped"
    assert told["shops"][1]["message"] == "why"


def test_what_was_worked_on_differs_from_the_plan_where_it_ended_otherwise():
    plan = [result("1"), result("2", "unchanged"), result("3"), result("4")]
    others = [result("3", "failed", after=None, msg="Could not be cancelled.", http_status=500)]
    assert outcomes(shop(*plan, done=3, others=others)) == {
        "1": "changed",
        "2": "unchanged",
        "3": "failed",
        "4": "changed",
    }


def test_what_was_planned_but_not_come_to_is_not_attempted_and_as_it_was():
    told = report([shop(result("1"), result("2"), result("3"), done=1)])["orders"]
    assert [order["outcome"] for order in told] == ["changed", "not_attempted", "not_attempted"]
    assert [order["payment_status"] for order in told] == ["CANCELLED", "UNPAID", "UNPAID"]
    assert told[1]["advice"] == "Run it again to go on."


def test_figures_may_come_as_text_as_from_templates_of_older_releases():
    plan = [result("1"), result("2"), result("3")]
    assert outcomes(shop(*plan, done="1", lost="1")) == outcomes(shop(*plan, done=1, lost=1))
    assert outcomes(shop(*plan, done="", lost="0")) == outcomes(shop(*plan))


def test_what_was_begun_and_lost_is_failed_and_its_status_is_not_known():
    told = report([shop(result("1"), result("2"), result("3"), done=1, lost=1)])["orders"]
    assert [order["outcome"] for order in told] == ["changed", "failed", "not_attempted"]
    assert told[1]["payment_status"] is None
    assert "Its outcome is not known" in told[1]["reason"]
    assert "run it again" in told[1]["advice"]


def test_orders_that_the_plan_did_not_come_to_are_told_in_their_place():
    assert list(outcomes(shop(result("2"), orders=[1, "2", "3"])).items()) == [
        ("1", "not_attempted"),
        ("2", "changed"),
        ("3", "not_attempted"),
    ]


def test_orders_that_were_left_out_are_told_last():
    unclear = [result("9", "skipped", after="UNPAID", msg="Was left alone: its date is None.")]
    told = report([shop(result("1"), unclear=unclear)])
    assert told["orders"][-1]["reason"] == "Was left alone: its date is None."
    assert told["counts"]["skipped"] == 1


def test_a_reason_that_was_shortened_away_is_given_back():
    plan = [
        result("1", "failed", "PAID", "PAID", msg="Was left alone: order 1 is PAID."),
        result("2", "failed", "PAID", "PAID"),
        result("3", "failed", None, None, http_status=404, msg="Could not be read."),
        result("4", "failed", None, None, http_status=500),
        result("50", "failed", None, None, http_status=503, msg="Could not be read: order 50: 503 of 2050."),
        result("6", "failed", None, None, http_status=503),
    ]
    assert [order["reason"] for order in report([shop(*plan)])["orders"]] == [
        "Was left alone: order 1 is PAID.",
        "Was left alone: order 2 is PAID.",
        "Could not be read.",
        "",
        "Could not be read: order 50: 503 of 2050.",
        "Could not be read: order 6: 503 of 2050.",
    ]


def test_a_reason_that_may_be_one_of_several_is_not_made_up():
    """All that is told of these orders is the same but for the reason, which the last one lost."""
    plan = [
        result("1", "failed", None, None, msg="Could not be read: no connection."),
        result("2", "failed", None, None, msg="Could not be read: the connection broke."),
        result("3", "failed", None, None),
    ]
    assert "left out" in report([shop(*plan)])["orders"][2]["reason"]


@pytest.mark.parametrize("hint", sorted(HINTS))
def test_a_failed_order_has_the_advice_that_the_module_gave(hint):
    told = result("1", "failed", None, None, msg=f"Could not be read: no luck. {hint}")
    [row] = report([shop(told)])["orders"]
    assert row["reason"] == "Could not be read: no luck."
    assert row["advice"] == (hint if hint != NotFoundError.hint else ADVICE[hint])
    assert "missing_order" not in row["advice"]


def test_an_order_in_another_status_has_advice_for_who_filled_in_a_form():
    msg = f"Is PAID, not UNPAID. {UNEXPECTED_ADVICE}"
    [row] = report([shop(result("1", "failed", "PAID", "PAID", msg=msg))])["orders"]
    assert row["reason"] == "Is PAID, not UNPAID."
    assert "add its payment status" in row["advice"]
    assert "only_from" not in row["advice"]


@pytest.mark.parametrize("facts", [{"msg": "Was left alone: the journal cannot be written."}, {}])
def test_a_failed_order_has_some_advice_in_any_case(facts):
    [row] = report([shop(result("1", "failed", None, None, **facts))])["orders"]
    assert row["advice"] == ApiError.hint


def test_an_order_that_is_as_it_should_be_needs_none():
    assert report([shop(result("1"), result("2", "skipped"))])["orders"][1]["advice"] == ""


def test_a_plan_in_parts_is_one_plan():
    parts = [[[result("2")], (result("3", "failed"),)], []]
    told = report([shop(result("1"), done=1), {"shop": "b", "plan": [result("4")]}], parts)
    assert [(order["shop"], order["order_number"], order["outcome"]) for order in told["orders"]] == [
        ("a", "1", "changed"),
        ("a", "2", "not_attempted"),
        ("a", "3", "failed"),
        ("b", "4", "changed"),
    ]


def said_by_the_module(*results, **more):
    return Report([Result(str(place), outcome, reason=why) for place, (outcome, why) in enumerate(results)], **more)


def test_the_counts_of_one_batch_are_not_told_of_the_shop():
    batch = said_by_the_module(
        *[("failed", "could not be cancelled: the API answered 503")] * 5,
        *[("not_attempted", None)] * 2,
        stopped="No more orders were started after 5 had failed for the service's sake (max_failures).",
    )
    plan = [result(str(number)) for number in range(100)]
    others = [result(str(number), "failed", msg="Could not be cancelled: 503.") for number in range(10, 15)]
    told = report([shop(*plan, done=15, others=others, ended="stopped", said=batch.failure())])
    message = told["shops"][0]["message"]
    assert message.startswith("5 of 100 orders failed, 85 were not attempted. Order 0 could not be cancelled: the API")
    assert message.endswith(" No more orders were started after 5 had failed for the service's sake (max_failures).")
    assert told["shops"][0]["verdict"] == message
    assert "not attempted" not in message.partition(". ")[2]
    assert told["orders"][50]["reason"] == message.partition(". ")[2]


def test_what_the_module_says_of_the_run_as_a_whole_is_told_of_the_shop():
    batch = said_by_the_module(
        ("not_attempted", None), ("not_attempted", None), stopped="The run was stopped by SIGTERM."
    )
    told = report([shop(result("1"), result("2"), done=0, ended="stopped", said=batch.failure())])
    assert told["shops"][0]["message"] == "2 of 2 orders were not attempted. The run was stopped by SIGTERM."
    assert [order["reason"] for order in told["orders"]] == ["The run was stopped by SIGTERM."] * 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_shop_whose_key_was_refused_is_not_done(status):
    told = report([shop(result("1", "failed", http_status=status, msg="Could not be read."), result("2"))])
    facts = told["shops"][0]
    assert (facts["ended"], facts["message"]) == ("stopped", "1 of 2 orders failed. Order 1: Could not be read.")


def test_a_shop_with_failed_orders_is_done_and_has_a_verdict():
    facts = report([shop(result("1"), result("2", "failed", msg="Was left alone."))])["shops"][0]
    assert [facts["ended"], facts["message"], facts["verdict"]] == [
        "done",
        "",
        "1 of 2 orders failed. Order 2: Was left alone.",
    ]


def test_an_order_that_was_not_attempted_has_the_reason_and_the_advice_of_its_shop():
    refused = {"ended": "refused", "message": "Too many. Allow more.", "reason": "Too many.", "advice": "Allow more."}
    [told] = report([shop(result("1"), done=0, **refused)])["orders"]
    assert [told["reason"], told["advice"]] == ["Too many.", "Allow more."]


@pytest.mark.parametrize("shops", [[{}], [{"shop": "a"}], 5, ["x"], [shop({"outcome": "changed"})], [shop(done="all")]])
def test_what_is_no_run_is_refused(shops):
    with pytest.raises(AnsibleFilterError, match=r"community\.komfortkasse\.report: the input is not"):
        report(shops)
