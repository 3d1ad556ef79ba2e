# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of readOrders."""

from __future__ import annotations

import contextlib
import datetime
import http.client
import json

import pytest


def day(age):
    return (datetime.date.today() - datetime.timedelta(days=age)).strftime("%d-%m-%Y")


def test_default_shows_120_days_and_all_statuses(api, simulator):
    numbers = api.numbers()
    assert "2025-0001" not in numbers
    assert set(numbers) == set(simulator.orders()) - {"2025-0001"}


@pytest.mark.parametrize(("status", "count"), [("UNPAID", 12), ("PAID", 2), ("CANCELLED", 3), ("NOT_A_STATUS", 0)])
def test_one_status(api, simulator, status, count):
    assert len(api.numbers(f"paymentStatus={status}")) == count


def test_many_statuses(api):
    wanted = ["2026-0701", "2026-0702", "2026-0703"]
    assert api.numbers("paymentStatus=PAID,PAID_PARTIAL") == wanted
    assert api.numbers("paymentStatus=PAID%2CPAID_PARTIAL") == wanted


def test_status_outside_the_known_ones(api, simulator):
    simulator.patch_order("2026-0815", paymentStatus="SOMETHING_NEW")
    assert api.numbers("paymentStatus=SOMETHING_NEW") == ["2026-0815"]


def test_max_age_counts_from_the_order_date(api, simulator):
    for age in (119, 120, 121):
        simulator.control("POST", "/orders/demo-shop", [{"number": f"age-{age}", "age": age}])
    numbers = set(api.numbers())
    assert {"age-119", "age-120"} <= numbers
    assert "age-121" not in numbers
    assert "2025-0001" in api.numbers("maxAge=400")
    assert api.numbers("maxAge=0") == ["2026-0820"]


def test_max_age_may_be_any_number_of_days(api, simulator):
    assert set(api.numbers("maxAge=99999999999999999999")) == set(simulator.orders())
    assert api.numbers("maxAge=00000000000000000000") == api.numbers("maxAge=0")


@pytest.mark.parametrize("value", ["", ",", "PAID,", "PAID,,UNPAID", "PAID,%20PAID_PARTIAL"])
def test_a_status_that_can_be_none(api, value):
    assert api("GET", f"/orders?paymentStatus={value}").status == 400


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "", "1%0A"])
def test_max_age_that_is_no_number(api, value):
    assert api("GET", f"/orders?maxAge={value}").status == 400


def test_min_posting_date_leaves_out_what_has_no_posting(api, simulator):
    simulator.patch_order("2026-0815", postings=[{"postingDate": day(2), "amount": 1.0}])
    assert api.numbers(f"minPostingDate={day(2)}") == ["2026-0815"]
    assert api.numbers(f"minPostingDate={day(1)}") == []
    assert "2026-0702" not in api.numbers(f"minPostingDate={day(400)}&paymentStatus=PAID")
    assert "2026-0701" in api.numbers(f"minPostingDate={day(400)}&paymentStatus=PAID")


@pytest.mark.parametrize("value", ["2026-01-31", "31-02-2026", "1-2-2026", "soon", ""])
def test_min_posting_date_in_another_format(api, value):
    assert api("GET", f"/orders?minPostingDate={value}").status == 400


def test_an_order_with_a_spoilt_date_stays_in_the_list(api, simulator):
    simulator.patch_order("2026-0815", date=None)
    simulator.patch_order("2026-0816", date="yesterday")
    assert {"2026-0815", "2026-0816"} <= set(api.numbers("maxAge=30"))


def test_list_of_the_other_shop(api, simulator):
    reply = api("GET", "/orders", key=simulator.second_key)
    assert [order["number"] for order in reply.json] == ["2026-0815", "S-1", "S-2"]


def test_a_long_list_is_whole(api, simulator):
    simulator.generate(5000)
    listed = api("GET", "/orders?paymentStatus=UNPAID")
    assert "content-length" not in listed.headers
    assert len(listed.json) == 5012
    assert {order["number"] for order in listed.json} == set(api.numbers("paymentStatus=UNPAID"))
    assert api.numbers("paymentStatus=NOT_A_STATUS") == []


def test_a_long_list_holds_up_no_other_request(api, simulator):
    """The list is several times what the sockets take in, so that it has not ended before it is read."""
    last = simulator.generate(20000)[-1]
    connection = http.client.HTTPConnection(api.host, api.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", f"{api.base}/orders", headers={"X-Komfortkasse-API-Key": simulator.api_key})
        answer = connection.getresponse()
        assert api.cancel(last).status == 200
        order = json.loads(answer.read())[-1]
    assert (order["number"], order["paymentStatus"]) == (last, "UNPAID")  # as it was when the list was asked for
