# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter late_payments: money on cancelled orders is found, and nothing is skipped in silence."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.filter.late_payments import FilterModule
from ansible_collections.community.komfortkasse.plugins.plugin_utils._amounts import amount_of, shown, sums_of

late_payments = FilterModule().filters()["late_payments"]


def order(number="A", paid=10.0, status="CANCELLED", **more):
    return {
        "number": number,
        "type": "PREPAYMENT",
        "paymentStatus": status,
        "amount": 30,
        "currency": "EUR",
        "amountPaid": paid,
        **more,
    }


def line(number="A", event="result", state="cancelled", outcome="changed", **more):
    return {
        "time": "2026-11-01T09:30:00.000+00:00",
        "event": event,
        "order_number": number,
        "state": state,
        "outcome": outcome,
        "payment_status": "CANCELLED" if outcome == "changed" else None,
        "user": "alice",
        **more,
    }


def numbers(entries):
    return [entry["order_number"] for entry in entries]


def found(*orders, **more):
    return numbers(late_payments(orders, **more)["found"])


@pytest.mark.parametrize("status", ["CANCELLED", "DISAPPEARED"])
def test_an_ended_order_with_money_on_it_is_found(status):
    assert late_payments([order(status=status)])["found"] == [
        {
            "order_number": "A",
            "type": "PREPAYMENT",
            "payment_status": status,
            "amount_paid": 10.0,
            "amount": 30.0,
            "currency": "EUR",
            "last_posting": None,
            "cancelled": None,
            "cancelled_by": None,
        }
    ]


@pytest.mark.parametrize("status", ["UNPAID", "PAID", "NEW_ONE"])
def test_an_order_in_another_status_is_not_found_without_a_journal(status):
    told = late_payments([order(status=status), order("B", None, status)])
    assert (told["found"], told["merely_overdue"], told["unreadable"]) == ([], [], [])


@pytest.mark.parametrize("paid", [0, 0.0, "0", "0.00"])
def test_a_refunded_order_leaves_the_list(paid):
    told = late_payments([order(paid=paid)])
    assert (told["found"], told["unreadable"]) == ([], [])


@pytest.mark.parametrize("paid", [0.01, 1, "10.00", "10,00", " 7.5 ", 1e3])
def test_any_amount_counts_also_as_text(paid):
    assert found(order(paid=paid)) == ["A"]


@pytest.mark.parametrize("paid", [None, -0.01, "", "1e3", "0x10", "\u0661", True, [], float("nan")])
def test_an_unreadable_amount_is_told(paid):
    told = late_payments([order(paid=paid), order("B")])
    assert told["unreadable"] == ["A"]
    assert numbers(told["found"]) == ["B"]


def test_the_newest_posting_comes_first():
    def posted(*days):
        return {"postings": [{"postingDate": day} for day in days]}

    orders = [
        order("old", **posted("02-11-2026", "01-10-2026")),
        order("none"),
        order("new", **posted("01-10-2026", "2026-11-20T10:00:00")),
        order("unreadable", **posted("soon", None, "31-02-2026")),
        order("middle", postings=[{"postingDate": "soon", "valuationDate": "05.11.2026"}]),
    ]
    told = late_payments(orders)["found"]
    assert numbers(told)[:3] == ["new", "middle", "old"]
    assert [entry["last_posting"] for entry in told] == ["2026-11-20", "2026-11-05", "2026-11-02", None, None]


@pytest.mark.parametrize("kind", ["INVOICE", "COD"])
def test_invoice_and_cod_may_be_merely_overdue(kind):
    orders = [order("cancelled", type=kind), order("removed", status="DISAPPEARED", type=kind)]
    told = late_payments(orders)
    assert numbers(told["merely_overdue"]) == ["cancelled"]
    assert numbers(told["found"]) == ["removed"]
    assert told["sums"] == {"EUR": 10.0}


@pytest.mark.parametrize("status", ["PAID", "UNPAID"])
def test_an_order_that_we_cancelled_is_found_in_any_status(status):
    [entry] = late_payments([order(status=status)], [line()])["found"]
    assert (entry["cancelled"], entry["cancelled_by"]) == ("2026-11-01T09:30:00.000+00:00", "alice")


def test_an_unpaid_order_without_an_amount_is_nothing_to_tell():
    assert late_payments([order(paid=None, status="UNPAID")], [line()])["unreadable"] == []
    assert late_payments([order(paid=None, status="PAID")], [line()])["unreadable"] == ["A"]


@pytest.mark.parametrize(
    ("lines", "ours"),
    [
        ([line(event="attempt", outcome=None)], True),
        ([line(event="attempt", outcome=None), line(outcome="failed")], True),
        ([line(event="attempt", outcome=None), line(outcome="failed", payment_status="UNPAID")], False),
        ([line(event="attempt", outcome=None), line(outcome="unchanged", payment_status="CANCELLED")], False),
        ([line(), line(event="attempt", outcome=None), line(outcome="failed", payment_status="PAID")], True),
        ([line(state="removed")], True),
        ([line(state="paid")], False),
        ([line(), line(state="unpaid")], False),
        ([line(event="attempt", outcome=None), line(state="paid")], False),
        ([line(), line(state="unpaid", outcome="failed")], True),
        ([line("B")], False),
    ],
)
def test_what_the_journal_says_of_who_cancelled(lines, ours):
    assert found(order(status="PAID"), journal=lines) == (["A"] if ours else [])


def test_a_journal_may_be_text_with_broken_lines():
    text = json.dumps(line()) + "\n\n" + '{"order_number": "B", "ev' + "\n[]\n"
    told = late_payments([order(status="PAID")], text)
    assert numbers(told["found"]) == ["A"]
    assert told["unreadable_journal_lines"] == 2


def test_of_a_shared_journal_only_the_shops_lines_count():
    lines = [line("A", shop="shop_de"), line("B", shop="shop_at"), line("C")]
    orders = [order(number, status="PAID") for number in "ABC"]
    assert found(*orders, journal=lines, shop="shop_de") == ["A", "C"]
    assert found(*orders, journal=lines) == ["A", "B", "C"]


@given(st.lists(st.tuples(st.decimals(0, 10**9, places=2), st.sampled_from(["EUR", "CHF", "eur", None]))))
def test_sums_are_exact(payments):
    orders = [order(str(place), str(paid), currency=currency) for place, (paid, currency) in enumerate(payments)]
    sums = {}
    for paid, currency in payments:
        if paid:
            code = (currency or "").upper()
            sums[code] = sums.get(code, Decimal(0)) + paid
    assert late_payments(orders)["sums"] == {code: float(amount) for code, amount in sums.items()}


def test_a_sum_of_dimes_has_no_binary_dust():
    assert sums_of([(0.1, "EUR"), (0.2, "EUR")]) == {"EUR": Decimal("0.3")}
    assert shown(0.1 + 0.2, "EUR") == "0.30 EUR"
    assert amount_of("22.380") == Decimal("22.38")
    assert amount_of("123456789012345.12") == Decimal("123456789012345.12")  # more digits than a float has
    assert amount_of("12345678901234.567") == Decimal("12345678901234.567")


@pytest.mark.parametrize(("orders", "journal"), [([1], ()), ([{}], ()), (None, ()), ([order()], 7)])
def test_what_are_no_orders_is_refused(orders, journal):
    with pytest.raises(AnsibleFilterError, match=r"community\.komfortkasse\.late_payments: the input"):
        late_payments(orders, journal)
