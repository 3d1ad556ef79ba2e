# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that are meant to do harm: a clear error, in bounded time, and in bounded memory of a process of its own.

What the parser makes of wrong types, NaN and fields given twice is shown in test_responses.py; redirects in
test_client.py; certificates in test_client_tls.py.
"""

from __future__ import annotations

import gzip
import json
import re
import ssl
import threading
import time

import pytest
import trustme

from ansible_collections.community.komfortkasse.plugins.module_utils import _client, _errors
from ansible_collections.community.komfortkasse.tests.unit.plugins import truth
from ansible_collections.community.komfortkasse.tests.unit.plugins.raw_server import HEADER, RawServer

NUMBER = "2026-0815"
MOST_MEMORY = 300 * 1024  # KiB; half of it is what Python makes of 8 MiB full of empty objects
MOST_MEMORY_OF_ALL = 800 * 1024  # KiB; for a list of which each order is kept
MOST_TIME = 60  # seconds, of which the time-out is one; much more than it takes, for machines that are busy
ORDER = json.dumps({"number": NUMBER, "paymentStatus": "UNPAID"}).encode()
# The process writes its peak of memory into a file, in KiB. What resource says includes what the process was forked
# from, which is all of pytest; only Linux can tell them apart.
MEASURE = """
import atexit, pathlib, re, resource
from ansible_collections.community.komfortkasse.plugins.module_utils import _fresh_orders
_fresh_orders.LIST_FROM = 1
_fresh_orders.LEAST_LIST_SECONDS = 60
_fresh_orders.LIST_MIB = 64

def peak():
    status = pathlib.Path("/proc/self/status")
    own = re.search("VmHWM:[^0-9]*([0-9]+)", status.read_text()) if status.exists() else None
    return own[1] if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

