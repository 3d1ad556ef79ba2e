# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders read by number and by filter: what is sent, what comes back, what is refused, and what a failure tells."""

from __future__ import annotations

import json

import pytest

from ansible_collections.community.komfortkasse.plugins.modules import komfortkasse_order_info
from ansible_collections.community.komfortkasse.tests.unit.module_args import patch_module_args, read_printed

NUMBER = "2026-0815"
INCLUDED = {
    "postings": ("includePostings", {"postings", "hasBankDetailsForRefund"}),
    "collection_history": ("includeCollectionHistory", {"collectionHistory"}),
    "payment_reminders": ("includePaymentReminders", {"paymentReminders"}),
    "refunds": ("includeRefunds", {"refunds"}),
}
ON_DEMAND = set().union(*(fields for _flag, fields in INCLUDED.values()))


@pytest.fixture
def info(simulator, connection, capsys):
    """Run the module with options of which None takes one away; what holds for every run is checked here."""

    def run(**options):
        given = {name: value for name, value in {**connection, **options}.items() if value is not None}
        with patch_module_args(given), pytest.raises(SystemExit) as end:
            komfortkasse_order_info.main()
        printed, errors = capsys.readouterr()
        assert errors == ""
        result = read_printed(printed)
        assert bool(end.value.code) == bool(result.get("failed"))
        assert not result.get("changed")
        assert "Traceback" not in printed
        assert simulator.api_key not in str(result)
        assert {entry["method"] for entry in simulator.log()} <= {"GET"}
        return result

    return run


@pytest.fixture
def refused(simulator, info):
    """The same where no request may be sent: return the message of the failure."""

    def run(**options):
        result = info(**options)
        assert result["failed"]
        assert "orders" not in result
        assert simulator.log() == []
        return result["msg"]

    return run


@pytest.fixture
def asked(simulator):
    """Return a function that lists the requests so far without the API's address, like "/order/1001?a=b"."""

    def requests():
        base = len("/api/v2")
        return [e["raw_path"][base:] + (f"?{e['query']}" if e["query"] else "") for e in simulator.log("GET")]

    return requests


def numbers_of(result):
    return [order["number"] for order in result["orders"]]


def visible(order):
    """An order of the simulator as the API shows it without any include."""
    hidden = ON_DEMAND | ({"amountPaid"} if order["paymentStatus"] == "UNPAID" else set())
    return {name: value for name, value in order.items() if name not in hidden}


# By number


@pytest.mark.parametrize("concurrency", [1, 8])
def test_orders_come_in_the_order_given_each_once(simulator, info, asked, concurrency):
    simulator.settings(latency_ms=3)
    given = ["2026-0819", "1999-0002", 123, NUMBER, "0123", "2026-0819", "123", "1999-0001", "1999-0002"]
    result = info(order_numbers=given, concurrency=concurrency)
    assert not result["changed"]
    assert numbers_of(result) == ["2026-0819", "123", NUMBER, "0123"]
    assert result["missing"] == ["1999-0002", "1999-0001"]
    expected = [f"/order/{n}" for n in ("2026-0819", "1999-0002", "123", NUMBER, "0123", "1999-0001")]
    assert asked() == expected if concurrency == 1 else sorted(asked()) == sorted(expected)


def test_the_whole_order_comes_as_it_is(simulator, info):
    strange = {
        "loyalty": {"points": [1, 2.5, None]},
        "amount": 22.1,
        "exchangeRate": 1.0,
        "dunningLevel": 0,
        "big": 2**60 + 1,
    }
    simulator.patch_order(NUMBER, date="01-02-2026", dueDate="2026-02-15T00:00:00", paymentStatus="PAUSED", **strange)
    [order] = info(order_numbers=[NUMBER])["orders"]
    assert order == visible(simulator.order(NUMBER))
    assert {name: order[name] for name in strange} == strange
    assert (order["date"], order["dueDate"]) == ("01-02-2026", "2026-02-15T00:00:00")
    assert [type(order[name]) for name in ("exchangeRate", "dunningLevel", "big")] == [float, int, int]
    assert order["paymentStatus"] == "PAUSED"


def test_an_empty_list_reads_no_orders(info, asked):
    result = info(order_numbers=[])
    assert (result["orders"], result["missing"], asked()) == ([], [], [])


def test_check_mode_reads_too(info):
    assert numbers_of(info(_ansible_check_mode=True, order_numbers=[NUMBER])) == [NUMBER]


def test_all_includes_give_all_there_is(simulator, info, asked):
    [order] = info(order_numbers=["2026-0401"], include=list(INCLUDED))["orders"]
    assert asked() == ["/order/2026-0401?" + "&".join(f"{flag}=true" for flag, _fields in INCLUDED.values())]
    assert order == simulator.order("2026-0401")


# By filter


