# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One order at a time, while all is well: what is sent, and what comes back."""

from __future__ import annotations

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import UNEXPECTED_ADVICE

NUMBER = "2026-0815"
PATHS = {
    "cancelled": (f"/order/{NUMBER}/cancel", "CANCELLED"),
    "removed": (f"/order/remove/{NUMBER}", "DISAPPEARED"),
    "paid": (f"/order/{NUMBER}/setpaid", "PAID"),
    "unpaid": (f"/order/{NUMBER}/setunpaid", "UNPAID"),
}
PERSONAL = ("billing", "shipping", "customerEmail", "customerNumber", "products", "postings", "bankAccount")


@pytest.mark.parametrize("state", PATHS)
def test_an_order_costs_one_read_and_one_change_and_then_only_a_read(simulator, order, sent, state):
    path, status = PATHS[state]
    simulator.patch_order(NUMBER, paymentStatus="PAID_PARTIAL", amountPaid=5.0)
    simulator.clear_log()
    result = order(state=state)
    assert sent() == [f"GET /order/{NUMBER}", f"POST {path}"]
    assert simulator.order(NUMBER)["paymentStatus"] == status
    assert (result["changed"], result["previous_payment_status"], result["payment_status"]) == (
        True,
        "PAID_PARTIAL",
        status,
    )
    simulator.clear_log()
    again = order(state=state)
    assert sent() == [f"GET /order/{NUMBER}"]
    assert (again["changed"], again["previous_payment_status"], again["payment_status"]) == (False, status, status)
    assert again["results"][0]["outcome"] == "unchanged"


@pytest.mark.parametrize("state", PATHS)
def test_check_mode_reads_once_and_foretells_the_result(simulator, order, sent, tmp_path, state):
    simulator.patch_order(NUMBER, paymentStatus="COLLECTION")
    journal = tmp_path / "journal"
    simulator.clear_log()
    planned = order(state=state, journal_path=str(journal), _ansible_check_mode=True)
    assert sent() == [f"GET /order/{NUMBER}"]
    assert not journal.exists()
    assert planned["order"]["paymentStatus"] == "COLLECTION"
    happened = order(state=state)
    for result in (planned, happened):
        del result["summary"]["requests"], result["order"], result["invocation"], result["printed"]
    assert list(planned.pop("plan")["orders"]) == [NUMBER]
    assert planned == happened


@pytest.mark.parametrize(
    ("desired", "outcome"),
    [
        ({}, "failed"),
        ({"unexpected_status": "fail"}, "failed"),
        ({"unexpected_status": "skip"}, "skipped"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_an_order_in_an_unexpected_status_is_left_alone(order, sent, desired, outcome, check_mode):
    result = order("2026-0701", only_from=["UNPAID", "PAID_PARTIAL"], _ansible_check_mode=check_mode, **desired)
    assert sent() == ["GET /order/2026-0701"]
    assert not result["changed"]
    assert result.get("failed", False) == (outcome == "failed")
    assert result["results"][0] == {
        "order_number": "2026-0701",
        "outcome": outcome,
        "previous_payment_status": "PAID",
        "payment_status": "PAID",
        "amount": 79.0,
        "currency": "EUR",
        "amount_paid": 79.0,
        "msg": "Is PAID, not PAID_PARTIAL or UNPAID.",
        **({"advice": UNEXPECTED_ADVICE} if outcome == "failed" else {}),
    }
    if outcome == "failed":
        assert result["msg"] == f"Order 2026-0701 is PAID, not PAID_PARTIAL or UNPAID. {UNEXPECTED_ADVICE}"


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize(("missing_order", "outcome"), [("fail", "failed"), ("skip", "skipped")])
def test_a_missing_order(order, sent, missing_order, outcome, check_mode):
    result = order("no such order", missing_order=missing_order, _ansible_check_mode=check_mode)
    assert sent() == ["GET /order/no%20such%20order"]
    assert result.get("failed", False) == (outcome == "failed")
    [entry] = result["results"]
    assert (entry["outcome"], entry["http_status"], entry["payment_status"]) == (outcome, 404, None)
    assert "Order not found" in entry["msg"]
    if outcome == "failed":
        assert "no such order" in result["msg"]
        assert "Order not found" in result["msg"]
        assert "missing_order" in result["msg"]


def test_the_summary_of_an_order_holds_no_personal_data(simulator, order):
    result = order(return_order="summary")
    assert result["order"] == order()["order"]  # the default
    secret = simulator.order(NUMBER)
    assert set(result["order"]) <= set(secret)
    assert result["order"]["paymentStatus"] == "CANCELLED"
    assert not set(result["order"]) & set(PERSONAL)
    assert secret["customerEmail"] not in str(result)
    assert secret["billing"]["lastName"] not in str(result)


def test_the_full_order_keeps_what_this_collection_does_not_know(simulator, order):
    simulator.patch_order(NUMBER, novelty={"a": [1]})
    given = order(return_order="full")["order"]
    assert given["novelty"] == {"a": [1]}
    assert given["customerEmail"] == simulator.order(NUMBER)["customerEmail"]
    assert given["paymentStatus"] == "CANCELLED"


@pytest.mark.parametrize("check_mode", [False, True])
def test_diff_mode_shows_the_payment_status(order, check_mode):
    result = order(_ansible_diff=True, _ansible_check_mode=check_mode)
    assert result["diff"] == {
        "before": {"order_number": NUMBER, "payment_status": "UNPAID"},
        "after": {"order_number": NUMBER, "payment_status": "CANCELLED"},
    }


def test_the_diff_of_an_order_that_was_left_alone_is_empty(order):
    for options in ({"only_from": ["PAID"]}, {"state": "unpaid"}):
        diff = order(_ansible_diff=True, **options)["diff"]
        assert diff["before"] == diff["after"]
    assert "diff" not in order()


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("state", ["cancelled", "removed"])
def test_money_on_an_order_that_is_ended_gives_a_warning(order, state, check_mode):
    result = order("2026-0703", state=state, _ansible_check_mode=check_mode)
    [warning] = result["warnings"]
    assert "Order 2026-0703 has 50.00 EUR paid on it" in warning
    assert ("would be " if check_mode else "was ") + state in warning
    assert result["results"][0]["amount_paid"] == 50.0


@pytest.mark.parametrize(
    ("number", "options"),
    [
        ("2026-0703", {"state": "paid"}),
        ("2026-0702", {}),  # set paid by hand: nothing has arrived
        ("2026-0602", {}),  # cancelled already
        ("2026-0703", {"only_from": ["UNPAID"]}),
    ],
)
def test_there_is_no_warning_of_money_where_nothing_is_ended(order, number, options):
    assert order(number, **options)["warnings"] == []


def test_whole_numbers_are_taken_as_they_are(order, sent):
    assert order(123)["results"][0]["order_number"] == "123"
    assert sent() == ["GET /order/123", "POST /order/123/cancel"]
