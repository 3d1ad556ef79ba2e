# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""The operations of the API: their paths, their parameters, and what follows a change that failed.

Source of the facts: Komfortkasse API v2, https://apidocs.komfortkasse.eu/
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order, Transition
from ansible_collections.community.komfortkasse.plugins.module_utils._retries import (
    RetryBudget,
    Throttle,
    may_retry,
    with_retries,
)
from ansible_collections.community.komfortkasse.plugins.module_utils._transport import Connection, ListLimits, Transport

FRESH_SECONDS = 10.0  # how long an order may be acted on as it was read

LARGEST_RESULT = 64  # MiB of a list that is kept whole: some fifty thousand orders, ten times that in memory
LARGEST_LIST = 128  # MiB of a list of which only some orders are kept
LIST_TIMEOUTS = 20  # a list may take this many times the time-out

ORDER = "/order/{number}"
PATHS = {
    "cancelled": "/order/{number}/cancel",
    "removed": "/order/remove/{number}",
    "paid": "/order/{number}/setpaid",
    "unpaid": "/order/{number}/setunpaid",
}
"""The POST that brings an order into a state, by the state. ``{number}`` stands for the encoded order number."""

INCLUDE = {
    "postings": "includePostings",
    "collection_history": "includeCollectionHistory",
    "payment_reminders": "includePaymentReminders",
    "refunds": "includeRefunds",
}
"""What the API leaves out of an order unless it is asked for, and the parameter that asks."""


@dataclass(frozen=True)
class OrderQuery:
    """Which orders to list: those in these payment statuses (or any), at most ``max_age`` days old.

    ``min_posting_date`` is written as 31-12-2026. ``include`` takes names from `INCLUDE`.
    """

    payment_statuses: Sequence[str] = ()
    max_age: int | None = None
    min_posting_date: str | None = None
    include: Sequence[str] = ()

    def __str__(self) -> str:
        """The query string; '' without any condition."""
        query = {
            "paymentStatus": ",".join(self.payment_statuses),
            "maxAge": "" if self.max_age is None else str(self.max_age),
            "minPostingDate": self.min_posting_date,
            **{INCLUDE[name]: "true" for name in self.include},
        }
        given = {name: value for name, value in query.items() if value}
        return f"?{urlencode(given, safe=',')}" if given else ""


@dataclass(frozen=True)
class Change:
    """How a change ended. ``error`` is None if the order is in the desired state.

    ``order`` is the order as last read; None if it may have changed since. ``ours`` tells whether it was our POST that
    changed it: somebody else may have been quicker.
    """

    order: Order | None
    ours: bool = False
    error: _errors.ApiError | None = None


