# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd servers and odd settings: each gets an honest answer, and none costs the orders that follow."""

from __future__ import annotations

import gzip
import json
import re
import threading
import time
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from urllib3.exceptions import IncompleteRead

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors, _transport
from ansible_collections.community.komfortkasse.plugins.module_utils._client import Client, OrderQuery
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import TRANSITIONS
from ansible_collections.community.komfortkasse.tests.unit.plugins.raw_server import (
    HEADER,
    ConnectionServer,
    RawServer,
)

CANCELLED = TRANSITIONS["cancelled"]
ORDER = {"number": "A", "paymentStatus": "UNPAID"}
BODY = json.dumps(ORDER).encode()


def answer(order, status="200 OK", more=b""):
    body = json.dumps(order).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body + more


def order_in(line):
    """The order that a request line asks for or changes."""
    number = re.search(r"/order/([^/? ]+)", line)[1]
    return {"number": number, "paymentStatus": "CANCELLED" if line.startswith("POST") else "UNPAID"}


@pytest.fixture
def serve():
    """Return a function that starts a server that keeps connections open, and gives it with a client of it."""
    servers = []

    def start(respond, **connection):
        servers.append(ConnectionServer(respond))
        given = {"api_key": "k" * 32, "timeout": 30, "retries": 2, "proxies_allowed": False, **connection}
        return servers[-1], Client(_transport.Connection(api_url=servers[-1].api_url, **given), 1)

    yield start
    for server in servers:
        server.stop()


# Interim answers


@pytest.mark.parametrize("interim", [b"103 Early Hints", b"100 Continue"])
def test_interim_answers_are_read_past(serve, interim):
    before = b"HTTP/1.1 " + interim + b"\r\nLink: </x.css>; rel=preload\r\n\r\n"
    server, client = serve(lambda line, _connection, _turn: 2 * before + answer(order_in(line)))
    assert [client.get_order(number)["number"] for number in "ABC"] == ["A", "B", "C"]
    assert {connection for _line, connection in server.requests} == {1}


def test_a_switch_of_protocols_is_no_answer(serve):
    _server, client = serve(lambda *_request: b"HTTP/1.1 101 Switching Protocols\r\n\r\n", retries=0)
    with pytest.raises(_errors.BrokenConnectionError, match="it is not HTTP"):
        client.get_order("A")


# Connections


def test_a_stray_answer_costs_one_order_only(serve):
    def respond(line, connection, turn):
        stray = answer({"number": "stray", "paymentStatus": "UNPAID"})
        return (stray if connection == turn == 1 else b"") + answer(order_in(line))

    server, client = serve(respond)
    with pytest.raises(_errors.WrongAnswerError, match="for another order: stray"):
        client.get_order("A")
    assert [client.get_order(number)["number"] for number in "BCD"] == ["B", "C", "D"]
    assert [connection for _line, connection in server.requests] == [1, 2, 2, 2]


@pytest.mark.parametrize("more", [b"x", answer({"number": "stray", "paymentStatus": "UNPAID"})])
def test_a_connection_with_bytes_too_many_is_closed(serve, more):
    server, client = serve(lambda line, _connection, turn: answer(order_in(line), more=more if turn == 1 else b""))
    assert [client.get_order(number)["number"] for number in "ABC"] == ["A", "B", "C"]
    assert [connection for _line, connection in server.requests] == [1, 2, 3]


@pytest.mark.parametrize("body", [b"<html>", b'{"error": "x"}', b"{" * 10])
def test_a_connection_with_an_unreadable_answer_is_closed(serve, body):
    odd = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    server, client = serve(lambda line, _connection, turn: odd if turn == 2 else answer(order_in(line)), retries=0)
    client.get_order("A")
    with pytest.raises(_errors.ApiError):
        client.get_order("B")
    client.get_order("C")
    assert [connection for _line, connection in server.requests] == [1, 1, 2]


def test_a_connection_is_kept_while_all_is_well(serve):
    server, client = serve(lambda line, _connection, _turn: answer(order_in(line)))
    for number in "ABCDE":
        assert client.change_order(client.get_order(number), CANCELLED, time.monotonic()).ours
    assert {connection for _line, connection in server.requests} == {1}


def test_a_post_is_tried_again_on_a_fresh_connection(serve):
    server, client = serve(lambda line, _connection, turn: answer(order_in(line)) if turn == 1 else None)
    order = client.get_order("A")
    change = client.change_order(order, CANCELLED, time.monotonic())
    assert (change.order["paymentStatus"], change.ours, change.error) == ("CANCELLED", True, None)
    posts = [connection for line, connection in server.requests if line.startswith("POST")]
    assert len(set(posts)) == len(posts) == 2
    assert [line for line, connection in server.requests if connection == posts[-1]] == [
        "POST /api/v2/order/A/cancel HTTP/1.1"
    ]


