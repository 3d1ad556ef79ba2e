# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface: log, settings, orders, reset."""

from __future__ import annotations

import concurrent.futures
import time

import pytest

USUAL = {"latency_ms": 0, "repeat_status": 200, "late_payment_status": "CANCELLED"}


def test_log_entry(api, simulator):
    before = time.time()
    api("POST", "/order/A%20b/cancel?x=%41&y", b'{"a": 1}')
    (entry,) = simulator.log()
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
    api.get("2026-0815")
    assert [entry["n"] for entry in simulator.log("POST")] == [1]
    simulator.clear_log()
    assert simulator.log() == []


def test_log_shows_a_request_that_is_still_waiting_or_cut_off(api, simulator, wait_until):
    simulator.settings(latency_ms=600_000)
    with pytest.raises(TimeoutError):
        api("POST", "/order/2026-0815/cancel", timeout=0.1)
    (entry,) = wait_until(simulator.log)
    assert (entry["operation"], entry["status"]) == ("cancelOrder", None)
    head = f"POST {api.base}/order/2026-0815/cancel HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n"
    with pytest.raises(TimeoutError):
        api.raw(f"{head}half".encode(), timeout=0.2)
    wait_until(lambda: len(simulator.log()) == 2)
    assert simulator.log()[1]["operation"] is None


def test_settings(simulator):
    assert simulator.settings() == USUAL
    assert simulator.settings(latency_ms=5) == {**USUAL, "latency_ms": 5}
    for change in ({"latency": 1}, {"latency_ms": -1}, {"latency_ms": "1"}, {"repeat_status": 500}):
        with pytest.raises(RuntimeError, match=" 400 "):
            simulator.settings(**change)


def test_somebody_else_changes_an_order(api, simulator):
    simulator.patch_order("2026/0816", paymentStatus="PAID", amountPaid=64.0, language=None, newField=[1])
    order = api.get("2026/0816").json
    assert (order["paymentStatus"], order["amountPaid"], order["newField"]) == ("PAID", 64.0, [1])
    assert "language" not in order
    assert len(simulator.log()) == 1


def test_generated_orders(simulator):
    assert simulator.generate(3) == ["G000001", "G000002", "G000003"]
    assert simulator.generate(2) == ["G000004", "G000005"]
    assert simulator.generate(1, prefix="X/", shop="second-shop") == ["X/000001"]
    [number] = simulator.generate(1, prefix="C", paymentStatus="CANCELLED", amountPaid=5.0, age=7)
    order = simulator.order(number)
    assert (order["paymentStatus"], order["amountPaid"], len(order["postings"])) == ("CANCELLED", 5.0, 1)
    short = [{"number": "T-1"}, {"number": "T-2", "paymentStatus": "REFUNDED_PARTIAL", "amount": 10.0}]
    assert simulator.control("POST", "/orders/demo-shop", short) == {"numbers": ["T-1", "T-2"]}
    assert simulator.order("T-2")["refunds"][0]["amount"] == 5.0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PATCH", "/orders/demo-shop/nope", {}, 404),
        ("PATCH", "/orders/demo-shop/2026-0815", {"number": "x"}, 400),
        ("POST", "/orders/demo-shop/2026-0815/postings", {"amount": "1"}, 400),
        ("POST", "/orders/no-shop", {"generate": 1}, 404),
        ("POST", "/orders/demo-shop", {"generate": "3"}, 400),
        ("POST", "/orders/demo-shop", {"generate": 3, "count": 1}, 400),
        ("POST", "/orders/demo-shop", {"generate": 3, "fields": {"amount": "1"}}, 400),
        ("POST", "/orders/demo-shop", [{"number": 1}], 400),
        ("POST", "/orders/demo-shop", [{"number": "T-1"}, {"number": "2026-0815"}], 400),
        ("POST", "/orders/demo-shop", [{"number": "T-1", "date": "2026-11-01"}], 400),
        ("PUT", "/settings", {}, 405),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(simulator, method, path, body, status):
    before = simulator.control("GET", "/orders")
    with pytest.raises(RuntimeError, match=f" {status} "):
        simulator.control(method, path, body)
    assert simulator.control("GET", "/orders") == before


def test_reset(api, simulator):
    before = simulator.control("GET", "/orders")
    assert list(before) == ["demo-shop", "second-shop"]
    simulator.settings(latency_ms=1, repeat_status=400)
    simulator.faults({"kind": "reset", "times": None, "operation": "getOrder"})
    simulator.generate(5)
    api.cancel("2026-0815")
    simulator.reset()
    assert simulator.control("GET", "/orders") == before
    assert (simulator.settings(), simulator.faults(), simulator.log()) == (USUAL, [], [])


def test_a_request_from_before_a_reset_does_not_reach_the_state_after_it(api, simulator, wait_until):
    simulator.settings(latency_ms=200)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(api.cancel, "2026-0815")
        wait_until(simulator.log)
        simulator.reset()
        assert waiting.result().json["paymentStatus"] == "CANCELLED"
    assert simulator.order("2026-0815")["paymentStatus"] == "UNPAID"
    assert simulator.log() == []
