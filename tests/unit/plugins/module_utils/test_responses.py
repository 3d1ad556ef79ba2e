# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From bytes to orders: everything that is an order gets through as it is, everything else is a typed error."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.module_utils import _responses
from ansible_collections.community.komfortkasse.plugins.module_utils._errors import (
    ApiError,
    UnreadableAnswerError,
    WrongAnswerError,
)
from ansible_collections.community.komfortkasse.plugins.module_utils._redact import EXCERPT, Redactor

ORDER = {"number": "1001", "paymentStatus": "UNPAID"}
TEXT = st.text(min_size=1, max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ORDERS = st.lists(
    st.builds(
        lambda more, number, status: {**more, "number": number, "paymentStatus": status},
        st.dictionaries(st.text(max_size=5), JSON, max_size=3),
        TEXT,
        st.text("PAID_äß", min_size=1, max_size=8),
    ),
    max_size=4,
)
BROKEN = {
    b'{"number": "1001", "paymentStatus": "PAID\\u001b[31m"}': "whose paymentStatus is invalid",
    b'{"number": "1001", "paymentStatus": "PAID\\nORDER 2 IS FINE"}': "whose paymentStatus is invalid",
    b"": "an empty body",
    b"<html><h1>Maintenance</h1>": 'not JSON: "<html><h1>Maintenance</h1>"',
    b'{"number": "1001", "paymentStatus": "UNPAID"} x': "broken or cut off",
    b'{"number": "1001", "number": "1002", "paymentStatus": "PAID"}': "a field is given twice",
    b'{"number": "1001", "paymentStatus": "PAID", "amount": NaN}': "NaN is not a JSON number",
    b'{"number": "1001", "paymentStatus": "PAID", "amount": 1e999}': "1e999 is too large for a number",
    b'{"number": "1001", "paymentStatus": "PAID", "a": [-1.5E+4000]}': "-1.5E+4000 is too large for a number",
    b'{"number": "1001", "paymentStatus": "PAID", "a": 2' + b"0" * 308 + b"}": "200000... is too large for a number",
    b'{"a":' * 100_000: "broken or cut off",
    b'{"number": "1001", "paymentStatus": "PAID", "a": "\xff"}': "not UTF-8 text",
    b'{"number": "1001", "paymentStatus": "PAID", "a": 1' + b"1" * 5000 + b"}": "broken or cut off",
    b"[]": "a list instead of an order",
    b"null": "null instead of an order",
    b"1.5": "a number instead of an order",
    b"{}": "no number",
    b'{"number": true, "paymentStatus": "PAID"}': "no number",
    '{"number": "1001", "paymentStatus": "PAID"}'.encode("utf-16"): "not UTF-8 text",
    b'{"number": "", "paymentStatus": "PAID"}': "no number",
    b'{"number": "1001"}': "no paymentStatus",
}


KEY = "demo-key-0000-for-the-simulator-"
REDACTOR = Redactor(KEY)


def order_about(body, number="1001"):
    return _responses.order_about(bytearray(body), number, REDACTOR)


def orders_in(body, wanted=None):
    return _responses.orders_in(iter([body]), wanted, REDACTOR)


def error_text(body):
    return _responses.error_text(bytearray(body), REDACTOR)


def test_an_order_is_taken_with_all_its_fields():
    order = {**ORDER, "novelty": {"a": [1, None, "\u00e4"]}}
    assert order_about(json.dumps(order).encode()) == order


@pytest.mark.parametrize(("begin", "end"), [('{"a": ', "}"), ("[", "]")])
def test_an_order_is_taken_up_to_a_depth(begin, end):
    def body(depth):
        nested = begin * (depth - 1) + "1" + end * (depth - 1)
        return f'{{"number": "1001", "paymentStatus": "PAID", "nested": {nested}}}'.encode()

    deepest, deeper = body(_responses.DEEPEST_ORDER), body(_responses.DEEPEST_ORDER + 1)
    assert order_about(deepest) == json.loads(deepest)
    assert orders_in(b"[" + deepest + b"]") == [json.loads(deepest)]
    for read in (lambda: order_about(deeper), lambda: orders_in(b"[" + deeper + b"]")):
        with pytest.raises(UnreadableAnswerError, match="more than 50 levels deep"):
            read()


def test_another_order_is_refused_and_named():
    with pytest.raises(WrongAnswerError, match=r"another order: 1001$") as caught:
        order_about(json.dumps(ORDER).encode(), "1002")
    assert caught.value.ambiguous
    assert not caught.value.transient


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_order_is_refused_in_words(body):
    with pytest.raises(UnreadableAnswerError) as caught:
        order_about(body)
    assert BROKEN[body] in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(("number", "asked"), [("1001", "1001"), ("-5", "-5"), ("0", "0")])
def test_a_number_that_is_an_integer_is_compared_as_text(number, asked):
    body = f'{{"number": {number}, "paymentStatus": "UNPAID"}}'.encode()
    assert order_about(body, asked) == {"number": asked, "paymentStatus": "UNPAID"}
    assert orders_in(b"[" + body + b"]") == [{"number": asked, "paymentStatus": "UNPAID"}]


def test_an_integer_that_is_another_number_is_named():
    with pytest.raises(WrongAnswerError, match=r"for another order: 83, as a number instead of text$"):
        order_about(b'{"number": 83, "paymentStatus": "UNPAID"}', "0123")


def test_an_error_with_status_200_is_told_in_the_words_of_the_api():
    body = b'{"error": "Order is locked by invoice"}'
    with pytest.raises(WrongAnswerError, match=r"an error instead of an order: Order is locked by invoice$") as caught:
        order_about(body)
    assert caught.value.ambiguous
    with pytest.raises(UnreadableAnswerError, match=r"an error \(Order is locked by invoice\) instead of a list"):
        orders_in(body)


@pytest.mark.parametrize("dash", ["-", "%2D", "&#45;", "\\u002d"])
def test_no_message_and_no_order_contains_the_key(dash):
    spelled, told = KEY.replace("-", dash), []
    for body in ('{"error": "by KEY"}', '{"number": "KEY", "paymentStatus": "PAID"}', "KEY", "x" * 195 + "KEY"):
        for read in (order_about, orders_in):
            with pytest.raises(ApiError) as caught:
                read(body.replace("KEY", spelled).encode())
            told.append(str(caught.value))
        told.append(error_text(body.replace("KEY", spelled).encode()))
    order = json.dumps({**ORDER, "note": [f"by {KEY}"]}).replace(KEY, spelled)
    assert order_about(order.encode())["note"] == orders_in(f"[{order}]".encode())[0]["note"] == ["by ********"]
    assert "demo-key" not in "\n".join(told).replace(dash, "-")


@given(ORDERS, st.lists(st.integers(1, 30)), st.booleans())
def test_a_list_in_pieces_is_what_json_says(orders, sizes, ascii_only):
    body = b"\xef\xbb\xbf " + json.dumps(orders, ensure_ascii=ascii_only).encode() + b"\n"
    stream = io.BytesIO(body)
    pieces = [*map(stream.read, sizes), stream.read()]
    assert _responses.orders_in(filter(None, pieces), None, REDACTOR) == orders


def test_an_order_is_parsed_as_soon_as_it_has_arrived():
    seen = []

    def pieces():
        yield b'[{"number": "1", "paymentStatus": "PAID"}, {"number": "2", "payment'
        assert seen == ["1"]
        yield b'Status": "PAID"}]'

    _responses.orders_in(pieces(), lambda order: seen.append(order["number"]), REDACTOR)
    assert seen == ["1", "2"]


@given(ORDERS, st.data())
def test_a_list_that_is_cut_off_is_an_error(orders, data):
    body = json.dumps(orders).encode()
    kept = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(UnreadableAnswerError):
        orders_in(body[:kept])


@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:1 \\u', max_size=40).map(str.encode))
@settings(max_examples=200)
def test_garbage_is_an_error_or_what_json_says(body):
    for read in (orders_in, order_about):
        try:
            got = read(body)
        except (UnreadableAnswerError, WrongAnswerError):
            continue
        assert got == json.loads(body)
    assert len(error_text(body)) <= EXCERPT + 3


@given(ORDERS)
def test_of_a_list_only_what_is_picked_is_kept(orders):
    def wanted(order):
        return order["number"] < "M"

    def pick(order):
        return {"number": order["number"], "paymentStatus": order["paymentStatus"]} if wanted(order) else None

    assert orders_in(json.dumps(orders).encode(), pick) == [pick(order) for order in orders if wanted(order)]


def test_what_cannot_be_an_order_is_dropped_where_only_some_are_wanted():
    odd = [{"number": 1001, "paymentStatus": "PAID"}, {"number": "1002", "paymentStatus": None}]
    assert orders_in(json.dumps([*odd, ORDER]).encode(), lambda order: order) == [ORDER]


@pytest.mark.parametrize("body", [*BROKEN, b"", b"}", b"]"], ids=range(len(BROKEN) + 3))
def test_what_is_no_order_in_a_list_is_refused(body):
    with pytest.raises(UnreadableAnswerError) as caught:
        orders_in(b"[" + json.dumps(ORDER).encode() + b", " + body + b"]")
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "with an empty body"),
        (b"  ", "with an empty body"),
        (b"{}", "with an object instead of a list of orders"),
        (b"null", "with null instead of a list of orders"),
        (b"true", "with a boolean instead of a list of orders"),
        (b'"x"', "with a string instead of a list of orders"),
        (b"<html>", 'with something that is not JSON: "<html>"'),
        (b"\xff", 'with something that is not UTF-8 text: "\ufffd"'),
        (b'["\xff', "with a list that is not UTF-8 text"),
        (b"[", "with JSON that is broken or cut off (Expecting value)"),
        (b'[{"a": 1', "with JSON that is broken or cut off (Expecting ',' delimiter)"),
        (
            b'[{"number": "1", "paymentStatus": "PAID"} 2]',
            "with JSON that is broken or cut off (Expecting ',' delimiter)",
        ),
        (b"[] []", "with JSON that is broken or cut off (Extra data)"),
        (b"[]]", "with JSON that is broken or cut off (Extra data)"),
        (b" [1", "with JSON that is broken or cut off (Unterminated list)"),
    ],
)
def test_what_is_no_list_is_refused_in_words(body, words):
    with pytest.raises(UnreadableAnswerError) as caught:
        orders_in(body)
    assert str(caught.value) == f"the API answered {words}"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error": "Order not found"}', "Order not found"),
        (b'{"error": "Gr\xc3\xbc\xc3\x9fe"}', "Gr\u00fc\u00dfe"),
        (b'{"error": "two\\nlines\\u001b[31m"}', "two lines [31m"),
        (b'{"error": 12}', '{"error": 12}'),
        (b'{"message": "x"}', '{"message": "x"}'),
        (b"<html>\n <b>502</b>", "<html> <b>502</b>"),
        (b"\xff", "\ufffd"),
        (b"", ""),
    ],
)
def test_an_error_is_told_in_the_words_of_the_api(body, text):
    assert error_text(body) == text


