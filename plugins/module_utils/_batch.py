# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""Many orders in one run, by several workers: stop rules, limits, report. One order is a batch of one."""

from __future__ import annotations

import contextlib
import datetime
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors, _plan
from ansible_collections.community.komfortkasse.plugins.module_utils._client import Client
from ansible_collections.community.komfortkasse.plugins.module_utils._fresh_orders import FreshOrders, Reading
from ansible_collections.community.komfortkasse.plugins.module_utils._journal import Journal, JournalError
from ansible_collections.community.komfortkasse.plugins.module_utils._order_handler import OrderHandler
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import DesiredState, Order
from ansible_collections.community.komfortkasse.plugins.module_utils._results import Report, Result, money_warnings
from ansible_collections.community.komfortkasse.plugins.module_utils._stop import Stop
from ansible_collections.community.komfortkasse.plugins.module_utils._workers import map_concurrently


@dataclass(frozen=True)
class Settings:
    """How a batch is worked on."""

    check_mode: bool = False
    concurrency: int = 1
    max_changes: int | None = None
    max_failures: int = 5
    service_failures: int = 0  # in earlier batches of the same task
    list_from: int = 0  # orders from which a list pays, by earlier batches of the same task
    prefetch_days: int = 0
    known: Mapping[str, Order] = field(default_factory=dict)  # what an earlier batch of the same task has read
    fresh_for: float = 0.0  # seconds that this may be acted on
    planned: Mapping[str, _plan.Facts] = field(default_factory=dict)  # what a plan shows of each order
    journal_path: str | None = None  # not touched in check mode
    shop: str | None = None  # the name that stands in journal and plan
    show: Callable[[Order], Order] | None = None  # what of an order goes into its result; None: nothing


def run(client: Client, numbers: list[str], desired: DesiredState, settings: Settings) -> Report:
    """Bring every order into the desired state, or say why not."""
    distinct = list(dict.fromkeys(numbers))
    batch = _Batch(client, distinct, desired, settings)
    try:
        with _journal_of(settings, client) as batch.handler.journal, batch.stop.on_signals():
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
    """One run over all orders."""

    def __init__(self, client: Client, numbers: list[str], desired: DesiredState, settings: Settings) -> None:
        target = desired.transition.payment_status
        self.stop = Stop(client.stopping, settings.max_failures, settings.service_failures)
        self._fresh_orders = FreshOrders(
            client,
            numbers,
            Reading(
                statuses=frozenset({target, *(desired.only_from or ())}),
                target=target,
                days=settings.prefetch_days,
                concurrency=settings.concurrency,
                whole=settings.show is not None,
                list_from=settings.list_from,
            ),
        )
        self.handler = OrderHandler(client, self._fresh_orders, desired, self.stop, settings.planned, settings.show)
        self._client = client
        self._numbers = numbers
        self._desired = desired
        self._settings = settings
        self._results: list[Result | None] = [None] * len(numbers)
        self._beyond_limit = False

    def work(self) -> None:
        """Work on all orders."""
        limit = self._settings.max_changes
        try:
            self._fresh_orders.learn(self._settings.known, self._settings.fresh_for)
            self._fresh_orders.begin()
            if self._settings.check_mode or (limit is not None and len(self._numbers) > limit):
                self._results = self._each(self._numbers, self.handler.preview)
                self._apply()
            else:
                self._results = self._each(self._numbers, self.handler.apply)
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
        """Go on from the preview of all orders: change those that need it, unless they are too many."""
        places = [place for place, result in enumerate(self._results) if result and result.outcome == "changed"]
        wanted = [result for result in self._results if result and result.outcome == "changed"]
        excess = _plan.beyond_limit(len(wanted), self._settings.max_changes)
        if excess:
            self._beyond_limit = True
            self.stop(excess)
        elif self._settings.check_mode:
            for result in wanted:
                result.payment_status = self._desired.transition.payment_status
            return
        for result in wanted:  # until it is changed
            result.outcome = "not_attempted"
        if not excess:
            numbers = [result.order_number for result in wanted]
            self._fresh_orders.keep(numbers)
            for place, changed in zip(places, self._each(numbers, self.handler.apply)):
                self._results[place] = changed or self._results[place]

    def _describe_bug(self, error: Exception) -> str:
        return self._client.redactor.text(_errors.describe_bug(error))

    def report(self) -> Report:
        """The outcome of it all."""
        results = [result or Result(number, "not_attempted") for number, result in zip(self._numbers, self._results)]
        changed = {result.order_number: result for result in results if result.outcome == "changed"}
        return Report(
            results,
            requests=self._client.requests_sent,
            service_failures=self.stop.service_failures,
            list_from=self._fresh_orders.list_from,
            fresh_seconds=self._fresh_orders.seconds_left(changed) if self._settings.check_mode else 0.0,
            stopped=self.stop.reason,
            beyond_limit=self._beyond_limit,
            broken=self.handler.missing_in_journal(),
            money_warnings=money_warnings(results, self._desired.transition, check_mode=self._settings.check_mode),
            plan=self._plan(changed) if self._settings.check_mode and not self._beyond_limit else None,
        )

    def _plan(self, changed: Mapping[str, Result]) -> dict[str, object]:
        orders = {
            number: _plan.Facts(
                str(result.previous_payment_status), result.amount, result.currency, result.amount_paid or 0
            )
            for number, result in changed.items()
        }
        created = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        state, address = self._desired.transition.state, self._client.api_url
        return _plan.describe(orders, state, address, self._settings.shop, created)
