# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From fifty orders on a list takes the place of single reads: an order costs one POST, and nothing if it is done."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _client, _fresh_orders
from ansible_collections.community.komfortkasse.plugins.module_utils._client import Client
from ansible_collections.community.komfortkasse.plugins.module_utils._retries import Throttle
from ansible_collections.community.komfortkasse.tests.unit.plugins import truth
from ansible_collections.community.komfortkasse.tests.unit.plugins.specimens import PATIENT, SPECIMENS

LIST = "GET /orders"


def outcomes(result):
    return [entry["outcome"] for entry in result["results"]]


@pytest.fixture
def cancelled(simulator):
    """Fifty orders that are cancelled already, with a log that is empty."""
    numbers = simulator.generate(50)
    for number in numbers:
        simulator.patch_order(number, paymentStatus="CANCELLED")
    simulator.clear_log()
    return numbers


@pytest.fixture
def unpaid(simulator):
    """Sixty orders that are UNPAID, with a log that is empty."""
    numbers = simulator.generate(60, prefix="U")
    simulator.clear_log()
    return numbers


def test_unpaid_orders_cost_one_request_each(simulator, orders, sent):
    numbers = simulator.generate(300)
    simulator.clear_log()
    result = orders(numbers, only_from=["UNPAID"], concurrency=16)
    assert result["summary"]["changed"] == 300
    requests = sent()
    assert requests[:2] == [f"GET /order/{numbers[0]}", LIST]
    assert sorted(requests[2:]) == sorted(f"POST /order/{number}/cancel" for number in numbers)
    assert result["summary"]["requests"] == len(requests) == 302


@pytest.mark.parametrize("check_mode", [False, True])
def test_orders_that_are_done_cost_nothing(simulator, orders, sent, cancelled, check_mode):
    result = orders(cancelled, _ansible_check_mode=check_mode)
    assert sent() == [f"GET /order/{cancelled[0]}", LIST]
    assert simulator.log()[1]["query"] == "paymentStatus=CANCELLED&maxAge=120"
    assert (result["changed"], result["summary"]["unchanged"], result["summary"]["requests"]) == (False, 50, 2)
    assert result["results"][1]["previous_payment_status"] == "CANCELLED"
    assert result["results"][1]["amount"] == simulator.order(cancelled[1])["amount"]


@pytest.mark.parametrize(
    ("state", "status"),
    [("removed", "DISAPPEARED"), ("unpaid", "UNPAID")],
)
@pytest.mark.parametrize("only_from", [None, ["COLLECTION", "UNPAID"]])
def test_the_list_holds_the_target_status_and_those_of_only_from(
    simulator, orders, cancelled, state, status, only_from
):
    orders(cancelled, state=state, prefetch_days=300, **({"only_from": only_from} if only_from else {}))
    statuses = ",".join(sorted({status, *(only_from or [])}))
    [query] = [entry["query"] for entry in simulator.log() if entry["operation"] == "readOrders"]
    assert query == f"paymentStatus={statuses}&maxAge=300"


@pytest.mark.parametrize("specimen", [each for each in SPECIMENS if each.timeout == PATIENT], ids=str)
def test_a_fault_of_the_list_costs_nothing_but_one_request(simulator, orders, journal, monkeypatch, specimen):
    """Whatever a list says or not, what it does not make known is read, and all ends well."""
    monkeypatch.setattr(_fresh_orders, "LIST_FROM", 1)
    monkeypatch.setattr(_fresh_orders, "LIST_MIB", 64)
    numbers = ["2026-0815", "2026-0816", "2026-0601"]  # the last is cancelled already
    simulator.faults(specimen.fault("CANCELLED", operation="readOrders", times=None))
    result = orders(numbers, only_from=["UNPAID"], retries=2, journal_path=journal.path)
    truth.told_honestly(simulator, result, truth.entries_of(journal), check_mode=False)
    assert outcomes(result) == ["changed", "changed", "unchanged"]
    scripts = truth.scripts(simulator)
    assert (scripts[None], scripts[numbers[0]]) == ("R", "RC")
    assert scripts[numbers[1]] in ("C", "RC")
    assert scripts.get(numbers[2]) in (None, "R")


@pytest.mark.parametrize(
    "fault", [{"kind": "delay", "delay": 20}, {"kind": "endless", "interval": 0.05, "size": 10_000_000}]
)
def test_a_list_that_takes_too_long_is_given_up(simulator, orders, sent, unpaid, monkeypatch, fault):
    monkeypatch.setattr(_fresh_orders, "LEAST_LIST_SECONDS", 0.3)
    simulator.faults({**fault, "operation": "readOrders"})
    began = time.monotonic()
    result = orders(unpaid, only_from=["UNPAID"])
    assert time.monotonic() - began < 20, "it waited for the list"
    assert outcomes(result) == ["changed"] * 60
    assert len(sent()) == 1 + 120


def test_a_bug_while_the_list_is_read_fails_the_task(orders, simulator, cancelled, monkeypatch):
    def crash(*_arguments):
        raise RuntimeError(f"a bug, with {simulator.api_key}")

    monkeypatch.setattr(Client, "list_once", crash)
    result = orders(cancelled)
    assert result["failed"]
    assert result["summary"]["not_attempted"] == len(result["results"]) == 50
    assert "unexpected error, please report it: RuntimeError: a bug, with ********" in result["msg"]


# What a list claims


