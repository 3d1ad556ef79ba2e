# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders read once, with a shop and a clock that are not real: when a list is read, what it may cost, what is fresh."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors, _fresh_orders
from ansible_collections.community.komfortkasse.plugins.module_utils._fresh_orders import FreshOrders, Reading

MANY = [f"{number}" for number in range(1, 201)]
NUMBERS = MANY[:100]
READ_SECONDS = 0.02


class Shop:
    """A shop whose orders are UNPAID. Each request takes its time on a clock that stands still otherwise."""

    def __init__(self):
        self.now = 1000.0
        self.orders = {number: {"number": number, "paymentStatus": "UNPAID"} for number in MANY}
        self.requests_sent = 0
        self.sent = []
        self.limits = None
        self.list_seconds = 0.05
        self.list_errors = []
        self.listed = None

    def get_order(self, number):
        self.requests_sent += 1
        self.sent.append(number)
        self.now += READ_SECONDS
        if number not in self.orders:
            raise _errors.NotFoundError("the API answered 404", http_status=404)
        return {**self.orders[number], "customerEmail": "erika@example.com"}

    def list_once(self, query, pick, most_mib, most_seconds):
        self.requests_sent += 1
        self.sent.append("list")
        self.query, self.limits = query, [most_mib, most_seconds()]
        self.now += self.list_seconds
        for error in self.list_errors:
            raise error
        listed = list(self.orders.values()) if self.listed is None else self.listed
        picked = [pick({**order, "customerEmail": "erika@example.com"}) for order in listed]
        self.limits.append(most_seconds())
        return list(filter(None, picked))


@pytest.fixture
def shop(monkeypatch):
    shop = Shop()
    monkeypatch.setattr(_fresh_orders, "time", SimpleNamespace(monotonic=lambda: shop.now))
    monkeypatch.setattr(_fresh_orders, "LEAST_LIST_SECONDS", 0.0)
    monkeypatch.setattr(_fresh_orders, "FRESH_SECONDS", 10.0)
    return shop


@pytest.fixture
def fresh(shop):
    """Make what is tested, with the list read if it is to be."""

    def make(numbers=NUMBERS, known=None, fresh_for=0.0, **reading):
        given = {"statuses": frozenset({"UNPAID", "CANCELLED"}), "target": "CANCELLED", "days": 30, **reading}
        orders = FreshOrders(shop, numbers, Reading(**given))
        orders.learn(known or {}, fresh_for)
        orders.begin()
        return orders

    return make


def test_one_list_takes_the_place_of_all_single_reads(shop, fresh):
    orders = fresh()
    assert [orders.get(number).order for number in NUMBERS] == list(shop.orders.values())[:100]
    assert shop.sent == ["1", "list"]
    assert (shop.query.payment_statuses, shop.query.max_age) == (["CANCELLED", "UNPAID"], 30)


@pytest.mark.parametrize(("numbers", "reading"), [(NUMBERS[:49], {}), (NUMBERS, {"days": 0})])
def test_few_orders_or_none_to_be_listed_are_read_singly(shop, fresh, numbers, reading):
    orders = fresh(numbers, **reading)
    assert shop.sent == []
    for number in numbers:
        orders.get(number)
    assert shop.sent == numbers


def test_an_order_that_the_list_lacks_is_read_singly(shop, fresh):
    shop.listed = [shop.orders[number] for number in NUMBERS if number != "7"]
    orders = fresh()
    assert orders.get("7").order["number"] == "7"
    assert shop.sent == ["1", "list", "7"]


def test_a_first_order_that_is_missing_is_told_and_costs_no_second_read(shop, fresh):
    orders = fresh(["nowhere", *NUMBERS])
    with pytest.raises(_errors.NotFoundError):
        orders.get("nowhere")
    assert shop.sent == ["nowhere", "list"]


def test_there_is_no_list_if_reading_alone_takes_several_tries(shop, fresh):
    def get_order(number):
        shop.requests_sent += 1
        return Shop.get_order(shop, number)

    shop.get_order = get_order
    fresh()
    assert shop.sent == NUMBERS[:3]


def test_there_is_no_list_if_the_key_is_refused(shop, fresh):
    def get_order(_number):
        raise _errors.KeyRefusedError("the API answered 401")

    shop.get_order = get_order
    orders = fresh()
    assert shop.sent == []
    with pytest.raises(_errors.KeyRefusedError):
        orders.get("1")


@pytest.mark.parametrize(("concurrency", "seconds"), [(1, 100 * READ_SECONDS), (8, 100 * READ_SECONDS / 8), (64, 0.1)])
def test_a_list_may_cost_half_the_reads_more_than_it_saves(shop, fresh, concurrency, seconds):
    fresh(concurrency=concurrency)
    mib, at_first, in_the_end = shop.limits
    assert at_first == pytest.approx(0.5 * seconds)
    assert in_the_end == pytest.approx(1.5 * seconds)
    assert mib == pytest.approx(100 * 16 / 1024)


def test_a_list_that_took_long_is_read_again_only_for_more_orders(shop, fresh):
    shop.list_seconds = 0.8
    assert fresh(concurrency=1).list_from == 0.8 / (READ_SECONDS * 0.5)
    shop.sent.clear()
    fresh(list_from=101)
    assert shop.sent == []
    fresh(list_from=100)
    assert shop.sent == ["1", "list"]


def test_a_list_that_failed_is_worth_another_try_for_twice_the_orders(shop, fresh):
    shop.list_errors = [_errors.TooLongListError("the list failed")]
    assert fresh().list_from == 200


