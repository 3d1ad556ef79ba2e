# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""What was read of orders, for as long as it may be acted on.

From some 50 orders on, a list is read instead of each order singly. It must not cost more than it saves: its limits of
time and size follow from the single reads that it would replace, and it is given up quietly.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors
from ansible_collections.community.komfortkasse.plugins.module_utils._client import FRESH_SECONDS, Client, OrderQuery
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order

LIST_FROM = 50  # orders; with fewer, reading each is as quick
LIST_MIB = 16 / 1024  # size that a list may have for each single read that it replaces
LIST_SHARE = 0.5  # part of the time of these reads that a list may cost more than it has saved so far
LEAST_LIST_SECONDS = 0.25  # time that a list may take in any case, because this machine may be busy
WORK_SECONDS = 0.001  # time that a request takes even if the server answers at once
MEASURED = 3  # orders that may be read to measure the time of a single read
FIELDS = ("number", "paymentStatus", "amount", "currency", "amountPaid")  # what decisions need of an order


class Known(NamedTuple):
    """An order and when it was read, by the monotonic clock."""

    order: Order
    read_at: float

    @property
    def fresh(self) -> bool:
        """Tell whether it may be acted on."""
        return time.monotonic() - self.read_at < FRESH_SECONDS


NEVER = Known({}, float("-inf"))
NO_LISTS = sys.maxsize  # the number of orders from which a list pays, if none does


@dataclass(frozen=True)
class Reading:
    """How orders are read.

    ``statuses``: those that a list is asked for, including ``target``, in which an order needs no change.
    ``days``: how far a list goes back. 0: no lists, and each order is read right before its change.
    ``whole``: whether all fields of an order are kept, or only those that decisions need.
    ``list_from``: with fewer orders no list is read, by what lists cost in earlier batches of the same task.
    """

    statuses: frozenset[str]
    target: str
    days: int = 0
    concurrency: int = 1
    whole: bool = False
    list_from: int = 0


