# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter report_files: the same report as a page, CSV and JSON. tests/browser looks at the page in a browser."""

from __future__ import annotations

import csv
import html
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible.errors import AnsibleFilterError

from ansible_collections.community.komfortkasse.plugins.filter.report import FilterModule as ReportFilters
from ansible_collections.community.komfortkasse.plugins.filter.report_files import FilterModule
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report import COLUMNS, trouble

report = ReportFilters().filters()["report"]
report_files = FilterModule().filters()["report_files"]
HEAD = {
    "playbook": "cancel_orders",
    "check_mode": False,
    "started": "2026-11-23T23:51:23Z",
    "finished": "2026-11-23T23:52:01Z",
}
CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def result(number, outcome="changed", **more):
    return {
        "order_number": number,
        "outcome": outcome,
        "previous_payment_status": "UNPAID",
        "payment_status": "CANCELLED",
        **more,
    }


def shop(*plan, **more):
    return {"shop": "a", "plan": list(plan), **more}


def read(text):
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline=""), delimiter=";"))


def test_json_is_the_report_with_what_there_is_to_tell_of_the_run():
    shops = [shop(result("1"), done=1), {"shop": "b", "plan": [result("2", "failed", msg="Ä")]}]
    plans = [[[result("3")]], []]
    told = report_files(shops, {**HEAD, "user": "alice"}, plans)
    assert json.loads(told["json"]) == {**report(shops, plans), **HEAD, "user": "alice", "job": ""}
    assert told["counts"] == report(shops, plans)["counts"]


def test_each_shop_has_its_first_ten_orders_with_each_outcome():
    plan = [result(str(number), "changed" if number % 2 else "failed") for number in range(30)]
    first, second = report_files([shop(*plan), {"shop": "b", "plan": []}], HEAD)["shops"]
    assert [order["order_number"] for order in first["first"]["changed"]] == [str(number) for number in range(1, 20, 2)]
    assert [order["order_number"] for order in first["first"]["failed"]] == [str(number) for number in range(0, 20, 2)]
    assert first["first"]["skipped"] == []
    assert set(second["first"]) == set(first["first"])
    assert not any(second["first"].values())
    assert first["counts"]["requested"] == 30


def test_two_shops_of_the_same_name_keep_their_orders():
    first, second = report_files([shop(result("1")), shop(result("2"))], HEAD)["shops"]
    assert [[order["order_number"] for order in each["first"]["changed"]] for each in (first, second)] == [["1"], ["2"]]


@pytest.mark.parametrize("files", [[], ["csv"], ["html", "json"]])
def test_only_those_files_are_made_that_are_asked_for(files):
    assert set(report_files([shop(result("1"))], HEAD, files=files)) == {"counts", "shops", *files}


def test_every_file_ends_with_a_line_break():
    told = report_files([shop(result("1"))], HEAD)
    assert [told[file][-1] for file in ("csv", "html", "json")] == ["\n"] * 3


@given(st.lists(st.tuples(CELL, CELL), max_size=4))
def test_csv_gives_back_what_went_in_but_no_formula(rows):
    shops = [shop(*(result(number, "failed", msg=reason) for number, reason in rows))]
    orders, written = report(shops)["orders"], read(report_files(shops, HEAD)["csv"])
    assert len(written) == len(orders)
    for row, order in zip(written, orders):
        assert tuple(row) == (*COLUMNS, "run")
        for column in ("order_number", "reason"):
            assert row[column] in (order[column], f"'{order[column]}")
            assert not row[column].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_csv_keeps_figures_and_leaves_the_unknown_empty():
    order = result("1", "failed", payment_status=None, amount_paid=-1.5, http_status=404)
    [row] = read(report_files([shop(order)], HEAD)["csv"])
    assert [row["amount_paid"], row["http_status"], row["payment_status"]] == ["-1,50", "404", ""]


@pytest.mark.parametrize(("check_mode", "run"), [(True, "dry run"), (False, "real")])
def test_csv_says_in_each_line_whether_the_run_was_a_dry_one(check_mode, run):
    told = report_files([shop(result("1"), result("2"))], {**HEAD, "check_mode": check_mode})
    assert [row["run"] for row in read(told["csv"])] == [run, run]


@given(st.lists(st.tuples(CELL, CELL), max_size=4))
def test_whatever_an_order_is_called_and_an_api_says_is_text_in_the_page(rows):
    shops = [shop(*(result(f"<b>{number}", "failed", msg=f"<i>{reason}") for number, reason in rows))]
    page = report_files(shops, HEAD)["html"]
    assert "<b>" not in page
    assert "<i>" not in page
    shown = [html.unescape(text) for text in re.findall(r'<th scope="row">(&lt;b&gt;.*?)</th>', page, re.DOTALL)]
    assert shown == [order["order_number"] for order in report(shops)["orders"]]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (7260, "2 h 1 min")]
)
def test_the_page_says_how_long_it_took(seconds, words):
    finished = f"2026-11-23T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"
    page = report_files([shop(result("1"))], {**HEAD, "started": "2026-11-23T00:00:00Z", "finished": finished})["html"]
    assert f"<dt>Took</dt><dd>{words}</dd>" in page


def test_orders_with_the_same_trouble_are_together_and_failed_ones_first():
    orders = report(
        [
            shop(
                result("4", "not_attempted", msg="Not its turn."),
                result("1", "failed", http_status=503, msg="Order 1 failed."),
                result("2", "failed", http_status=503, msg="Order 2 failed."),
                result("3", "failed", http_status=500, msg="Order 3 failed."),
                result("5"),
                result("6", "skipped", msg="Not UNPAID."),
            )
        ]
    )["orders"]
    assert [[order["order_number"] for order in alike] for alike in trouble(orders)] == [["1", "2"], ["3"], ["4"]]


@pytest.mark.parametrize(
    ("shops", "head"),
    [
        ([{}], HEAD),
        ("x", HEAD),
        ([shop(result("1"))], {}),
        ([shop(result("1"))], []),
        ([shop(result("1"))], {**HEAD, "started": "yesterday"}),
        *(([shop(result("1"))], {fact: HEAD[fact] for fact in HEAD if fact != left_out}) for left_out in HEAD),
    ],
)
def test_what_is_no_run_is_refused(shops, head):
    with pytest.raises(AnsibleFilterError, match=r"community\.komfortkasse\.report_files: the shops, the facts"):
        report_files(shops, head)


def test_a_file_that_there_is_not_is_refused():
    with pytest.raises(AnsibleFilterError, match="the names of the files"):
        report_files([shop(result("1"))], HEAD, files=["pdf"])
