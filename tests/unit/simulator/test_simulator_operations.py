# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's operations: what the documented API does."""

from __future__ import annotations

import requests


def test_get_order(simulator):
    answer = requests.get(
        simulator.api_url + "/order/2026-0815", headers={"X-Komfortkasse-API-Key": simulator.api_key}, timeout=5
    )
    assert answer.status_code == 200
    assert answer.json()["paymentStatus"] == "UNPAID"
    assert simulator.log()[0]["operation"] == "getOrder"
