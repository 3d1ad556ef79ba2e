# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook as a part of somebody's own one: each report tells of its own part, and of shops that failed before."""

from __future__ import annotations

import json

import pytest

SHOPS = ["shop-001", "shop-002"]
PLAYS = """
- hosts: shops
  gather_facts: false
  tasks:
    - name: Fail one of the shops
      ansible.builtin.fail: {}
      when: inventory_hostname == fails
- import_playbook: community.komfortkasse.cancel_orders
  vars: {komfortkasse_order_numbers: ["{{ 'no such order' if inventory_hostname == fails_later else 'G000001' }}"]}
- import_playbook: community.komfortkasse.cancel_orders
  vars: {komfortkasse_order_numbers: [G000002]}
"""


@pytest.fixture
def play_all(play, start_simulator, tmp_path):
    """Return a function that runs the plays with these variables, in two shops."""
    shops = start_simulator("--shops", "2", "--generate", "2")
    hosts = {shop: {"komfortkasse_api_key": f"demo-key-{shop}-for-the-simulator-"} for shop in SHOPS}
    content = {"shops": {"hosts": hosts, "vars": {"komfortkasse_api_url": shops.api_url}}}
    (tmp_path / "shops.json").write_text(json.dumps(content))
    (tmp_path / "plays.yml").write_text(PLAYS)
    return lambda **variables: play(
        "plays.yml", "-i", "shops.json", simulator=shops, komfortkasse_hosts="shops", **variables
    )


def ended(report):
    return {shop["shop"]: (shop["ended"], shop["counts"]["requested"]) for shop in report["shops"]}


def test_a_shop_that_failed_before_does_not_keep_the_report_from_being_written(play_all):
    played = play_all(fails="shop-001", fails_later="")
    assert played.returncode == 2
    assert len(list((played.folder / "reports").glob("*.json"))) == 2
    assert ended(played.report) == {"shop-001": ("failed", 0), "shop-002": ("done", 1)}
    assert "before this playbook" in played.report["shops"][0]["message"]


def test_a_report_does_not_tell_again_what_an_earlier_part_did(play_all):
    played = play_all(fails="", fails_later="shop-001")
    assert played.returncode == 2
    assert ended(played.report) == {"shop-001": ("failed", 0), "shop-002": ("done", 1)}
    assert [order["order_number"] for order in played.report["orders"]] == ["G000002"]
    assert played.report["counts"]["changed"] == 1
