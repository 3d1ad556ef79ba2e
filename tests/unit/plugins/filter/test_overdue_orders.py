# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter overdue_orders: too old, not too old, or it cannot be told; never a guess."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.filter.overdue_orders import FilterModule

overdue_orders = FilterModule().filters()["overdue_orders"]
TODAY = "2026-12-02"


def order(number="1001", date="01-11-2026", **more):
    return {"number": number, "date": date, "type": "PREPAYMENT", "paymentStatus": "UNPAID", **more}


def picked(*orders, days=30, **more):
    return overdue_orders(orders, days, today=TODAY, **more)["order_numbers"]


def test_an_order_is_overdue_from_the_day_on_which_it_is_older_than_so_many_days():
    assert picked(order("a", "01-11-2026"), order("b", "02-11-2026"), order("c", "03-11-2026")) == ["a"]
    assert picked(order("a", "01-12-2026"), order("b", "02-12-2026"), order("c", "03-12-2026"), days=0) == ["a"]


@given(st.dates(datetime.date(1990, 1, 1)), st.integers(0, 5000), st.dates(datetime.date(1990, 1, 1)))
def test_it_counts_days(date, days, today):
    overdue = overdue_orders([order(date=date.strftime("%d-%m-%Y").zfill(10))], days, today=today.isoformat())
    assert bool(overdue["order_numbers"]) == ((today - date).days > days)
    assert overdue["unclear"] == []


@pytest.mark.parametrize(
    "date",
    [
        *(None, 1112026, "", "2026-11-01", "01.11.2026", "1-11-2026", "01-11-26", " 01-11-2026", "01-11-2026\n"),
        *("31-02-2026", "00-00-0000", "\u0660\u0661-11-2026"),
    ],
)
def test_a_date_that_cannot_be_read_is_told_and_nothing_is_done(date):
    told = overdue_orders([order(date=date), order("1002", "01-01-2020")], 30, today=TODAY)
    assert told["order_numbers"] == ["1002"]
    assert told["unclear"] == [
        {
            "order_number": "1001",
            "outcome": "skipped",
            "previous_payment_status": "UNPAID",
            "payment_status": "UNPAID",
            "msg": f"Was left alone: its date is {date!r}, which is not a date, so its age is unknown.",
        }
    ]


def test_an_order_number_that_no_module_takes_is_told():
    told = overdue_orders([order("remove"), order(" 1")], 30, today=TODAY)
    assert told["order_numbers"] == []
    assert ["remove" in told["unclear"][0]["msg"], "white space" in told["unclear"][1]["msg"]] == [True, True]


@pytest.mark.parametrize("field", ["number", "date"])
def test_a_message_quotes_little_of_an_order_and_no_control_character(field):
    [unclear] = overdue_orders([order(**{field: "\x1b[31m\n" + "x" * 1000})], 0, today=TODAY)["unclear"]
    assert len(unclear["msg"]) < 200
    assert unclear["msg"].isprintable()


def test_only_the_types_and_payment_statuses_that_are_asked_for():
    orders = [order("a"), order("b", type="INVOICE"), order("c", paymentStatus="PAID"), order("d", type=None)]
    assert picked(*orders) == ["a"]
    assert picked(*orders, types=["INVOICE", "PREPAYMENT"]) == ["a", "b"]
    assert picked(*orders, payment_statuses=["PAID"]) == ["c"]
    assert overdue_orders([order("e", "?", type="COD")], 30, today=TODAY)["unclear"] == []


def test_today_is_the_day_in_utc():
    yesterday = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=2)
    assert overdue_orders([order(date=yesterday.strftime("%d-%m-%Y"))], 0)["order_numbers"] == ["1001"]


@pytest.mark.parametrize("days", [-1, "", "30 days", "-1", "\u0663", 1.5, True, None])
def test_days_that_are_no_whole_number_are_refused(days):
    with pytest.raises(AnsibleFilterError, match="older_than_days must be a whole number, 0 or more, not"):
        overdue_orders([], days)


def test_options_may_be_text_as_surveys_give_it():
    orders = [order("a"), order("b", type="INVOICE"), order("c", paymentStatus="PAID")]
    assert picked(*orders, days="30", types="INVOICE, PREPAYMENT,") == ["a", "b"]
    assert picked(*orders, days=" 30 ", types="", payment_statuses="PAID , UNPAID") == ["a", "c"]
    for empty in ("", None):  # None is what ansible-core 2.19 makes of AWX's empty answer
        assert picked(*orders, types=empty, payment_statuses=empty) == ["a"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"types": "prepayment"}, "types must be words in capital letters .*, such as PREPAYMENT, not 'prepayment'"),
        ({"types": []}, r"types must be words .*, not \[\]"),
        ({"types": " , "}, "types must be words .*, not ' , '"),
        ({"types": 7}, "types must be words .*, not 7"),
        ({"payment_statuses": ["UNPAID PAID"]}, "payment_statuses must be words .*, such as UNPAID, not 'UNPAID PAID'"),
    ],
)
def test_words_that_are_none_are_refused(options, says):
    with pytest.raises(AnsibleFilterError, match=says):
        picked(order(), **options)


def test_a_today_that_is_no_date_is_refused():
    with pytest.raises(AnsibleFilterError, match="today must be a date like 2026-11-30, not '01-11-2026'"):
        overdue_orders([], 30, today="01-11-2026")
