# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""Many orders in one run: read, decide, change, by several workers. One order is a batch of one."""

from __future__ import annotations

import contextlib
import datetime
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors, _orders, _plan
from ansible_collections.community.komfortkasse.plugins.module_utils._client import Client, OrderQuery
from ansible_collections.community.komfortkasse.plugins.module_utils._journal import Journal, JournalError
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order
from ansible_collections.community.komfortkasse.plugins.module_utils._results import Report, Result, money_warnings
from ansible_collections.community.komfortkasse.plugins.module_utils._stop import Stop
from ansible_collections.community.komfortkasse.plugins.module_utils._workers import map_concurrently

PREFETCH_FROM = 50  # orders; below that, asking for each is as quick
RUN_AGAIN = "Once the cause is gone, run it again: orders that are done are left alone."


@dataclass(frozen=True)
class Settings:
    """How a batch is worked on."""

    check_mode: bool = False
    concurrency: int = 1
    max_changes: int | None = None
    max_failures: int = 5
    service_failures: int = 0  # in earlier batches of the same task
    prefetch_days: int = 0
    planned: Mapping[str, _plan.Facts] = field(default_factory=dict)  # what a plan shows of each order
    journal_path: str | None = None  # not touched in check mode
    shop: str | None = None  # the name that stands in journal and plan
    show: Callable[[Order], Order] | None = None  # what of an order goes into its result; None: nothing


def run(client: Client, numbers: list[str], desired: _orders.DesiredState, settings: Settings) -> Report:
    """Bring every order into the desired state, or say why not."""
    distinct = list(dict.fromkeys(numbers))
    batch = _Batch(client, distinct, desired, settings)
    try:
        with _journal_of(settings, client) as batch.journal, batch.stop.on_signals():
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
        return contextlib.closing(Journal(settings.journal_path, client.stopping, settings.shop, client.redactor))
    return contextlib.nullcontext()


