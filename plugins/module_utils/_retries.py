# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""Waiting and trying again: the only place that sleeps, apart from the journal's lock."""

from __future__ import annotations

import dataclasses
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ansible_collections.community.komfortkasse.plugins.module_utils._errors import (
    ApiError,
    RateLimitError,
    StoppedError,
)

T = TypeVar("T")

FIRST_BACKOFF = 0.5  # seconds; doubled with each further try
LONG_WAIT_HINT = "Run it again later, or raise retry_max_wait."


class Throttle:
    """One wait for all workers: a server that slows one of them slows them all."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._lock = threading.Lock()
        self._free_at = 0.0

    def hold(self, seconds: float) -> None:
        """Let no worker send for this many seconds."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)

    def wait(self) -> None:
        """Wait until workers may send again, and a little longer. Raise StoppedError if the run is to stop."""
        while (rest := self._free_at - time.monotonic()) > 0:
            self.sleep(rest + jitter(rest))
        self.sleep(0)

    def sleep(self, seconds: float) -> None:
        """Sleep, or raise StoppedError as soon as the run is to stop."""
        if self._stopping.wait(seconds):
            raise StoppedError("the run was told to stop before this request was sent")


@dataclass(frozen=True)
class RetryBudget:
    """How often one request, or one change with all its requests, may be tried. A value: `spent` makes a new one."""

    retries: int
    longest_wait: float  # seconds
    tries: int = 1  # so far, the present one included

    def spent(self) -> RetryBudget:
        """Return the budget for the next try."""
        return dataclasses.replace(self, tries=self.tries + 1)

    def allows(self, error: ApiError) -> bool:
        """Tell whether there may be another try after this error."""
        return error.transient and self.tries <= self.retries and not self._asks_too_much(error)

    def final(self, error: ApiError) -> ApiError:
        """Return the error as it is reported when there is no other try."""
        if error.transient and self._asks_too_much(error):
            asked = f"the server asks for a wait of {error.retry_after:.0f} s"
            return error.with_note(f"{asked}, longer than retry_max_wait ({self.longest_wait})").with_hint(
                LONG_WAIT_HINT
            )
        return error.with_note(f"tried {self.tries} times") if self.tries > 1 else error

    def _asks_too_much(self, error: ApiError) -> bool:
        return (error.retry_after or 0) > self.longest_wait


def with_retries(attempt: Callable[[], T], budget: RetryBudget, throttle: Throttle) -> T:
    """Try until it works, or until another try makes no sense."""
    while True:
        throttle.wait()
        try:
            return attempt()
        except ApiError as error:
            if not may_retry(error, budget, throttle):
                raise budget.final(error) from None
            budget = budget.spent()


def may_retry(error: ApiError, budget: RetryBudget, throttle: Throttle) -> bool:
    """Wait before the next try, all workers together if the server asked for it. False if there is to be none."""
    if not budget.allows(error):
        return False
    seconds = max(backoff(budget.tries, budget.longest_wait), error.retry_after or 0)  # never at once
    try:
        if error.retry_after is None and not isinstance(error, RateLimitError):
            throttle.sleep(seconds)
        else:
            throttle.hold(seconds)
            throttle.wait()
    except StoppedError:
        return False
    return True


def backoff(tries: int, longest: float) -> float:
    """Seconds to wait after this many tries: exponential, at most ``longest``, with jitter."""
    return min(longest, FIRST_BACKOFF * 2.0 ** min(tries - 1, 16)) * random.uniform(0.5, 1.0)


def jitter(seconds: float) -> float:
    """Seconds to add to a wait of all workers, so that they do not go on at the same instant."""
    return random.uniform(0, min(1.0, 0.25 + seconds / 10))
