# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport: what goes over the wire, and how long it waits."""

from __future__ import annotations

import datetime
import re
import socket
import time
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from urllib3.exceptions import IncompleteRead

from ansible_collections.community.komfortkasse.plugins.module_utils import (
    _client,
    _errors,
    _fresh_orders,
    _retries,
    _transport,
)
from ansible_collections.community.komfortkasse.plugins.module_utils._client import OrderQuery
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import TRANSITIONS
from ansible_collections.community.komfortkasse.tests.unit.plugins.raw_server import HEADER, RawServer

NUMBER = "2026-0815"


def in_seconds(seconds):
    """An HTTP date this many seconds ahead."""
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return format_datetime(when, usegmt=True)


@pytest.fixture
def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens, and nobody else gets it
        yield taken.getsockname()[1]


def test_requests_carry_the_key_and_no_body(simulator, order):
    order()
    for entry in simulator.log():
        headers = entry["headers"]
        assert headers["x-komfortkasse-api-key"] == "<key>"
        assert headers["accept"] == "application/json"
        assert headers["user-agent"].startswith("ansible-collection-community.komfortkasse")
        assert not {"authorization", "cookie"} & set(headers)
        assert (entry["query"], entry["body"]) == ("", "")
        assert entry["shop"] == "demo-shop"


def test_a_netrc_is_never_used(simulator, order, monkeypatch, tmp_path):
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login thief password 1234\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    assert order()["changed"]
    assert all("authorization" not in entry["headers"] for entry in simulator.log())


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_is_not_asked_the_way_to_this_very_machine(order, closed_port, monkeypatch, variable):
    monkeypatch.setenv(variable, f"http://127.0.0.1:{closed_port}")
    assert order()["changed"]


def test_a_proxy_is_used_for_any_other_address(order, closed_port, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port}")
    result = order(api_url="https://komfortkasse.invalid/api/v2", retries=0)
    assert "no connection through the proxy to komfortkasse.invalid: Connection refused" in result["msg"]


@pytest.mark.parametrize(
    ("status", "operation", "seconds", "as_date"),
    [
        (429, "getOrder", 1, False),
        (503, "cancelOrder", 2, True),
        (503, "cancelOrder", -10, True),
    ],
)
def test_the_server_says_how_long_to_wait(simulator, order, sent, status, operation, seconds, as_date):
    asked = in_seconds(seconds) if as_date else seconds
    until = parsedate_to_datetime(asked).timestamp() if as_date else time.time() + seconds
    simulator.faults({"kind": "status", "status": status, "retry_after": asked, "operation": operation})
    assert order()["changed"]
    assert until <= time.time() < until + 40
    assert len(sent()) == 3


@pytest.mark.parametrize("as_date", [False, True])
def test_too_long_a_wait_fails_at_once(simulator, order, sent, as_date):
    asked = in_seconds(3600) if as_date else 3600
    simulator.faults({"kind": "status", "status": 429, "retry_after": asked})
    result = order(retry_max_wait=10)
    assert re.search(r"asks for a wait of (35[0-9]{2}|3600) s, longer than retry_max_wait \(10\)", result["msg"])
    assert result["msg"].endswith(_retries.LONG_WAIT_HINT)
    assert (result["failed"], len(sent())) == (True, 1)


@pytest.mark.parametrize(
    ("operation", "status", "words"),
    [("getOrder", 307, "redirects to"), ("cancelOrder", 302, "redirects to"), ("readOrders", 303, None)],
)
def test_a_redirect_is_not_followed(simulator, orders, monkeypatch, operation, status, words):
    monkeypatch.setattr(_fresh_orders, "LIST_FROM", 1)
    target = RawServer([HEADER])
    simulator.faults(
        {"kind": "redirect", "location": f"{target.api_url}/x", "status": status, "operation": operation, "times": None}
    )
    result = orders([NUMBER])
    target.stop()
    assert target.requests == []
    assert words is None or f"{words} 127.0.0.1:{target.address[1]}" in result["msg"]
    assert result["changed"] == (operation == "readOrders")


def test_a_run_that_is_to_stop_begins_no_change(simulator, client):
    reader, begun = client(), []
    order = reader.get_order(NUMBER)
    reader.stopping.set()
    change = reader.change_order(order, TRANSITIONS["cancelled"], time.monotonic(), lambda: begun.append(NUMBER))
    assert isinstance(change.error, _errors.StoppedError)
    assert (change.order, change.ours, begun) == (order, False, [])
    with pytest.raises(_errors.StoppedError):
        reader.get_order(NUMBER)
    assert [entry["method"] for entry in simulator.log()] == ["GET"]


def test_a_run_that_is_to_stop_finds_out_what_its_last_change_did(simulator, client):
    simulator.faults({"kind": "reset", "operation": "cancelOrder", "when": "after"})
    reader = client()
    order = reader.get_order(NUMBER)
    change = reader.change_order(order, TRANSITIONS["cancelled"], time.monotonic(), reader.stopping.set)
    assert (change.order["paymentStatus"], change.ours, change.error) == ("CANCELLED", True, None)
    assert [entry["method"] for entry in simulator.log()] == ["GET", "POST", "GET"]


