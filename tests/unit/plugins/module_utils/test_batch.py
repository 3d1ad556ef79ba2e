# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many orders in one task: their order, when the batch stops, and how the workers slow each other."""

from __future__ import annotations

import json
import threading
from collections import Counter

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils._client import Client
from ansible_collections.community.komfortkasse.plugins.module_utils._errors import StoppedError


def outcomes(result):
    return [entry["outcome"] for entry in result["results"]]


def test_results_come_in_the_order_given_and_duplicates_are_done_once(simulator, orders, sent):
    numbers = simulator.generate(30)
    simulator.settings(latency_ms=5)
    given = [*reversed(numbers), numbers[3], "2026-0601", numbers[3]]
    result = orders(given, concurrency=8)
    assert [entry["order_number"] for entry in result["results"]] == [*reversed(numbers), "2026-0601"]
    assert outcomes(result) == ["changed"] * 30 + ["unchanged"]
    assert result["summary"] == {
        "requested": 33,
        "duplicates": 2,
        "changed": 30,
        "unchanged": 1,
        "skipped": 0,
        "failed": 0,
        "not_attempted": 0,
        "requests": 61,
    }
    assert Counter(sent("POST")) == Counter(f"POST /order/{number}/cancel" for number in numbers)


@pytest.mark.parametrize("numbers", [["2026-0815"], "2026-0815", ["2026-0815", "2026-0815"]])
def test_a_list_of_one_is_still_a_list(orders, numbers):
    result = orders(numbers)
    assert outcomes(result) == ["changed"]
    assert not {"order", "payment_status", "previous_payment_status"} & set(result)
    assert "order" not in result["results"][0]  # unless return_order asks for it


def test_one_that_fails_does_not_stop_the_others(orders):
    result = orders(["2026-0815", "nowhere", "2026-0701", "2026-0816"], only_from=["UNPAID"], concurrency=1)
    assert result["failed"]
    assert result["changed"]
    assert outcomes(result) == ["changed", "failed", "failed", "changed"]
    assert result["msg"].startswith("2 of 4 orders failed. Order nowhere could not be read: the API answered 404")
    assert "Order 2026-0701 is PAID, not UNPAID." in result["msg"]
    assert result["summary"]["failed"] == 2


@pytest.mark.parametrize(("operation", "status"), [("getOrder", 401), ("cancelOrder", 403)])
def test_a_refused_key_stops_at_once(simulator, orders, sent, status, operation):
    numbers = simulator.generate(20)
    simulator.faults({"kind": "status", "status": status, "operation": operation, "skip": 4, "times": None})
    result = orders(numbers, concurrency=1, max_failures=0)
    assert outcomes(result) == ["changed"] * 4 + ["failed"] + ["not_attempted"] * 15
    assert [entry["order_number"] for entry in result["results"]] == numbers
    assert len(sent()) == (9 if operation == "getOrder" else 10)
    assert result["failed"]
    assert " No more orders were started, because the API key was refused. " in result["msg"]
    assert "15 orders were not attempted" in result["msg"]
    assert "Check api_key" in result["msg"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "body", "body": "<html>"},
    ],
)
def test_the_batch_stops_after_so_many_failures_of_the_service(simulator, orders, fault):
    numbers = simulator.generate(20)
    simulator.faults({**fault, "operation": "getOrder", "skip": 2, "times": None})
    result = orders(numbers, concurrency=1, max_failures=3, retries=0)
    assert outcomes(result) == ["changed"] * 2 + ["failed"] * 3 + ["not_attempted"] * 15
    stopped = "No more orders were started, after 3 orders had failed because the service is in trouble (max_failures)."
    assert f" {stopped} " in result["msg"]
    assert "3 of 20 orders failed." in result["msg"]


def test_what_is_wrong_with_single_orders_is_no_failure_of_the_service(simulator, orders):
    numbers = simulator.generate(10)
    simulator.faults({"kind": "status", "status": 409, "operation": "cancelOrder", "times": 9})
    assert outcomes(orders(numbers, concurrency=1, max_failures=2)) == ["failed"] * 9 + ["changed"]


def test_one_brake_for_all_workers(simulator, orders):
    numbers = simulator.generate(40)
    simulator.settings(latency_ms=10)
    simulator.faults({"kind": "status", "operation": "getOrder", "skip": 8, "status": 429, "retry_after": 1})
    result = orders(numbers, concurrency=4)
    assert outcomes(result) == ["changed"] * 40
    log = simulator.log()
    assert len(log) == 81
    [braked] = [entry["time"] for entry in log if entry["status"] == 429]
    # What was under way at that moment arrives; then nobody sends for the time that was asked for.
    assert len([entry for entry in log if braked < entry["time"] < braked + 0.95]) < 10
    restarts = sorted(entry["time"] for entry in log if entry["time"] > braked + 0.5)[:4]
    assert restarts[3] - restarts[0] > 0.005, "all workers started at the same instant"


@pytest.mark.parametrize(("count", "warnings", "check_mode"), [(10, 10, False), (11, 11, True), (13, 11, False)])
def test_money_warnings_are_told_one_by_one_and_then_counted(simulator, orders, count, warnings, check_mode):
    paid = [{"number": f"P{n}", "paymentStatus": "PAID", "amount": 10.0, "amountPaid": 10.0} for n in range(count)]
    numbers = simulator.control("POST", "/orders/demo-shop", paid)["numbers"]
    result = orders([*numbers, "2026-0815"], _ansible_check_mode=check_mode)
    assert len(result["warnings"]) == warnings
    assert sum("has 10.00 EUR paid on it" in warning for warning in result["warnings"]) == min(count, 10)
    if count > 10:
        rest = {11: "1 more order has money paid on it", 13: "3 more orders have money paid on them"}[count]
        where = "the plan" if check_mode else "amount_paid in the results"
        assert result["warnings"][10] == f"{rest}: see {where}."
    assert [entry.get("amount_paid") for entry in result["results"]] == [10.0] * count + [None]