@pytest.mark.parametrize("error", [_errors.TooLongListError, _errors.KeyRefusedError, _errors.UnavailableError])
def test_a_list_that_fails_is_not_asked_for_again(shop, fresh, error):
    shop.list_errors = [error("the list failed")]
    orders = fresh()
    for number in NUMBERS:
        orders.get(number)
    shop.now += 60
    orders.get("5")
    assert shop.sent == ["1", "list", *NUMBERS[1:], "5"]


# What can be believed of a list


@pytest.mark.parametrize(
    "other", [{"paymentStatus": "CANCELLED"}, {"paymentStatus": "UNPAID", "amount": 2.0}, {"paymentStatus": "PAID"}]
)
def test_an_order_in_two_states_on_one_list_is_read_singly(shop, fresh, other):
    shop.listed = [*shop.orders.values(), {"number": "7", **other}]
    assert fresh().get("7").order["paymentStatus"] == "UNPAID"
    assert shop.sent == ["1", "list", "7"]


def test_an_order_in_a_status_that_was_not_asked_for_is_read_singly(shop, fresh):
    shop.listed = [{**order, "paymentStatus": "PAID"} for order in shop.orders.values() if order["number"] != "1"]
    assert fresh().get("7").order["paymentStatus"] == "UNPAID"
    assert shop.sent == ["1", "list", "7"]


def test_a_list_that_contradicts_the_read_before_it_is_dropped(shop, fresh):
    shop.listed = [{**order, "paymentStatus": "CANCELLED"} for order in shop.orders.values()]
    orders = fresh()
    assert {orders.get(number).order["paymentStatus"] for number in NUMBERS} == {"UNPAID"}
    assert shop.sent == ["1", "list", *NUMBERS[1:]]


# What is fresh


def test_what_was_read_too_long_ago_is_read_again_by_a_list(shop, fresh):
    orders = fresh(MANY)
    for number in MANY[:80]:
        orders.get(number)
        orders.forget(number)
        shop.now += 0.1
    shop.now += 3
    assert all(orders.get(number).fresh for number in MANY[80:])
    assert shop.sent == ["1", "list", "list"]


def test_a_list_is_not_read_again_for_a_few_orders(shop, fresh):
    orders = fresh()
    for number in NUMBERS[:60]:
        orders.get(number)
        orders.forget(number)
    shop.now += 11
    assert all(orders.get(number).fresh for number in NUMBERS[60:])
    assert shop.sent == ["1", "list", *NUMBERS[60:]]


def test_a_slow_run_reads_no_list_of_which_most_would_be_outdated(shop, fresh):
    orders = fresh()
    for number in NUMBERS:
        shop.now += 4
        assert orders.get(number).fresh
        orders.forget(number)
    assert shop.sent.count("list") == 1


def test_a_list_that_took_longer_than_it_is_fresh_is_not_acted_on(shop, fresh):
    shop.list_seconds = 11
    assert fresh().get("7").fresh
    assert shop.sent[:2] == ["1", "list"]
    assert shop.sent[-1] == "7"


def test_an_order_that_is_done_needs_no_second_read(shop, fresh):
    shop.orders["7"]["paymentStatus"] = "CANCELLED"
    orders = fresh()
    shop.now += 60
    assert orders.get("7").order["paymentStatus"] == "CANCELLED"
    assert shop.sent == ["1", "list"]


def test_a_status_that_changed_is_not_remembered(shop, fresh):
    orders = fresh()
    shop.orders["7"]["paymentStatus"] = "PAID"
    shop.now += 11
    assert orders.get("7").order["paymentStatus"] == "PAID"


def test_many_workers_share_one_fresh_list(shop, fresh):
    orders = fresh()
    orders.keep(NUMBERS)
    for number in NUMBERS[:10]:
        orders.get(number)
    shop.now += 10.01
    orders._given = 10_000  # a quick pace so far
    barrier = threading.Barrier(8)

    def work(place):
        barrier.wait(30)
        for number in NUMBERS[place::8]:
            orders.get(number)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shop.sent == ["1", "list", "list"]


# What an earlier batch has read


def known(numbers=NUMBERS):
    return {number: {"number": number, "paymentStatus": "UNPAID"} for number in numbers}


def test_what_an_earlier_batch_read_is_acted_on(shop, fresh):
    orders = fresh(known=known(), fresh_for=4.0)
    shop.now += 3.9
    assert orders.get("1").fresh
    assert shop.sent == []
    shop.now += 0.2
    orders.get("1")
    assert shop.sent == ["1"]


@pytest.mark.parametrize(
    "options", [{"fresh_for": 0.0}, {"fresh_for": 9.0, "days": 0}, {"fresh_for": 9, "whole": True}]
)
def test_what_is_outdated_or_not_whole_is_read_again(shop, fresh, options):
    fresh(known=known(), **options).get("1")
    assert "1" in shop.sent


def test_nobody_can_make_an_order_fresher_than_it_can_be(shop, fresh):
    orders = fresh(known=known(), fresh_for=3600.0)
    shop.now += 10.1
    orders.get("1")
    assert shop.sent == ["1"]


def test_the_oldest_order_tells_how_long_all_are_fresh(shop, fresh):
    orders = fresh()
    assert orders.seconds_left(NUMBERS) == pytest.approx(10 - shop.list_seconds)
    shop.now += 8
    assert orders.seconds_left(NUMBERS) == pytest.approx(2 - shop.list_seconds)
    shop.now += 8
    assert orders.seconds_left(NUMBERS) == 0
    assert orders.seconds_left([]) == orders.seconds_left(["nowhere"]) == 0


@pytest.mark.parametrize(("whole", "kept"), [(False, False), (True, True)])
def test_only_what_decisions_need_is_kept(fresh, whole, kept):
    assert ("customerEmail" in fresh(NUMBERS[:1], whole=whole).get("1").order) == kept
