# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""A function called for many items by several threads."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def map_concurrently(
    items: Sequence[T], handle: Callable[[T], R], concurrency: int, stopped: Callable[[], object]
) -> list[R | None]:
    """Handle each item, with up to ``concurrency`` threads including this one. Return the results in order.

    Once ``stopped()`` is true, no more items are started, and their results are None. ``handle`` must not raise.
    """
    results: list[R | None] = [None] * len(items)
    places = iter(range(len(items)))
    lock = threading.Lock()

    def take() -> int | None:
        with lock:
            return None if stopped() else next(places, None)

    def work() -> None:
        while (place := take()) is not None:
            results[place] = handle(items[place])

    others = []
    with contextlib.suppress(RuntimeError):  # the system has no more threads: go on with these
        for _thread in range(min(concurrency, len(items)) - 1):
            thread = threading.Thread(target=work)
            thread.start()
            others.append(thread)
    work()
    for thread in others:
        thread.join()
    return results
