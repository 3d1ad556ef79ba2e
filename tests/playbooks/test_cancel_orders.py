# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook cancel_orders in one shop: what it is given, what it sends, and what it says."""

from __future__ import annotations

import json
import stat

import pytest
from conftest import requests

NUMBERS = ["2026-0815", "2026-0816"]
ORDERS = {"komfortkasse_order_numbers": NUMBERS}
EACH = {("demo-shop", number): 1 for number in NUMBERS}
EMPTY = dict.fromkeys(
    [
        *("komfortkasse_hosts", "komfortkasse_orders_file", "komfortkasse_order_column", "komfortkasse_only_from"),
        *("komfortkasse_unexpected_status", "komfortkasse_missing_order", "komfortkasse_max_changes"),
        *("komfortkasse_batch_size", "komfortkasse_concurrency", "komfortkasse_journal_path", "komfortkasse_plan"),
        *("komfortkasse_plan_file", "komfortkasse_report_dir", "komfortkasse_api_key", "komfortkasse_api_url"),
    ],
    "",
)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_check_mode_changes_nothing_then_each_order_is_cancelled_once(play, simulator, tmp_path):
    variables = {**ORDERS, "komfortkasse_journal_path": "journal.jsonl", "komfortkasse_report_dir": "reports"}
    dry = play("cancel_orders", "--check", "--diff", **variables)
    assert dry.returncode == 0
    assert simulator.log("POST") == []
    assert (dry.report["check_mode"], dry.report["counts"]["changed"]) == (True, 2)
    assert not (tmp_path / "journal.jsonl").exists()

    real = play("cancel_orders", **variables)
    assert real.returncode == 0
    assert len(real.tasks()) <= 8
    assert requests(simulator.log(), "POST") == EACH
    journal = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert sorted((line["event"], line["order_number"], line["shop"]) for line in journal) == [
        (event, number, "localhost") for event in ("attempt", "result") for number in NUMBERS
    ]
    assert mode(tmp_path / "reports") == 0o750
    assert {mode(file) for file in (tmp_path / "reports").iterdir()} == {0o640}

    again = play("cancel_orders", **variables)
    assert (again.returncode, again.changed) == (0, {"localhost": 0})
    assert again.report["counts"]["unchanged"] == 2
    assert requests(simulator.log(), "POST") == EACH


def test_thirty_orders_fit_a_screen_that_ends_with_what_matters(play, simulator):
    played = play("cancel_orders", komfortkasse_order_numbers=simulator.generate(30))
    lines = played.output.splitlines()
    assert len(lines) < 50
    assert max(map(len, lines)) < 200
    [report] = [place for place, line in enumerate(lines) if "Report: " in line]
    assert len(lines) - report < 20


def test_a_file_with_a_column_is_read_from_where_the_command_was_started(play, simulator, tmp_path):
    (tmp_path / "orders.csv").write_bytes("Käufer;Nr\r\nMüller;2026-0815\r\n;;\r\nDoe;2026-0816\r\n".encode("cp1252"))
    played = play("cancel_orders", komfortkasse_orders_file="orders.csv", komfortkasse_order_column="nr")
    assert played.returncode == 0
    assert requests(simulator.log(), "POST") == EACH


def test_an_empty_string_counts_as_not_set(play, simulator):
    played = play("cancel_orders", **{**EMPTY, **ORDERS})
    assert played.returncode == 0
    assert requests(simulator.log(), "POST") == EACH


def test_the_limit_of_100_holds_for_an_empty_string_too(play, simulator):
    played = play("cancel_orders", komfortkasse_order_numbers=simulator.generate(101), komfortkasse_max_changes="")
    assert played.returncode == 2
    assert "101 orders would be changed" in played.output
    assert simulator.log("POST") == []
    assert set(played.outcomes().values()) == {"not_attempted"}


def test_a_limit_of_0_stays_0(play, simulator):
    played = play("cancel_orders", **ORDERS, komfortkasse_max_changes=0)
    assert played.returncode == 2
    assert simulator.log("POST") == []


UNDEFINED = "{{ no_such_variable }}"


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({}, "order_numbers"),
        ({**ORDERS, "komfortkasse_orders_file": "a.csv"}, "Set komfortkasse_order_numbers or komfortkasse_orders_file"),
        ({"komfortkasse_order_numbers": [1001]}, "1001 is a number, not text"),
        ({**ORDERS, "komfortkasse_report_dir": "/dev/null/reports"}, "/dev/null/reports"),
        *(({**ORDERS, f"komfortkasse_{name}": UNDEFINED}, "no_such_variable") for name in ("plan", "max_changes")),
        ({**ORDERS, "komfortkasse_hosts": UNDEFINED}, "no_such_variable"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_sent(begin, simulator, variables, says):
    run = begin("cancel_orders", **variables)
    output, _nothing = run.communicate(timeout=120)
    assert run.returncode
    assert says in " ".join(output.split())
    assert simulator.log() == []
