# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths are taken byte for byte: one encoded segment is one order number, and nothing is normalised."""

from __future__ import annotations

import pytest

NUMBERS = ["2026/0816", "A b", "0123", "ä#?%+&", "cancel"]


@pytest.mark.parametrize("number", NUMBERS)
def test_odd_numbers(api, simulator, number):
    assert api.get(number).json["number"] == number
    assert api.cancel(number).json["number"] == number
    assert [entry["order_number"] for entry in simulator.log()] == [number, number]
    changed = [name for name, order in simulator.orders().items() if order["paymentStatus"] == "CANCELLED"]
    assert sorted(changed) == sorted([number, "2026-0601", "2026-0602", "2026-0603"])


@pytest.mark.parametrize("number", [".", "..", "%2e%2e", "a%00b", "%0a", "x'y", "(~!$&'()*+,;=:@)", "%25"])
def test_any_segment_is_a_number(api, simulator, number):
    reply = api("GET", f"/order/{number}")
    assert (reply.status, reply.json) == (404, {"error": "Order not found"})
    assert simulator.log()[0]["operation"] == "getOrder"


def test_leading_zeros_and_case_matter(api):
    assert (api.get("0123").json["amount"], api.get("123").json["amount"]) == (230.1, 19.99)
    assert api.get("a b").status == 404
    assert api.get("A+b").status == 404
    assert api("GET", "/order/A+b").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/order/2026/0816",
        "/api/v2/order/../x",
        "/api/v2/order/x/../2026-0815",
        "/api/v2/order//2026-0815",
        "/api/v2//order/2026-0815",
        "/api/v2/order/2026-0815/",
        "/api/v2/order/",
        "/api/v2/orders/",
        "/api/v2/%6Frder/2026-0815",
        "/api/v2/order%2F2026-0815",
        "/api/v2/order/2026-0815#cancel",
        "/api/v2/order/%",
        "/api/v2/order/%zz",
        "/api/v2/order/%ff",
        '/api/v2/order/"',
        "/api/v2/order/2026-0815/cancel/now",
        "/api/v2/ordersync",
        "/api/v3/orders",
        "/API/v2/orders",
        "/",
        "/_control",
    ],
)
def test_anything_else_is_not_found(api, simulator, path):
    before = simulator.orders()
    for method in ("GET", "POST"):
        reply = api(method, path, whole=True)
        assert (reply.status, reply.json) == (404, {"error": "Not found"})
    assert simulator.orders() == before
    assert [(entry["raw_path"], entry["operation"], entry["status"]) for entry in simulator.log()] == [
        (path, None, 404),
        (path, None, 404),
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/order/2026-0815/cancel"),
        ("GET", "/order/remove/2026-0815"),
        ("PUT", "/order/2026-0815"),
        ("DELETE", "/order/2026-0815"),
        ("PATCH", "/orders"),
        ("DELETE", "/orders"),
        ("OPTIONS", "/orders"),
    ],
)
def test_wrong_method(api, simulator, method, path):
    reply = api(method, path)
    assert (reply.status, reply.json) == (405, {"error": "Method not allowed"})
    assert simulator.log()[0]["method"] == method


def test_the_static_segment_remove_wins(api, simulator):
    # Meant as "cancel the order remove", this removes the order "cancel".
    assert api("POST", "/order/remove/cancel").json["paymentStatus"] == "DISAPPEARED"
    assert simulator.order("cancel")["paymentStatus"] == "DISAPPEARED"
    assert simulator.log()[0]["operation"] == "removeOrder"


def test_absolute_target(api, simulator):
    target = f"http://{api.host}:{api.port}{api.base}/order/2026-0815"
    request = (
        f"GET {target} HTTP/1.1\r\nHost: x\r\nX-Komfortkasse-API-Key: {simulator.api_key}\r\nConnection: close\r\n\r\n"
    )
    assert api.raw(request.encode()).startswith(b"HTTP/1.1 200 ")
    assert simulator.log()[0]["raw_path"] == target


def test_what_is_not_http_is_logged_as_well(api, simulator):
    for request in (
        b"GET /api/v2/order/A b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v2/order/\xc3\xa4 HTTP/1.1\r\n\r\n",
    ):
        assert api.raw(request).startswith(b"HTTP/1.1 400 ")
    entries = simulator.log()
    assert [(entry["status"], entry["operation"]) for entry in entries] == [(400, None), (400, None)]
    assert entries[0]["raw_path"].startswith("/api/v2/order/A")