def test_one_change_has_so_many_tries_whatever_they_meet(simulator, order, sent):
    busy = {"kind": "status", "status": 429, "retry_after": 0, "operation": "cancelOrder"}
    lost = {"kind": "reset", "operation": "cancelOrder", "times": None}
    simulator.faults(busy, lost)
    assert "tried 2 times" in order(retries=1)["msg"]
    assert len(simulator.log("POST")) == 2
    assert simulator.order(NUMBER)["paymentStatus"] == "UNPAID"


def test_a_list_has_limits_in_size_and_time(monkeypatch):
    limits = _transport.ListLimits(2, lambda: 30)
    limits.check_size(2 * _transport.MIB)
    with pytest.raises(_errors.TooLongListError, match="larger than 2 MiB"):
        limits.check_size(2 * _transport.MIB + 1)
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    limits.check_time(970.0)
    with pytest.raises(_errors.TooLongListError, match="not complete within 30 s"):
        limits.check_time(969.9)


class OldResponse:
    """What urllib3 1.26 has of a body: no read1, and nobody who compares its length with what was announced."""

    def __init__(self, *pieces, length_remaining):
        self.pieces, self.length_remaining = pieces, length_remaining

    def stream(self, _most, decode_content):
        assert decode_content
        yield from self.pieces

    def tell(self):
        return sum(map(len, self.pieces))


@pytest.mark.parametrize("length_remaining", [0, None])
def test_with_urllib3_1_26_a_body_comes_piece_by_piece(length_remaining):
    assert list(_transport.pieces_of(OldResponse(b"a", b"bc", length_remaining=length_remaining))) == [b"a", b"bc"]


def test_with_urllib3_1_26_a_body_that_ends_too_early_is_noticed():
    pieces = _transport.pieces_of(OldResponse(b"a", length_remaining=2))
    assert next(pieces) == b"a"
    with pytest.raises(IncompleteRead):
        next(pieces)


def test_a_wait_is_nothing_to_what_will_not_be_tried_again(simulator, order, sent):
    simulator.faults({"kind": "status", "status": 400, "retry_after": 3600})
    assert "retry_max_wait" not in order()["msg"]
    assert len(sent()) == 1


def test_nobody_listens(order, closed_port):
    result = order(api_url=f"http://127.0.0.1:{closed_port}/api/v2", retries=2)
    assert result["failed"]
    assert f"no connection to 127.0.0.1:{closed_port}: Connection refused (tried 3 times)" in result["msg"]
    assert "Check api_url" in result["msg"]
    assert result["summary"]["requests"] == 3
    assert "http_status" not in result["results"][0]


def test_the_key_is_no_part_of_what_is_shown_of_a_connection(client):
    connection = _transport.Connection("very secret", "https://example.org")
    assert "very secret" not in repr(connection)


def test_a_list_is_read_as_it_arrives(simulator, client):
    numbers = simulator.generate(300)
    found = [order["number"] for order in client().read_orders(OrderQuery(["UNPAID", "PAID"], 120))]
    assert set(numbers) < set(found)
    [entry] = simulator.log()
    assert (entry["raw_path"], entry["query"]) == ("/api/v2/orders", "paymentStatus=UNPAID,PAID&maxAge=120")
    assert entry["headers"]["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 401}, _errors.KeyRefusedError),
        ({"kind": "status", "status": 400}, _errors.RefusedError),
        ({"kind": "truncated"}, _errors.BrokenConnectionError),
        ({"kind": "body", "body": "<html>"}, _errors.UnreadableAnswerError),
        ({"kind": "body", "body": '[{"number": "1"}]'}, _errors.UnreadableAnswerError),
        ({"kind": "redirect", "location": "/"}, _errors.RedirectError),
        ({"kind": "endless"}, _errors.TooLongListError),
    ],
)
def test_a_list_that_does_not_come_well(simulator, client, monkeypatch, fault, error):
    monkeypatch.setattr(_client, "LIST_TIMEOUTS", 0.1 if fault["kind"] == "endless" else 2)
    simulator.faults({**fault, "operation": "readOrders"})
    with pytest.raises(error):
        client(timeout=30, retries=0).read_orders(OrderQuery())
    assert len(simulator.log()) == 1


def test_a_list_is_asked_for_again(simulator, client):
    simulator.faults({"kind": "status", "status": 503, "times": 2}, {"kind": "reset"}, {"kind": "truncated"})
    assert len(client().read_orders(OrderQuery())) == len(simulator.orders()) - 1  # one is too old
    assert len(simulator.log()) == 5


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "gzip_bomb", "size": 3_000_000}])
def test_a_list_that_only_saves_time_is_given_up_at_once(simulator, client, fault):
    simulator.faults({**fault, "operation": "readOrders"})
    with pytest.raises(_errors.ApiError):
        client().list_once(OrderQuery(), lambda order: order, 2, lambda: 60)
    assert len(simulator.log()) == 1
