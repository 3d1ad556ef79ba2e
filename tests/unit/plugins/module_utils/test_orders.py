# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The domain: which numbers are taken, how they become a path, and what is decided about an order."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.module_utils import _client, _orders
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import TRANSITIONS, DesiredState, decide

ALTERED = " YAML may have altered it: put the order number in quotes."
ODD = st.text(alphabet="./\\%#?&;=+ :@~r\u00e4\u20ac\U0001f4a9\u202e", max_size=12)
VALUES = st.one_of(
    st.text(), ODD, st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.text()), st.binary()
)


@given(VALUES)
@example("remove")
@example("..")
@example("../../orders")
@example("%2e%2e")
@example("2026/0815")
@example("10\0")  # Ansible's own log refuses it before us on some Pythons
@example("\ud800")
def test_whatever_is_taken_becomes_one_path_segment_and_nothing_else_than_a_sentence_is_raised(value):
    try:
        number = _orders.check_order_number(value)
    except ValueError as error:
        assert str(error).endswith((".", ","))
        assert "\n" not in str(error)
        return
    assert number == str(value)
    path = _client._path("/order/{number}/cancel", number)
    segments = path.split("/")
    assert (len(segments), segments[:2], segments[3]) == (4, ["", "order"], "cancel")
    assert re.fullmatch(r"([A-Za-z0-9_.~-]|%[0-9A-F]{2})+", segments[2])
    assert segments[2] not in (".", "..", "remove")
    assert unquote(segments[2], errors="strict") == number


@given(st.lists(VALUES.filter(lambda value: value != ""), max_size=5), st.integers(0, 5))
def test_the_place_of_a_wrong_number_is_named(values, place):
    def wrong(value):
        with pytest.raises(ValueError):
            _orders.check_order_number(value)
        return True

    good = ["1001"] * place
    assert _orders.check_order_numbers(good) == good
    for value in values:
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            assert wrong(value)
            with pytest.raises(ValueError, match=rf"^entry {place + 1}: "):
                _orders.check_order_numbers([*good, value, "", None])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "an order number is empty."),
        (12.1, f"the order number 12.1 is not text but a decimal number.{ALTERED}"),
        (83, f"the order number 83 is not text but a whole number.{ALTERED}"),
        (True, f"the order number True is not text but a truth value.{ALTERED}"),
        ([1], f"the order number [1] is not text but a list.{ALTERED}"),
        (b"1", f"the order number b'1' is not text but bytes.{ALTERED}"),
        (" ", "the order number ' ' is blank."),
        ("1 ", "the order number '1 ' begins or ends with white space: remove it."),
        ("1\t2", r"the order number '1\t2' holds a control character, such as a tab: remove it."),
        (".", "'.' cannot be used as an order number: it has another meaning in the API's URLs."),
    ],
)
def test_what_is_wrong_with_a_number_is_said_with_the_likely_cause(value, words):
    with pytest.raises(ValueError) as error:
        _orders.check_order_number(value)
    assert str(error.value) == words


def test_a_number_may_hold_any_other_character():
    assert _orders.check_order_number("10\u00a0\u202e\U0001f4a9\ue00001")


@pytest.mark.parametrize("separator", ["\n", "\x85", "\ud800", "\u2028", "\u2029"])
def test_no_line_ends_within_a_number(separator):
    with pytest.raises(ValueError, match="holds a control character"):
        _orders.check_order_number(f"10{separator}01")


@pytest.mark.parametrize("value", ["\x1b[31m" + "x" * 1000, [1] * 1000])
def test_a_message_quotes_little_of_a_value_and_no_control_character(value):
    with pytest.raises(ValueError) as error:
        _orders.check_order_number(value)
    assert len(str(error.value)) < 200
    assert str(error.value).isprintable()


