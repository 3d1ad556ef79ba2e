# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs whose launch variables try to send the key elsewhere or to undo a guard."""

from __future__ import annotations

import pytest
from job import SHOP, posts


@pytest.mark.parametrize(
    "own",
    [
        {"komfortkasse_connection": ["komfortkasse_api_url"]},
        {"komfortkasse_api_key": "x", "komfortkasse_connection": ["komfortkasse_api_url"]},
        {"komfortkasse_api_key": ""},
        {"komfortkasse_api_key": None},
    ],
)
def test_no_variable_of_the_playbook_sends_the_key_elsewhere(launch, simulator, stranger, own):
    orders = {"komfortkasse_order_numbers": "2026-0815"}
    launch(answers=orders, launch_variables={"komfortkasse_api_url": stranger.url, **own})
    # A key of one's own may go anywhere; the key of the credential goes to the address of the credential.
    assert (stranger.calls > 0) == (own.get("komfortkasse_api_key") == "x")
    assert stranger.heard(simulator.api_key) is False


@pytest.mark.parametrize(
    "own",
    [
        {"komfortkasse_settings": {"komfortkasse_max_changes": 9}},
        {"komfortkasse_unapproved": []},
        {"komfortkasse_run": {"ended": "done"}},
        {"komfortkasse_cancel_from": ["PAID"]},
        {"komfortkasse_wanted": []},
    ],
)
def test_no_variable_of_the_playbook_undoes_a_guard(launch, simulator, own):
    answers = {"komfortkasse_order_numbers": "2026-0815", "komfortkasse_max_changes": 0}
    ended = launch(answers=answers, launch_variables=own)
    assert (ended.status, simulator.log()) == ("failed", [])
    assert "A variable that belongs to the playbook itself is set from outside" in ended.output


@pytest.mark.parametrize("keys", ["api_key", "shop_keys"])
def test_no_variable_sends_the_key_elsewhere(launch, simulator, stranger, tmp_path, keys):
    credential = {"api_url": simulator.api_url, "api_key": simulator.api_key}
    if keys == "shop_keys":
        credential = {"api_url": simulator.api_url, "shop_keys": f'{SHOP}: "{simulator.api_key}"\n'}
    ended = launch(
        credential=credential,
        answers={"komfortkasse_order_numbers": "2026-0815"},
        launch_variables={
            "komfortkasse_api_url": stranger.url,
            "komfortkasse_ca_path": str(tmp_path),
            "KOMFORTKASSE_API_URL": stranger.url,
            "api_url": stranger.url,
        },
    )
    assert stranger.calls == 0
    if keys == "api_key":
        assert (ended.status, posts(simulator)) == ("successful", ["2026-0815"]), ended.output
    else:
        assert (ended.status, simulator.log()) == ("failed", []), ended.output
