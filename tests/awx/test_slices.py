# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many shops, spread over execution nodes by AWX's slices: no work twice, and none left out."""

from __future__ import annotations

import collections as containers
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from job import Job

SHOPS = [f"shop-{serial:03d}" for serial in range(1, 41)]


@pytest.fixture
def shops(start_simulator):
    """Give a simulator with 40 shops, each with two open orders of the same numbers."""
    return start_simulator("--shops", "40", "--generate", "2")


@pytest.mark.parametrize(("count", "job_type"), [(1, "check"), (1, "run"), (3, "check"), (3, "run"), (7, "run")])
def test_forty_shops(node, shops, tmp_path, count, job_type):
    keys = "".join(f'{name}: "demo-key-{name}-for-the-simulator-"\n' for name in SHOPS)
    job = Job(
        "Cancel orders",
        {name: {} for name in SHOPS},
        {"shop_keys": keys, "api_url": shops.api_url},
        {"komfortkasse_order_numbers": "G000001\nG000002"},
        job_type=job_type,
        template_variables={"komfortkasse_report_dir": str(tmp_path / "reports")},
        forks=10,
    )
    slices = job.slices(count)
    assert len(slices) == count
    with ThreadPoolExecutor(2) as nodes:
        all_ended = list(nodes.map(node.run, slices))
    for ended in all_ended:
        assert ended.status == "successful", ended.output

    every_order = dict.fromkeys([(shop, number) for shop in SHOPS for number in ("G000001", "G000002")], 1)
    assert requests(shops.log("POST")) == (every_order if job_type == "run" else {})
    if job_type == "check":
        assert requests(shops.log("GET")) == every_order

    summaries = [ended.artifacts["komfortkasse_summary"] for ended in all_ended]
    assert sum(summary["shops"] for summary in summaries) == 40
    assert sum(summary["requested"] for summary in summaries) == 80
    assert sum(summary["changed"] for summary in summaries) == 80

    reports = [json.loads(file.read_text()) for file in (tmp_path / "reports").glob("*.json")]
    assert sorted(report["job"] for report in reports) == sorted(str(ended.serial) for ended in all_ended)
    assert {report["user"] for report in reports} == {"alice"}
    assert sorted(shop["shop"] for report in reports for shop in report["shops"]) == SHOPS
    assert len(list((tmp_path / "reports").glob("*.html"))) == count


def requests(log):
    """Count the requests by shop and order."""
    return containers.Counter((entry["shop"], entry["order_number"]) for entry in log)


def test_the_slices_are_those_of_awx():
    job = Job("Cancel orders", {name: {} for name in "gfedcba"}, {})
    assert ["".join(each.hosts()) for each in job.slices(3)] == ["adg", "be", "cf"]
    assert len(job.slices(9)) == 7
