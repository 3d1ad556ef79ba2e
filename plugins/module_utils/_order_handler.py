# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""One order of a batch: read it, decide, change it, record that in the journal."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors, _orders, _plan
from ansible_collections.community.komfortkasse.plugins.module_utils._client import Client
from ansible_collections.community.komfortkasse.plugins.module_utils._fresh_orders import FreshOrders, Known
from ansible_collections.community.komfortkasse.plugins.module_utils._journal import Journal, JournalError
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import DesiredState, Order
from ansible_collections.community.komfortkasse.plugins.module_utils._results import Result
from ansible_collections.community.komfortkasse.plugins.module_utils._stop import Stop

RUN_AGAIN = "Once the cause is gone, run it again: orders that are done are left alone."


class _OutdatedError(Exception):
    """An order was read too long ago to be changed."""


class OrderHandler:
    """Handles orders one by one, for several workers at the same time.

    ``planned`` is what a plan shows of the orders. ``show`` returns what a result shows of its order; None: nothing.
    """

    journal: Journal | None = None

    def __init__(
        self,
        client: Client,
        fresh_orders: FreshOrders,
        desired: DesiredState,
        stop: Stop,
        planned: Mapping[str, _plan.Facts],
        show: Callable[[Order], Order] | None,
    ) -> None:
        self._client = client
        self._fresh_orders = fresh_orders
        self._desired = desired
        self._stop = stop
        self._planned = planned
        self._show = show
        self._lock = threading.Lock()
        self._unrecorded: list[Result] = []  # done, but their outcome could not be recorded
        self._journal_error = ""

    def apply(self, number: str) -> Result:
        """Bring one order into the desired state."""
        while True:
            result, known = self._read(number)
            if known is None or result.outcome != "changed":
                return result
            try:
                return self._change(known, result)
            except _OutdatedError:
                continue

    def preview(self, number: str) -> Result:
        """The result that `apply` would have if all goes well. Nothing is changed."""
        return self._read(number)[0]

    def missing_in_journal(self) -> str | None:
        """The sentence about outcomes that the journal lacks, None if it has them all."""
        if not self._unrecorded:
            return None
        missing = ", ".join(f"{result.order_number} ({result.outcome})" for result in self._unrecorded)
        return f"{self._journal_error} It lacks the results of these orders: {missing}."

    def _read(self, number: str) -> tuple[Result, Known | None]:
        """Read an order and decide. Return its result if all goes well, and the order if it could be read."""
        try:
            known = self._fresh_orders.get(number)
        except _errors.ApiError as error:
            return self._not_done(Result(number, "failed"), "read", error), None
        decision = _plan.decide(known.order, self._desired, self._planned.get(number))
        result = self._result(decision.outcome, known.order)
        result.reason, result.advice = decision.reason, decision.advice
        return result, known

    def _change(self, known: Known, result: Result) -> Result:
        """Send the change, with a line in the journal before and after.

        Raises: _OutdatedError.
        """
        order, transition = known.order, self._desired.transition
        try:
            change = self._client.change_order(order, transition, known.read_at, lambda: self._begin(known, result))
        except _errors.StoppedError:
            return _not_attempted(result)
        except JournalError as error:
            if self._client.stopping.is_set():
                return _not_attempted(result)
            self._stop("No further change was started.")
            result.outcome, result.reason, result.advice = "failed", f"was left alone: {error}".rstrip("."), RUN_AGAIN
            return result
        if isinstance(change.error, _errors.StoppedError):
            return self._not_done(result, transition.wording, change.error)
        self._fresh_orders.forget(result.order_number)
        if change.error:
            result = self._result("failed", change.order or order)
            if change.order is None:
                result.payment_status = None
            self._not_done(result, transition.wording, change.error)
        else:
            result = self._result("changed" if change.ours else "unchanged", change.order or order)
        _complete(result, order)
        self._record_end(result)
        return result

    def _begin(self, known: Known, result: Result) -> None:
        """Record that a change begins, unless it must not."""
        if self._stop.reason:
            raise _errors.StoppedError("no more changes are started")
        if not known.fresh:
            raise _OutdatedError
        self._record("attempt", result)

    def _record_end(self, result: Result) -> None:
        """Record how a change ended, or remember that this could not be recorded."""
        try:
            self._record("result", result, outcome=result.outcome, http_status=result.http_status, msg=result.msg)
        except JournalError as error:
            with self._lock:
                self._journal_error = self._journal_error or str(error)
                self._unrecorded.append(result)
            self._stop("No further change was started.")

    def _record(self, event: str, result: Result, **ending: Any) -> None:
        if self.journal:
            self.journal.write(
                event,
                result.order_number,
                self._desired.transition.state,
                previous_payment_status=result.previous_payment_status,
                payment_status=result.payment_status,
                **ending,
            )

    def _not_done(self, result: Result, wording: str, error: _errors.ApiError) -> Result:
        """Fill in why an order could not be read or changed, and stop the batch where that is called for."""
        if isinstance(error, _errors.StoppedError):
            self._stop("The run was told to stop.")
            return _not_attempted(result)
        result.http_status = error.http_status
        result.reason, result.advice = self._client.redactor.text(f"could not be {wording}: {error}"), error.hint
        if isinstance(error, _errors.NotFoundError) and self._desired.skip_missing:
            result.outcome, result.reason, result.advice = "skipped", f"is missing: {error}", ""
        elif error.key_refused:
            self._stop("No more orders were started, because the API key was refused.")
        elif isinstance(error, _errors.SettingsError):
            self._stop("No more orders were started, because a setting cannot work.")
        elif error.service:
            self._stop.count_service_failure()
        return result

    def _result(self, outcome: str, order: Order) -> Result:
        """The result for an order as it was read."""
        status = order["paymentStatus"]
        return Result(
            order["number"],
            outcome,
            status,
            status,
            amount=_orders.amount(order),
            currency=_orders.currency(order),
            amount_paid=_orders.amount_paid(order),
            order=self._show(order) if self._show else None,
        )


def _not_attempted(result: Result) -> Result:
    """The result of an order that was read, but not changed because the run stopped."""
    result.outcome = "not_attempted"
    return result


def _complete(result: Result, before: Order) -> None:
    """Add what was read of an order before its change: the answer need not hold all of it."""
    result.previous_payment_status = before["paymentStatus"]
    if result.amount is None:
        result.amount, result.currency = _orders.amount(before), _orders.currency(before)
    if result.outcome == "changed":
        result.amount_paid = result.amount_paid or _orders.amount_paid(before)
