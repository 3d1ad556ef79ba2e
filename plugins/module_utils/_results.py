# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""What became of the orders, and how that is told. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order

OUTCOMES = ("changed", "unchanged", "skipped", "failed", "not_attempted")
DIFF_SHOWN = 1000  # changed orders that a diff lists: with more it would not fit into an AWX event
REASONS_TOLD = 3  # failed orders that the task's own message names
RESULTS_FIT = 660_000  # bytes as JSON; AWX drops an event's result above 700,000 bytes in all
REASONS_FIT = 10_000  # the same, for the messages of so many orders that nothing fits any more

# What the message of a task tells of its counts, for a report on several tasks that has counts of its own.
COUNTS_OF_ONE_TASK = re.compile(
    r"\d+ of \d+ orders failed\. |The other (?:one is|\d+ are) in the results\. ?"
    r"| ?\d+ orders? (?:was|were) not attempted: run it again to continue\."
)


@dataclass
class Result:
    """What became of one order. A payment status is None where it is not known.

    ``reason`` is a clause that goes on from "Order 1001 ...", ``hint`` a sentence on what to do about it.
    """

    order_number: str
    outcome: str
    previous_payment_status: str | None = None
    payment_status: str | None = None
    amount_paid: float | None = None
    reason: str | None = None
    hint: str = ""
    http_status: int | None = None
    order: Order | None = None

    @property
    def msg(self) -> str | None:
        """The reason and what to do, for somebody who sees the order number beside it."""
        return f"{self.reason[0].upper()}{self.reason[1:]}. {self.hint}".rstrip() if self.reason else None

    @property
    def sentence(self) -> str:
        """The whole story for somebody who sees nothing else."""
        return f"Order {self.order_number} {self.reason}. {self.hint}".rstrip()

    def as_dict(self) -> dict[str, Any]:
        """The form that users see: four keys always, the others where there is something to say."""
        told = {
            "order_number": self.order_number,
            "outcome": self.outcome,
            "previous_payment_status": self.previous_payment_status,
            "payment_status": self.payment_status,
        }
        more = {
            "amount_paid": self.amount_paid,
            "msg": self.msg,
            "http_status": self.http_status,
            "order": self.order,
        }
        return {**told, **{name: value for name, value in more.items() if value is not None}}


@dataclass
class Report:
    """What became of a batch: a result per order in the given order, and what a person should be told."""

    results: list[Result]
    duplicates: int = 0
    requests: int = 0
    stopped: str | None = None  # a sentence, if something kept more orders from being started
    broken: str | None = None  # a sentence, if the task has to fail whatever became of the orders
    warnings: list[str] = field(default_factory=list)

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
        """The message of a task that has to fail, first reasons first; None if all is well."""
        counts = self.summary()
        failed = [result.sentence for result in self.results if result.outcome == "failed"]
        if not failed and not counts["not_attempted"] and not self.broken:
            return None
        if len(self.results) == 1:
            return " ".join(filter(None, [*failed, self.broken])) or self.stopped
        sentences = [self.broken] if self.broken else []
        if failed:
            sentences += [f"{len(failed)} of {len(self.results)} orders failed.", *failed[:REASONS_TOLD]]
        if len(failed) > REASONS_TOLD:
            rest = len(failed) - REASONS_TOLD
            sentences.append(f"The other {'one is' if rest == 1 else f'{rest} are'} in the results.")
        if self.stopped:
            sentences.append(self.stopped)
        if counts["not_attempted"]:
            orders = "1 order was" if counts["not_attempted"] == 1 else f"{counts['not_attempted']} orders were"
            sentences.append(f"{orders} not attempted: run it again to continue.")
        return " ".join(sentences)

    def as_dict(self, one: bool, with_diff: bool) -> dict[str, Any]:
        """The task's result. With ``one`` order its facts stand at the top as well."""
        told: dict[str, Any] = {
            "changed": any(result.outcome == "changed" for result in self.results),
            "results": _fitting([result.as_dict() for result in self.results]),
            "summary": self.summary(),
        }
        if one:
            [entry] = told["results"]
            told["previous_payment_status"] = entry["previous_payment_status"]
            told["payment_status"] = entry["payment_status"]
            if "order" in entry:
                told["order"] = entry.pop("order")
        if with_diff:
            told["diff"] = self.diff(one)
        return told

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
        shown, rest = changed[:DIFF_SHOWN], len(changed) - DIFF_SHOWN
        told = {
            "before": {result.order_number: result.previous_payment_status for result in shown},
            "after": {result.order_number: result.payment_status for result in shown},
        }
        if rest > 0:
            told["after"][f"and {rest} more, see the results"] = None
        return told


def _fitting(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of very many messages keep as many as there is room for: first one of each kind, then repetitions."""
    first: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    kinds = set()
    size = 0
    for result in results:
        size += len(json.dumps({**result, "msg": ""}))
        if "msg" in result:
            kind = result["msg"].replace(result["order_number"], "")
            (again if kind in kinds else first).append(result)
            kinds.add(kind)
    room = max(RESULTS_FIT - size, REASONS_FIT)
    for result in first + again:
        room -= len(json.dumps(result["msg"]))
        if room < 0:
            del result["msg"]
    return results