@pytest.mark.parametrize(
    ("options", "query"),
    [
        ({}, "maxAge=120"),
        ({"payment_statuses": ["UNPAID", "PAID_PARTIAL"]}, "paymentStatus=UNPAID,PAID_PARTIAL&maxAge=120"),
        ({"min_posting_date": "", "include": []}, "maxAge=120"),
        ({"min_posting_date": "31-12-2025"}, "maxAge=120&minPostingDate=31-12-2025"),
        ({"include": ["refunds", "postings"]}, "maxAge=120&includeRefunds=true&includePostings=true"),
    ],
)
def test_the_filter_is_sent_and_the_age_always(info, asked, options, query):
    assert info(**options)["missing"] == []
    assert asked() == [f"/orders?{query}"]


def test_the_filter_finds_what_it_says(simulator, info):
    stored = simulator.orders()
    recent = [order for number, order in stored.items() if number != "2025-0001"]
    assert info()["orders"] == [visible(order) for order in recent]
    assert numbers_of(info(max_age=400)) == list(stored)
    found = info(payment_statuses=["COLLECTION", "REFUNDED"], include=list(INCLUDED))["orders"]
    assert found == [stored["2026-0501"], stored["2026-0401"]]
    assert info(payment_statuses=["UNPAID"], min_posting_date="01-01-2020")["orders"] == []
    assert info(payment_statuses=["PAID"], min_posting_date="01-01-2020")["orders"] == [visible(stored["2026-0701"])]


def test_orders_without_enough_money_on_them_are_left_out(simulator, info):
    amounts = [0.0, 9.99, "9.99", 10.0, "10.00", -1.0, "ten", None]
    numbers = simulator.generate(len(amounts), paymentStatus="CANCELLED")
    for number, amount in zip(numbers, amounts):
        simulator.patch_order(number, amountPaid=amount)
    assert numbers_of(info(payment_statuses=["CANCELLED", "UNPAID"], min_amount_paid=10)) == ["2026-0602", *numbers[3:]]
    assert len(info(min_amount_paid=0)["orders"]) == len(info()["orders"])


def test_an_unknown_status_is_asked_for_with_a_warning(info, asked):
    result = info(payment_statuses=["UNPAID", "OPEN"])
    assert asked() == ["/orders?paymentStatus=UNPAID,OPEN&maxAge=120"]
    [warning] = result["warnings"]
    assert "OPEN, which the API does not document" in str(warning)


# Refused without a request


@pytest.mark.parametrize(
    ("options", "words"),
    [
        *(
            ({"min_posting_date": date}, f"min_posting_date must be a day like 31-12-2026, not '{date}'")
            for date in ("2026-12-31", "1-1-2026", "32-01-2026")
        ),
        *(
            ({"payment_statuses": nothing}, "payment_statuses is empty or names an empty status. Leave it out if any")
            for nothing in ([], ["PAID", ""])
        ),
        *(
            ({"payment_statuses": ["PAID", odd]}, f"names {odd!r}, but a payment status is one word")
            for odd in ("PAID PARTIAL", "UNPAID,COLLECTION")
        ),
        ({"max_age": -1}, "max_age must be at least 0, not -1"),
        ({"concurrency": 0}, "concurrency must be from 1 to 64, not 0"),
        ({"order_numbers": [NUMBER, ""]}, "Nothing was sent, because entry 2: an order number is empty"),
        (
            {"order_numbers": [NUMBER], "payment_statuses": ["PAID"]},
            "mutually exclusive: order_numbers|payment_statuses",
        ),
        ({"order_numbers": [NUMBER], "min_amount_paid": 1}, "mutually exclusive: order_numbers|min_amount_paid"),
        ({"api_key": None}, "There is no API key: set api_key or api_key_file, or the environment"),
    ],
)
def test_what_is_refused(refused, options, words):
    assert words in refused(**options)


# Failures


def test_a_refused_key_while_reading_numbers(simulator, info, asked):
    given = ["1999-0001", NUMBER, "2026-0816", "2026-0817"]
    simulator.faults({"kind": "status", "status": 401, "order_number": "2026-0816"})
    result = info(order_numbers=given, concurrency=1)
    assert result["failed"]
    assert result["msg"].startswith(
        "Order 2026-0816 could not be read: the API answered 401: API Key invalid. Check api_key"
    )
    assert (numbers_of(result), result["missing"]) == ([NUMBER], ["1999-0001"])
    assert asked() == [f"/order/{number}" for number in given[:3]]  # no more are started


@pytest.mark.parametrize("options", [{}, {"order_numbers": [NUMBER]}])
def test_a_key_that_is_echoed_in_an_order_is_masked(simulator, info, monkeypatch, options):
    order = json.dumps({"number": NUMBER, "paymentStatus": "PAID", "note": f"by {simulator.api_key}!"})
    body = order if options else f"[{order}]"
    simulator.faults({"kind": "body", "body": body, "content_type": "application/json", "times": None})
    monkeypatch.setenv("KOMFORTKASSE_API_KEY", simulator.api_key)
    for key in (simulator.api_key, None, ""):
        [read] = info(api_key=key, **options)["orders"]
        assert read["note"].startswith("by ***")
