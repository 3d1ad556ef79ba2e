# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""Many orders in one run: workers, stop rules, journal. One order is a batch of one."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors, _orders
from ansible_collections.community.komfortkasse.plugins.module_utils._client import Client
from ansible_collections.community.komfortkasse.plugins.module_utils._journal import Journal, JournalError
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order
from ansible_collections.community.komfortkasse.plugins.module_utils._results import Report, Result
from ansible_collections.community.komfortkasse.plugins.module_utils._workers import map_concurrently

PREFETCH_FROM = 50  # orders; below that, asking for each is as quick
MONEY_WARNINGS = 10  # one for each order, then only their number
RUN_AGAIN = "Once the cause is gone, run it again: orders that are done are left alone."


@dataclass(frozen=True)
class Settings:
    """How a batch is worked on."""

    check_mode: bool = False
    concurrency: int = 1
    max_failures: int = 5
    prefetch_days: int = 0
    journal_path: str | None = None  # not touched in check mode
    shop: str | None = None  # the name that stands in the journal
    show: Callable[[Order], Order] | None = None  # what of an order goes into its result; None: nothing


def run(client: Client, numbers: list[str], desired: _orders.DesiredState, settings: Settings) -> Report:
    """Bring every order into the state that is wished for, or say why not."""
    distinct = list(dict.fromkeys(numbers))
    batch = _Batch(client, distinct, desired, settings)
    try:
        with _journal_of(settings, client) as batch.journal, batch.stopped_by_signals():
            # Signals are handled in this thread, so it must not hold a lock of the batch: it only waits.
            worker = threading.Thread(target=batch.work)
            worker.start()
            worker.join()
    except JournalError as error:
        batch.stop(str(error))
    except RuntimeError:  # from Thread.start()
        batch.stop("The system has no thread left to work on the orders. Nothing was changed.")
    report = batch.report()
    report.duplicates = len(numbers) - len(distinct)
    return report


def _journal_of(settings: Settings, client: Client) -> contextlib.AbstractContextManager[Journal | None]:
    if settings.journal_path and not settings.check_mode:
        return contextlib.closing(Journal(settings.journal_path, client.stopping, settings.shop))
    return contextlib.nullcontext()


