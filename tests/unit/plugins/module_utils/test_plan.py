# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans and the limit on changes, without a network: what binds, what differs, what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.module_utils import _plan
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import TRANSITIONS, DesiredState

ORDER = {"number": "1", "paymentStatus": "PAID_PARTIAL", "amount": 22.38, "currency": "EUR", "amountPaid": 5.0}
CANCEL = DesiredState(TRANSITIONS["cancelled"])
WHERE = {"state": "cancelled", "api_url": "https://a.example", "shop": "shop-a"}

amounts = st.none() | st.floats(0, 1e9) | st.integers(0, 10**9) | st.decimals(0, 10**6, places=2).map(str)
made_orders = st.fixed_dictionaries(
    {"paymentStatus": st.sampled_from(["UNPAID", "PAID", "NEW"])},
    optional={"amount": amounts, "amountPaid": amounts, "currency": st.sampled_from(["EUR", "CHF", "", None, 1])},
)


@given(st.dictionaries(st.text("0123/ä#", min_size=1), made_orders))
def test_a_plan_read_back_is_the_plan(orders):
    facts = {number: _plan.facts_of(order) for number, order in orders.items()}
    plan = json.loads(json.dumps(_plan.describe(facts, **WHERE, created="2026-11-30T08:15:00+00:00")))
    assert _plan.orders_in(plan, **WHERE) == facts
    for number, order in orders.items():
        planned = _plan.orders_in(plan, **WHERE)[number]
        assert _plan.decide({"number": number, **order}, CANCEL, planned).outcome == "changed"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"paymentStatus": "PAID"}, "its payment status is PAID, not PAID_PARTIAL"),
        ({"amount": 20}, "its amount is 20.00, not 22.38"),
        ({"amount": 22.381}, "its amount is 22.381, not 22.38"),
        ({"amount": None}, "its amount is unknown, not 22.38"),
        ({"currency": "CHF"}, "its currency is CHF, not EUR"),
        ({"amountPaid": 22.38}, "its amount paid is 22.38, not 5.00"),
        ({"amountPaid": None}, "its amount paid is 0.00, not 5.00"),
        (
            {"paymentStatus": "PAID", "amountPaid": 22.38},
            "its payment status is PAID, not PAID_PARTIAL and its amount paid is 22.38, not 5.00",
        ),
    ],
)
@pytest.mark.parametrize("skip", [False, True])
def test_an_order_that_differs_from_the_plan_is_left_alone(fields, words, skip):
    desired = DesiredState(TRANSITIONS["cancelled"], skip_unexpected=skip)
    decision = _plan.decide({**ORDER, **fields}, desired, _plan.facts_of(ORDER))
    assert decision.outcome == ("skipped" if skip else "failed")
    assert decision.reason == f"differs from the plan: {words}"
    assert bool(decision.advice) != skip


def test_an_order_that_is_done_already_is_fine_whatever_the_plan_shows():
    decision = _plan.decide({**ORDER, "paymentStatus": "CANCELLED"}, CANCEL, _plan.facts_of(ORDER))
    assert decision.outcome == "unchanged"


def test_only_from_holds_beside_a_plan():
    desired = DesiredState(TRANSITIONS["cancelled"], only_from=frozenset({"UNPAID"}))
    decision = _plan.decide(ORDER, desired, _plan.facts_of(ORDER))
    assert (decision.outcome, decision.reason) == ("failed", "is PAID_PARTIAL, not UNPAID")


@pytest.mark.parametrize("name", WHERE)
@pytest.mark.parametrize("value", ["other", None])
def test_a_plan_for_something_else_is_refused(name, value):
    plan = _plan.describe({}, **{**WHERE, name: value}, created="")
    with pytest.raises(ValueError, match=rf"^The plan was made for another {name}: {value!r}, not '{WHERE[name]}'\.$"):
        _plan.orders_in(plan, **WHERE)


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        (None, "it has no orders"),
        (["1"], "it has no orders"),
        ({"": ["UNPAID", 1, "EUR", 0]}, "an order number is empty"),
        ({"..": ["UNPAID", 1, "EUR", 0]}, "cannot be used as an order number"),
        ({"1": ["UNPAID", 1, "EUR"]}, "'1' does not have four values"),
        ({"1": [None, 1, "EUR", 0]}, "'1' does not have four values"),
        ({"1": "UNPAID"}, "'1' does not have four values"),
        ({"x" * 500: {}}, "'xxx"),
    ],
)
def test_what_is_no_plan_is_refused_by_a_short_sentence(orders, words):
    with pytest.raises(ValueError, match=words) as refusal:
        _plan.orders_in({**WHERE, "orders": orders}, **WHERE)
    assert len(str(refusal.value)) < 200


def test_a_plan_sets_the_order_numbers():
    assert _plan.select(["b", "a"], None) == ["b", "a"]


def test_order_numbers_beside_a_plan_set_the_sequence():
    assert _plan.select(["b", "a"], ["a", "x", "b", "a"]) == ["a", "b"]


def test_order_numbers_that_lack_some_of_the_plans_are_refused():
    with pytest.raises(ValueError, match="lack 2 of its orders, such as 'b': give all of them, or none"):
        _plan.select(["a", "b", "c"], ["a"])


@pytest.mark.parametrize(
    ("count", "limit", "words"),
    [
        (0, 0, None),
        (3, 3, None),
        (10**6, None, None),
        (1, 0, "1 order would be changed, more than max_changes allows (0), so none was."),
        (4, 3, "4 orders would be changed, more than max_changes allows (3), so none was."),
    ],
)
def test_more_changes_than_allowed_are_refused(count, limit, words):
    sentence = _plan.beyond_limit(count, limit)
    advice = "Check the order numbers, or raise max_changes (in a form of AWX: Max changes per shop)."
    assert sentence == (words and f"{words} {advice}")
