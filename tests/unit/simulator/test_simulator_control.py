# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface: log, settings, orders, reset."""

from __future__ import annotations

import concurrent.futures
import time

import pytest

FIELDS = [
    "n",
    "time",
    "method",
    "raw_path",
    "query",
    "operation",
    "order_number",
    "shop",
    "status",
    "fault",
    "changed",
    "from",
    "to",
    "headers",
    "body",
]


def test_log_entry(api, simulator):
    before = time.time()
    api("POST", "/order/A%20b/cancel?x=%41&y", b'{"a": 1}')
    (entry,) = simulator.log()
    assert list(entry) == FIELDS
    assert before <= entry.pop("time") <= time.time()
    headers = entry.pop("headers")
    assert entry == {
        "n": 1,
        "method": "POST",
        "raw_path": "/api/v2/order/A%20b/cancel",
        "query": "x=%41&y",
        "operation": "cancelOrder",
        "order_number": "A b",
        "shop": "demo-shop",
        "status": 200,
        "fault": None,
        "changed": True,
        "from": "UNPAID",
        "to": "CANCELLED",
        "body": '{"a": 1}',
    }
    assert headers["x-komfortkasse-api-key"] == "<key>"
    assert headers["content-length"] == "8"


def test_log_has_no_key_in_it(api, simulator):
    api("GET", "/orders")
    api("GET", "/orders", key="some-other-key")
    assert simulator.api_key not in str(simulator.log())
    assert "some-other-key" not in str(simulator.log())


def test_log_of_one_method_and_clearing(api, simulator):
    api.get("2026-0815")
    api.cancel("2026-0815")
    api.get("2026-0815")
    assert [entry["n"] for entry in simulator.log()] == [1, 2, 3]
    assert [entry["n"] for entry in simulator.log("POST")] == [2]
    simulator.clear_log()
    assert simulator.log() == []
    api.get("2026-0815")
    assert [entry["n"] for entry in simulator.log()] == [1]


def test_log_shows_a_request_that_is_still_waiting(api, simulator, wait_until):
    simulator.settings(latency_ms=600_000)
    with pytest.raises(TimeoutError):
        api("POST", "/order/2026-0815/cancel", timeout=0.1)
    (entry,) = wait_until(simulator.log)
    assert (entry["operation"], entry["status"]) == ("cancelOrder", None)


def test_settings(simulator):
    usual = {"latency_ms": 0, "repeat_status": 200, "late_payment_status": "CANCELLED"}
    assert simulator.settings() == usual
    assert simulator.settings(latency_ms=5) == {**usual, "latency_ms": 5}
    changed = {"latency_ms": 5, "repeat_status": 400, "late_payment_status": "PAID"}
    assert simulator.settings(repeat_status=400, late_payment_status="PAID") == changed
    assert simulator.control("GET", "/settings") == changed


@pytest.mark.parametrize(
    "change",
    [
        {"latency": 1},
        {"latency_ms": -1},
        {"latency_ms": "1"},
        {"repeat_status": 500},
        {"late_payment_status": "UNPAID"},
    ],
)
def test_settings_refused(simulator, change):
    with pytest.raises(RuntimeError, match=" 400 "):
        simulator.settings(**change)


def test_somebody_else_changes_an_order(api, simulator):
    simulator.patch_order("2026/0816", paymentStatus="PAID", amountPaid=64.0, language=None, newField=[1])
    order = api.get("2026/0816").json
    assert (order["paymentStatus"], order["amountPaid"], order["newField"]) == ("PAID", 64.0, [1])
    assert "language" not in order
    assert len(simulator.log()) == 1


def test_changes_that_cannot_be(simulator):
    for path, body, status in (
        ("/orders/demo-shop/nope", {}, 404),
        ("/orders/no-shop/2026-0815", {}, 404),
        ("/orders/demo-shop/2026-0815", [], 400),
        ("/orders/demo-shop/2026-0815", {"number": "x"}, 400),
    ):
        with pytest.raises(RuntimeError, match=f" {status} "):
            simulator.control("PATCH", path, body)


