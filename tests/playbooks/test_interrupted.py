# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run may end at any moment: the next one finishes the job, and the journal knows of every change."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time

import pytest
from conftest import requests

COUNT = 400


@pytest.mark.parametrize(("blow", "changes"), [(signal.SIGINT, 1), (signal.SIGKILL, 60), (signal.SIGTERM, 150)])
def test_the_next_run_finishes_what_an_interrupted_one_began(begin, play, simulator, tmp_path, blow, changes):
    numbers = simulator.generate(COUNT)
    variables = {
        "komfortkasse_order_numbers": numbers,
        "komfortkasse_max_changes": COUNT,
        "komfortkasse_batch_size": 100,
        "komfortkasse_journal_path": str(tmp_path / "journal.jsonl"),
    }
    simulator.settings(latency_ms=10)
    run = begin("cancel_orders", **variables)
    wait_for(lambda: len(simulator.log("POST")) >= changes, run)
    os.killpg(run.pid, blow)
    run.communicate(timeout=300)
    wait_for_what_is_left(tmp_path, kill=blow == signal.SIGKILL)

    simulator.settings(latency_ms=0)
    statuses = {number: order["paymentStatus"] for number, order in simulator.orders().items()}
    before = {number for number in numbers if statuses[number] == "CANCELLED"}
    posted = {number for _shop, number in requests(simulator.log(), "POST")}
    journal = read_journal(tmp_path)
    assert before <= posted <= {line["order_number"] for line in journal if line["event"] == "attempt"}

    again = play("cancel_orders", **variables)
    assert again.returncode == 0, again.output
    after = simulator.orders()
    assert {after[number]["paymentStatus"] for number in numbers} == {"CANCELLED"}
    twice = [number for (_shop, number), count in requests(simulator.log(), "POST").items() if count > 1]
    assert not set(twice) & before
    assert again.report["counts"]["changed"] == COUNT - len(before)
    changed = [line["order_number"] for line in read_journal(tmp_path) if line["outcome"] == "changed"]
    assert len(changed) == len(set(changed))
    assert set(changed) >= set(numbers) - before


def wait_for(reached, run):
    """Wait until a run has come so far."""
    deadline = time.monotonic() + 120
    while not reached():
        assert run.poll() is None, run.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_for_what_is_left(home, kill):
    """Wait for the modules of a run, which Ansible starts in sessions of their own. A container takes them with it."""
    mark = f"HOME={home}".encode()
    deadline = time.monotonic() + 120
    while left := [process for process in map(int, filter(str.isdigit, os.listdir("/proc"))) if belongs(process, mark)]:
        assert time.monotonic() < deadline, left
        for process in left if kill else []:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.1)


def belongs(process, mark):
    """Tell whether a process was started with this in its environment."""
    try:
        with open(f"/proc/{process}/environ", "rb") as environment:
            return mark in environment.read().split(b"\0")
    except OSError:
        return False


def read_journal(folder):
    """Return the lines of the journal that are whole."""
    lines = (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.endswith("}")]