@pytest.mark.parametrize("status", _orders.PAYMENT_STATUSES)
@pytest.mark.parametrize("state", TRANSITIONS)
def test_only_the_target_status_is_left_as_it_is(status, state):
    desired = DesiredState(TRANSITIONS[state])
    expected = "unchanged" if status == TRANSITIONS[state].payment_status else "changed"
    assert decide({"number": "1", "paymentStatus": status}, desired).outcome == expected


@given(
    status=st.sampled_from([*_orders.PAYMENT_STATUSES, "NEW ONE"]),
    state=st.sampled_from(list(TRANSITIONS)),
    only_from=st.none() | st.frozensets(st.sampled_from(_orders.PAYMENT_STATUSES), min_size=1),
    skip=st.booleans(),
)
def test_an_order_is_changed_only_from_where_it_may_come(status, state, only_from, skip):
    desired = DesiredState(TRANSITIONS[state], only_from=only_from, skip_unexpected=skip)
    decision = decide({"number": "1", "paymentStatus": status}, desired)
    if status == desired.transition.payment_status:
        assert decision.outcome == "unchanged"
    elif only_from is None or status in only_from:
        assert decision.outcome == "changed"
    else:
        assert decision.outcome == ("skipped" if skip else "failed")
        assert decision.reason is not None
        assert status in decision.reason
        assert all(name in decision.reason for name in only_from)
    assert (decision.reason is None) == (decision.outcome in ("changed", "unchanged"))


def test_an_order_that_is_left_alone_says_what_would_change_that():
    desired = DesiredState(TRANSITIONS["paid"], only_from=frozenset({"UNPAID", "PAID_PARTIAL"}))
    decision = decide({"number": "1", "paymentStatus": "CANCELLED"}, desired)
    assert decision.reason == "is CANCELLED, not PAID_PARTIAL or UNPAID"
    assert decision.advice == "If it may be changed anyway, add its payment status to only_from."
    skipped = decide({"number": "1", "paymentStatus": "CANCELLED"}, replace(desired, skip_unexpected=True))
    assert (skipped.reason, skipped.advice) == (decision.reason, "")


@given(st.dictionaries(st.sampled_from([*_orders.SUMMARY_FIELDS, "billing", "customerEmail"]) | st.text(), st.text()))
def test_a_summary_holds_the_listed_fields_that_an_order_has(order):
    summary = _orders.summary_of(order)
    assert summary == {name: order[name] for name in _orders.SUMMARY_FIELDS if name in order}
    assert _orders.SHOWN["full"](order) == order


def test_a_summary_holds_postings_without_who_paid():
    posting = {"amount": 5.0, "currency": "EUR", "postingDate": "01-02-2026", "originator": "Erika", "text": "Erika"}
    order = {"number": "1", "postings": [posting, "Erika"], "billing": {"lastName": "Erika"}}
    assert _orders.summary_of(order) == {
        "number": "1",
        "postings": [{"amount": 5.0, "currency": "EUR", "postingDate": "01-02-2026"}],
    }


@pytest.mark.parametrize(
    ("fields", "facts"),
    [
        ({"amount": 22.38, "currency": "EUR", "amountPaid": 3}, (22.38, "EUR", 3)),
        ({"amount": "22.38", "currency": "chf", "amountPaid": "12.50"}, (22.38, "chf", 12.5)),
        ({"amount": True, "currency": "EURO", "amountPaid": True}, (None, None, None)),
        ({"amount": "1e400", "currency": "EUR\x1b[31m", "amountPaid": 0.0}, (None, None, None)),
        ({"amount": None, "currency": {}, "amountPaid": -5.0}, (None, None, None)),
        ({"amount": "12,5 EUR", "currency": "", "amountPaid": "0.00"}, (None, None, None)),
        ({"amount": "12,50", "amountPaid": math.inf}, (12.5, None, None)),
        ({"amount": 0, "amountPaid": 0.01}, (0, None, 0.01)),
        ({}, (None, None, None)),
    ],
)
def test_amounts_and_currency_are_taken_if_they_can_be_read(fields, facts):
    assert (_orders.amount(fields), _orders.currency(fields), _orders.amount_paid(fields)) == facts