def test_orders_of_all_shops(simulator):
    everything = simulator.control("GET", "/orders")
    assert list(everything) == ["demo-shop", "second-shop"]
    assert everything["second-shop"] == simulator.orders("second-shop")
    with pytest.raises(RuntimeError, match=" 404 "):
        simulator.control("GET", "/orders?shop=nope")


def test_generated_orders(api, simulator):
    assert simulator.generate(3) == ["G000001", "G000002", "G000003"]
    assert simulator.generate(2) == ["G000004", "G000005"]
    assert simulator.generate(1, prefix="X/", shop="second-shop") == ["X/000001"]
    assert simulator.generate(1, prefix="C", paymentStatus="CANCELLED", amountPaid=5.0, age=7) == ["C000001"]
    cancelled = simulator.order("C000001")
    assert (cancelled["paymentStatus"], cancelled["amountPaid"], len(cancelled["postings"])) == ("CANCELLED", 5.0, 1)
    order = simulator.order("G000001")
    assert order["paymentStatus"] == "UNPAID"
    assert all(
        order[name] for name in ("customerEmail", "billing", "shipping", "bankAccount", "items", "referenceNumber")
    )
    assert api("GET", "/order/X%2F000001", key=simulator.second_key).status == 200


def test_short_orders(api, simulator):
    body = [{"number": "T-1"}, {"number": "T-2", "paymentStatus": "REFUNDED_PARTIAL", "amount": 10.0}]
    assert simulator.control("POST", "/orders/demo-shop", body) == {"numbers": ["T-1", "T-2"]}
    assert api.get("T-2", "includeRefunds=true").json["refunds"][0]["amount"] == 5.0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"generate": "3"},
        {"generate": 3, "count": 1},
        {"generate": 3, "fields": []},
        {"generate": 3, "fields": {"number": "T-1"}},
        {"generate": 3, "fields": {"amount": "1"}},
        [{}],
        [{"number": 1}],
        [{"number": "2026-0815"}],
        [{"number": "T-1"}, {"number": "T-1"}],
        [{"number": "T-1", "date": "2026-11-01"}],
        [{"number": "T-1", "amount": "1"}],
    ],
    ids=str,
)
def test_orders_that_cannot_be(simulator, body):
    before = simulator.orders()
    with pytest.raises(RuntimeError, match=" 400 "):
        simulator.control("POST", "/orders/demo-shop", body)
    assert simulator.orders() == before


def test_reset(api, simulator):
    before = simulator.control("GET", "/orders")
    simulator.settings(latency_ms=1, repeat_status=400)
    simulator.faults({"kind": "reset", "times": None, "operation": "getOrder"})
    simulator.generate(5)
    api.cancel("2026-0815")
    simulator.patch_order("A b", amount=1)
    simulator.reset()
    assert simulator.control("GET", "/orders") == before
    assert simulator.settings() == {"latency_ms": 0, "repeat_status": 200, "late_payment_status": "CANCELLED"}
    assert simulator.faults() == []
    assert simulator.log() == []


def test_a_request_from_before_a_reset_does_not_reach_the_state_after_it(api, simulator, wait_until):
    simulator.settings(latency_ms=200)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(api.cancel, "2026-0815")
        wait_until(simulator.log)
        simulator.reset()
        assert waiting.result().json["paymentStatus"] == "CANCELLED"
    assert simulator.order("2026-0815")["paymentStatus"] == "UNPAID"
    assert simulator.log() == []


def test_unknown_control_paths(simulator):
    for method, path, status in (("GET", "/nope", 404), ("POST", "/log", 405), ("PUT", "/settings", 405)):
        with pytest.raises(RuntimeError, match=f" {status} "):
            simulator.control(method, path)
    with pytest.raises(RuntimeError, match=" 400 "):
        simulator.control("PATCH", "/settings", "text")
