# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""submitOrder and submitOrders: new orders, updates, what is refused."""

from __future__ import annotations

import pytest

ORDER = {
    "number": "N-1",
    "date": "01-11-2026",
    "type": "PREPAYMENT",
    "amount": 22.38,
    "currency": "EUR",
    "billing": {"lastName": "Mustermann", "countryCode": "DE"},
}


def test_new_order(api, simulator):
    reply = api("POST", "/order/N-1", {**ORDER, "paymentStatus": "PAID", "amountPaid": 5, "shopOwnField": "kept"})
    assert reply.status == 200
    order = reply.json
    assert {name: order[name] for name in ORDER} == ORDER
    assert order["paymentStatus"] == "UNPAID"
    assert order["shopOwnField"] == "kept"
    assert order["referenceNumber"]
    assert "amountPaid" not in order
    (entry,) = simulator.log()
    assert (entry["from"], entry["to"], entry["changed"]) == (None, "UNPAID", True)


def test_number_may_be_only_in_the_path(api):
    without = {name: value for name, value in ORDER.items() if name != "number"}
    assert api("POST", "/order/N%2F1", without).json["number"] == "N/1"
    assert api("POST", "/order/N-2", ORDER).status == 400


def test_amount_of_nothing_counts_as_paid(api):
    assert api("POST", "/order/N-1", {**ORDER, "amount": 0}).json["paymentStatus"] == "PAID"


def test_include_flags(api):
    assert api("POST", "/order/N-1?includePostings=true", ORDER).json["postings"] == []
    assert api("POST", "/orders?includeRefunds=true", [ORDER]).json[0]["refunds"] == []


def test_update_keeps_status_and_read_only_fields(api, simulator):
    before = simulator.order("2026-0601")
    reply = api("POST", "/order/2026-0601", {**ORDER, "number": "2026-0601", "customerEmail": "new@shop.example"})
    assert reply.json["paymentStatus"] == "CANCELLED"
    assert reply.json["referenceNumber"] == before["referenceNumber"]
    assert reply.json["customerEmail"] == "new@shop.example"
    assert reply.json["customerNumber"] == before["customerNumber"]


def test_the_same_order_once_more_changes_nothing(api, simulator):
    replies = [api("POST", "/order/N-1", ORDER) for _again in range(2)]
    assert replies[0].json == replies[1].json
    assert [entry["changed"] for entry in simulator.log()] == [True, False]


def test_raised_amount_makes_a_paid_order_partial(api):
    raised = {**ORDER, "number": "2026-0701", "amount": 100.0}
    assert api("POST", "/order/2026-0701", raised).json["paymentStatus"] == "PAID_PARTIAL"


def test_initial_dunning_level_counts_only_once(api):
    assert api("POST", "/order/N-1", {**ORDER, "initialDunningLevel": 2}).json["dunningLevel"] == 2
    assert api("POST", "/order/N-1", {**ORDER, "initialDunningLevel": 2}).status == 400
    assert api("POST", "/order/N-1", {**ORDER, "initialDunningLevel": 0}).json["dunningLevel"] == 2


@pytest.mark.parametrize(
    "spoilt",
    [
        {"date": None},
        {"date": "2026-11-01"},
        {"dueDate": "tomorrow"},
        {"type": "CASH"},
        {"amount": "22.38"},
        {"amount": True},
        {"currency": "Euro"},
        {"currency": None},
        {"billing": {}},
        {"billing": None},
        {"number": 1},
        {"number": "N-2"},
        {"initialDunningLevel": -1},
    ],
    ids=str,
)
def test_refused(api, simulator, spoilt):
    reply = api("POST", "/order/N-1", {**ORDER, **spoilt})
    assert reply.status == 400
    assert reply.json["error"].startswith("Invalid request")
    assert "N-1" not in simulator.orders()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"NaN", b"\xff"])
def test_body_that_is_no_order(api, body):
    assert api("POST", "/order/N-1", body).status == 400


def test_many(api, simulator):
    orders = [{**ORDER, "number": f"N-{index}"} for index in range(150)]
    reply = api("POST", "/orders", orders)
    assert [order["number"] for order in reply.json] == [order["number"] for order in orders]
    assert set(simulator.orders()) >= {order["number"] for order in orders}
    assert simulator.log()[0]["operation"] == "submitOrders"


def test_many_with_a_bad_one_are_all_refused(api, simulator):
    before = simulator.orders()
    assert api("POST", "/orders", [ORDER, {**ORDER, "number": "N-2", "amount": None}]).status == 400
    assert api("POST", "/orders", ORDER).status == 400
    assert simulator.orders() == before


def test_cut_off_in_mid_sentence_changes_nothing(api, simulator, wait_until):
    head = f"POST {api.base}/order/2026-0815 HTTP/1.1\r\nHost: x\r\nX-Komfortkasse-API-Key: {simulator.api_key}\r\n"
    with pytest.raises(TimeoutError):
        api.raw(f'{head}Content-Length: 500\r\n\r\n{{"number"'.encode(), timeout=0.2)
    (entry,) = wait_until(simulator.log)
    assert (entry["status"], entry["changed"], entry["operation"]) == (None, False, None)
