# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""The transport: what is asked of the API, and the only place that waits or tries again. `_transport` sends.

Source of the facts: Komfortkasse API v2, https://apidocs.komfortkasse.eu/
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlencode

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order, path_for
from ansible_collections.community.komfortkasse.plugins.module_utils._transport import (
    LONGEST_KEPT_LIST,
    LONGEST_LIST,
    Connection,
    Transport,
)

T = TypeVar("T")

FIRST_BACKOFF = 0.5  # seconds; doubled with each further try


class Throttle:
    """One wait for all workers: what the server tells one of them slows them all."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._lock = threading.Lock()
        self._free_at = 0.0

    def hold(self, seconds: float) -> None:
        """Nobody sends for so many seconds."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)

    def wait(self) -> None:
        """Wait until the throttle is off, and a little longer."""
        while (rest := self._free_at - time.monotonic()) > 0:
            self.sleep(rest + spread(rest))

    def sleep(self, seconds: float) -> None:
        """Sleep, or raise StoppedError as soon as the run is to stop."""
        if self._stopping.wait(seconds):
            raise _errors.StoppedError("the run was told to stop while it waited to try again")


class _RetryBudget:
    """How often one request, or one change with all its requests, may still be tried again."""

    def __init__(self, connection: Connection, throttle: Throttle) -> None:
        self._connection = connection
        self._throttle = throttle
        self._tries = 1
        self._told = False  # how many tries there were

    def pause(self, error: _errors.ApiError) -> None:
        """Wait before the next try; raise the error if there is to be none."""
        longest = self._connection.retry_max_wait
        asked = error.retry_after if error.transient else None
        if asked is not None and asked > longest:
            error.add(f"the server asks for a wait of {asked:.0f} s, longer than retry_max_wait ({longest})")
            error.hint = _errors.LONG_WAIT_HINT
            raise error
        if not error.transient or self._tries > self._connection.retries:
            if self._tries > 1 and not self._told:
                error.add(f"tried {self._tries} times")
                self._told = True
            raise error
        seconds = max(backoff(self._tries, longest), asked or 0)  # at once would be too soon, whatever is asked
        self._tries += 1
        try:
            if asked is None and not isinstance(error, _errors.RateLimitError):
                self._throttle.sleep(seconds)
            else:
                self._throttle.hold(seconds)
                self._throttle.wait()
        except _errors.StoppedError:
            raise error from None


def spread(rest: float) -> float:
    """Seconds to wait beyond ``rest``, so that not all start at the same instant."""
    return random.uniform(0, min(1.0, 0.25 + rest / 10))


def backoff(tries: int, longest: float) -> float:
    """Seconds to wait after so many tries: exponential, at most ``longest``, with jitter."""
    return min(longest, FIRST_BACKOFF * 2.0 ** min(tries - 1, 16)) * random.uniform(0.5, 1.0)


class Client:
    """Talks to the API for one key. Safe to share between threads.

    What goes wrong on the way is raised as a subclass of ApiError, and as nothing else.
    """

    def __init__(self, connection: Connection, pool_size: int = 1) -> None:
        self.stopping = threading.Event()  # once it is set, nobody waits or tries again
        self._connection = connection
        self._throttle = Throttle(self.stopping)
        self._transport = Transport(connection, pool_size)

    @property
    def api_url(self) -> str:
        """The API's address."""
        return self._connection.api_url

    @property
    def requests_sent(self) -> int:
        """How many requests were sent so far, every try counted."""
        return self._transport.requests_sent

    def mask(self, text: str) -> str:
        """Return a text without the key."""
        return self._transport.mask(text)

    def get_order(self, number: str, query: Mapping[str, str] | None = None) -> Order:
        """Read one order (getOrder)."""
        path = path_for("/order/{number}", number) + _query_string(query)
        return self._with_retries(lambda: self._transport.order("GET", path, number))

    def read_orders(self, query: Mapping[str, str], wanted: Callable[[Order], bool] | None = None) -> list[Order]:
        """Read many orders (readOrders) and keep those that are wanted, or all; the others take no memory."""
        path, longest = f"/orders{_query_string(query)}", LONGEST_LIST if wanted else LONGEST_KEPT_LIST
        return self._with_retries(
            lambda: [order for order in self._transport.orders(path, longest) if wanted is None or wanted(order)]
        )

    def change_order(self, order: Order, path: str, target: str) -> tuple[Order, bool]:
        """Bring an order that was just read into the payment status ``target`` by POST.

        A POST that may have taken effect is never repeated blindly: the order is read first, and the POST is sent
        again only if the order is as it was before.

        Returns: the order as it is then, and whether it was this POST that did it (False: somebody was quicker).
        Raises: ApiError, with the order as it was last read.
        """
        number, before = order["number"], order["paymentStatus"]
        budget = _RetryBudget(self._connection, self._throttle)
        unclear: _errors.ApiError | None = None  # a POST that seems to be lost may still be carried out, late
        while True:
            problem: _errors.ApiError
            try:
                answer = self._with_retries(
                    lambda: self._transport.order("POST", path_for(path, number), number), budget, True
                )
                if answer["paymentStatus"] == target:
                    return answer, True
                problem = _errors.WrongAnswerError(
                    f"the API accepted the request, but the payment status is {answer['paymentStatus']}, not {target}"
                )
            except _errors.NotFoundError as error:  # the order was there a moment ago
                problem = _errors.RefusedError(str(error), http_status=error.http_status)
            except _errors.ApiError as error:
                problem = error
            if problem.ambiguous:
                unclear = problem
            elif unclear is not None:
                problem = unclear.followed_by(problem)
            elif not isinstance(problem, _errors.RefusedError):
                problem.order = order
                raise problem
            now = problem.order = self._read_after(problem, order)
            if now["paymentStatus"] == target:
                return now, unclear is not None
            if now["paymentStatus"] != before:
                problem.add(f"meanwhile the payment status has changed from {before} to {now['paymentStatus']}")
                raise problem
            budget.pause(problem)

    def _read_after(self, problem: _errors.ApiError, order: Order) -> Order:
        """Read the order that a POST did not end well for."""
        try:
            return self.get_order(order["number"])
        except _errors.ApiError as error:
            if isinstance(error, _errors.NotFoundError) and problem.http_status == error.http_status:
                raise  # both say so: it is gone
            problem.key_refused = problem.key_refused or error.key_refused
            problem.order = order
            if problem.ambiguous:
                problem.order = None
                problem.add(f"whether that took effect is unknown, for reading the order failed too: {error}")
            raise problem from None

    def _with_retries(
        self, attempt: Callable[[], T], budget: _RetryBudget | None = None, read_first: bool = False
    ) -> T:
        """Try until it works or there is no sense in it any more.

        With ``read_first`` only what had no effect for certain is tried again here: the caller reads first.
        """
        budget = budget or _RetryBudget(self._connection, self._throttle)
        while True:
            self._throttle.wait()
            try:
                return attempt()
            except _errors.ApiError as error:
                if read_first and error.ambiguous:
                    raise
                budget.pause(error)


def _query_string(query: Mapping[str, str] | None) -> str:
    return f"?{urlencode(query, safe=',')}" if query else ""
