# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a batch starts no more orders."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils._stop import Stop


@pytest.mark.parametrize(
    ("max_failures", "earlier", "failures"), [(0, {}, None), (1, {}, 1), (3, {}, 3), (3, {"service_failures": 2}, 1)]
)
def test_a_run_stops_after_so_many_failures_of_the_service(max_failures, earlier, failures):
    stop = Stop(threading.Event(), max_failures, **earlier)
    for count in range(1, 5):
        stop.count_service_failure()
        assert bool(stop.reason) == (failures is not None and count >= failures)
    if failures:
        had = "1 order had" if max_failures == 1 else f"{max_failures} orders had"
        assert stop.reason.startswith(f"No more orders were started, after {had} failed because the service is in")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_run_and_everything_that_waits(number):
    stopping = threading.Event()
    stop = Stop(stopping, 0)
    before = signal.getsignal(number)
    with stop.on_signals():
        os.kill(os.getpid(), number)
        assert stopping.wait(30)
    assert stop.reason == f"The run was stopped by {number.name}."
    assert signal.getsignal(number) == before
