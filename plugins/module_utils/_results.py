# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""The outcome of each order, and how a task reports it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils import _orders
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order

OUTCOMES = ("changed", "unchanged", "skipped", "failed", "not_attempted")
MANY = 1000  # orders: with more, AWX would drop a result that shows everything twice (it keeps 700,000 bytes)
REASONS_SHOWN = 3  # failed orders that the task's message names
MONEY_WARNINGS = 10  # one for each order, then only their number
ADVICE_SHOWN = 10  # orders that carry the same advice


@dataclass
class Result:
    """The outcome of one order. A payment status is None where it is not known.

    ``reason`` is a clause that continues "Order 1001 ...", ``advice`` a sentence on what to do about it.
    """

    order_number: str
    outcome: str
    previous_payment_status: str | None = None
    payment_status: str | None = None
    amount: float | None = None
    currency: str | None = None
    amount_paid: float | None = None
    reason: str | None = None
    advice: str = ""
    http_status: int | None = None
    order: Order | None = None

    @property
    def msg(self) -> str | None:
        """The reason as a sentence, for a reader who sees the order number beside it."""
        return f"{self.reason[0].upper()}{self.reason[1:]}." if self.reason else None

    def as_dict(self) -> dict[str, Any]:
        """The form that users see: four keys always, the others where there is something to tell."""
        entry = {
            "order_number": self.order_number,
            "outcome": self.outcome,
            "previous_payment_status": self.previous_payment_status,
            "payment_status": self.payment_status,
        }
        more = {
            "amount": self.amount,
            "currency": self.currency,
            "amount_paid": self.amount_paid,
            "msg": self.msg,
            "advice": self.advice or None,
            "http_status": self.http_status,
            "order": self.order,
        }
        return {**entry, **{name: value for name, value in more.items() if value is not None}}

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> Result:
        """The result that has this form for users."""
        msg = entry.get("msg")
        fields = {name: value for name, value in entry.items() if name != "msg"}
        return cls(**fields, reason=f"{msg[0].lower()}{msg[1:-1]}" if msg else None)


@dataclass
class Report:
    """The outcome of a batch: a result per order in the given order, and what a person needs to know beside them."""

    results: list[Result]
    duplicates: int = 0
    requests: int = 0
    service_failures: int = 0  # orders that failed because the service is in trouble
    list_from: int = 0  # orders from which a list pays
    fresh_seconds: float = 0.0  # how long the orders that would be changed may be acted on as they were read
    stopped: str | None = None  # a sentence, if something kept more orders from being started
    beyond_limit: bool = False  # more orders would be changed than may be
    broken: str | None = None  # a sentence, if the task must fail whatever the outcomes are
    money_warnings: list[str] = field(default_factory=list)
    plan: dict[str, Any] | None = None  # in check mode

    def summary(self) -> dict[str, int]:
        """Counts of everything."""
        counted = Counter(result.outcome for result in self.results)
        return {
            "requested": len(self.results) + self.duplicates,
            "duplicates": self.duplicates,
            **{outcome: counted[outcome] for outcome in OUTCOMES},
            "requests": self.requests,
        }

    def failure(self) -> str | None:
        """The message of a task that must fail: the first reasons and what to do about them. None if all is well."""
        counts = self.summary()
        failed = [result for result in self.results if result.outcome == "failed"]
        if not failed and not counts["not_attempted"] and not self.broken:
            return None
        shown = failed[:REASONS_SHOWN]
        reasons = [f"Order {result.order_number} {result.reason}." for result in shown]
        advice = list(dict.fromkeys(result.advice for result in shown if result.advice))
        if len(self.results) == 1:
            return " ".join(filter(None, [*reasons, *advice, self.broken])) or self.stopped
        sentences = [self.broken] if self.broken else []
        if failed:
            sentences += [f"{len(failed)} of {len(self.results)} orders failed.", *reasons]
        if len(failed) > len(shown):
            rest = len(failed) - len(shown)
            sentences.append(f"The other {'one is' if rest == 1 else f'{rest} are'} in the results.")
        sentences += advice
        if self.stopped:
            sentences.append(self.stopped)
        if counts["not_attempted"]:
            orders = "1 order was" if counts["not_attempted"] == 1 else f"{counts['not_attempted']} orders were"
            sentences.append(f"{orders} not attempted{'' if self.beyond_limit else ': run it again to continue'}.")
        return " ".join(sentences)

    def as_dict(self, one: bool, with_diff: bool) -> dict[str, Any]:
        """The task's result. With ``one`` order its facts stand at the top as well."""
        result: dict[str, Any] = {
            "changed": any(result.outcome == "changed" for result in self.results),
            "results": self._entries(),
            "summary": self.summary(),
        }
        if self.stopped:
            result["stopped"] = self.stopped
        if self.plan is not None:
            result["plan"] = self.plan
        if one:
            [entry] = result["results"]
            result["previous_payment_status"] = entry["previous_payment_status"]
            result["payment_status"] = entry["payment_status"]
            if "order" in entry:
                result["order"] = entry.pop("order")
        if with_diff:
            result["diff"] = self.diff(one)
        return result

    def _entries(self) -> list[dict[str, Any]]:
        """The results as users see them, each advice on ten orders at most, amounts paid not beside a long plan."""
        entries = [result.as_dict() for result in self.results]
        planned = self.plan["orders"] if self.plan else {}
        if len(planned) > MANY:
            for entry in entries:
                if entry["order_number"] in planned:
                    entry.pop("amount_paid", None)
        shown: Counter[str] = Counter()
        for entry in entries:
            advice = entry.get("advice", "")
            shown[advice] += 1
            if advice and shown[advice] > ADVICE_SHOWN:
                del entry["advice"]
        return entries

    def diff(self, one: bool) -> dict[str, Any]:
        """Before and after of all that was changed, for diff mode."""
        if one:
            [result] = self.results
            number, before = result.order_number, result.previous_payment_status
            after = result.payment_status if result.outcome == "changed" else before
            return {
                "before": {"order_number": number, "payment_status": before},
                "after": {"order_number": number, "payment_status": after},
            }
        changed = [result for result in self.results if result.outcome == "changed"]
        shown, rest = changed[:MANY], len(changed) - MANY
        diff = {
            "before": {result.order_number: result.previous_payment_status for result in shown},
            "after": {result.order_number: result.payment_status for result in shown},
        }
        if rest > 0:
            diff["after"][f"and {rest} more, see the results"] = None
        return diff


def money_warnings(results: Sequence[Result], transition: _orders.Transition, *, check_mode: bool) -> list[str]:
    """The sentences for orders that a run ended, or would end, although money has arrived for them."""
    if not transition.ends:
        return []
    paid = [result for result in results if result.outcome == "changed" and result.amount_paid is not None]
    done = f"{'would be' if check_mode else 'was'} {transition.wording}"
    warnings = [
        f"Order {result.order_number} has {result.amount_paid:.2f} {result.currency or '(no currency given)'}"
        f" paid on it and {done}: the money may have to be refunded."
        for result in paid[:MONEY_WARNINGS]
    ]
    rest = len(paid) - len(warnings)
    if rest:
        more = "1 more order has money paid on it" if rest == 1 else f"{rest} more orders have money paid on them"
        warnings.append(f"{more}: see {'the plan' if check_mode else 'amount_paid in the results'}.")
    return warnings