class _Batch:
    """The state that the workers share."""

    def __init__(self, client: Client, numbers: list[str], desired: _orders.DesiredState, settings: Settings) -> None:
        self.journal: Journal | None = None
        self._client = client
        self._numbers = numbers
        self._desired = desired
        self._settings = settings
        self._lock = threading.Lock()
        self._results: list[Result | None] = [None] * len(numbers)
        self._prefetched: dict[str, Result] = {}
        self._service_failures = 0
        self._stopped: str | None = None
        self._unrecorded: list[Result] = []  # done, but the journal could not take what became of them
        self._journal_error = ""
        self._warnings: list[str] = []
        self._money_warnings: list[str] = []

    def work(self) -> None:
        """Work on all orders."""
        try:
            if self._settings.prefetch_days and len(self._numbers) >= PREFETCH_FROM:
                self._prefetch()
            self._results = map_concurrently(
                self._numbers, self._one, self._settings.concurrency, lambda: self._stopped
            )
        except Exception as error:  # a bug in our code must fail the task
            self.stop(f"The run {self._describe_bug(error)}.")

    def _prefetch(self) -> None:
        """Ask once which of the orders are where they should be already. Failing that, each is read by itself."""
        target, days = self._desired.transition.payment_status, str(self._settings.prefetch_days)
        asked_for = set(self._numbers)
        try:
            there = self._client.read_orders(
                {"paymentStatus": target, "maxAge": days},
                lambda order: order["number"] in asked_for and order["paymentStatus"] == target,
            )
        except _errors.ApiError as error:
            if error.key_refused or isinstance(error, _errors.StoppedError):
                self.stop(f"The list of {target} orders could not be read: {error}. {error.hint}")
            else:
                self._warnings.append(
                    f"The list of {target} orders could not be read, so each order is read by itself: {error}."
                )
        else:
            self._prefetched = {order["number"]: self._result("unchanged", order) for order in there}

    def _one(self, number: str) -> Result:
        try:
            return self._prefetched.pop(number, None) or self._handle(number)
        except Exception as error:  # a bug in our code must not cost the record of what was done
            self.stop("An unexpected error came up, so no more orders were started.")
            return Result(number, "failed", reason=self._describe_bug(error))

    def _handle(self, number: str) -> Result:
        """One order: read it, decide, change it."""
        try:
            order = self._client.get_order(number)
        except _errors.ApiError as error:
            return self._not_done(Result(number, "failed"), "read", error)
        decision = _orders.decide(order, self._desired)
        result = self._result(decision.outcome, order)
        result.reason, result.advice = decision.reason, decision.advice
        if decision.outcome != "changed":
            return result
        if self._settings.check_mode:
            result.payment_status = self._desired.transition.payment_status
            self._warn_of_money(order)
            return result
        return self._change(order, result)

    def _change(self, order: Order, result: Result) -> Result:
        """Send the change, with a line in the journal before and after."""
        transition = self._desired.transition
        if self._stopped:
            return self._not_attempted(result)
        try:
            self._record("attempt", result)
        except JournalError as error:
            if self._client.stopping.is_set():
                return self._not_attempted(result)
            self.stop("No further change was started.")
            result.outcome, result.reason, result.advice = "failed", f"was left alone: {error}".rstrip("."), RUN_AGAIN
            return result
        try:
            now, ours = self._client.change_order(order, transition.path, transition.payment_status)
        except _errors.ApiError as error:
            result = self._result("failed", error.order or order)
            if error.order is None:
                result.payment_status = None
            self._not_done(result, transition.wording, error)
        else:
            result = self._result("changed" if ours else "unchanged", now)
            if ours:
                result.amount_paid = result.amount_paid or _orders.amount_paid(order)
                self._warn_of_money(now if _orders.amount_paid(now) else order)
        result.previous_payment_status = order["paymentStatus"]
        if result.amount is None:  # the answer need not hold all that was read before
            result.amount, result.currency = _orders.amount(order), _orders.currency(order)
        try:
            self._record("result", result)
        except JournalError as error:
            with self._lock:
                self._journal_error = self._journal_error or str(error)
                self._unrecorded.append(result)
            self.stop("No further change was started.")
        return result

    def _not_attempted(self, result: Result) -> Result:
        """The result of an order that was read, but not changed because the run stopped."""
        result.outcome = "not_attempted"
        return result

    def _not_done(self, result: Result, wording: str, error: _errors.ApiError) -> Result:
        """Fill in why an order could not be read or changed, and stop the batch where that is called for."""
        if isinstance(error, _errors.StoppedError):
            self.stop("The run was told to stop.")
            return self._not_attempted(result)
        result.http_status = error.http_status
        result.reason, result.advice = self._client.mask(f"could not be {wording}: {error}"), error.hint
        if isinstance(error, _errors.NotFoundError) and self._desired.skip_missing:
            result.outcome, result.reason, result.advice = "skipped", f"is missing: {error}", ""
        elif error.key_refused:
            self.stop("No more orders were started, because the API key was refused.")
        elif error.service:
            self._count_service_failure()
        return result

    def _count_service_failure(self) -> None:
        with self._lock:
            self._service_failures += 1
            if self._service_failures == self._settings.max_failures:
                orders = "1 order" if self._service_failures == 1 else f"{self._service_failures} orders"
                self.stop(
                    f"No more orders were started, after {orders} had failed because the service is in trouble"
                    " (max_failures)."
                )

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
            order=self._settings.show(order) if self._settings.show else None,
        )

    def _describe_bug(self, error: Exception) -> str:
        return self._client.mask(_errors.describe_bug(error))

    def _warn_of_money(self, order: Order) -> None:
        warning = _orders.money_warning(order, self._desired.transition, self._settings.check_mode)
        if warning:
            self._money_warnings.append(warning)

    def _record(self, event: str, result: Result) -> None:
        if self.journal is None:
            return
        attempt = event == "attempt"
        self.journal.write(
            event,
            result.order_number,
            self._desired.transition.state,
            outcome=None if attempt else result.outcome,
            previous_payment_status=result.previous_payment_status,
            payment_status=result.payment_status,
            http_status=result.http_status,
            msg=result.msg,
        )

    def stop(self, reason: str) -> None:
        """Start no more orders; the first reason is the one that is told."""
        self._stopped = self._stopped or reason

    @contextlib.contextmanager
    def stopped_by_signals(self) -> Iterator[None]:
        """Let SIGTERM and SIGINT end the batch in good order: what was begun is finished and reported."""

        def stop(number: int, _frame: object) -> None:
            self.stop(f"The run was stopped by {signal.Signals(number).name}.")
            self._client.stopping.set()

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def report(self) -> Report:
        """What became of it all."""
        results = [result or Result(number, "not_attempted") for number, result in zip(self._numbers, self._results)]
        money = self._money_warnings[:MONEY_WARNINGS]
        rest = len(self._money_warnings) - len(money)
        if rest:
            more = "1 more order has money paid on it" if rest == 1 else f"{rest} more orders have money paid on them"
            money.append(f"{more}: see amount_paid in the results.")
        return Report(
            results,
            requests=self._client.requests_sent,
            stopped=self._stopped,
            broken=self._missing_in_journal(),
            warnings=self._warnings + money,
        )

    def _missing_in_journal(self) -> str | None:
        if not self._unrecorded:
            return None
        missing = ", ".join(f"{result.order_number} ({result.outcome})" for result in self._unrecorded)
        return f"{self._journal_error} What became of these orders is missing from it: {missing}."