class Client:
    """Talks to the API for one key. Safe to share between threads.

    Whatever fails is an ApiError.
    """

    def __init__(self, connection: Connection, pool_size: int) -> None:
        self.stopping = threading.Event()  # once it is set, nobody waits or tries again, and no change begins
        self.api_url = connection.api_url
        self._longest_list = LIST_TIMEOUTS * connection.timeout
        self._budget = RetryBudget(connection.retries, connection.retry_max_wait)
        self._throttle = Throttle(self.stopping)
        self._transport = Transport(connection, pool_size, self.stopping)
        self.redactor = self._transport.redactor

    @property
    def requests_sent(self) -> int:
        """How many requests were sent so far, every try counted."""
        return self._transport.requests_sent

    def get_order(self, number: str, include: Sequence[str] = ()) -> Order:
        """Read one order (getOrder), with more if that is asked for by names from `INCLUDE`."""
        path = f"{_path(ORDER, number)}{OrderQuery(include=include)}"
        return with_retries(lambda: self._transport.order("GET", path, number), self._budget, self._throttle)

    def read_orders(self, query: OrderQuery) -> list[Order]:
        """Read many orders (readOrders)."""
        limits = ListLimits(LARGEST_RESULT, lambda: self._longest_list)
        return with_retries(
            lambda: self._transport.orders(f"/orders{query}", None, limits), self._budget, self._throttle
        )

    def list_once(
        self,
        query: OrderQuery,
        pick: Callable[[Order], Order | None],
        most_mib: float,
        most_seconds: Callable[[], float],
    ) -> list[Order]:
        """Read many orders without retries, for a list that only saves time.

        Return what ``pick`` makes of each (None drops it). ``most_seconds`` is asked again as the list arrives.
        """
        self._throttle.wait()
        limits = ListLimits(min(most_mib, LARGEST_LIST), lambda: min(most_seconds(), self._longest_list))
        return self._transport.orders(f"/orders{query}", pick, limits)

    def change_order(
        self, order: Order, transition: Transition, read_at: float, before_post: Callable[[], None] = lambda: None
    ) -> Change:
        """Bring an order into a state by POST. ``read_at`` is when it was read, by the monotonic clock.

        A POST that may have taken effect is never repeated blindly: the order is read first, and the POST is sent
        again only if the order is as it was before. The order is also read before a POST that had to wait too long.
        ``before_post`` is called once, right before the first POST. If the run is to stop, neither happens.
        """
        number, before, target = order["number"], order["paymentStatus"], transition.payment_status
        budget = self._budget
        problem: _errors.ApiError | None = None
        unclear: _errors.ApiError | None = None  # of a POST that may still take effect, late

        def look(problem: _errors.ApiError) -> Order | Change:
            """Return the order if it is as it was before, else how the change ended."""
            nonlocal read_at
            try:
                now = self._read_again(number)
            except _errors.ApiError as error:
                return _not_read_again(problem, error, order)
            read_at = time.monotonic()
            if now["paymentStatus"] == target:
                return Change(now, ours=unclear is not None)
            if now["paymentStatus"] != before:
                changed = f"meanwhile the payment status has changed from {before} to {now['paymentStatus']}"
                return Change(now, error=problem.with_note(changed))
            return now

        try:
            self._throttle.wait()
        except _errors.StoppedError as error:
            return Change(order, error=error)
        before_post()
        while True:
            if problem and time.monotonic() - read_at > FRESH_SECONDS:
                now = look(problem if unclear in (None, problem) else unclear.followed_by(problem))
                if isinstance(now, Change):
                    return now
            answer = self._post(number, transition, fresh_connection=budget.tries > 1)
            if not isinstance(answer, _errors.ApiError):
                return Change(answer, ours=True)
            problem, ended = answer, None
            if problem.ambiguous:
                unclear = problem
            elif may_retry(problem, budget, self._throttle):
                budget = budget.spent()  # it had no effect, so there is no need to read
                continue
            elif unclear is not None:
                ended = unclear.followed_by(budget.final(problem))
            elif not isinstance(problem, _errors.RefusedError):
                return Change(order, error=budget.final(problem))
            now = look(ended or problem)
            if isinstance(now, Change):
                return now
            if ended or not may_retry(problem, budget, self._throttle):
                return Change(now, error=ended or budget.final(problem))
            budget = budget.spent()

    def _post(self, number: str, transition: Transition, fresh_connection: bool) -> Order | _errors.ApiError:
        """Send the change once. Return the changed order, or what went wrong."""
        path, target = _path(PATHS[transition.state], number), transition.payment_status
        try:
            answer = self._transport.order("POST", path, number, fresh_connection)
        except _errors.NotFoundError as error:  # the order was there a moment ago
            return _errors.RefusedError(str(error), http_status=error.http_status)
        except _errors.ApiError as error:
            return error
        if answer["paymentStatus"] == target:
            return answer
        return _errors.WrongAnswerError(f"the API accepted it, but the order is {answer['paymentStatus']}")

    def _read_again(self, number: str) -> Order:
        """Read an order after a POST that failed, even if the run is to stop: what was begun is finished."""
        try:
            return self.get_order(number)
        except _errors.StoppedError:
            return self._transport.order("GET", _path(ORDER, number), number)


def _not_read_again(problem: _errors.ApiError, error: _errors.ApiError, order: Order) -> Change:
    """Return what is known of an order after a POST that failed, when the order could not be read again."""
    if isinstance(error, _errors.NotFoundError) and problem.http_status == error.http_status:
        return Change(None, error=error)  # both say so: it is gone
    problem = problem.with_key_of(error)
    if not problem.ambiguous:
        return Change(order, error=problem)
    unknown = f"whether that took effect is unknown, because reading the order failed too: {error}"
    return Change(None, error=problem.with_note(unknown))


def _path(template: str, number: str) -> str:
    """The path of a request about one order. The number becomes exactly one path segment."""
    return template.format(number=quote(number, safe=""))
