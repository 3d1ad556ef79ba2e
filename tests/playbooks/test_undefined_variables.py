# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A variable that is set to something undefined, say by a typing error, must not count as one that is not set."""

from __future__ import annotations

import pytest

ORDERS = {"komfortkasse_order_numbers": ["2026-0815"]}


@pytest.mark.parametrize(
    "name", ["komfortkasse_plan", "komfortkasse_max_changes", "komfortkasse_journal_path", "komfortkasse_only_from"]
)
def test_nothing_is_asked_of_the_shop_when_a_setting_is_undefined(play, simulator, name):
    played = play("cancel_orders", **ORDERS, **{name: "{{ no_such_variable }}"})
    assert played.returncode == 2
    assert "'no_such_variable' is undefined" in played.output
    assert simulator.log() == []


def test_an_undefined_key_is_not_replaced_by_the_one_of_the_environment_which_is_another_shops(play, simulator):
    played = play("cancel_orders", **ORDERS, komfortkasse_api_key="{{ no_such_variable }}")
    assert played.returncode == 2
    assert "'no_such_variable' is undefined" in played.output
    assert simulator.log() == []


@pytest.mark.parametrize("name", ["komfortkasse_api_url", "komfortkasse_ca_path"])
def test_a_key_is_not_sent_to_another_address_when_its_own_is_undefined(play, simulator, name):
    connection = {"komfortkasse_api_key": simulator.api_key, name: "{{ no_such_variable }}"}
    played = play("cancel_orders", **ORDERS, **connection)
    assert played.returncode == 2
    assert "'no_such_variable' is undefined" in played.output
    assert simulator.log() == []
