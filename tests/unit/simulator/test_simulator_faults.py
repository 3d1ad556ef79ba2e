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
# Every kind with the fields it needs. Those in NORMAL answer as usual, and so always make the change.
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


def plan(simulator, kind, **fields):
    simulator.faults({"kind": kind, "operation": "cancelOrder", **fields})


def try_cancel(api):
    try:
        return api.cancel(NUMBER)
    except (OSError, http.client.HTTPException):
        return None


@pytest.mark.parametrize("when", [None, "before", "after"])
@pytest.mark.parametrize("kind", [*KINDS, *NORMAL])
def test_whether_the_change_is_made(api, simulator, kind, when):
    fields = {**KINDS, **NORMAL}[kind]
    plan(simulator, kind, **fields, **({"when": when} if when else {}))
    try_cancel(api)
    changed = when == "after" or kind in NORMAL
    assert simulator.order(NUMBER)["paymentStatus"] == ("CANCELLED" if changed else "UNPAID")
    (entry,) = simulator.log()
    assert (entry["fault"], entry["changed"], entry["from"]) == (1, changed, "UNPAID")
    assert entry["to"] == ("CANCELLED" if changed else "UNPAID")
    # Whatever it was, the next request finds everything in order.
    assert api.cancel(NUMBER).json["paymentStatus"] == "CANCELLED"


@pytest.mark.parametrize("kind", [*KINDS, *NORMAL])
def test_delay_goes_with_any_kind(api, simulator, kind):
    for when in ("before", "after"):
        simulator.faults(
            {"kind": kind, "operation": "getOrder", **{**KINDS, **NORMAL}[kind], "delay": 0.05, "when": when}
        )
        began = time.monotonic()
        with contextlib.suppress(OSError, http.client.HTTPException):
            api.get(NUMBER)
        assert time.monotonic() - began >= 0.05


@pytest.mark.parametrize(("when", "seen"), [("before", "UNPAID"), ("after", "CANCELLED")])
def test_delay_before_and_after_the_change(api, simulator, wait_until, when, seen):
    plan(simulator, "delay", delay=600, when=when)
    with socket.create_connection((api.host, api.port)) as waiting:
        key = f"X-Komfortkasse-API-Key: {simulator.api_key}"
        waiting.sendall(f"POST {api.base}/order/{NUMBER}/cancel HTTP/1.1\r\nHost: x\r\n{key}\r\n\r\n".encode())
        (entry,) = wait_until(simulator.log)
        assert entry["status"] is None
        wait_until(lambda: simulator.order(NUMBER)["paymentStatus"] == seen)


def test_client_that_does_not_wait_gets_its_change_all_the_same(api, simulator, wait_until):
    plan(simulator, "delay", delay=0.5)
    with pytest.raises(TimeoutError):
        api("POST", f"/order/{NUMBER}/cancel", timeout=0.05)
    wait_until(lambda: simulator.order(NUMBER)["paymentStatus"] == "CANCELLED")
    (entry,) = simulator.log()
    assert (entry["status"], entry["changed"]) == (None, True)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 429, 500, 502, 503, 504])
def test_status(api, simulator, status):
    plan(simulator, "status", status=status)
    reply = api.cancel(NUMBER)
    assert reply.status == status
    assert isinstance(reply.json["error"], str)
    assert "retry-after" not in reply.headers


@pytest.mark.parametrize("after", [0, 3, 1.5, "120", "Wed, 21 Oct 2037 07:28:00 GMT"])
def test_status_with_text_and_retry_after(api, simulator, after):
    plan(simulator, "status", status=429, error="Gemach, März: 100 %", retry_after=after)
    reply = api.cancel(NUMBER)
    assert (reply.status, reply.json) == (429, {"error": "Gemach, März: 100 %"})
    assert reply.headers["retry-after"] == str(after)


