# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a report: what the CSV holds is read back, what the page holds is text, and the sums are exact."""

from __future__ import annotations

import base64
import hashlib
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.filter.order_numbers import FilterModule
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import check_order_number
from ansible_collections.community.komfortkasse.plugins.plugin_utils import _report, _report_files
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report_shop import COLUMNS, shop_of

order_numbers = FilterModule().filters()["order_numbers"]
HEAD = {
    "title": "cancel_orders",
    "kind": "cancellation",
    "check_mode": False,
    "time": "2026-11-30T20:00:00Z",
    "local_time": "",
    "user": "alice",
    "job": "",
}


def order(number="1001", outcome="changed", **more):
    return {
        "order_number": number,
        "outcome": outcome,
        "previous_payment_status": "UNPAID",
        "payment_status": "CANCELLED",
        "amount": 22.38,
        "currency": "EUR",
        **more,
    }


def report(*orders, name="shop", **head):
    return _report.report([shop_of(name, [{"results": list(orders)}])], {**HEAD, **head})


def is_order_number(text):
    try:
        return order_numbers([text]) == [check_order_number(text)]
    except Exception:
        return False


NUMBERS = st.text(max_size=12).map("{}7".format).filter(is_order_number)  # a text without a digit is refused
FORMULAS = st.sampled_from(["=1+1", "-1001", "+49", "@SUM(A1)", "'1001", "'-1", "a;=1", 'say "1"', "\uff1d1", "a,-b2"])


@given(st.lists(FORMULAS | NUMBERS, min_size=1, unique=True))
def test_the_reader_of_lists_reads_back_what_the_csv_writes(numbers):
    text = _report_files.as_csv(report(*map(order, numbers)))
    assert order_numbers(text, "order_number") == numbers


def test_the_csv_has_the_columns_of_the_page_and_amounts_with_a_comma():
    orders = [
        order(amount=1234, amount_paid="10.5", http_status=404, msg="Why.", advice="What."),
        order("2", amount=None),
    ]
    header = ";".join(f'"{column}"' for column in (*COLUMNS, "run"))
    assert _report_files.as_csv(report(*orders, check_mode=True)) == (
        f"\ufeff{header}\r\n"
        '"shop";"1001";"changed";"UNPAID";"CANCELLED";"1234,00";"EUR";"10,50";"404";"Why.";"What.";"dry run"\r\n'
        '"shop";"2";"changed";"UNPAID";"CANCELLED";"";"EUR";"";"";"";"";"dry run"\r\n'
    )


@pytest.mark.parametrize("kind", _report.KINDS)
def test_all_text_of_the_page_is_escaped(kind):
    nasty = "<script>alert(1)</script>"
    made = report(
        order(nasty, "failed", msg=nasty, advice=nasty), name=nasty, kind=kind, title=nasty, user=nasty, job=nasty
    )
    page = _report_files.as_page(made)
    assert nasty not in page
    assert len(re.findall("<script>", page)) == 1


def test_the_page_runs_nothing_but_its_own_style_and_script():
    page = _report_files.as_page(report(order()))
    for tag, name in (("style", "style.css"), ("script", "script.js")):
        source = (_report_files.PAGE / name).read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"<{tag}>{source}</{tag}>" in page
        assert f"{tag}-src 'sha256-{digest}'" in page
    assert page.endswith("</html>\n")


def test_the_page_tells_once_what_failed_for_the_same_reason():
    orders = [
        order("A", "failed", msg="Order A is gone.", http_status=404),
        order("B", "failed", msg="Order B is gone.", http_status=404),
        order("C", "failed", msg="Order C is gone.", http_status=410),
        order("D", "not_attempted"),
        order("E", "skipped", msg="Order E is gone.", http_status=404),
        order("F", amount_paid=5),
    ]
    page = _report_files.as_page(report(*orders))
    assert re.findall(r'<h3>(.*)</h3>\n<p class="reason">(.*)</p>', page) == [
        ('2 orders failed <span class="http">HTTP 404</span>', "Order A is gone."),
        ('1 order failed <span class="http">HTTP 410</span>', "Order C is gone."),
        ("1 order not attempted", "No reason was given."),
    ]
    assert "1 order has money on it: 5.00 EUR." in page


OUTCOMES = st.sampled_from(["changed", "skipped"])


@given(st.lists(st.tuples(st.decimals(0, 10**6, places=2), st.sampled_from(["EUR", "CHF"]), OUTCOMES)))
def test_sums_by_outcome_and_currency_are_exact(amounts):
    orders = [
        order(str(place), outcome, amount=float(amount), currency=currency)
        for place, (amount, currency, outcome) in enumerate(amounts)
    ]
    sums = {}
    for amount, currency, outcome in amounts:
        of_outcome = sums.setdefault(outcome, {})
        of_outcome[currency] = of_outcome.get(currency, Decimal(0)) + amount
    told = {outcome: {c: Decimal(f"{s:.2f}") for c, s in by.items()} for outcome, by in report(*orders)["sums"].items()}
    assert told == sums


@pytest.mark.parametrize(
    ("status", "paid", "owed"),
    [
        ("CANCELLED", 0.01, True),
        ("DISAPPEARED", "10.00", True),
        ("CANCELLED", 0, False),
        ("CANCELLED", None, False),
        ("CANCELLED", -1, False),
        ("CANCELLED", "much", False),
        ("PAID", 10, False),
    ],
)
def test_money_on_cancelled_orders(status, paid, owed):
    made = report(order(payment_status=status, amount_paid=paid))
    assert [one["order_number"] for one in made["money_on_cancelled"]] == (["1001"] if owed else [])
