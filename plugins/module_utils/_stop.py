# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""When a batch starts no more orders, and why."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import orders_in_words


class Stop:
    """Tells all workers of a batch whether it has stopped.

    ``service_failures`` counts the orders that failed because the service is in trouble, those of earlier batches of
    the same task included. ``stopping`` is set by a signal and ends every wait.
    """

    def __init__(self, stopping: threading.Event, max_failures: int, service_failures: int = 0) -> None:
        self.reason: str | None = None  # a sentence; the first one counts
        self.service_failures = service_failures
        self._stopping = stopping
        self._max_failures = max_failures
        self._lock = threading.Lock()

    def __call__(self, reason: str) -> None:
        """Start no more orders."""
        self.reason = self.reason or reason

    def count_service_failure(self) -> None:
        """Count an order that failed because the service is in trouble."""
        with self._lock:
            self.service_failures += 1
            if 0 < self._max_failures <= self.service_failures:
                self(
                    f"No more orders were started, after {orders_in_words(self.service_failures)} had failed because"
                    " the service is in trouble (max_failures)."
                )

    @contextlib.contextmanager
    def on_signals(self) -> Iterator[None]:
        """Let SIGTERM and SIGINT end the batch in good order: what was begun is finished and reported."""

        def stop(number: int, _frame: object) -> None:
            self(f"The run was stopped by {signal.Signals(number).name}.")
            self._stopping.set()

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