@given(st.text() | st.from_regex(r"(Sun, )?[0-9]{1,30} Dec [0-9]{1,30} [0-9]{1,9}:59:59 (GMT|[+-][0-9]{1,12})"))
@example("Fri, 31 Dec 99999999999999999999 23:59:59 GMT")
@example("Fri, 31 Dec 9999 23:59:59 -9999999999")
@example("\u0663")
def test_any_wait_is_read_or_ignored(header):
    wait = _responses.seconds_to_wait(header)
    assert wait is None or wait >= 0


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7, 7),
        ("0", 0, 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 1e11, 1e12),
        ("Fri, 31 Dec 9999 23:59:59 -0000", 1e11, 1e12),
    ],
)
def test_a_wait_is_given_in_seconds_or_until_a_date(header, least, most):
    assert least <= _responses.seconds_to_wait(header) <= most


@pytest.mark.parametrize("header", [None, "", "soon", "1.5", "-1"])
def test_other_waits_are_ignored(header):
    assert _responses.seconds_to_wait(header) is None


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("https://elsewhere.example/api", "elsewhere.example"),
        ("//elsewhere.example:8443/", "elsewhere.example:8443"),
        ("https://user:secret@elsewhere.example/", "elsewhere.example"),
        ("/login", "another path of the same host"),
        ("", "another path of the same host"),
        ("https://[broken/", "another path of the same host"),
    ],
)
def test_a_redirect_is_told_by_its_host(location, host):
    assert _responses.redirect_host(location) == host