class _Batch:
    """The state that the workers share."""

    def __init__(self, client: Client, numbers: list[str], desired: _orders.DesiredState, settings: Settings) -> None:
        self.journal: Journal | None = None
        self.stop = Stop(client.stopping, settings.max_failures, settings.service_failures)
        self._client = client
        self._numbers = numbers
        self._desired = desired
        self._settings = settings
        self._lock = threading.Lock()
        self._results: list[Result | None] = [None] * len(numbers)
        self._prefetched: dict[str, Order] = {}
        self._unrecorded: list[Result] = []  # done, but their outcome could not be recorded
        self._journal_error = ""
        self._beyond_limit = False
        self._warnings: list[str] = []

    def work(self) -> None:
        """Work on all orders."""
        try:
            if self._settings.prefetch_days and len(self._numbers) >= PREFETCH_FROM:
                self._prefetch()
            limit = self._settings.max_changes
            if self._settings.check_mode or (limit is not None and len(self._numbers) > limit):
                self._results = self._each(self._numbers, self._look)
                self._apply()
            else:
                self._results = self._each(self._numbers, self._bring)
        except Exception as error:  # a bug in our code must fail the task
            self.stop(f"The run {self._describe_bug(error)}.")

    def _each(self, numbers: list[str], handle: Callable[[str], Result]) -> list[Result | None]:
        def safely(number: str) -> Result:
            try:
                return handle(number)
            except Exception as error:  # a bug in our code must not cost the record of what was done
                self.stop("An unexpected error came up, so no more orders were started.")
                return Result(number, "failed", reason=self._describe_bug(error))

        return map_concurrently(numbers, safely, self._settings.concurrency, lambda: self.stop.reason)

    def _apply(self) -> None:
        """Go on from the look at all orders: change those that are to be changed, unless they are too many."""
        places = [place for place, result in enumerate(self._results) if result and result.outcome == "changed"]
        wanted = [result for result in self._results if result and result.outcome == "changed"]
        excess = _plan.beyond_limit(len(wanted), self._settings.max_changes)
        if excess:
            self._beyond_limit = True
            self.stop(excess)
            for result in wanted:
                self._not_attempted(result)
        elif self._settings.check_mode:
            for result in wanted:
                result.payment_status = self._desired.transition.payment_status
        else:
            changed = self._each([result.order_number for result in wanted], self._bring)
            for place, before, after in zip(places, wanted, changed):
                self._results[place] = after or self._not_attempted(before)

    def _prefetch(self) -> None:
        """Ask once which of the orders are in the desired status already. Failing that, each is read by itself."""
        target, days = self._desired.transition.payment_status, self._settings.prefetch_days
        asked_for = set(self._numbers)
        try:
            there = self._client.read_orders(
                OrderQuery([target], days),
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
            self._prefetched = {order["number"]: order for order in there}

    def _bring(self, number: str) -> Result:
        """Bring one order into the desired state."""
        result, order = self._read(number)
        return self._change(order, result) if order and result.outcome == "changed" else result

    def _look(self, number: str) -> Result:
        """What would become of one order. Nothing is changed."""
        return self._read(number)[0]

    def _read(self, number: str) -> tuple[Result, Order | None]:
        """Read an order and decide: its outcome if all goes well, and the order if it could be read."""
        try:
            order = self._prefetched.get(number) or self._client.get_order(number)
        except _errors.ApiError as error:
            return self._not_done(Result(number, "failed"), "read", error), None
        decision = _plan.decide(order, self._desired, self._settings.planned.get(number))
        result = self._result(decision.outcome, order)
        result.reason, result.advice = decision.reason, decision.advice
        return result, order

    def _change(self, order: Order, result: Result) -> Result:
        """Send the change, with a line in the journal before and after."""
        transition = self._desired.transition
        if self.stop.reason:
            return self._not_attempted(result)
        try:
            change = self._client.change_order(order, transition, lambda: self._record("attempt", result))
        except JournalError as error:
            if self.stop.by_signal:
                return self._not_attempted(result)
            self.stop("No further change was started.")
            result.outcome, result.reason, result.advice = "failed", f"was left alone: {error}".rstrip("."), RUN_AGAIN
            return result
        if isinstance(change.error, _errors.StoppedError):
            return self._not_done(result, transition.wording, change.error)
        if change.error:
            result = self._result("failed", change.order or order)
            if change.order is None:
                result.payment_status = None
            self._not_done(result, transition.wording, change.error)
        else:
            result = self._result("changed" if change.ours else "unchanged", change.order or order)
        self._complete(result, order)
        try:
            self._record("result", result)
        except JournalError as error:
            with self._lock:
                self._journal_error = self._journal_error or str(error)
                self._unrecorded.append(result)
            self.stop("No further change was started.")
        return result

    def _complete(self, result: Result, before: Order) -> None:
        """Add what was read of an order before its change: the answer need not hold all of it."""
        result.previous_payment_status = before["paymentStatus"]
        if result.amount is None:
            result.amount, result.currency = _orders.amount(before), _orders.currency(before)
        if result.outcome == "changed":
            result.amount_paid = result.amount_paid or _orders.amount_paid(before)

    def _not_attempted(self, result: Result) -> Result:
        """The result of an order that was not changed because the run stopped."""
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
        elif isinstance(error, _errors.SettingsError):
            self.stop("No more orders were started, because a setting cannot work.")
        elif error.service:
            self.stop.count_service_failure()
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
            order=self._settings.show(order) if self._settings.show else None,
        )

    def _describe_bug(self, error: Exception) -> str:
        return self._client.mask(_errors.describe_bug(error))

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

    def report(self) -> Report:
        """The outcome of it all."""
        results = [result or Result(number, "not_attempted") for number, result in zip(self._numbers, self._results)]
        return Report(
            results,
            requests=self._client.requests_sent,
            service_failures=self.stop.service_failures,
            stopped=self.stop.reason,
            beyond_limit=self._beyond_limit,
            broken=self._missing_in_journal(),
            warnings=self._warnings,
            money_warnings=money_warnings(results, self._desired.transition, check_mode=self._settings.check_mode),
            plan=self._plan(results) if self._settings.check_mode and not self._beyond_limit else None,
        )

    def _plan(self, results: list[Result]) -> dict[str, object]:
        orders = {
            result.order_number: _plan.Facts(
                str(result.previous_payment_status), result.amount, result.currency, result.amount_paid or 0
            )
            for result in results
            if result.outcome == "changed"
        }
        created = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        state, address = self._desired.transition.state, self._client.api_url
        return _plan.describe(orders, state, address, self._settings.shop, created)

    def _missing_in_journal(self) -> str | None:
        if not self._unrecorded:
            return None
        missing = ", ".join(f"{result.order_number} ({result.outcome})" for result in self._unrecorded)
        return f"{self._journal_error} What became of these orders is missing from it: {missing}."
