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
from ansible_collections.community.komfortkasse.plugins.module_utils._workers import work_through

PREFETCH_FROM = 50  # orders; below that, asking for each is as quick
MONEY_WARNINGS = 10  # one for each order, then only their number


@dataclass(frozen=True)
class Settings:
    """How a batch is worked on."""

    check_mode: bool = False
    concurrency: int = 1
    max_failures: int = 5
    prefetch_days: int = 0
    show: Callable[[Order], Order | None] = _orders.summary_of  # what of an order goes into its result


def run(client: Client, numbers: list[str], wish: _orders.Wish, settings: Settings, journal: Journal | None) -> Report:
    """Bring every order into the state that is wished for, or say why not."""
    distinct = list(dict.fromkeys(numbers))
    batch = _Batch(client, distinct, wish, settings, journal)
    worker = threading.Thread(target=batch.work)
    with batch.stopped_by_signals():
        # Signals are handled in this thread, so it must not hold a lock of the batch: it only waits.
        worker.start()
        worker.join()
    report = batch.report()
    report.duplicates = len(numbers) - len(distinct)
    return report


class _Batch:
    """The state that the workers share."""

    def __init__(
        self, client: Client, numbers: list[str], wish: _orders.Wish, settings: Settings, journal: Journal | None
    ) -> None:
        self._client = client
        self._numbers = numbers
        self._wish = wish
        self._settings = settings
        self._journal = journal
        self._lock = threading.Lock()
        self._results: list[Result | None] = []
        self._prefetched: dict[str, Result] = {}
        self._service_failures = 0
        self._stopped: str | None = None
        self._broken: str | None = None
        self._warnings: list[str] = []
        self._money_warnings: list[str] = []

    def _prefetch(self) -> None:
        """Ask once which of the orders are where they should be already. Failing that, each is read by itself."""
        target, days = self._wish.transition.payment_status, str(self._settings.prefetch_days)
        wanted = set(self._numbers)
        try:
            for order in self._client.read_orders(paymentStatus=target, maxAge=days):
                if order["number"] in wanted and order["paymentStatus"] == target:
                    self._prefetched[order["number"]] = self._result("unchanged", order)
        except (_errors.KeyRefusedError, _errors.StoppedError) as error:
            self._stop(f"The list of {target} orders could not be read: {error}. {error.hint}")
        except _errors.ApiError as error:
            self._warnings.append(
                f"The list of {target} orders could not be read, so each order is read by itself: {error}."
            )

    def work(self) -> None:
        """Work on all orders."""
        if self._settings.prefetch_days and len(self._numbers) >= PREFETCH_FROM:
            self._prefetch()
        self._results = work_through(self._numbers, self._one, self._settings.concurrency, lambda: self._stopped)

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
            broken=self._broken,
            warnings=self._warnings + money,
        )

    @contextlib.contextmanager
    def stopped_by_signals(self) -> Iterator[None]:
        """Let SIGTERM and SIGINT end the batch in good order: what was begun is finished and reported."""

        def stop(number: int, _frame: object) -> None:
            self._client.stopping.set()
            self._stop(f"The run was stopped by {signal.Signals(number).name}.")

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _one(self, number: str) -> Result:
        try:
            return self._prefetched.pop(number, None) or self._handle(number)
        except Exception as error:  # a fault of ours must not cost the record of what was done
            self._stop("An unexpected error came up, so no more orders were started.")
            reason = f"ran into an unexpected error, please report it: {type(error).__name__}: {error}"
            return Result(number, "failed", reason=self._client.mask(reason))

    def _stop(self, reason: str) -> None:
        self._stopped = self._stopped or reason

    def _handle(self, number: str) -> Result:
        """One order: read it, decide, change it."""
        try:
            order = self._client.get_order(number)
        except _errors.ApiError as error:
            return self._not_done(Result(number, "failed"), "read", error)
        decision = _orders.decide(order, self._wish)
        result = self._result(decision.outcome, order)
        result.reason, result.hint = decision.reason, decision.hint
        if decision.outcome != "changed":
            return result
        if self._settings.check_mode:
            result.payment_status = self._wish.transition.payment_status
            self._warn_of_money(order)
            return result
        return self._change(order, result)

    def _change(self, order: Order, result: Result) -> Result:
        """Send the change, with a line in the journal before and after."""
        transition = self._wish.transition
        try:
            self._record("attempt", result)
        except JournalError as error:
            self._stop("No further change was started.")
            result.outcome, result.reason, result.hint = "failed", "was left alone", str(error)
            return result
        try:
            now, ours = self._client.change_order(order, transition.path, transition.payment_status)
        except _errors.ApiError as error:
            result.outcome = "failed"
            result.payment_status = error.payment_status
            self._not_done(result, transition.wording, error)
        else:
            result = self._result("changed" if ours else "unchanged", now)
            result.previous_payment_status = order["paymentStatus"]
            if ours:
                result.amount_paid = result.amount_paid or _orders.amount_paid(order)
                self._warn_of_money(now if _orders.amount_paid(now) else order)
        try:
            self._record("result", result)
        except JournalError as error:
            self._broken = f"{error} The outcome of order {result.order_number} is missing from it: {result.outcome}."
            self._stop("No further change was started.")
        return result

    def _not_done(self, result: Result, wording: str, error: _errors.ApiError) -> Result:
        """Fill in why an order could not be read or changed, and stop the batch where that is called for."""
        result.http_status = error.http_status
        result.reason, result.hint = self._client.mask(f"could not be {wording}: {error}"), error.hint
        if isinstance(error, _errors.NotFoundError) and self._wish.skip_missing:
            result.outcome, result.reason = "skipped", f"is missing: {error}"
        elif isinstance(error, _errors.StoppedError):
            result.outcome = "not_attempted"
        elif isinstance(error, _errors.KeyRefusedError):
            self._stop("No more orders were started, because the API key was refused.")
        elif error.service:
            self._count_service_failure()
        return result

    def _count_service_failure(self) -> None:
        with self._lock:
            self._service_failures += 1
            if self._service_failures == self._settings.max_failures:
                orders = "1 order" if self._service_failures == 1 else f"{self._service_failures} orders"
                self._stop(
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
            amount_paid=_orders.amount_paid(order),
            order=self._settings.show(order),
        )

    def _warn_of_money(self, order: Order) -> None:
        warning = _orders.money_warning(order, self._wish.transition, self._settings.check_mode)
        if warning:
            self._money_warnings.append(warning)

    def _record(self, event: str, result: Result) -> None:
        if self._journal is None:
            return
        attempt = event == "attempt"
        self._journal.write(
            event,
            result.order_number,
            self._wish.transition.state,
            outcome=None if attempt else result.outcome,
            previous_payment_status=result.previous_payment_status,
            payment_status=result.payment_status,
            http_status=result.http_status,
            msg=result.msg,
        )
