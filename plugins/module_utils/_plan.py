# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""What may be changed by a whole run: the orders of a plan as it shows them, and not more than the limit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.community.komfortkasse.plugins.module_utils import _orders
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Decision, DesiredState, Order

PLAN_ADVICE = "If it may be changed as it is now, make a new plan by a run in check mode."


class Facts(NamedTuple):
    """What a plan shows of an order. Without money on it, ``amount_paid`` is 0."""

    payment_status: str
    amount: float | None
    currency: str | None
    amount_paid: float


def facts_of(order: Order) -> Facts:
    """The facts of an order as it was read."""
    paid = _orders.amount_paid(order) or 0
    return Facts(order["paymentStatus"], _orders.amount(order), _orders.currency(order), paid)


def describe(orders: Mapping[str, Facts], state: str, api_url: str, shop: str | None, created: str) -> dict[str, Any]:
    """The plan as users see it: these orders would be changed. ``created`` is a time in UTC."""
    return {
        "state": state,
        "api_url": api_url,
        "shop": shop,
        "created": created,
        "orders": {number: list(facts) for number, facts in orders.items()},
    }


def orders_in(plan: Mapping[str, Any], state: str, api_url: str, shop: str | None) -> dict[str, Facts]:
    """The orders of a plan, by number. The plan must have been made for this state, address and shop.

    Raises: ValueError with a sentence.
    """
    for name, wanted in (("state", state), ("api_url", api_url), ("shop", shop)):
        if plan.get(name) != wanted:
            raise ValueError(f"The plan was made for another {name}: {_orders.shown(plan.get(name))}, not {wanted!r}.")
    orders = plan.get("orders")
    if not isinstance(orders, dict):
        raise ValueError("The plan is not one that komfortkasse_order returned in check mode: it has no orders.")
    try:
        return {_orders.check_order_number(number): _facts(number, facts) for number, facts in orders.items()}
    except ValueError as error:
        raise ValueError(f"The plan cannot be used, because {error}") from None


def orders_known(facts_by_number: Mapping[str, Sequence[Any]]) -> dict[str, Order]:
    """Orders with just the fields that a plan shows."""
    names = ("paymentStatus", "amount", "currency", "amountPaid")
    return {number: {"number": number, **dict(zip(names, facts))} for number, facts in facts_by_number.items()}


def select(planned: Iterable[str], given: Sequence[str] | None) -> list[str]:
    """The order numbers of the plan. Those given beside it must include all of them, and set their sequence.

    Raises: ValueError with a sentence.
    """
    wanted = dict.fromkeys(planned)
    if given is None:
        return list(wanted)
    there = set(given)
    extra = [number for number in wanted if number not in there]
    if extra:
        raise ValueError(
            f"The order numbers given beside the plan lack {len(extra)} of its orders, such as"
            f" {_orders.shown(extra[0])}: give all of them, or none."
        )
    return [number for number in dict.fromkeys(given) if number in wanted]


def decide(order: Order, desired: DesiredState, planned: Facts | None) -> Decision:
    """What to do with an order. One that differs from the plan is treated like one in an unexpected status."""
    decision = _orders.decide(order, desired)
    if planned is None or decision.outcome == "unchanged":
        return decision
    difference = _difference(facts_of(order), planned)
    if difference is None:
        return decision
    reason = f"differs from the plan: {difference}"
    return Decision("skipped", reason) if desired.skip_unexpected else Decision("failed", reason, PLAN_ADVICE)


def beyond_limit(count: int, max_changes: int | None) -> str | None:
    """The sentence for a run that would change more orders than it may; None if it may go on."""
    if max_changes is None or count <= max_changes:
        return None
    return (
        f"{_orders.orders_in_words(count)} would be changed, more than max_changes allows ({max_changes}), so none was."
        " Check the order numbers, or raise max_changes (in a form of AWX: Max changes per shop)."
    )


def _difference(now: Facts, planned: Facts) -> str | None:
    """The facts that differ, as a clause with both values."""
    words = [
        f"its {name.replace('_', ' ')} is {_shown(there)}, not {_shown(expected)}"
        for name, there, expected in zip(Facts._fields, now, planned)
        if there != expected
    ]
    return " and ".join(words) or None


def _shown(value: object) -> str:
    if isinstance(value, (int, float)) and round(value, 2) == value:
        return f"{value:.2f}"
    return "unknown" if value is None else str(value)


def _facts(number: object, facts: object) -> Facts:
    """The facts of one order in a plan. Amounts in text are numbers, as they are in an order."""
    if isinstance(facts, (list, tuple)) and len(facts) == len(Facts._fields):
        status, amount, currency, paid = facts
        if isinstance(status, str):
            return facts_of({"paymentStatus": status, "amount": amount, "currency": currency, "amountPaid": paid})
    four = "payment status, amount, currency, and amount paid"
    raise ValueError(f"its entry for order {_orders.shown(number)} does not have four values: {four}.")
