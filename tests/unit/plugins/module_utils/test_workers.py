# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many things at the same time: results in order, no more than wanted at once, and an end when told to stop."""

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils._workers import map_concurrently


def never():
    return False


@pytest.mark.parametrize("concurrency", [1, 2, 7, 64])
@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_each_is_handled_once_and_the_results_are_in_order(concurrency, count):
    handled = []

    def handle(item):
        time.sleep(0.002 if item % 3 else 0)
        handled.append(item)
        return item * 10

    assert map_concurrently(range(count), handle, concurrency, never) == [item * 10 for item in range(count)]
    assert sorted(handled) == list(range(count))


def test_alone_it_works_in_order_and_starts_no_thread():
    handled = []
    map_concurrently("abc", lambda item: handled.append((item, threading.current_thread())), 1, never)
    assert handled == [(item, threading.current_thread()) for item in "abc"]


@pytest.mark.parametrize(("concurrency", "count"), [(4, 4), (4, 12), (16, 3)])
def test_so_many_work_at_the_same_time(concurrency, count):
    together = min(concurrency, count)
    barrier = threading.Barrier(together)  # breaks unless this many meet
    threads = set()

    def handle(item):
        threads.add(threading.current_thread())
        return barrier.wait(60) >= 0

    assert map_concurrently(range(count), handle, concurrency, never) == [True] * count
    assert len(threads) == together
    assert threading.current_thread() in threads


def test_alone_it_stops_at_once():
    handled = []
    results = map_concurrently("abcd", lambda item: handled.append(item) or item, 1, lambda: len(handled) == 2)
    assert (handled, results) == (["a", "b"], ["a", "b", None, None])


def test_what_is_under_way_ends_and_nothing_more_is_started():
    stop = threading.Event()
    all_busy = threading.Barrier(3)

    def handle(item):
        all_busy.wait(60)
        stop.set()
        return item

    assert map_concurrently("abcdef", handle, 3, stop.is_set) == ["a", "b", "c", None, None, None]


@pytest.mark.parametrize("concurrency", [1, 8])
def test_stopped_before_it_begins(concurrency):
    assert map_concurrently("abc", lambda item: item, concurrency, lambda: ["a reason"]) == [None] * 3
