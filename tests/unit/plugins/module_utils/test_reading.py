# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading with a client that is not there: what becomes of its orders and its errors."""

from __future__ import annotations

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors, _orders, _reading
from ansible_collections.community.komfortkasse.plugins.module_utils._client import OrderQuery
from ansible_collections.community.komfortkasse.plugins.module_utils._redact import Redactor


class Shop:
    """Answers as its table says: an order number that is not in it is missing."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def get_order(self, number, include=()):
        self.asked.append((number, include))
        answer = self.answers.get(number, _errors.NotFoundError("the API answered 404"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def read_orders(self, query):
        self.asked.append(query)
        for answer in self.answers.values():
            if isinstance(answer, Exception):
                raise answer
        return list(self.answers.values())

    redactor = Redactor("secret")


whole = _orders.SHOWN["full"]
A, B = {"number": "a", "new": [1.0]}, {"number": "b"}
DOWN = _errors.UnavailableError("the API answered 503")


@pytest.mark.parametrize("concurrency", [1, 3])
def test_orders_and_missing_ones_keep_their_order(concurrency):
    shop = Shop(a=A, b=B)
    reading = _reading.read_by_number(shop, ["z", "b", "y", "a", "b", "x", "z"], ["refunds"], concurrency, whole)
    assert (reading.orders, reading.missing) == ([B, A], ["z", "y", "x"])
    assert reading.orders[1] is A
    assert reading.failures == []
    assert sorted(number for number, _include in shop.asked) == ["a", "b", "x", "y", "z"]
    assert all(include == ["refunds"] for _number, include in shop.asked)


def test_a_failure_ends_it_but_a_missing_order_does_not():
    shop = Shop(a=A, down=DOWN, b=B)
    reading = _reading.read_by_number(shop, ["z", "a", "down", "b", "y"], {}, 1, whole)
    assert (reading.orders, reading.missing) == ([A], ["z"])
    assert reading.failures == [f"Order down could not be read: the API answered 503. {DOWN.hint}"]
    assert [number for number, _include in shop.asked] == ["z", "a", "down"]


def test_nothing_to_read():
    assert _reading.read_by_number(Shop(), [], {}, 8, whole) == _reading.ReadReport()


def test_a_list_is_read_to_its_end():
    shop = Shop(a=A, b=B)
    reading = _reading.read_by_filter(shop, OrderQuery(max_age=7), whole)
    assert (reading.orders, reading.missing, reading.failures) == ([A, B], [], [])
    assert shop.asked == [OrderQuery(max_age=7)]


def test_of_a_list_that_breaks_nothing_is_told():
    reading = _reading.read_by_filter(Shop(a=A, down=DOWN, b=B), OrderQuery(), whole)
    assert (reading.orders, reading.missing) == ([], [])
    assert reading.failures == [f"The list of orders could not be read: the API answered 503. {DOWN.hint}"]


def test_a_list_that_is_too_long_is_to_be_asked_for_in_parts():
    reading = _reading.read_by_filter(Shop(a=_errors.TooLongListError("it is larger than 64 MiB")), OrderQuery(), whole)
    assert reading.failures == [
        "The list of orders could not be read: it is larger than 64 MiB."
        " Ask for fewer orders at a time, by max_age, payment_statuses or min_posting_date."
    ]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_fault_of_ours_is_told_without_the_key_and_is_not_an_order_that_is_missing(concurrency):
    shop = Shop(a=A, b=RuntimeError("no secret"), c=RuntimeError("no secret"), d=B)
    told = "ran into an unexpected error, please report it: RuntimeError: no ********."
    reading = _reading.read_by_number(shop, list(shop.answers), {}, concurrency, whole)
    assert reading.missing == []
    assert reading.failures
    assert set(reading.failures) <= {f"Order b {told}", f"Order c {told}"}
    assert _reading.read_by_filter(shop, OrderQuery(), whole).failures == [f"The list of orders {told}"]