# Headers and bodies


def test_a_request_asks_for_json_and_a_list_for_gzip(client):
    server = RawServer([HEADER + BODY], first=[HEADER + BODY])
    reader = client(api_url=f"{server.api_url}/")
    reader.get_order("A")
    with pytest.raises(_errors.UnreadableAnswerError):
        reader.read_orders(OrderQuery())
    one, many = (request.decode().split("\r\n") for request in server.requests[:2])
    server.stop()
    assert one[0].startswith("GET /api/v2/order/A")
    assert {"Accept: application/json", "Accept-Encoding: identity"} < {*one}
    assert {"Accept: application/json", "Accept-Encoding: gzip"} < {*many}


@pytest.mark.parametrize(
    ("status", "more", "body", "told"),
    [
        ("404 Gone", b"", b'{"error": "No such order"}', ("the API answered 404: No such order", 404, None)),
        ("404 Gone", b"Content-Encoding: br\r\n", b"x", ("the API answered 404 Not Found", 404, None)),
        ("503 Down", b"Retry-After: 7\r\n", b"", ("the API answered 503 Service Unavailable", 503, 7.0)),
        ("300 Odd", b"", b"", ("the API answered 300: it redirects to another path of the same host", 300, None)),
        ("400 No", b"Location: https://x.example/\r\n", b"No", ("the API answered 400: No", 400, None)),
    ],
)
def test_an_answer_that_is_no_order_is_told(client, status, more, body, told):
    server = RawServer([b"HTTP/1.1 %b\r\nConnection: close\r\n%b\r\n%b" % (status.encode(), more, body)])
    with pytest.raises(_errors.ApiError) as caught:
        client(api_url=server.api_url, retries=0).get_order("A")
    server.stop()
    assert (str(caught.value), caught.value.http_status, caught.value.retry_after) == told


def test_a_key_that_an_excerpt_would_cut_is_masked(serve):
    told = answer({"error": "x" * 190 + "k" * 32}, "400 No")
    _server, client = serve(lambda *_request: told, retries=0)
    with pytest.raises(_errors.RefusedError) as caught:
        client.get_order("A")
    assert str(caught.value) == f"the API answered 400: {'x' * 190}********"


@pytest.mark.parametrize("encoding", [b"", b"IDENTITY", b"br"])
def test_only_compression_that_was_asked_for_is_taken(client, encoding):
    packed = HEADER.replace(b"\r\n\r\n", b"\r\nContent-Encoding: %b\r\n\r\n" % encoding)
    server = RawServer([packed + BODY])
    reader = client(api_url=server.api_url, retries=0)
    if encoding == b"br":
        with pytest.raises(_errors.UnreadableAnswerError, match=r"compressed in a way that was not asked for: br$"):
            reader.get_order("A")
    else:
        assert reader.get_order("A") == ORDER
    server.stop()


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("name", [b"gzip", b"X-GZip"])
def test_gzip_has_two_names(client, name, many):
    packed = gzip.compress(b"[" + BODY + b"]" if many else BODY)
    server = RawServer([HEADER.replace(b"\r\n\r\n", b"\r\nContent-Encoding: %b\r\n\r\n" % name) + packed])
    reader = client(api_url=server.api_url)
    assert (reader.read_orders(OrderQuery()) if many else [reader.get_order("A")]) == [ORDER]
    server.stop()


NAMES = ["Content-Length", "Content-Encoding", "Transfer-Encoding", "Location", "Retry-After", "Set-Cookie", "X-More"]
VALUES = ["gzip", "chunked", "-1", "1, 2", "9" * 30, "https://[x/", "a=b; expires=Fri, 99 Foo 9999", "\ud800", "\0"]
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(max_size=8)), max_size=4)


@given(st.sampled_from([200, 204, 302, 400, 404, 429, 503, 999]), HEADERS, st.binary(max_size=30) | st.just(BODY))
@example(200, [("Transfer-Encoding", "chunked")], b"ffffffffffffffffffff\r\nx")
@example(200, [("Transfer-Encoding", "chunked")], b"-1\r\nx")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_header_and_no_body_raises_anything_but_our_errors(client, status, headers, body):
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("utf-8", "surrogatepass")
    server = RawServer([b"HTTP/1.1 %d Odd\r\nConnection: close\r\n%b\r\n%b" % (status, lines, body)])
    reader = client(api_url=server.api_url, retries=0)
    for read in (lambda: reader.get_order("A"), lambda: reader.read_orders(OrderQuery())):
        try:
            read()
        except _errors.ApiError as error:
            assert "please report" not in str(error)
            assert len(str(error)) < 600
            assert str(error).isprintable()
    server.stop()