def test_a_batch_that_gets_no_thread_changes_nothing(orders, sent, monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    result = orders(["2026-0815", "2026-0816"])
    monkeypatch.undo()
    assert outcomes(result) == ["not_attempted"] * 2
    assert result["stopped"] == "The system has no thread left to work on the orders. Nothing was changed."
    assert result["msg"].startswith(result["stopped"])
    assert sent() == []


def test_the_numbers_are_not_given_back_twice(simulator, orders):
    numbers = simulator.generate(20)
    arguments = orders(numbers)["invocation"]["module_args"]
    assert arguments["order_numbers"] == "20 order numbers, see results"
    assert arguments["state"] == "cancelled"
    assert simulator.api_key not in str(arguments)


def test_a_fault_of_our_own_costs_one_order_and_stops_the_run(simulator, orders, monkeypatch):
    first, second, third = simulator.generate(3)
    get_order = Client.get_order

    def crash(self, number):
        if number == second:
            raise RuntimeError(f"a bug in our code, with {simulator.api_key}")
        return get_order(self, number)

    monkeypatch.setattr(Client, "get_order", crash)
    result = orders([first, second, third], concurrency=1)
    told = "ran into an unexpected error, please report it: RuntimeError: a bug in our code, with ********."
    assert [entry["outcome"] for entry in result["results"]] == ["changed", "failed", "not_attempted"]
    assert result["results"][1] == {
        "order_number": second,
        "outcome": "failed",
        "previous_payment_status": None,
        "payment_status": None,
        "msg": told.capitalize().replace("runtimeerror", "RuntimeError"),
    }
    assert result["msg"] == (
        f"1 of 3 orders failed. Order {second} {told} An unexpected error came up, so no more orders were started."
        " 1 order was not attempted: run it again to continue."
    )


def test_an_order_whose_request_was_not_sent_is_not_attempted(simulator, orders, monkeypatch):
    first, second = simulator.generate(2)

    def stop(self, number):
        raise StoppedError("the run was told to stop while it waited to try again")

    monkeypatch.setattr(Client, "get_order", stop)
    result = orders([first, second], concurrency=1)
    assert outcomes(result) == ["not_attempted", "not_attempted"]
    assert result["stopped"] == "The run was told to stop."
    assert not {"msg", "advice"} & set(result["results"][0])
    one = orders([first])
    assert (one["failed"], one["msg"]) == (True, "The run was told to stop.")


PAID_MEANWHILE = {"kind": "outside_change", "operation": "getOrder", "payment_status": "PAID"}


@pytest.mark.parametrize(
    ("faults", "known"),
    [
        ([PAID_MEANWHILE, {"kind": "status", "status": 400, "operation": "cancelOrder"}], ("PAID", 12.5)),
        ([{"kind": "status", "status": 401, "operation": "cancelOrder"}], ("PAID_PARTIAL", 12.5)),
        (
            [
                {"kind": "reset", "operation": "cancelOrder"},
                {"kind": "status", "status": 400, "operation": "getOrder", "skip": 1},
            ],
            (None, 12.5),
        ),
        (
            [
                {"kind": "status", "status": 409, "operation": "cancelOrder"},
                {"kind": "status", "status": 400, "operation": "getOrder", "skip": 1},
            ],
            ("PAID_PARTIAL", 12.5),
        ),
    ],
)
def test_of_an_order_that_could_not_be_changed_what_was_read_last_is_told(simulator, orders, faults, known):
    [number] = simulator.generate(1)
    simulator.patch_order(number, paymentStatus="PAID_PARTIAL", amountPaid=12.5)
    simulator.faults(*faults)
    result = orders([number], return_order="summary")
    [entry] = result["results"]
    assert (entry["outcome"], entry["previous_payment_status"]) == ("failed", "PAID_PARTIAL")
    assert (entry["payment_status"], entry["amount_paid"]) == known
    assert entry["order"]["paymentStatus"] == known[0] or known[0] is None
    assert (entry["amount"], entry["currency"]) == (simulator.order(number)["amount"], "EUR")
    assert entry["msg"].startswith("Could not be cancelled: ")
    assert result["warnings"] == []


@pytest.mark.parametrize("answer", [{"amountPaid": 20.0}, {"amountPaid": "20.00"}, {}])
def test_money_is_told_of_if_either_the_order_or_the_answer_has_it(simulator, orders, answer):
    """Unpaid orders have no amountPaid, so what was read may have it, or only the answer, or both."""
    [number] = simulator.generate(1)
    simulator.patch_order(number, paymentStatus="PAID_PARTIAL", amountPaid=12.5)
    body = {"number": number, "paymentStatus": "CANCELLED", "currency": "EUR", **answer}
    simulator.faults({"kind": "body", "body": json.dumps(body), "operation": "cancelOrder"})
    result = orders([number])
    amount = float(answer.get("amountPaid", 12.5))
    assert result["results"][0]["amount_paid"] == amount
    assert result["results"][0]["amount"] == simulator.order(number)["amount"]
    [warning] = result["warnings"]
    assert f"has {amount:.2f} EUR paid on it and was cancelled" in warning
