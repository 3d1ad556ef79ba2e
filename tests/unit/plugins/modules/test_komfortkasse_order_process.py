# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module as a process: what is left of a run that is told to stop, or killed."""

from __future__ import annotations

import signal
import time

import pytest


def wait_for(simulator, method, count):
    """Wait until this number of requests has arrived."""
    deadline = time.monotonic() + 120
    while len(simulator.log(method)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_signal_ends_the_run_in_good_order(simulator, start_module, finish, journal):
    numbers = simulator.generate(2000)
    simulator.settings(latency_ms=50)
    process = start_module(order_numbers=numbers, concurrency=4, journal_path=journal.path, prefetch_days=0)
    wait_for(simulator, "POST", 10)
    process.send_signal(signal.SIGTERM)
    result = finish(process)
    assert result["failed"]
    assert result["changed"]
    assert "The run was stopped by SIGTERM." in result["msg"]
    assert result["summary"]["not_attempted"] > 100
    changed = {entry["order_number"] for entry in result["results"] if entry["outcome"] == "changed"}
    assert changed == {entry["order_number"] for entry in simulator.log("POST")}
    assert changed == {
        number for number, order in simulator.orders().items() if order["paymentStatus"] == "CANCELLED"
    } & set(numbers)
    lines = journal()
    assert {line["order_number"] for line in lines if line["event"] == "attempt"} == changed
    assert {line["order_number"] for line in lines if line["outcome"] == "changed"} == changed
    assert {entry["outcome"] for entry in result["results"]} == {"changed", "not_attempted"}


@pytest.mark.parametrize("operation", ["getOrder", "cancelOrder"])
def test_a_signal_ends_a_long_wait(simulator, start_module, finish, operation):
    numbers = simulator.generate(60)
    simulator.faults({"kind": "status", "status": 429, "retry_after": 50, "operation": operation})
    process = start_module(order_numbers=numbers, concurrency=4)
    wait_for(simulator, None if operation == "getOrder" else "POST", 1)
    time.sleep(0.5)  # so that it waits; a machine too busy for that sends the signal earlier, which must be as good
    process.send_signal(signal.SIGTERM)
    result = finish(process)
    assert "The run was stopped by SIGTERM." in result["msg"] or "told to stop" in result["msg"]
    assert len(simulator.log()) < 10
    assert (
        sum(order["paymentStatus"] == "CANCELLED" for order in simulator.orders().values())
        == 3 + result["summary"]["changed"]
    )
    assert result["summary"]["not_attempted"] >= 50
    assert result["summary"]["failed"] <= 1