class FreshOrders:
    """Reads orders for several workers, which will ask for these ``numbers``."""

    def __init__(self, client: Client, numbers: Sequence[str], reading: Reading) -> None:
        self._client = client
        self._numbers = numbers
        self._reading = reading
        self._known: dict[str, Known] = {}
        self._refused: dict[str, _errors.ApiError] = {}  # errors of orders that no worker has asked for yet
        self.list_from = max(reading.list_from, LIST_FROM) if reading.days else NO_LISTS
        self._given = 0  # orders given to the workers
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def learn(self, orders: Mapping[str, Order], fresh_for: float) -> None:
        """Take over orders that the same task has read a moment ago. They may be acted on for this many seconds."""
        if self._reading.days and not self._reading.whole:
            read_at = time.monotonic() + min(fresh_for, FRESH_SECONDS) - FRESH_SECONDS
            self._known.update((number, Known(order, read_at)) for number, order in orders.items())

    def begin(self) -> None:
        """Read a list if that is quicker than single reads."""
        unknown = [number for number in self._numbers if number not in self._known or not self._known[number].fresh]
        if len(unknown) >= self.list_from:
            read_seconds = self._measure(unknown[:MEASURED])
            self._read_list(unknown, len(unknown), read_seconds / self._reading.concurrency)
        self._began = time.monotonic()

    def get(self, number: str) -> Known:
        """An order as it is now, or as it was read a moment ago.

        Raises: ApiError.
        """
        self._given += 1
        if number in self._refused:
            raise self._refused.pop(number)
        known = self._known.get(number)
        if known is None:
            return self._read(number)
        if known.fresh or known.order["paymentStatus"] == self._reading.target:
            return known
        return self._refreshed(number)

    def keep(self, numbers: Collection[str]) -> None:
        """Forget all orders but these, which the workers will ask for next."""
        self._known = {number: self._known[number] for number in numbers if number in self._known}
        self._given, self._began = 0, time.monotonic()

    def forget(self, number: str) -> None:
        """Forget an order, because it is being changed."""
        self._known.pop(number, None)

    def seconds_left(self, numbers: Iterable[str]) -> float:
        """How much longer all of these orders may be acted on without another read."""
        known = [self._known.get(number) for number in numbers]
        oldest = min((entry.read_at if entry else 0.0 for entry in known), default=0.0)
        return max(0.0, oldest + FRESH_SECONDS - time.monotonic())

    def _measure(self, numbers: Sequence[str]) -> float:
        """Measure the time of a single read: of the first of these orders that needs no second try."""
        for number in numbers:
            sent, began = self._client.requests_sent, time.monotonic()
            try:
                self._read(number)
            except _errors.ApiError as error:
                self._refused[number] = error
                if not isinstance(error, _errors.NotFoundError):
                    break
            if self._client.requests_sent == sent + 1:
                return time.monotonic() - began
        self.list_from = NO_LISTS
        return 0.0

    def _refreshed(self, number: str) -> Known:
        """Read an order again: with others by a list if that is quicker, else alone."""
        with self._lock:  # the others wait, because their orders will be on the same list
            if not self._known.get(number, NEVER).fresh:
                stale = [other for other, known in self._known.copy().items() if not known.fresh]
                seconds = (time.monotonic() - self._began) / self._given  # that an order has taken
                self._read_list(stale, min(len(stale), int(FRESH_SECONDS / max(seconds, WORK_SECONDS))), seconds)
        known = self._known.get(number)
        return known if known and known.fresh else self._read(number)

    def _read(self, number: str) -> Known:
        """Read one order."""
        order = self._client.get_order(number)
        known = Known(self._kept(order), time.monotonic())
        if self._reading.days:
            self._known[number] = known
        return known

    def _read_list(self, numbers: Collection[str], useful: int, read_seconds: float) -> None:
        """Read a list to know these orders, unless that would cost more than this many single reads.

        ``read_seconds`` is what a single read costs.
        """
        if useful < self.list_from:
            return
        read_seconds = max(read_seconds, WORK_SECONDS)
        risked = max(useful * read_seconds * LIST_SHARE, LEAST_LIST_SECONDS)
        query = OrderQuery(sorted(self._reading.statuses), self._reading.days)
        wanted, found, began = frozenset(numbers), set(), time.monotonic()

        def pick(order: Order) -> Order | None:
            if order["number"] not in wanted:
                return None
            found.add(order["number"])
            return self._kept(order)

        def most_seconds() -> float:
            return risked + len(found) * read_seconds

        try:
            orders = self._client.list_once(query, pick, useful * LIST_MIB, most_seconds)
        except _errors.ApiError:
            self.list_from = 2 * useful
            return
        self.list_from = max(LIST_FROM, int((time.monotonic() - began) / read_seconds / LIST_SHARE))
        listed = self._trusted(orders)
        for number in wanted:
            if number in listed or not self._known.get(number, NEVER).fresh:
                self._known.pop(number, None)
        self._known.update((number, Known(order, began)) for number, order in listed.items())

    def _trusted(self, orders: Iterable[Order]) -> dict[str, Order]:
        """The plausible orders of a list, by number. A list that contradicts a recent read is outdated as a whole."""
        listed: dict[str, Order] = {}
        doubtful = set()
        for order in orders:
            number, status = order["number"], order["paymentStatus"]
            known = self._known.get(number, NEVER)
            if known.fresh and known.order["paymentStatus"] != status:
                self.list_from = NO_LISTS
                return {}
            if status not in self._reading.statuses or listed.setdefault(number, order) != order:
                doubtful.add(number)  # not what was asked for, or in two states at once
        return {number: order for number, order in listed.items() if number not in doubtful}

    def _kept(self, order: Order) -> Order:
        return order if self._reading.whole else {name: order[name] for name in FIELDS if name in order}
