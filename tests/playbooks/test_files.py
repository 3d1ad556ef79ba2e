# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that a run leaves: its report, and its journal."""

from __future__ import annotations

import stat
import time

import pytest
from conftest import Played

ORDERS = {"komfortkasse_order_numbers": ["2026-0815", "2026-0816"]}


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("options", [["--check"], []])
def test_a_folder_that_is_there_keeps_its_mode(play, simulator, tmp_path, options):
    folder = tmp_path / "reports"
    folder.mkdir()
    folder.chmod(0o1777)
    assert play("cancel_orders", *options, **ORDERS).returncode == 0
    assert mode(folder) == 0o1777
    assert len(list(folder.iterdir())) == 3


def test_a_folder_that_is_made_is_not_for_everybody(play, simulator, tmp_path):
    played = play("cancel_orders", "--check", komfortkasse_report_dir=str(tmp_path / "new" / "reports"), **ORDERS)
    assert played.returncode == 0
    assert mode(tmp_path / "new" / "reports") == 0o750


def test_what_is_no_folder_is_refused_before_anything_is_sent(play, simulator, tmp_path):
    (tmp_path / "file").touch()
    played = play("cancel_orders", komfortkasse_report_dir=str(tmp_path / "file"), **ORDERS)
    assert played.returncode == 2
    assert "which is no folder that can be written to" in played.output
    assert simulator.log() == []


def test_diff_mode_shows_what_is_about_to_be_done_in_a_real_run_too(play, simulator):
    played = play("cancel_orders", "--diff", **ORDERS)
    assert played.returncode == 0
    shown = played.output.partition("TASK [Show what is about to be done]")[2].partition("TASK [")[0]
    assert [shown.count(f'"2026-0815": "{status}"') for status in ("UNPAID", "CANCELLED")] == [1, 1]
    assert {entry["order_number"] for entry in simulator.log("POST")} == {"2026-0815", "2026-0816"}


def test_when_the_journal_cannot_be_opened_any_more_nothing_is_said_to_be_lost(begin, simulator, tmp_path):
    folder = tmp_path / "journals"
    folder.mkdir()
    simulator.settings(latency_ms=500)
    run = begin("cancel_orders", komfortkasse_journal_path=str(folder / "journal.jsonl"), **ORDERS)
    while not simulator.log() and run.poll() is None:
        time.sleep(0.02)
    folder.rmdir()
    output, _nothing = run.communicate(timeout=300)
    played = Played(run.returncode, output, tmp_path)
    assert played.returncode == 2
    assert simulator.log("POST") == []
    assert [order["outcome"] for order in played.report["orders"]] == ["not_attempted"] * 2
    assert played.ended() == {"localhost": "stopped"}
    assert "journal.jsonl cannot be opened" in played.report["shops"][0]["message"]
    assert all("journal.jsonl cannot be opened" in order["reason"] for order in played.report["orders"])
