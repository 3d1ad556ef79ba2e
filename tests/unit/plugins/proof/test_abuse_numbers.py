# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is given as an order number: the request line is that of this number, or nothing is sent.

What encoding a number gives is shown in test_orders.py and test_client.py; here it is the bytes on the wire that count.
"""

from __future__ import annotations

import re
import urllib.parse

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import TRANSITIONS
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof import scale

TRICKS = ["/", "..", ".", "%2e", "%2F", "%00", "%", "?", "#", ";", "\\", "//", "@", ":", "\r\n", "\x00", "\u202e"]
WORDS = ["remove", "cancel", "orders", "setpaid", "_control", "http:", "1001", "\u00e4", "\U0001f4b6", " "]
NUMBERS = (
    st.text(max_size=30)
    | st.lists(st.sampled_from(TRICKS + WORDS), min_size=1, max_size=8).map("".join)
    | st.sampled_from(["x", "/", "%", "\u00e4", "\U0001f4b6", "../"]).map(lambda sign: sign * (10_000 // len(sign)))
)
SEGMENT = "[A-Za-z0-9._~-]|%[0-9A-F]{2}"


@pytest.mark.parametrize("state", TRANSITIONS)
def test_no_number_reaches_another_path(simulator, run_module, connection, state):
    @given(NUMBERS, st.booleans())
    @example("../../_control/reset", False)
    @example("remove/2026-0815", True)
    @settings(max_examples=200 if scale.FULL else 20, suppress_health_check=list(HealthCheck))
    def reach(number, many):
        before = simulator.orders()
        if number and number not in before and len(number) < 100:
            simulator.control("POST", "/orders/demo-shop", [{"number": number, "paymentStatus": "LEGACY"}])
        before = simulator.orders()
        simulator.clear_log()
        given_number = {"order_numbers": ["2026-0815", number]} if many else {"order_number": number}
        result = run_module(**connection, **given_number, state=state, retries=0)
        after = simulator.orders()
        changed = {name for name in after if after[name] != before[name]}
        assert changed <= {number, "2026-0815"} if many else changed <= {number}
        log = simulator.log()
        if "results" not in result:
            by_syslog = "\0" in number and "syslog" in result["msg"]  # of some Pythons, before the module begins
            assert "Nothing was sent" in result["msg"] or by_syslog
            assert log == []
            return
        for entry in log:
            if entry["operation"] is None:  # longer than the simulator's HTTP parser takes, and logged in part
                assert entry["status"] == 400
                assert len(number) > 1000
                assert re.fullmatch(f"/api/v2/order/(remove/)?(?:{SEGMENT})*%?[0-9A-F]?", entry["raw_path"])
                continue
            template = "/order/{number}" if entry["method"] == "GET" else TRANSITIONS[state].path
            pattern = "/api/v2" + re.escape(template).replace(r"\{number\}", f"((?:{SEGMENT})+)")
            match = re.fullmatch(pattern, entry["raw_path"])
            assert match, entry["raw_path"]
            assert urllib.parse.unquote(match[1], errors="strict") in (number, "2026-0815")
            assert entry["query"] == ""
        assert {entry["order_number"] for entry in result["results"]} <= {number, "2026-0815"}

    reach()