def test_a_guard_holds_for_listed_orders(simulator, orders, unpaid):
    simulator.patch_order(unpaid[7], paymentStatus="PAID")
    result = orders([*unpaid, "2026-0701"], only_from=["UNPAID"], unexpected_status="skip")
    assert (result["summary"]["changed"], result["summary"]["skipped"]) == (59, 2)
    assert simulator.order("2026-0701")["paymentStatus"] == simulator.order(unpaid[7])["paymentStatus"] == "PAID"


@pytest.mark.parametrize("repeat_status", [200, 400])
def test_an_order_that_was_done_since_the_list_ends_in_its_state(simulator, orders, unpaid, repeat_status):
    simulator.settings(repeat_status=repeat_status)
    simulator.faults(
        {
            "kind": "outside_change",
            "operation": "readOrders",
            "payment_status": "CANCELLED",
            "changed_number": unpaid[7],
        }
    )
    result = orders(unpaid, only_from=["UNPAID"])
    assert result["results"][7]["outcome"] == ("changed" if repeat_status == 200 else "unchanged")
    assert {simulator.order(number)["paymentStatus"] for number in unpaid} == {"CANCELLED"}


# What is too old


def age_of_each_change(simulator):
    """Seconds between each change and the last request before it that showed the order."""
    ages, listed, read = [], None, {}
    for entry in simulator.log():
        if entry["operation"] == "readOrders":
            listed = entry["time"]
        elif entry["method"] == "GET":
            read[entry["order_number"]] = entry["time"]
        else:
            shown = [seen for seen in (listed, read.get(entry["order_number"])) if seen is not None]
            ages.append(entry["time"] - max(shown))
    return ages


def test_no_order_is_changed_on_old_knowledge(simulator, orders, unpaid, monkeypatch):
    """With a second in place of ten. A request is under way for at most half a second on top, on a busy machine ten."""
    for module in (_client, _fresh_orders):
        monkeypatch.setattr(module, "FRESH_SECONDS", 1.0)
    simulator.settings(latency_ms=100)
    result = orders([*unpaid, "nowhere"], only_from=["UNPAID"], missing_order="skip", concurrency=2, max_changes=100)
    assert result["summary"]["changed"] == 60
    ages = age_of_each_change(simulator)
    assert len(ages) == 60
    assert max(ages) < 1.0 + 10
    assert sum(age < 1.5 for age in ages) > 30
    assert len(simulator.log("GET")) > 2, "nothing was read again"


def test_an_order_that_was_paid_while_its_change_waited_is_left_alone(simulator, order, sent, monkeypatch):
    monkeypatch.setattr(_client, "FRESH_SECONDS", 1.5)
    simulator.faults(
        {"kind": "status", "status": 429, "retry_after": 2, "operation": "cancelOrder"},
        {"kind": "outside_change", "operation": "getOrder", "payment_status": "PAID"},
    )
    result = order(only_from=["UNPAID"])
    assert simulator.order("2026-0815")["paymentStatus"] == "PAID"
    assert sent() == ["GET /order/2026-0815", "POST /order/2026-0815/cancel", "GET /order/2026-0815"]
    assert result["failed"]
    assert "meanwhile the payment status has changed from UNPAID to PAID" in result["msg"]


def test_an_order_that_waited_for_its_first_change_is_read_again(order, sent, monkeypatch):
    now, waits, wait = [0.0], [], Throttle.wait

    def wait_long(throttle):
        waits.append(throttle)
        now[0] += 1000 if len(waits) == 2 else 0  # the first wait is that of the read
        wait(throttle)

    monkeypatch.setattr(_fresh_orders, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(Throttle, "wait", wait_long)
    assert order()["changed"]
    assert sent() == ["GET /order/2026-0815", "GET /order/2026-0815", "POST /order/2026-0815/cancel"]


def test_the_look_at_all_orders_is_acted_on_if_it_is_fresh(simulator, orders, sent, unpaid):
    result = orders(unpaid, max_changes=59, only_from=["UNPAID"])
    assert outcomes(result) == ["not_attempted"] * 60
    assert len(sent()) == 2
    simulator.clear_log()
    simulator.patch_order(unpaid[0], paymentStatus="PAID")
    result = orders(unpaid, max_changes=59, only_from=["UNPAID"], unexpected_status="skip")
    assert result["summary"]["changed"] == 59
    assert len(sent()) == 2 + 59


# Batches of one task


def test_a_batch_acts_on_what_the_look_of_its_task_has_read(orders, sent, unpaid):
    look = orders(unpaid, only_from=["UNPAID"], _ansible_check_mode=True, _batch={})
    assert 0 < look["_batch"]["fresh_seconds"] <= _fresh_orders.FRESH_SECONDS
    known = look["plan"]["orders"]
    batch = {"known": known, "fresh_for": 10.0}
    result = orders(unpaid, only_from=["UNPAID"], _batch=batch)
    assert outcomes(result) == ["changed"] * 60
    assert sent()[2:] == [request for request in sent() if request.startswith("POST")]
    assert result["results"][0]["amount"] == known[unpaid[0]][1]
    assert result["results"][0]["previous_payment_status"] == "UNPAID"


def test_a_plan_is_never_fresh(orders, sent, unpaid):
    plan = orders(unpaid, only_from=["UNPAID"], _ansible_check_mode=True)["plan"]
    orders(unpaid, plan=plan, only_from=["UNPAID"])
    assert sent()[2:4] == [f"GET /order/{unpaid[0]}", LIST]
