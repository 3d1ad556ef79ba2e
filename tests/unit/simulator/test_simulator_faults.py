# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each kind of fault looks, and whether the change behind it is made."""

from __future__ import annotations

import base64
import contextlib
import gzip
import http.client
import json
import socket
import time
from urllib.parse import quote

import pytest

NUMBER = "2026-0815"
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
}
NORMAL = {"delay": {"delay": 0.05}, "outside_change": {"payment_status": "CANCELLED"}}
ALL = {**KINDS, **NORMAL}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ALL)
def test_whether_the_change_is_made(api, simulator, kind, when):
    simulator.faults({"kind": kind, "operation": "cancelOrder", "delay": 0.05, **ALL[kind], "when": when})
    began = time.monotonic()
    with contextlib.suppress(OSError, http.client.HTTPException):
        api.cancel(NUMBER)
    assert time.monotonic() - began >= 0.05
    changed = when == "after" or kind in NORMAL
    (entry,) = simulator.log()
    assert (entry["fault"], entry["changed"], entry["from"]) == (1, changed, "UNPAID")
    assert entry["to"] == simulator.order(NUMBER)["paymentStatus"] == ("CANCELLED" if changed else "UNPAID")
    # Whatever it was, the next request finds everything in order.
    assert api.cancel(NUMBER).json["paymentStatus"] == "CANCELLED"


@pytest.mark.parametrize(("when", "seen"), [("before", "UNPAID"), ("after", "CANCELLED")])
def test_delay_before_and_after_the_change(api, simulator, wait_until, when, seen):
    simulator.faults({"kind": "delay", "delay": 600, "when": when})
    with socket.create_connection((api.host, api.port)) as waiting:
        key = f"X-Komfortkasse-API-Key: {simulator.api_key}"
        waiting.sendall(f"POST {api.base}/order/{NUMBER}/cancel HTTP/1.1\r\nHost: x\r\n{key}\r\n\r\n".encode())
        (entry,) = wait_until(simulator.log)
        assert entry["status"] is None
        wait_until(lambda: simulator.order(NUMBER)["paymentStatus"] == seen)


def test_client_that_does_not_wait_gets_its_change_all_the_same(api, simulator, wait_until):
    simulator.faults({"kind": "delay", "delay": 0.5})
    with socket.create_connection((api.host, api.port)) as impatient:
        key = f"X-Komfortkasse-API-Key: {simulator.api_key}"
        impatient.sendall(f"POST {api.base}/order/{NUMBER}/cancel HTTP/1.1\r\nHost: x\r\n{key}\r\n\r\n".encode())
        wait_until(simulator.log)
    wait_until(lambda: simulator.order(NUMBER)["paymentStatus"] == "CANCELLED")


@pytest.mark.parametrize("after", [None, 0, 1.5, "Wed, 21 Oct 2037 07:28:00 GMT"])
def test_status(api, simulator, after):
    fields = {} if after is None else {"error": "Gemach, März: 100 %", "retry_after": after}
    simulator.faults({"kind": "status", "status": 429, **fields})
    reply = api.cancel(NUMBER)
    assert (reply.status, reply.json["error"]) == (429, fields.get("error", "Too many requests"))
    assert reply.headers.get("retry-after") == (None if after is None else str(after))