atexit.register(lambda: open({!r}, "w").write(str(peak())))
"""
OPERATIONS = ["getOrder", "cancelOrder", "readOrders"]
HUGE = {
    "enormous": {"kind": "enormous", "size": 400_000_000},
    "gzip bomb": {"kind": "gzip_bomb", "size": 400_000_000},
    "endless, fast": {"kind": "endless", "interval": 0, "size": 1_000_000},
    "deep": {"kind": "body", "body": '{"a":' * 1_000_000},
    "deep list": {"kind": "body", "body": "[" * 7_000_000},
    "wide": {"kind": "body", "body": "[" + ",".join(["{}"] * 2_000_000)},
}


@pytest.fixture
def measured(start_module, finish, tmp_path):
    """Return a function that runs the module in a process and holds its time and memory against the bounds."""

    def run(**options):
        peak = tmp_path / "peak"
        began = time.monotonic()
        result = finish(start_module(MEASURE.format(str(peak)), timeout=1, retries=0, **options))
        assert time.monotonic() - began < MOST_TIME
        assert int(peak.read_text()) < MOST_MEMORY
        return result

    return run


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", HUGE)
def test_a_huge_answer_takes_little_memory(simulator, measured, name, operation):
    simulator.faults({**HUGE[name], "operation": operation, "times": None})
    result = measured(order_numbers=[NUMBER])
    told = result.get("msg", "")  # a list that is of no use is given up without a word
    assert not truth.PYTHON.search(told), told
    assert len(told) < 1000
    assert bool(result.get("failed")) == (operation != "readOrders")
    assert bool(simulator.log("POST")) == (operation != "getOrder")


class Endless:
    """A header and a beginning, and then the same for twice MOST_TIME, for each request anew."""

    def __init__(self, begin, piece, pause=0):
        self._begin, self._piece, self._pause = begin, piece, pause

    def __iter__(self):
        yield self._begin
        end = time.monotonic() + 2 * MOST_TIME
        while time.monotonic() < end:
            time.sleep(self._pause)
            yield self._piece


def dripping(begin, piece):
    """The same, with a piece now and then: each of them in time, but there is no end."""
    return Endless(begin, piece, pause=0.3)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PACKED = HEADER.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
DRIPPING = {
    "a status line": (b"HTTP/1.1 200 ", b"O"),
    "a header line": (b"HTTP/1.1 200 OK\r\nX-More: ", b"m"),
    "header lines": (b"HTTP/1.1 200 OK\r\n", b"X-More: more\r\n"),
    "other answers before": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a body": (HEADER + b"{", b" "),
    "the body of an error": (HEADER.replace(b"200 OK", b"400 No"), b" "),
    "a chunk size": (CHUNKED, b"0"),
    "what is beside a chunk size": (CHUNKED + b"5;", b"x"),
    "a trailer": (CHUNKED + b"0\r\n", b"X-More: more\r\n"),
    "the header of what is packed": (PACKED + b"\x1f\x8b\x08\x08" + b"\0" * 6, b"n"),
}


@pytest.mark.parametrize("name", DRIPPING)
def test_a_drip_is_no_answer(order, name):
    server = RawServer(dripping(*DRIPPING[name]))
    began = time.monotonic()
    result = order(api_url=server.api_url, timeout=1, retries=0)
    took = time.monotonic() - began
    server.stop()
    assert result["failed"]
    assert re.search("within 1 s|answered 400", result["msg"]), result["msg"]
    assert 0.9 < took < 30, "the header has a second, and so has the body"


def test_a_list_that_drips_ends_on_a_signal(client):
    server = RawServer(dripping(HEADER + b"[", b" "))
    reader = client(api_url=server.api_url)
    threading.Timer(0.5, reader.stopping.set).start()
    with pytest.raises(_errors.StoppedError, match="while a list of orders was read"):
        reader.read_orders(_client.OrderQuery())
    server.stop()


@pytest.mark.parametrize("name", ["a header line", "a body", "a trailer"])
def test_a_drip_is_no_answer_through_tls(order, tmp_path, name):
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server = RawServer(dripping(*DRIPPING[name]), context=context)
    result = order(api_url=server.api_url, ca_path=str(tmp_path / "ca.pem"), timeout=1, retries=0)
    server.stop()
    assert "within 1 s" in result["msg"]


@pytest.mark.parametrize("name", ["a status line", "a header line", "header lines"])
def test_a_drip_of_a_proxy_is_no_answer(order, monkeypatch, name):
    server = RawServer(dripping(*DRIPPING[name]))
    monkeypatch.setenv("HTTPS_PROXY", server.api_url.replace("/api/v2", ""))
    began = time.monotonic()
    result = order(api_url="https://komfortkasse.example/api/v2", timeout=1, retries=0)
    took = time.monotonic() - began
    server.stop()
    assert result["failed"]
    assert server.requests[0].startswith(b"CONNECT komfortkasse.example:443 ")
    assert took < 30


def test_a_chunk_size_without_end_takes_little_memory(measured):
    server = RawServer(RAW["an endless chunk size"])
    assert measured(order_number=NUMBER, api_url=server.api_url)["failed"]
    server.stop()


RAW = {
    "no HTTP": [b"SSH-2.0-OpenSSH_9.6\r\n"],
    "nothing": [b""],
    "an unknown version": [b"HTTP/9.9 200 OK\r\n\r\n" + ORDER],
    "a status of four digits": [b"HTTP/1.1 2000 OK\r\n\r\n" + ORDER],
    "a status of words": [b"HTTP/1.1 fine OK\r\n\r\n" + ORDER],
    "header lines without end": Endless(b"HTTP/1.1 200 OK\r\n", b"X-More: more\r\n"),
    "a header line without end": Endless(b"HTTP/1.1 200 OK\r\nX-More: ", b"more" * 1000),
    "a length below zero": [b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{"],
    "a length of words": [b"HTTP/1.1 200 OK\r\nContent-Length: much\r\n\r\n{"],
    "two lengths": [b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{"],
    "a length far too great": [b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{"],
    "broken chunks": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{"],
    "an endless chunk size": Endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 1000),
    "broken gzip": [HEADER.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n") + b"no gzip"],
    "an unknown encoding": [HEADER.replace(b"\r\n\r\n", b"\r\nContent-Encoding: rot13\r\n\r\n") + b"no order"],
    "a zero byte": [HEADER + b'{"number": "\x00"}'],
    "half a letter": [HEADER + ORDER[:-1] + b', "a": "\xc3'],
}


@pytest.mark.parametrize("name", RAW)
def test_what_is_hardly_http_is_an_error_in_words(order, name):
    server = RawServer(RAW[name])
    began = time.monotonic()
    result = order(api_url=server.api_url, timeout=1, retries=1)
    took = time.monotonic() - began
    server.stop()
    assert took < MOST_TIME
    assert len(server.requests) == 2, "it may pass, so it is tried again"
    assert result["failed"]
    assert result["msg"].startswith(f"Order {NUMBER} could not be read: ")
    assert not truth.PYTHON.search(result["msg"]), result["msg"]
    assert truth.ADVICE.search(result["msg"])
    assert len(result["msg"]) < 600


@pytest.mark.parametrize("body", [b"x" * 1000, b'{"error": ', b"[" * 1000, b"\x1b[31m\r\n"])
def test_the_body_of_an_error_may_be_as_large_as_it_likes(order, body):
    server = RawServer(Endless(HEADER.replace(b"200 OK", b"400 No"), body * 10_000))
    result = order(api_url=server.api_url, retries=0)
    server.stop()
    assert len(server.requests) == 1
    assert "the API answered 400" in result["msg"]
    assert len(result["msg"]) < 600
    assert "\x1b" not in result["msg"]


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip\r\nContent-Encoding: gzip"])
def test_what_is_packed_twice_is_not_unpacked(measured, encoding):
    packed = gzip.compress(gzip.compress(bytes(400_000_000), 1), 1)
    server = RawServer([PACKED.replace(b"gzip", encoding.encode()) + packed])
    message = measured(order_number=NUMBER, api_url=server.api_url)["msg"]
    server.stop()
    assert "the API's answer is compressed in a way that was not asked for: gzip, gzip." in message


def test_no_cookie_is_kept(client):
    server = RawServer([HEADER.replace(b"\r\n\r\n", b"\r\nSet-Cookie: shop=other; Path=/\r\n\r\n") + ORDER])
    asker = client(api_url=server.api_url)
    for _time in range(2):
        asker.get_order(NUMBER)
    server.stop()
    assert len(server.requests) == 2
    assert b"cookie" not in server.requests[1].lower()


READ = """
from ansible_collections.community.komfortkasse.tests.unit.module_args import patch_module_args
from ansible_collections.community.komfortkasse.plugins.modules import komfortkasse_order_info
import json, sys
options = json.load(open(sys.argv[1]))
with patch_module_args({name: options[name] for name in ("api_url", "api_key", "timeout", "retries", "max_age")}):
    komfortkasse_order_info.main()
"""


def test_a_list_without_end_takes_bounded_memory_even_where_each_order_is_kept(start_module, finish, tmp_path):
    order = json.dumps({**json.loads(ORDER), "customer": {"name": "x" * 900}}).encode()
    server = RawServer(Endless(HEADER + b"[" + order, (b"," + order) * 100))
    peak = tmp_path / "peak"
    run = start_module(MEASURE.format(str(peak)) + READ, api_url=server.api_url, timeout=30, retries=0, max_age=7)
    result = finish(run)
    server.stop()
    assert "larger than 64 MiB. Ask for fewer orders at a time" in result["msg"]
    assert int(peak.read_text()) < MOST_MEMORY_OF_ALL
