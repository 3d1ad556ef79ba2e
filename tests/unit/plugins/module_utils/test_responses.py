# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From bytes to orders: everything that is an order gets through as it is, everything else is a typed error."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.module_utils import _responses
from ansible_collections.community.komfortkasse.plugins.module_utils._errors import (
    UnreadableAnswerError,
    WrongAnswerError,
)

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
    b'{"number": "1001", "paymentStatus": "PAID\\u001b[31m"}': "whose paymentStatus is no word",
    b'{"number": "1001", "paymentStatus": "PAID\\nORDER 2 IS FINE"}': "whose paymentStatus is no word",
    b'{"number": "1001", "paymentStatus": "' + b"PAID" * 100 + b'"}': "whose paymentStatus is no word",
    b"": "an empty body",
    b" \n": "an empty body",
    b"<html><h1>Maintenance</h1>": 'not JSON: "<html><h1>Maintenance</h1>"',
    b'{"number": "1001", "paymentStatus": "UNP': "broken or cut off",
    b'{"number": "1001", "paymentStatus": "UNPAID"} x': "broken or cut off",
    b'{"number": "1001", "number": "1002", "paymentStatus": "PAID"}': "a field is given twice",
    b'{"number": "1001", "paymentStatus": "PAID", "amount": NaN}': "NaN is not a JSON number",
    b'{"number": "1001", "paymentStatus": "PAID", "amount": -Infinity}': "-Infinity is not a JSON number",
    b'{"number": "1001", "paymentStatus": "PAID", "amount": 1e999}': "1e999 is too large for a number",
    b'{"number": "1001", "paymentStatus": "PAID", "a": [-1.5E+4000]}': "-1.5E+4000 is too large for a number",
    b'{"number": "1001", "paymentStatus": "PAID", "a": 2' + b"0" * 308 + b"}": "200000... is too large for a number",
    b"[" * 100_000: "broken or cut off",
    b'{"a":' * 100_000: "broken or cut off",
    b'{"number": "1001", "paymentStatus": "PAID", "a": "\xff"}': "broken or cut off",
    b'{"number": "1001", "paymentStatus": "PAID", "a": 1' + b"1" * 5000 + b"}": "broken or cut off",
    b"[]": "a list where an order was due",
    b'"text"': "a text where an order was due",
    b"null": "null where an order was due",
    b"true": "a truth value where an order was due",
    b"1.5": "a number where an order was due",
    b"{}": "no number",
    b'{"number": 1001, "paymentStatus": "PAID"}': "no number",
    b'{"number": "", "paymentStatus": "PAID"}': "no number",
    b'{"number": "1001"}': "no paymentStatus",
    b'{"number": "1001", "paymentStatus": null}': "no paymentStatus",
}


def cut(body: bytes, sizes: list[int]) -> Iterator[bytes]:
    """The body in chunks of these sizes, over and over."""
    place = 0
    while place < len(body):
        for size in sizes:
            yield body[place : place + size]
            place += size


def test_an_order_is_taken_with_all_its_fields():
    order = {**ORDER, "novelty": {"a": [1, None, "\u00e4"]}}
    assert _responses.order_about(json.dumps(order).encode(), "1001") == order


def test_numbers_are_taken_up_to_the_largest_that_a_json_reader_can_hold():
    order = {**ORDER, "amount": 1.7e308, "amountPaid": 10**308, "exchangeRate": -5e-324}
    assert _responses.order_about(json.dumps(order).encode(), "1001") == order


@pytest.mark.parametrize(("begin", "end"), [('{"a": ', "}"), ("[", "]")])
def test_an_order_is_taken_up_to_a_depth(begin, end):
    def body(depth):
        nested = begin * (depth - 1) + "1" + end * (depth - 1)
        return f'{{"number": "1001", "paymentStatus": "PAID", "nested": {nested}}}'.encode()

    deepest, deeper = body(_responses.DEEPEST_ORDER), body(_responses.DEEPEST_ORDER + 1)
    assert _responses.order_about(deepest, "1001") == json.loads(deepest)
    assert list(_responses.orders_in([b"[" + deepest + b"]"])) == [json.loads(deepest)]
    for read in (
        lambda: _responses.order_about(deeper, "1001"),
        lambda: list(_responses.orders_in([b"[" + deeper + b"]"])),
    ):
        with pytest.raises(UnreadableAnswerError, match="more than 50 levels deep"):
            read()


