# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation of the API leaves open: see "Assumptions" in the simulator's README."""

from __future__ import annotations

import contextlib
import http.client
import json

import pytest

TRANSITIONS = {
    "cancelOrder": ("/order/{}/cancel", "CANCELLED"),
    "removeOrder": ("/order/remove/{}", "DISAPPEARED"),
    "setOrderPaid": ("/order/{}/setpaid", "PAID"),
    "setOrderUnpaid": ("/order/{}/setunpaid", "UNPAID"),
}


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
    reply = api("POST", path.format(number))
    assert (reply.status, reply.json) == (400, {"error": f"Order is already {target}"})
    assert simulator.log()[-1]["changed"] is False


def test_a_key_belongs_to_one_shop(api, simulator):
    assert api("GET", "/order/S-1").status == 404
    assert api("POST", "/order/2026-0815/cancel", key=simulator.second_key).json["amount"] == 410.0
    assert simulator.order("2026-0815")["paymentStatus"] == "UNPAID"
    for key, error in ((None, "API Key missing"), ("wrong", "API Key invalid")):
        reply = api("POST", "/order/2026-0815/cancel", key=key)
        assert (reply.status, reply.json) == (401, {"error": error})
    assert simulator.order("2026-0815")["paymentStatus"] == "UNPAID"


def test_amount_paid_is_postings_less_refunds(simulator):
    for number, order in simulator.orders().items():
        received = sum(posting["amount"] for posting in order["postings"])
        returned = sum(refund["amount"] for refund in order["refunds"])
        assert order["amountPaid"] == pytest.approx(received - returned), number


@pytest.mark.parametrize(
    ("before", "setting", "amount", "after"),
    [
        ("UNPAID", "CANCELLED", 22.37, "PAID_PARTIAL"),
        ("PAID_PARTIAL", "CANCELLED", 22.38, "PAID"),
        ("CANCELLED", "CANCELLED", 22.38, "CANCELLED"),
        ("CANCELLED", "PAID", 22.38, "PAID"),
        ("CANCELLED", "PAID", 0.1, "PAID_PARTIAL"),
        ("COLLECTION", "CANCELLED", 22.38, "PAID"),
        ("DISAPPEARED", "PAID", 22.38, "DISAPPEARED"),
    ],
)
def test_money_arrives_in_any_status(simulator, before, setting, amount, after):
    simulator.settings(late_payment_status=setting)
    simulator.patch_order("2026-0815", paymentStatus=before)
    simulator.receive("2026-0815", amount=amount - 0.05, age=3)
    order = simulator.receive("2026-0815", amount=0.05)
    assert (order["paymentStatus"], order["amountPaid"], len(order["postings"])) == (after, amount, 2)


def test_the_filters_of_the_list(api, simulator):
    assert set(api.numbers()) == set(simulator.orders()) - {"2025-0001"}  # which is older than 120 days
    simulator.patch_order("2026-0815", date="no date")
    assert api.numbers("maxAge=0") == ["2026-0815", "2026-0820"]
    assert set(api.numbers("maxAge=99999999999999999999")) == set(simulator.orders())
    assert api.numbers("paymentStatus=PAID%2CPAID_PARTIAL") == ["2026-0701", "2026-0702", "2026-0703"]
    assert api.numbers("paymentStatus=NOT_A_STATUS") == []
    simulator.receive("2026-0815", amount=1.0)
    posted = simulator.order("2026-0815")["postings"][0]["postingDate"]
    assert api.numbers(f"minPostingDate={posted}") == ["2026-0815"]
    for query in ("paymentStatus=PAID,", "maxAge=-1", "maxAge=", "minPostingDate=2026-01-31", "includeRefunds=1"):
        assert api("GET", f"/orders?{query}").status == 400, query


def test_a_long_list_is_whole_and_holds_up_no_other_request(api, simulator):
    """It is several times what the sockets take in, so that it has not ended before it is read."""
    numbers = simulator.generate(20000)
    connection = http.client.HTTPConnection(api.host, api.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", f"{api.base}/orders", headers={"X-Komfortkasse-API-Key": simulator.api_key})
        answer = connection.getresponse()
        assert api.cancel(numbers[-1]).status == 200
        listed = json.loads(answer.read())
    assert [order["number"] for order in listed[-20000:]] == numbers
    assert listed[-1]["paymentStatus"] == "UNPAID"  # as it was when the list was asked for


@pytest.mark.parametrize("number", ["2026/0816", "A b", "0123", "ä#?%+&", "cancel"])
def test_one_segment_is_one_number(api, simulator, number):
    assert api.get(number).json["number"] == number
    assert api.cancel(number).json["number"] == number
    assert [entry["order_number"] for entry in simulator.log()] == [number, number]


@pytest.mark.parametrize("number", [".", "..", "%2e%2e", "a%00b", "A+b", "%25"])
def test_no_segment_is_normalised(api, simulator, number):
    reply = api("GET", f"/order/{number}")
    assert (reply.status, reply.json) == (404, {"error": "Order not found"})
    assert simulator.log()[0]["operation"] == "getOrder"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/order/2026/0816",
        "/api/v2/order/x/../2026-0815",
        "/api/v2/order//2026-0815",
        "/api/v2/order/2026-0815/",
        "/api/v2/orders/",
        "/api/v2/%6Frder/2026-0815",
        "/api/v2/order/%zz",
        "/api/v2/order/%ff",
        "/api/v2/order/2026-0815/cancel/now",
        "/API/v2/orders",
        "/_control",
    ],
)
def test_anything_else_is_not_found(api, simulator, path):
    reply = api("POST", path, whole=True)
    assert (reply.status, reply.json) == (404, {"error": "Not found"})
    [entry] = simulator.log()
    assert (entry["raw_path"], entry["operation"], entry["status"]) == (path, None, 404)


def test_the_static_segment_remove_wins(api, simulator):
    # Meant as "cancel the order remove", this removes the order "cancel".
    assert api("POST", "/order/remove/cancel").json["paymentStatus"] == "DISAPPEARED"
    assert simulator.log()[0]["operation"] == "removeOrder"


def test_what_is_not_http_is_logged_as_well(api, simulator):
    assert api.raw(b"GET /api/v2/order/A b HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    [entry] = simulator.log()
    assert (entry["status"], entry["operation"]) == (400, None)
    assert entry["raw_path"].startswith("/api/v2/order/A")