def test_reset(api, simulator):
    simulator.faults({"kind": "reset", "skip": 1})
    connection = http.client.HTTPConnection(api.host, api.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", f"{api.base}/orders")
        connection.getresponse().read()
        connection.request("GET", f"{api.base}/orders")
        with pytest.raises(ConnectionResetError) as caught:
            connection.getresponse()
    # http.client reports an orderly end without an answer as a reset, too.
    assert not isinstance(caught.value, http.client.RemoteDisconnected)
    assert simulator.log()[1]["status"] is None


def test_truncated(api, simulator):
    whole = api.get(NUMBER).body
    simulator.faults({"kind": "truncated"})
    with pytest.raises(http.client.IncompleteRead) as caught:
        api.get(NUMBER)
    assert caught.value.partial == whole[: len(whole) // 2]
    assert caught.value.expected == len(whole) - len(whole) // 2


def test_body_and_redirect(api, simulator):
    simulator.faults(
        {"kind": "body", "body": "ä"},
        {"kind": "body", "body": "{}", "status": 502, "content_type": "application/json"},
        {"kind": "redirect", "location": "https://elsewhere.example/x?y"},
        {"kind": "redirect", "location": "/login", "status": 307},
    )
    replies = [api.cancel(NUMBER) for _fault in range(4)]
    assert [(each.status, each.body, each.headers["content-type"]) for each in replies[:2]] == [
        (200, "ä".encode(), "text/html"),
        (502, b"{}", "application/json"),
    ]
    assert [(each.status, each.headers["location"]) for each in replies[2:]] == [
        (302, "https://elsewhere.example/x?y"),
        (307, "/login"),
    ]


def test_wrong_order(api, simulator):
    right = api("GET", "/orders").json
    simulator.faults({"kind": "wrong_order", "times": 3, "when": "after"})
    wrong = api("GET", "/orders").json
    assert wrong[0]["number"] != right[0]["number"]
    assert wrong[1:] == right[1:]
    order = api.cancel(NUMBER).json
    assert order["number"] != NUMBER
    assert api.get("nope").json == {"error": "Order not found"}
    assert {**order, "number": NUMBER} == api.get(NUMBER).json


@pytest.mark.parametrize("number", [NUMBER, "2026-0703"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_stale_status(api, simulator, number, when):
    before = api.get(number).json
    simulator.faults({"kind": "stale_status", "operation": "cancelOrder", "when": when})
    assert api.cancel(number).json == before


def test_echo_key(api, simulator):
    simulator.faults({"kind": "echo_key"}, {"kind": "echo_key", "status": 500})
    reply = api.cancel(NUMBER)
    assert (reply.status, simulator.api_key in reply.json["error"]) == (400, True)
    reply = api("GET", "/orders", key="a key/with+signs")
    assert reply.status == 500
    assert "a key/with+signs" in reply.json["error"]
    assert quote("a key/with+signs", safe="") in reply.json["error"]


@pytest.mark.parametrize("field", ["referenceNumber", "paymentStatus"])
def test_echo_key_in_order(api, simulator, field):
    key = simulator.api_key
    simulator.faults({"kind": "echo_key_in_order", "times": None, "field": field})
    reply = api.get(NUMBER)
    spelt = f"{key} {key} {base64.b64encode(key.encode()).decode()} {key}"
    assert reply.json[field] == spelt
    assert reply.body.count(key.encode()) == 2
    assert b"\\u0064\\u0065\\u006d\\u006f\\u002d\\u006b" in reply.body  # demo-k
    assert api("GET", "/orders").json[0][field] == spelt
    assert api.get("no such order").json == {"error": "Order not found"}


def test_outside_change(api, simulator):
    simulator.faults(
        {"kind": "outside_change", "operation": "readOrders", "payment_status": "PAID", "changed_number": NUMBER},
        {"kind": "outside_change", "operation": "getOrder", "payment_status": "PAID_PARTIAL"},
        {"kind": "outside_change", "operation": "getOrder", "payment_status": "PAID", "changed_number": "nope"},
    )
    assert {order["number"]: order["paymentStatus"] for order in api("GET", "/orders").json}[NUMBER] == "UNPAID"
    assert [api.get(NUMBER).json["paymentStatus"] for _time in range(3)] == ["PAID", "PAID_PARTIAL", "PAID_PARTIAL"]
    assert api.cancel(NUMBER).status == 200
    assert simulator.log("POST")[0]["from"] == "PAID_PARTIAL"


@pytest.mark.parametrize("size", [5_000, 65_536, 3_000_000])
def test_enormous(api, simulator, size):
    normal = api.get(NUMBER).json
    simulator.faults({"kind": "enormous", "size": size, "times": 2})
    reply = api.get(NUMBER)
    assert len(reply.body) == size == int(reply.headers["content-length"])
    assert {name: value for name, value in reply.json.items() if name != "padding"} == normal
    assert len(api("GET", "/orders").body) >= size


def test_gzip_bomb(api, simulator):
    normal = api.get(NUMBER).json
    simulator.faults({"kind": "gzip_bomb", "size": 10_000_000})
    reply = api.get(NUMBER)
    assert reply.headers["content-encoding"] == "gzip"
    assert len(reply.body) == int(reply.headers["content-length"]) < 100_000
    unpacked = gzip.decompress(reply.body)
    assert len(unpacked) == 10_000_000
    assert {name: value for name, value in json.loads(unpacked).items() if name != "padding"} == normal


@pytest.mark.parametrize("fault", [{"interval": 0.01, "size": 10}, {"interval": 0, "size": 65536}])
def test_endless_does_not_starve_others(api, simulator, fault):
    simulator.faults({"kind": "endless", **fault})
    with socket.create_connection((api.host, api.port), timeout=60) as connection:
        connection.sendall(f"GET {api.base}/orders HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = b""
        while received.count(b"\r\nxxxxxxxxxx") < 10:
            piece = connection.recv(4096)
            assert piece, "it ended"
            received += piece
        assert b"transfer-encoding: chunked" in received
        assert api.get(NUMBER).status == 200


def test_faults_on_an_order_that_is_not_there(api, simulator):
    simulator.faults(*({"kind": kind, **fields} for kind, fields in ALL.items()))
    for _kind in ALL:
        with contextlib.suppress(OSError, http.client.HTTPException):
            api.cancel("nope")
    assert [fault["hits"] for fault in simulator.faults()] == [1] * len(ALL)