def test_another_order_is_refused_and_named():
    with pytest.raises(WrongAnswerError, match="another order: 1001") as caught:
        _responses.order_about(json.dumps(ORDER).encode(), "1002")
    assert caught.value.ambiguous
    assert not caught.value.transient


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_order_is_refused_in_words(body):
    with pytest.raises(UnreadableAnswerError) as caught:
        _responses.order_about(body, "1001")
    assert BROKEN[body] in str(caught.value)
    assert len(str(caught.value)) < 400


@given(ORDERS, st.lists(st.integers(1, 40), min_size=1, max_size=5), st.sampled_from([None, 1]), st.booleans())
def test_a_list_is_the_same_whatever_the_chunks(orders, sizes, indent, ascii_only):
    body = json.dumps(orders, indent=indent, ensure_ascii=ascii_only)
    if not ascii_only and any(unicodedata.category(sign) == "Cs" for sign in body):
        return
    assert list(_responses.orders_in(cut(body.encode(), sizes))) == json.loads(body)


@given(ORDERS, st.integers(1, 40), st.data())
def test_a_list_that_is_cut_off_is_an_error_after_its_whole_orders(orders, size, data):
    body = json.dumps(orders).encode()
    kept = data.draw(st.integers(0, len(body) - 1))
    got = []
    with pytest.raises(UnreadableAnswerError):
        for order in _responses.orders_in(cut(body[:kept], [size])):
            got.append(order)
    assert got == orders[: len(got)]


@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:1 \\u', max_size=40).map(str.encode), st.integers(1, 9))
@settings(max_examples=200)
def test_garbage_is_an_error_or_what_json_says(body, size):
    try:
        got = list(_responses.orders_in(cut(body, [size])))
    except (UnreadableAnswerError, WrongAnswerError):
        return
    assert got == json.loads(body)


@pytest.mark.parametrize("body", [*BROKEN, b"", b"}", b"]"], ids=range(len(BROKEN) + 3))
def test_what_is_no_order_in_a_list_is_refused(body):
    got = []
    chunks = cut(b"[" + json.dumps(ORDER).encode() + b", " + body + b"]", [1000])
    with pytest.raises(UnreadableAnswerError) as caught:
        for order in _responses.orders_in(chunks):
            got.append(order)
    assert all(order == ORDER for order in got)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("body", [b"", b"  ", b"{}", b"null", b"<html>", b"\xff", b"[", b"[] []", b"[]]"])
def test_what_is_no_list_is_refused(body):
    with pytest.raises(UnreadableAnswerError):
        list(_responses.orders_in([body]))


def test_the_orders_of_a_list_are_given_as_they_arrive():
    """Nothing is read ahead: when an order comes out, the chunks behind it are untouched."""
    orders = [{**ORDER, "number": str(index)} for index in range(1000)]
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        for index, order in enumerate(orders):
            taken += 1
            yield (b", " if index else b"[") + json.dumps(order).encode()
        yield b"]"

    for index, order in enumerate(_responses.orders_in(chunks())):
        assert order["number"] == str(index)
        assert taken <= index + 2


def test_an_order_without_end_is_given_up():
    def chunks() -> Iterator[bytes]:
        yield b'[{"number": "1001", "a": "'
        while True:
            yield b"x" * 1024 * 1024

    with pytest.raises(UnreadableAnswerError, match="8 MiB"):
        list(_responses.orders_in(chunks()))


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
    assert _responses.error_text(body) == text


@given(st.text() | st.binary().map(lambda body: body.decode("utf-8", "surrogateescape")))
def test_an_excerpt_is_one_short_line_fit_to_show(text):
    shown = _responses.excerpt(text * 50)
    assert len(shown) <= _responses.EXCERPT + 3
    assert all(unicodedata.category(sign)[0] != "C" for sign in shown)
    assert shown.splitlines() == ([shown] if shown else [])


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
