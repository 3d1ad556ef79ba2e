# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them, from what people type into a survey to what is left for the next node of a workflow."""

from __future__ import annotations

import collections as containers
import json
import time

from job import MOST_EVENT_DATA, SHOP, Job, posts


def test_what_is_pasted_from_a_spreadsheet(launch, simulator):
    cells = ['\ufeff"2026-0815"\t', " 2026-0816 ", "", "2026/0816;ä#?%+&", "# of yesterday", "0123"]
    odd = ["{{ 7 * 7 }}", "True", "False"]
    ended = launch(
        answers={
            "komfortkasse_order_numbers": "\r\n".join([*cells, *odd]),
            "komfortkasse_only_from": "",  # emptied, though it had a default
            "komfortkasse_unexpected_status": "skip",
            "komfortkasse_missing_order": "skip",
            "komfortkasse_nobody_asked": "{{ no_such_variable }}",
        }
    )
    assert ended.status == "successful", ended.output
    assert sorted(posts(simulator)) == ["0123", "2026-0815", "2026-0816", "2026/0816", "ä#?%+&"]
    looked_for = {entry["order_number"] for entry in simulator.log("GET") if entry["status"] == 404}
    assert looked_for == set(odd)
    assert ended.artifacts["komfortkasse_summary"] == {
        "check_mode": False,
        "shops": 1,
        "requested": 8,
        "changed": 5,
        "unchanged": 0,
        "skipped": 3,
        "failed": 0,
        "not_attempted": 0,
    }
    assert ended.artifacts["komfortkasse_plan"] == {SHOP: ["2026-0815", "2026-0816", "2026/0816", "ä#?%+&", "0123"]}
    assert "WARNING" not in ended.output


def test_overdue_orders_by_the_survey(launch, simulator):
    ended = launch(
        "Cancel overdue orders",
        answers={
            "komfortkasse_older_than_days": 15,
            "komfortkasse_types": "PREPAYMENT, COD",
            "komfortkasse_statuses": "",
        },
    )
    assert ended.status == "successful", ended.output
    assert sorted(posts(simulator)) == ["2026-0815", "2026-0816", "2026-0818", "2026/0816", "A b", "ä#?%+&"]


def test_the_defaults_of_a_launch_change_nothing(launch, simulator):
    ended = launch(job_type="check", answers={"komfortkasse_order_numbers": "2026-0815"})
    assert ended.status == "successful", ended.output
    assert posts(simulator) == []
    assert ended.artifacts["komfortkasse_summary"]["check_mode"] is True


def test_cancelled_half_way_and_started_again(node, simulator, tmp_path):
    """5,000 orders: no result is too large for AWX, and what was done is not done again."""
    numbers = simulator.generate(5000)
    journal = tmp_path / "journal.jsonl"
    job = Job(
        "Cancel orders",
        {SHOP: {}},
        {"api_key": simulator.api_key, "api_url": simulator.api_url},
        {"komfortkasse_order_numbers": "\r\n".join(numbers), "komfortkasse_max_changes": 5000},
        template_variables={"komfortkasse_journal_path": str(journal)},
    )
    running = node.start(job)
    deadline = time.monotonic() + 120
    while len(posts(simulator)) < 1200 and time.monotonic() < deadline:
        time.sleep(0.05)
    cancelled = running.cancel()
    assert cancelled.status == "canceled"
    done = len(posts(simulator))
    assert 1200 <= done < 5000

    ended = node.run(job)
    assert ended.status == "successful", ended.output
    assert containers.Counter(posts(simulator)) == dict.fromkeys(numbers, 1)
    assert ended.artifacts["komfortkasse_summary"]["changed"] == 5000 - done
    for each in (cancelled, ended):
        sizes = list(each.sizes())
        assert max(size for _task, size in sizes) < MOST_EVENT_DATA, sizes
    largest_task, size = max(ended.sizes(), key=lambda pair: pair[1])
    assert (largest_task, size > 100_000) == ("Read the orders and decide", True)  # the sizes are real ones
    attempts = [line for line in map(json.loads, journal.read_text().splitlines()) if line["event"] == "attempt"]
    assert {line["order_number"] for line in attempts} == set(numbers)


def test_what_was_approved_and_nothing_else(launch, simulator):
    answers = {
        "komfortkasse_order_numbers": "2026-0815, 2026-0816, 2026-0701",
        "komfortkasse_only_from": "UNPAID, LEGACY",
        "komfortkasse_unexpected_status": "skip",
    }
    plan = launch(answers=answers, job_type="check").artifacts
    assert plan["komfortkasse_plan"] == {SHOP: ["2026-0815", "2026-0816"]}
    assert posts(simulator) == []

    simulator.patch_order("2026-0701", paymentStatus="UNPAID")  # another order than those in the plan
    refused = launch(answers=answers, artifacts=plan)
    assert (refused.status, posts(simulator)) == ("failed", [])
    assert "2026-0701" in refused.output

    simulator.patch_order("2026-0701", paymentStatus="PAID")
    simulator.patch_order("2026-0816", paymentStatus="PAID")  # fewer
    assert launch(answers=answers, artifacts=plan).status == "successful"
    assert posts(simulator) == ["2026-0815"]

    simulator.patch_order("2026-0816", paymentStatus="UNPAID")  # as it was approved
    assert launch(answers=answers, artifacts=plan).status == "successful"
    assert posts(simulator) == ["2026-0815", "2026-0816"]
