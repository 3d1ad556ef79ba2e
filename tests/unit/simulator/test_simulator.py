# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the plugins take for granted: the log is complete, a fault happens, and a reset resets."""

from __future__ import annotations

import contextlib
import http.client
import time
from urllib.parse import quote

import pytest

NUMBER = "2026-0815"
TRANSITIONS = {
    "cancelOrder": ("/order/{}/cancel", "CANCELLED"),
    "removeOrder": ("/order/remove/{}", "DISAPPEARED"),
    "setOrderPaid": ("/order/{}/setpaid", "PAID"),
    "setOrderUnpaid": ("/order/{}/setunpaid", "UNPAID"),
}
KINDS = {
    "status": {"status": 500},
    "reset": {},
    "truncated": {},
    "body": {"body": "<html>"},
    "redirect": {"location": "https://elsewhere.example/"},
    "wrong_order": {},
    "stale_status": {},
    "echo_key": {},
    "echo_key_in_order": {},
    "enormous": {"size": 10_000},
    "gzip_bomb": {"size": 10_000},
    "delay": {},
    "outside_change": {"payment_status": "CANCELLED"},
}
ALWAYS_MADE = ("delay", "outside_change")


# The log


def test_log_shows_a_request_byte_for_byte_without_its_key(api, simulator):
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


def test_log_shows_what_gets_no_answer_and_what_is_unknown(api, simulator, wait_until):
    """A test that expects an empty log must not pass because a request was wrong, or is still under way."""
    assert api("POST", "/order/2026/0816").status == 404
    assert [(entry["raw_path"], entry["status"]) for entry in simulator.log()] == [("/api/v2/order/2026/0816", 404)]
    with api.raw("GET /api/v2/order/A b HTTP/1.1\r\nHost: x\r\n\r\n"):
        assert wait_until(lambda: simulator.log()[1:])[0]["status"] == 400
    simulator.settings(latency_ms=600_000)
    with api.raw(f"POST {api.base}/order/{NUMBER}/cancel HTTP/1.1\r\nHost: x\r\n\r\n"):
        (entry,) = wait_until(lambda: simulator.log()[2:])
    assert (entry["operation"], entry["status"]) == ("cancelOrder", None)


def test_reset_restores_orders_settings_faults_and_log(api, simulator):
    before, usual = simulator.control("GET", "/orders"), simulator.settings()
    simulator.settings(latency_ms=1, repeat_status=400)
    simulator.faults({"kind": "reset", "times": None, "operation": "getOrder"})
    simulator.generate(5)
    api.cancel(NUMBER)
    simulator.reset()
    assert simulator.control("GET", "/orders") == before
    assert (simulator.settings(), simulator.faults(), simulator.log()) == (usual, [], [])


# What the documentation of the API leaves open: see "Assumptions" in the simulator's README


@pytest.mark.parametrize("operation", TRANSITIONS)
def test_transition_from_every_status(api, simulator, operation):
    path, target = TRANSITIONS[operation]
    statuses = {order["paymentStatus"]: number for number, order in simulator.orders().items()}
    assert len(statuses) == 9
    for status, number in statuses.items():
        assert api("POST", path.format(number)).json["paymentStatus"] == target
        entry = simulator.log()[-1]
        assert (entry["operation"], entry["from"], entry["to"]) == (operation, status, target)
        assert entry["changed"] == (status != target)
    simulator.settings(repeat_status=400)
    assert api("POST", path.format(number)).json == {"error": f"Order is already {target}"}
    assert simulator.log()[-1]["changed"] is False


def test_a_key_belongs_to_one_shop(api, simulator):
    assert api.get("S-1").status == 404
    assert api("POST", f"/order/{NUMBER}/cancel", key="demo-key-1111-for-the-simulator-").json["amount"] == 410.0
    for key, error in ((None, "API Key missing"), ("wrong", "API Key invalid")):
        assert api("POST", f"/order/{NUMBER}/cancel", key=key).json == {"error": error}
    assert simulator.order(NUMBER)["paymentStatus"] == "UNPAID"


def test_the_filters_of_the_list(api, simulator):
    assert set(api.numbers()) == set(simulator.orders()) - {"2025-0001"}  # which is older than 120 days
    simulator.patch_order(NUMBER, date="no date")
    assert api.numbers("maxAge=0") == [NUMBER, "2026-0820"]
    assert set(api.numbers("maxAge=99999999999999999999")) == set(simulator.orders())
    assert api.numbers("paymentStatus=PAID%2CPAID_PARTIAL") == ["2026-0701", "2026-0702", "2026-0703"]
    assert api.numbers("paymentStatus=NOT_A_STATUS") == []
    posted = simulator.order("2026-0701")["postings"][0]["postingDate"]
    assert "2026-0701" in api.numbers(f"minPostingDate={posted}")
    for query in ("paymentStatus=PAID,", "maxAge=-1", "maxAge=", "minPostingDate=2026-01-31", "includeRefunds=1"):
        assert api("GET", f"/orders?{query}").status == 400, query


# Faults. How each of them looks is seen by what the modules make of it: tests/unit/plugins/specimens.py.


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", KINDS)
def test_whether_the_change_is_made(api, simulator, kind, when):
    simulator.faults({"kind": kind, "operation": "cancelOrder", "delay": 0.05, **KINDS[kind], "when": when})
    began = time.monotonic()
    with contextlib.suppress(OSError, http.client.HTTPException):
        api.cancel(NUMBER)
    assert time.monotonic() - began > 0.04  # the timer of the event loop may go off a little early
    changed = when == "after" or kind in ALWAYS_MADE
    (entry,) = simulator.log()
    assert (entry["fault"], entry["changed"], entry["from"]) == (1, changed, "UNPAID")
    assert entry["to"] == simulator.order(NUMBER)["paymentStatus"] == ("CANCELLED" if changed else "UNPAID")
    # Whatever it was, the next request finds everything in order.
    assert api.cancel(NUMBER).json["paymentStatus"] == "CANCELLED"


def test_echo_key_shows_the_key_plain_and_encoded(api, simulator):
    simulator.faults({"kind": "echo_key"})
    error = api("GET", "/orders", key="a key/with+signs").json["error"]
    assert "a key/with+signs" in error
    assert quote("a key/with+signs", safe="") in error


@pytest.mark.parametrize("field", ["referenceNumber", "paymentStatus"])
def test_echo_key_in_order_shows_the_key_in_each_spelling(api, simulator, field):
    key = simulator.api_key
    simulator.faults({"kind": "echo_key_in_order", "times": None, "field": field})
    reply = api.get(NUMBER)
    spelt = f"{key} {key} {key}"
    assert reply.json[field] == api("GET", "/orders").json[0][field] == spelt
    assert b"\\u0064\\u0065\\u006d\\u006f\\u002d\\u006b" in reply.body  # demo-k


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "unknown"},
        {"kind": "status"},
        {"kind": "status", "status": "503"},
        {"kind": "status", "status": 503, "location": "x"},
        {"kind": "reset", "operation": ["getOrder", "cancel"]},
        {"kind": "reset", "when": "never"},
        {"kind": "reset", "tims": 1},
    ],
    ids=str,
)
def test_a_fault_that_would_never_happen_is_refused(simulator, fault):
    with pytest.raises(RuntimeError, match=" 400 "):
        simulator.faults(fault)
