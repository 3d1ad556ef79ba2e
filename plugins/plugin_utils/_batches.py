# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""One task in batches: a preview of all orders in check mode, then batches that change them. Pure.

The result is that of a single call of the module.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils import _orders
from ansible_collections.community.komfortkasse.plugins.module_utils._plan import Facts
from ansible_collections.community.komfortkasse.plugins.module_utils._results import Report, Result, money_warnings

UNKNOWN = "may have been changed or not: its batch ended without a result"
UNKNOWN_ADVICE = "Run it again: orders that are done are left alone. The journal shows what was begun."
DIED = "No more batches were started, because one ended without a result."
DEBUGGING = ("rc", "module_stdout", "module_stderr", "exception")  # what Ansible returns of a module that died
LEARNED = ("service_failures", "list_from")  # what the next batch is given of `_batch`
PASSED_ON = ("limits", "plan_created", "invocation", "ansible_facts")  # of the preview


class Task:
    """The outcomes of a task so far.

    ``preview`` is the module's result in check mode for all orders, ``planned`` the facts of those to be changed.
    """

    def __init__(self, preview: Mapping[str, Any], planned: Mapping[str, Sequence[Any]]) -> None:
        self.stopped: str | None = preview.get("stopped")
        self.learned = _learned(preview)
        self._duplicates: int = preview["summary"]["duplicates"]
        self._results = {entry["order_number"]: Result.from_dict(entry) for entry in preview["results"]}
        self._requests: int = preview["summary"]["requests"]
        self._broken: list[str] = []
        self._warnings: list[Any] = list(preview.get("warnings", ()))
        self._more = {name: preview[name] for name in PASSED_ON if name in preview}
        self._wanted = list(planned)
        for number, facts in planned.items():  # until its batch says otherwise
            result = self._results[number]
            result.outcome, result.payment_status = "not_attempted", result.previous_payment_status
            result.amount_paid = Facts(*facts).amount_paid or None
        self._handled = 0  # how many of the wanted

    def batches(self, size: int) -> Iterator[list[str]]:
        """The order numbers of one batch after the other, until a batch has stopped."""
        while self._handled < len(self._wanted) and not self.stopped:
            yield self._wanted[self._handled : self._handled + size]

    def add(self, numbers: Sequence[str], answer: Mapping[str, Any]) -> None:
        """Take in the module's result for a batch of these orders. A batch without results has died."""
        self._handled += len(numbers)
        if "results" not in answer:
            self._add_dead_batch(numbers, answer)
            return
        self._results.update((entry["order_number"], Result.from_dict(entry)) for entry in answer["results"])
        self._requests += answer["summary"]["requests"]
        self.stopped = answer.get("stopped")
        self.learned = _learned(answer)
        self._broken += filter(None, [answer["_batch"].get("broken")])
        if "journal_path" in answer:  # not in a preview
            self._more["journal_path"] = answer["journal_path"]
        self._warnings += [warning for warning in answer.get("warnings", ()) if warning not in self._warnings]

    def _add_dead_batch(self, numbers: Sequence[str], answer: Mapping[str, Any]) -> None:
        """Note that a batch died, so that it is unknown which of its orders were changed."""
        self.stopped = DIED
        words = " ".join(str(answer.get("msg", "no message")).split()).rstrip(".")
        self._broken.append(f"A batch of {_orders.orders_in_words(len(numbers))} ended without a result: {words}.")
        self._more.update((name, answer[name]) for name in DEBUGGING if name in answer)
        for result in map(self._results.__getitem__, numbers):
            result.outcome, result.payment_status = "failed", None
            result.reason, result.advice = UNKNOWN, UNKNOWN_ADVICE

    def progress(self, seconds: float) -> str:
        """The line of progress after a batch. ``seconds`` is how long all batches so far took."""
        outcomes = Counter(result.outcome for result in self._results.values())
        total = len(self._results)
        left = len(self._wanted) - self._handled
        words = f"{total - outcomes['not_attempted']} of {total} orders done, {outcomes['failed']} failed"
        if self.stopped:
            return f"{words}, stopped"
        return f"{words}, about {_duration(seconds * left / self._handled)} left" if left else words

    def result(self, transition: _orders.Transition, *, with_diff: bool) -> dict[str, Any]:
        """The result of the whole task."""
        results = list(self._results.values())
        report = Report(
            results,
            duplicates=self._duplicates,
            requests=self._requests,
            stopped=self.stopped,
            broken=" ".join(self._broken) or None,
        )
        result = {**self._more, **report.as_dict(one=False, with_diff=with_diff)}
        warnings = self._warnings + money_warnings(results, transition, check_mode=False)
        result.update({"warnings": warnings} if warnings else {})
        failure = report.failure()
        return {**result, "failed": True, "msg": failure} if failure else result


def _learned(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer["_batch"].items() if name in LEARNED}


def _duration(seconds: float) -> str:
    """A time for people: seconds up to two minutes, then minutes."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
