# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From fifty orders on the API is asked once which of them are done already."""

from __future__ import annotations

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils._client import Client

LIST = "GET /orders"


@pytest.fixture
def cancelled(simulator):
    """Fifty orders that are cancelled already, with a log that is empty."""
    numbers = simulator.generate(50)
    for number in numbers:
        simulator.patch_order(number, paymentStatus="CANCELLED")
    simulator.clear_log()
    return numbers


@pytest.mark.parametrize("check_mode", [False, True])
def test_one_request_is_enough_for_orders_that_are_done(simulator, orders, sent, cancelled, check_mode):
    result = orders(cancelled, _ansible_check_mode=check_mode)
    assert sent() == [LIST]
    assert simulator.log()[0]["query"] == "paymentStatus=CANCELLED&maxAge=120"
    assert (result["changed"], result["summary"]["unchanged"], result["summary"]["requests"]) == (False, 50, 1)
    assert result["results"][0]["previous_payment_status"] == "CANCELLED"


@pytest.mark.parametrize("check_mode", [False, True])
def test_only_the_others_are_read_one_by_one(orders, sent, cancelled, check_mode):
    result = orders(["2026-0815", *cancelled, "nowhere"], concurrency=1, _ansible_check_mode=check_mode)
    change = [] if check_mode else ["POST /order/2026-0815/cancel"]
    assert sent() == [LIST, "GET /order/2026-0815", *change, "GET /order/nowhere"]
    assert [entry["outcome"] for entry in result["results"]] == ["changed", *["unchanged"] * 50, "failed"]


@pytest.mark.parametrize(
    ("state", "status"),
    [("removed", "DISAPPEARED"), ("paid", "PAID"), ("unpaid", "UNPAID"), ("cancelled", "CANCELLED")],
)
def test_the_list_is_asked_for_the_target_status(simulator, orders, sent, state, status):
    numbers = simulator.generate(50)
    for number in numbers:
        simulator.patch_order(number, paymentStatus=status)
    simulator.clear_log()
    orders(numbers, state=state, prefetch_days=300)
    assert sent() == [LIST]
    assert simulator.log()[0]["query"] == f"paymentStatus={status}&maxAge=300"


@pytest.mark.parametrize(
    ("take", "options"),
    [
        (lambda numbers: numbers[:49], {}),
        (lambda numbers: numbers[:49] + numbers[:30], {}),  # duplicates do not count
        (lambda numbers: numbers, {"prefetch_days": 0}),
    ],
)
def test_there_is_no_list_for_fewer_orders_or_if_nobody_wants_it(orders, sent, cancelled, take, options):
    result = orders(take(cancelled), **options)
    count = len(set(take(cancelled)))
    assert sorted(sent()) == sorted(f"GET /order/{number}" for number in cancelled[:count])
    assert result["summary"]["unchanged"] == count


@pytest.mark.parametrize(
    ("fault", "tries"),
    [
        ({"kind": "status", "status": 400}, 1),
        ({"kind": "status", "status": 404}, 1),
        ({"kind": "status", "status": 500}, 3),
        ({"kind": "status", "status": 429}, 3),
        ({"kind": "reset"}, 3),
        ({"kind": "redirect", "location": "/"}, 1),
        ({"kind": "body", "body": "<html>"}, 3),
        ({"kind": "body", "body": "{}"}, 3),
    ],
)
def test_without_the_list_each_order_is_read(simulator, orders, sent, cancelled, fault, tries):
    simulator.faults({**fault, "operation": "readOrders", "times": None})
    result = orders(cancelled, retries=2)
    assert sorted(sent()) == sorted([LIST] * tries + [f"GET /order/{number}" for number in cancelled])
    assert not result.get("failed")
    assert result["summary"]["unchanged"] == 50
    [warning] = result["warnings"]
    assert warning.startswith("The list of CANCELLED orders could not be read, so each order is read by itself: ")


def test_a_list_that_is_cut_off_is_asked_for_again(simulator, orders, sent, cancelled):
    simulator.faults({"kind": "truncated", "operation": "readOrders"})
    result = orders(cancelled)
    assert sent() == [LIST] * 2
    assert result["summary"]["unchanged"] == 50


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_refused_for_the_list_stops_all(simulator, orders, sent, cancelled, status):
    simulator.faults({"kind": "status", "status": status, "operation": "readOrders"})
    result = orders(cancelled)
    assert sent() == [LIST]
    assert result["failed"]
    assert result["summary"]["not_attempted"] == 50
    assert f"The list of CANCELLED orders could not be read: the API answered {status}" in result["msg"]
    assert "Check api_key" in result["msg"]


def test_a_list_that_lies_changes_nothing(simulator, orders, sent):
    """A server that ignores the filter: only orders that are in the target status by their own word are done."""
    numbers = simulator.generate(50)
    listed = ",".join(f'{{"number": "{number}", "paymentStatus": "UNPAID"}}' for number in numbers)
    simulator.faults({"kind": "body", "body": f"[{listed}]", "operation": "readOrders"})
    result = orders(numbers)
    assert result["summary"]["changed"] == 50
    assert len(sent()) == 101


@pytest.mark.parametrize("shown", ["summary", "full"])
def test_listed_orders_are_returned_as_well(orders, cancelled, shown):
    result = orders(cancelled, return_order=shown)
    assert all(entry["order"]["number"] == entry["order_number"] for entry in result["results"])
    assert ("customerEmail" in result["results"][0]["order"]) == (shown == "full")


def test_the_list_does_not_weaken_the_guard(simulator, orders, cancelled):
    result = orders([*cancelled, "2026-0701"], only_from=["UNPAID"], unexpected_status="skip")
    assert result["summary"]["skipped"] == 1
    assert simulator.order("2026-0701")["paymentStatus"] == "PAID"


def test_a_fault_of_our_own_does_not_pass_for_a_run_that_went_well(orders, simulator, cancelled, monkeypatch):
    def crash(*_told):
        raise RuntimeError(f"a fault of ours, with {simulator.api_key}")

    monkeypatch.setattr(Client, "read_orders", crash)
    result = orders(cancelled)
    assert result["failed"]
    assert result["summary"]["not_attempted"] == len(result["results"]) == 50
    assert "unexpected error, please report it: RuntimeError: a fault of ours, with ********" in result["msg"]
    assert simulator.log() == []
