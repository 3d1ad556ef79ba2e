# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Money that arrives on orders, and money that goes back."""

from __future__ import annotations

import datetime

import pytest

SHOWN = "includePostings=true&includeRefunds=true"


def day(age):
    return (datetime.date.today() - datetime.timedelta(days=age)).strftime("%d-%m-%Y")


def status(order):
    return order["paymentStatus"], order["amountPaid"]


def test_a_late_payment_stays_on_the_cancelled_order(api, simulator):
    simulator.receive("2026-0601", age=3)
    shown = api.get("2026-0601", SHOWN).json
    assert status(shown) == ("CANCELLED", 33.0)
    (posting,) = shown["postings"]
    assert (posting["amount"], posting["currency"], posting["postingDate"]) == (33.0, "EUR", day(3))


@pytest.mark.parametrize(("amount", "expected"), [(33.0, "PAID"), (32.99, "PAID_PARTIAL")])
def test_a_late_payment_reopens_the_order(simulator, amount, expected):
    simulator.settings(late_payment_status="PAID")
    assert status(simulator.receive("2026-0601", amount=amount)) == (expected, amount)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("UNPAID", "PAID"),
        ("PAID", "PAID"),
        ("PAID_PARTIAL", "PAID"),
        ("CANCELLED", "CANCELLED"),
        ("REFUNDED", "REFUNDED"),
        ("COLLECTION", "PAID"),
        ("DISAPPEARED", "DISAPPEARED"),
        ("LEGACY", "LEGACY"),
    ],
)
def test_money_arrives_in_any_status(simulator, before, after):
    simulator.patch_order("2026-0815", paymentStatus=before)
    assert status(simulator.receive("2026-0815")) == (after, 22.38)


def test_several_postings_are_added_as_decimals(simulator):
    for age in (5, 4, 3):
        order = simulator.receive("2026-0601", amount=0.1, age=age)
    assert order["amountPaid"] == 0.3
    assert [posting["postingDate"] for posting in order["postings"]] == [day(5), day(4), day(3)]
    assert len({posting["id"] for posting in order["postings"]}) == 3
    assert simulator.receive("2026-0601", amount=-0.1)["amountPaid"] == 0.2


def test_a_refund_takes_the_money_off_the_order(api, simulator):
    assert status(simulator.refund("2026-0602", amount=100.0)) == ("CANCELLED", 19.0)
    assert status(simulator.refund("2026-0602", age=1)) == ("CANCELLED", 0.0)
    refunds = api.get("2026-0602", SHOWN).json["refunds"]
    assert [(each["amount"], each["executionDate"]) for each in refunds] == [(100.0, day(0)), (19.0, day(1))]


@pytest.mark.parametrize(("amount", "expected"), [(79.0, "REFUNDED"), (78.99, "REFUNDED_PARTIAL")])
def test_a_refund_shows_in_the_status_of_a_paid_order(simulator, amount, expected):
    assert simulator.refund("2026-0701", amount=amount)["paymentStatus"] == expected


def test_a_planned_refund_moves_no_money(simulator):
    order = simulator.refund("2026-0602", amount=19.0, externalReference="R 1", status="NEW")
    assert status(order) == ("CANCELLED", 119.0)
    assert order["refunds"][0]["executionDate"] is None
    executed = simulator.refund("2026-0602", externalReference="R 1")
    assert status(executed) == ("CANCELLED", 100.0)
    assert [(each["status"], each["executionDate"]) for each in executed["refunds"]] == [("PROCESSED", day(0))]
    with pytest.raises(RuntimeError, match="executed already"):
        simulator.refund("2026-0602", externalReference="R 1")


@pytest.mark.parametrize("body", [[], {"amount": "1"}, {"amount": True}, {"age": "1"}, {"age": 10**9}], ids=str)
@pytest.mark.parametrize("what", ["postings", "refunds"])
def test_money_that_cannot_be(simulator, what, body):
    before = simulator.orders()
    with pytest.raises(RuntimeError, match=" 400 "):
        simulator.control("POST", f"/orders/demo-shop/2026-0602/{what}", body)
    assert simulator.orders() == before


def test_money_on_an_order_whose_amount_somebody_spoilt(simulator):
    simulator.patch_order("2026-0602", amountPaid="119,00")
    with pytest.raises(RuntimeError, match=r" 400 .*119,00"):
        simulator.receive("2026-0602")
    with pytest.raises(RuntimeError, match=" 404 "):
        simulator.receive("nope")