def test_reset(api, simulator):
    simulator.faults({"kind": "reset"})
    # On the bare socket, because http.client reports an orderly end without an answer as a reset, too.
    with pytest.raises(ConnectionResetError):
        api.raw(f"GET {api.base}/order/{NUMBER} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert simulator.log()[0]["status"] is None


def test_reset_of_a_connection_that_was_used_before(api, simulator):
    simulator.faults({"kind": "reset", "skip": 2})
    connection = http.client.HTTPConnection(api.host, api.port, timeout=60)
    headers = {"X-Komfortkasse-API-Key": simulator.api_key}
    for _index in range(2):
        connection.request("GET", f"{api.base}/order/{NUMBER}", headers=headers)
        assert connection.getresponse().read()
    connection.request("GET", f"{api.base}/order/{NUMBER}", headers=headers)
    with pytest.raises(ConnectionResetError) as caught:
        connection.getresponse()
    assert not isinstance(caught.value, http.client.RemoteDisconnected)
    connection.close()


def test_truncated(api, simulator):
    whole = api.get(NUMBER).body
    simulator.faults({"kind": "truncated"})
    with pytest.raises(http.client.IncompleteRead) as caught:
        api.get(NUMBER)
    assert caught.value.partial == whole[: len(whole) // 2]
    assert caught.value.expected == len(whole) - len(whole) // 2
    assert simulator.log()[1]["status"] == 200


@pytest.mark.parametrize(
    "body", ["<html>Bad gateway</html>", "", "NaN", "[]", '{"number":"a","number":"b"}', "ä", "null"]
)
def test_body(api, simulator, body):
    plan(simulator, "body", body=body)
    reply = api.cancel(NUMBER)
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, body.encode(), "text/html")


def test_body_with_status_and_type(api, simulator):
    plan(simulator, "body", body='{"error": 1}', status=502, content_type="application/json")
    reply = api.cancel(NUMBER)
    assert (reply.status, reply.headers["content-type"]) == (502, "application/json")


@pytest.mark.parametrize("status", [None, 301, 307])
def test_redirect(api, simulator, status):
    plan(simulator, "redirect", location="https://elsewhere.example/x?y", **({"status": status} if status else {}))
    reply = api.cancel(NUMBER)
    assert (reply.status, reply.headers["location"]) == (status or 302, "https://elsewhere.example/x?y")


def test_wrong_order(api, simulator):
    plan(simulator, "wrong_order", when="after")
    order = api.cancel(NUMBER).json
    assert order["number"] != NUMBER
    assert {**order, "number": NUMBER} == api.get(NUMBER).json


def test_wrong_order_in_the_list_and_in_an_error(api, simulator):
    right = api("GET", "/orders").json
    simulator.faults({"kind": "wrong_order", "times": 2})
    wrong = api("GET", "/orders").json
    assert wrong[0]["number"] != right[0]["number"]
    assert wrong[1:] == right[1:]
    assert api.get("nope").json == {"error": "Order not found"}


@pytest.mark.parametrize("number", [NUMBER, "2026-0703"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_stale_status(api, simulator, number, when):
    before = api.get(number).json
    plan(simulator, "stale_status", when=when)
    assert api.cancel(number).json == before


def test_echo_key(api, simulator):
    plan(simulator, "echo_key")
    reply = api.cancel(NUMBER)
    assert reply.status == 400
    assert simulator.api_key in reply.json["error"]
    simulator.faults({"kind": "echo_key", "status": 500})
    reply = api("GET", "/orders", key="a key/with+signs")
    assert reply.status == 500
    assert "a key/with+signs" in reply.json["error"]
    assert quote("a key/with+signs", safe="") in reply.json["error"]


@pytest.mark.parametrize("field", [None, "paymentStatus"])
def test_echo_key_in_order(api, simulator, field):
    key = simulator.api_key
    simulator.faults({"kind": "echo_key_in_order", "times": None, **({"field": field} if field else {})})
    reply = api.get(NUMBER)
    spelt = f"{key} {key} {base64.b64encode(key.encode()).decode()} {key}"
    assert reply.json[field or "referenceNumber"] == spelt
    assert reply.body.count(key.encode()) == 2
    assert b"\\u0064\\u0065\\u006d\\u006f\\u002d\\u006b" in reply.body  # demo-k
    assert api("GET", "/orders").json[0]["referenceNumber" if field is None else field] == spelt
    assert api.get("no such order").json == {"error": "Order not found"}


def test_outside_change_of_another_order(api, simulator):
    simulator.faults(
        {"kind": "outside_change", "operation": "readOrders", "payment_status": "PAID", "changed_number": NUMBER},
        {"kind": "outside_change", "order_number": NUMBER, "payment_status": "LEGACY", "changed_number": "0123"},
        {"kind": "outside_change", "payment_status": "LEGACY", "changed_number": "no such order"},
    )
    listed = {order["number"]: order["paymentStatus"] for order in api("GET", "/orders").json}
    assert listed[NUMBER] == "UNPAID"
    assert api.get(NUMBER).json["paymentStatus"] == "PAID"
    assert api.get(NUMBER).json["paymentStatus"] == "PAID"
    assert simulator.order("0123")["paymentStatus"] == "LEGACY"


def test_outside_change(api, simulator):
    plan(simulator, "outside_change", payment_status="PAID")
    assert api.cancel(NUMBER).json["paymentStatus"] == "CANCELLED"
    assert api.get(NUMBER).json["paymentStatus"] == "PAID"


def test_outside_change_between_read_and_write(api, simulator):
    simulator.faults({"kind": "outside_change", "operation": "getOrder", "payment_status": "PAID_PARTIAL"})
    assert api.get(NUMBER).json["paymentStatus"] == "UNPAID"
    assert api.cancel(NUMBER).status == 200
    assert simulator.log()[1]["from"] == "PAID_PARTIAL"


@pytest.mark.parametrize("size", [5_000, 65_536, 3_000_000])
def test_enormous(api, simulator, size):
    normal = api.get(NUMBER).json
    simulator.faults({"kind": "enormous", "size": size})
    reply = api.get(NUMBER)
    assert len(reply.body) == size == int(reply.headers["content-length"])
    assert {name: value for name, value in reply.json.items() if name != "padding"} == normal


def test_enormous_list_and_one_that_is_big_already(api, simulator):
    simulator.faults({"kind": "enormous", "size": 1_000_000}, {"kind": "enormous", "size": 1}, {"kind": "enormous"})
    assert len(api("GET", "/orders").body) == 1_000_000
    assert api.get(NUMBER).json["padding"] == ""
    # The rest of fifty million bytes is not waited for, and not missed by anybody.
    with socket.create_connection((api.host, api.port)) as connection:
        connection.sendall(f"GET {api.base}/orders HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert b"content-length: 50000000" in connection.recv(4096)
    assert api.get(NUMBER).status == 200


def test_endless(api, simulator):
    simulator.faults({"kind": "endless", "interval": 0.01, "size": 10})
    with socket.create_connection((api.host, api.port), timeout=60) as connection:
        connection.sendall(f"GET {api.base}/orders HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received, began = b"", time.monotonic()
        while received.count(b"a\r\nxxxxxxxxxx\r\n") < 10:
            piece = connection.recv(4096)
            assert piece, "it ended"
            received += piece
        assert time.monotonic() - began >= 9 * 0.01
    assert b"transfer-encoding: chunked" in received
    assert api.get(NUMBER).status == 200


def test_endless_as_fast_as_it_can_does_not_starve_others(api, simulator):
    simulator.faults({"kind": "endless", "interval": 0, "size": 65536})
    with socket.create_connection((api.host, api.port), timeout=60) as connection:
        connection.sendall(f"GET {api.base}/orders HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        connection.recv(4096)
        assert api.get(NUMBER).status == 200


def test_gzip_bomb(api, simulator):
    normal = api.get(NUMBER).json
    simulator.faults({"kind": "gzip_bomb", "size": 10_000_000})
    reply = api.get(NUMBER)
    assert reply.headers["content-encoding"] == "gzip"
    assert len(reply.body) == int(reply.headers["content-length"]) < 100_000
    unpacked = gzip.decompress(reply.body)
    assert len(unpacked) == 10_000_000
    assert {name: value for name, value in json.loads(unpacked).items() if name != "padding"} == normal


def test_faults_on_an_order_that_is_not_there(api, simulator):
    simulator.faults(*({"kind": kind, **fields} for kind, fields in {**KINDS, **NORMAL}.items()))
    for _kind in range(len(KINDS) + len(NORMAL)):
        with contextlib.suppress(OSError, http.client.HTTPException):
            assert api.cancel("nope").status != 200 or simulator.log()[-1]["fault"] == list(KINDS).index("body") + 1
    assert [fault["hits"] for fault in simulator.faults()] == [1] * (len(KINDS) + len(NORMAL))