def test_a_fault_of_a_library_may_follow_a_sent_request(serve, monkeypatch):
    _server, client = serve(lambda line, _connection, _turn: answer(order_in(line)), retries=0)

    def crash(*_arguments):
        raise OverflowError("nobody foresaw this")

    monkeypatch.setattr(_transport, "pieces_of", crash)
    with pytest.raises(_errors.BrokenConnectionError, match="please report it: OverflowError") as caught:
        client.get_order("A")
    assert caught.value.ambiguous


def test_a_list_may_take_longer_than_the_time_out_of_one_answer(client):
    def pieces():
        yield HEADER + b"["
        for index in range(4):
            threading.Event().wait(0.8)
            yield (b"," if index else b"") + BODY
        yield b"]"

    server = RawServer(pieces())
    assert client(api_url=server.api_url, timeout=2, retries=0).read_orders(OrderQuery()) == [ORDER] * 4
    server.stop()


def test_a_list_is_given_up_when_the_run_is_to_stop(client):
    server = RawServer([HEADER + b"[" + BODY + b"]"])
    reader = client(api_url=server.api_url, retries=0)
    limits = _transport.ListLimits(1, lambda: 10.0)
    reader.stopping.set()
    with pytest.raises(_errors.StoppedError, match=r"^the run was told to stop while a list of orders was read$"):
        reader._transport.orders("/orders", None, limits)
    server.stop()


def test_a_body_is_read_with_old_and_new_releases_of_urllib3():
    new = SimpleNamespace(read1=lambda size, decode_content: pieces.pop(0))
    old = SimpleNamespace(stream=lambda size, decode_content: pieces, length_remaining=0, tell=lambda: 2)
    pieces = [b"a", b"b", b""]
    assert list(_transport.pieces_of(new)) == [b"a", b"b"]
    pieces = [b"a", b"b"]
    assert list(_transport.pieces_of(old)) == [b"a", b"b"]
    old.length_remaining = 5
    with pytest.raises(IncompleteRead, match="2 bytes read, 5 more expected"):
        list(_transport.pieces_of(old))


def test_one_order_has_at_most_one_mebibyte(client):
    largest = BODY.ljust(1 << 20)
    server = RawServer([HEADER + largest + b" "], first=[HEADER + largest])
    reader = client(api_url=server.api_url)
    assert reader.get_order("A") == ORDER
    with pytest.raises(_errors.TooLargeAnswerError, match="larger than 1 MiB"):
        reader.get_order("A")
    server.stop()


# Settings


@pytest.mark.parametrize(
    ("variable", "proxy", "words"),
    [
        ("all_proxy", "socks5h://127.0.0.1:9", "the proxy in all_proxy needs the Python library PySocks"),
        ("https_proxy", "http:///", "the proxy in https_proxy cannot be used: it is malformed"),
        ("HTTPS_PROXY", "http:///", "the proxy in HTTPS_PROXY cannot be used: it is malformed"),
        (
            "https_proxy",
            "http://secret:word@127.0.0.1:99999",
            "the proxy in https_proxy cannot be used: it is malformed",
        ),
        ("https_proxy", "ftp://127.0.0.1:9", "the proxy in https_proxy cannot be used: its scheme is unknown"),
    ],
)
def test_a_proxy_setting_that_cannot_work_is_named_and_not_retried(monkeypatch, variable, proxy, words):
    monkeypatch.setenv(variable, proxy)
    client = Client(_transport.Connection("k" * 32, "https://komfortkasse.invalid/api/v2"), 1)
    with pytest.raises(_errors.SettingsError) as caught:
        client.get_order("A")
    assert str(caught.value) == words
    assert client.requests_sent == 1
    assert not caught.value.ambiguous


def test_a_proxy_that_no_variable_names_is_one_of_the_environment():
    assert _transport.proxy_variable("https://x.example", {"https": "http://p.example"}) == "the environment"
    assert _transport.proxy_variable("https://x.example", {}) is None


def test_settings_that_cannot_work_stop_a_batch(orders, monkeypatch):
    monkeypatch.setenv("https_proxy", "http:///")
    result = orders([f"A{n}" for n in range(20)], api_url="https://komfortkasse.invalid/api/v2", concurrency=1)
    assert "because a setting cannot work" in result["msg"]
    assert result["summary"]["not_attempted"] == 19
