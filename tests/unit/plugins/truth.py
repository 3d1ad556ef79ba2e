# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true of a run, whatever happened: held against the simulator, its log, and the journal."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from ansible_collections.community.komfortkasse.tests.unit.plugins import spellings

# A class name, an address in memory, a stack: nothing for somebody who cancels orders.
PYTHON = re.compile(r"Traceback|\b(?:[A-Z][a-z]+){2,}\b|0x[0-9a-f]{6}|<class|urllib3|errno", re.ASCII)
ADVICE = re.compile(r"\b([Aa]dd|[Aa]sk for|[Cc]heck|[Rr]un it again|Look at|[Ss]et|Nothing is lost|may be answering)\b")


def told_honestly(simulator: Any, result: dict[str, Any], journal: list[dict[str, Any]], check_mode: bool) -> None:
    """Results, summary, message, journal and requests agree with each other, and the key is in none of them."""
    log = simulator.log()
    entries = {entry["order_number"]: entry for entry in result["results"]}
    posts = [entry for entry in log if entry["method"] == "POST"]
    outcomes = Counter(entry["outcome"] for entry in entries.values())
    summary = result["summary"]
    assert {name: summary[name] for name in outcomes} == outcomes
    assert summary["requested"] - summary["duplicates"] == len(entries) == sum(outcomes.values())
    assert summary["requests"] == len(log)
    assert result["changed"] == bool(outcomes["changed"])
    assert bool(result.get("failed")) == bool(outcomes["failed"] or outcomes["not_attempted"])
    if check_mode:
        assert (posts, journal) == ([], [])
    else:
        _journal_agrees(entries, posts, journal)
    spellings.assert_absent(simulator.api_key, result, journal)
    without_a_trace(result)
    told = [result.get("msg", ""), *(entry.get("msg", "") for entry in entries.values()), *result["warnings"]]
    for text in told:
        assert not PYTHON.search(text), text
    for number, entry in entries.items():
        assert (entry["outcome"] in ("failed", "skipped")) == bool(entry.get("msg")), entry
        if entry["outcome"] == "failed" and outcomes["failed"] <= 3:  # more are not named
            assert f"Order {number} " in result["msg"]
            assert ADVICE.search(result["msg"]), result["msg"]


def _journal_agrees(entries: dict[str, Any], posts: list[dict[str, Any]], journal: list[dict[str, Any]]) -> None:
    """A line before and one after for every order that a change was sent for, and for no other."""
    sent = {post["order_number"] for post in posts}
    attempts = [line["order_number"] for line in journal if line["event"] == "attempt"]
    ends = {line["order_number"]: line for line in journal if line["event"] == "result"}
    assert sorted(attempts) == sorted(sent)
    assert set(ends) == sent
    for number, line in ends.items():
        for name in ("outcome", "previous_payment_status", "payment_status", "msg", "http_status"):
            assert line[name] == entries[number].get(name), (name, line)
    assert {number for number, entry in entries.items() if entry["outcome"] == "changed"} <= sent


def without_a_trace(result: dict[str, Any]) -> None:
    """No part of a result, whoever reads it, is a traceback."""
    assert "exception" not in result
    assert "Traceback" not in json.dumps(result)


def entries_of(journal: Any) -> list[dict[str, Any]]:
    """The journal's entries so far, none if it does not exist."""
    return journal() if os.path.exists(journal.path) else []


def scripts(simulator: Any) -> dict[str | None, str]:
    """The requests so far by order, None for a list: R for reading, C for changing."""
    told: dict[str | None, str] = {}
    for entry in simulator.log():
        told[entry["order_number"]] = told.get(entry["order_number"], "") + "RC"[entry["method"] == "POST"]
    return told


def repaired(simulator: Any, again: Callable[[], dict[str, Any]], target: str) -> None:
    """A run without faults does what is left to do, and sends nothing else."""
    simulator.control("DELETE", "/faults")
    before = {number: order["paymentStatus"] for number, order in simulator.orders().items()}
    simulator.clear_log()
    result = again()
    assert not result.get("failed"), result["msg"]
    done = {entry["order_number"]: before[entry["order_number"]] == target for entry in result["results"]}
    for entry in result["results"]:
        assert entry["outcome"] == ("unchanged" if done[entry["order_number"]] else "changed")
        assert simulator.order(entry["order_number"])["paymentStatus"] == target
    assert scripts(simulator) == {number: "R" if done[number] else "RC" for number in done}


def sent_with_care(simulator: Any, number: str, retries: int) -> None:
    """No change was sent unread, too often, or after one had taken effect and the answer might have said so."""
    entries = [entry for entry in simulator.log() if entry["order_number"] == number]
    posts = [place for place, entry in enumerate(entries) if entry["method"] == "POST"]
    assert len(posts) <= retries + 1
    for place in posts:
        before = entries[place - 1]
        # Only what said that nothing was done may be sent again without a look.
        assert place
        assert before["method"] == "GET" or before["status"] in (429, 503), entries
    assert sum(entries[place]["changed"] for place in posts) <= 1
