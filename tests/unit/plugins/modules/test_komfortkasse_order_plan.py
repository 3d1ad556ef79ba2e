# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is decided before the first change: the limit on changes, and plans that bind."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils._journal import Journal, JournalError

NUMBERS = ["2026-0815", "2026-0816", "2026-0817"]  # UNPAID
DONE, PAID = "2026-0601", "2026-0701"


def outcomes(result):
    return [entry["outcome"] for entry in result["results"]]


@pytest.fixture
def planned(orders):
    """The plan of a run in check mode."""

    def plan(numbers=None, **options):
        return orders(numbers or NUMBERS, _ansible_check_mode=True, **options)["plan"]

    return plan


@pytest.fixture
def apply(run_module, connection):
    """Run the module with a plan, with order numbers only if they are given."""

    def run(plan, **options):
        return run_module(**{**connection, "state": "cancelled", "plan": plan, **options})

    return run


# The limit


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("limit", [0, 2])
def test_more_changes_than_allowed_change_nothing(simulator, orders, limit, check_mode):
    result = orders([*NUMBERS, DONE, PAID], max_changes=limit, only_from=["UNPAID"], _ansible_check_mode=check_mode)
    assert simulator.log("POST") == []
    assert (result["failed"], result["changed"]) == (True, False)
    assert outcomes(result) == ["not_attempted"] * 3 + ["unchanged", "failed"]
    assert "3 orders would be changed, more than max_changes" in result["stopped"]
    assert result["stopped"] in result["msg"]
    assert result["msg"].endswith("3 orders were not attempted.")
    assert "plan" not in result
    assert result["results"][0]["payment_status"] == "UNPAID"
    assert result["warnings"] == []


@pytest.mark.parametrize("limit", [1, 3, None])
def test_a_limit_that_holds_costs_no_second_read_of_few_orders(orders, sent, limit):
    numbers = NUMBERS[: limit or 3]
    assert outcomes(orders(numbers, max_changes=limit)) == ["changed"] * len(numbers)
    assert len(sent()) == 2 * len(numbers)


def test_nothing_is_changed_if_the_look_at_all_orders_stops(simulator, orders):
    simulator.faults({"kind": "status", "status": 401, "operation": "getOrder", "skip": 2, "times": None})
    result = orders(NUMBERS, max_changes=2, concurrency=1)
    assert outcomes(result) == ["not_attempted", "not_attempted", "failed"]
    assert simulator.log("POST") == []


# The plan


def test_a_plan_shows_what_would_be_changed(simulator, orders):
    simulator.patch_order(PAID, paymentStatus="PAID_PARTIAL", amountPaid=12.5)
    began = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    result = orders([*NUMBERS, DONE, PAID, "nowhere"], shop="shop-a", missing_order="skip", _ansible_check_mode=True)
    plan = result["plan"]
    created = datetime.datetime.fromisoformat(plan.pop("created"))
    assert began <= created <= datetime.datetime.now(datetime.timezone.utc)
    amount = {number: order["amount"] for number, order in simulator.orders().items()}
    assert plan == {
        "state": "cancelled",
        "api_url": simulator.api_url,
        "shop": "shop-a",
        "orders": {
            **{number: ["UNPAID", amount[number], "EUR", 0] for number in NUMBERS},
            PAID: ["PAID_PARTIAL", amount[PAID], "EUR", 12.5],
        },
    }


def test_a_plan_is_applied_to_its_orders_alone(simulator, planned, apply):
    plan = planned([*NUMBERS[:2], DONE], shop="shop-a")
    simulator.clear_log()
    result = apply(plan, shop="shop-a")
    assert [entry["order_number"] for entry in result["results"]] == NUMBERS[:2]
    assert outcomes(result) == ["changed"] * 2
    assert len(simulator.log()) == 4
    assert outcomes(apply(plan, shop="shop-a")) == ["unchanged"] * 2
    assert "orders" not in str(result["invocation"])


@pytest.mark.parametrize("others", [0, 60])  # many orders are read by one list
def test_an_order_that_has_changed_since_the_plan_is_left_alone(simulator, planned, apply, others):
    numbers = [*NUMBERS, *simulator.generate(others)]
    plan = planned(numbers)
    simulator.patch_order(NUMBERS[1], amount=1.0)
    result = apply(plan)
    assert outcomes(result) == ["changed", "failed", *["changed"] * (others + 1)]
    assert result["results"][1]["msg"] == "Differs from the plan: its amount is 1.00, not 149.00."
    assert {entry["order_number"] for entry in simulator.log("POST")} == {*numbers} - {NUMBERS[1]}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"state": "removed"}, "for another state: 'cancelled', not 'removed'"),
        ({"order_numbers": NUMBERS[:2]}, "lack 1 of its orders, such as '2026-0817'"),
        ({"order_number": NUMBERS[0]}, "lack 2 of its orders"),
        ({"plan_file": "plan.json"}, "mutually exclusive: plan|plan_file"),
    ],
)
def test_a_plan_that_does_not_fit_the_task_is_refused(simulator, planned, apply, options, words):
    plan = planned()
    simulator.clear_log()
    result = apply(plan, **options)
    assert words in result["msg"]
    assert result["failed"]
    assert "results" not in result
    assert simulator.log() == []


def test_an_order_number_beside_its_own_plan_is_fine(planned, apply):
    result = apply(planned(NUMBERS[:1]), order_number=NUMBERS[0])
    assert (result["payment_status"], result["changed"]) == ("CANCELLED", True)


def test_a_plan_file_is_nothing_for_the_module_alone(simulator, run_module, connection):
    result = run_module(**connection, state="cancelled", plan_file="plan.json")
    assert result["msg"].startswith("plan_file is read by the action plugin")
    assert simulator.log() == []


# Batches of one task


def test_a_batch_tells_what_its_journal_lacks(orders, journal, monkeypatch):
    write = Journal.write

    def fail(journal, event, *args, **facts):
        if event == "result":
            raise JournalError("The disk is full.")
        write(journal, event, *args, **facts)

    monkeypatch.setattr(Journal, "write", fail)
    result = orders(NUMBERS[:2], concurrency=1, journal_path=journal.path, _batch={})
    assert "(changed)" in result["_batch"]["broken"]
    assert result["_batch"]["broken"] in result["msg"]


# What a report says of a task


@pytest.mark.parametrize("check_mode", [False, True])
def test_limits_and_journal_are_returned(orders, journal, check_mode):
    options = {"only_from": ["UNPAID"], "max_changes": 0, "journal_path": journal.path}
    result = orders(NUMBERS, _ansible_check_mode=check_mode, **options)
    assert result["limits"] == {"only_from": ["UNPAID"], "max_changes": 0, "max_failures": 5}
    assert result.get("journal_path") == (None if check_mode else journal.path)
    assert "plan_created" not in result
