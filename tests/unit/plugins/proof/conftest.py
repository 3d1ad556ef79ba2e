# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the proof: a module that has little budget, and the search for the key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _argument_spec, _client
from ansible_collections.community.komfortkasse.plugins.module_utils._transport import Connection
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof import scale, specimens

ONLY_WHOLE = (
    # They take half a minute each, for thousands of orders or for each fault's time-outs in a row.
    *("test_awx_limit.py::", "test_secrets.py::test_the_key_is_in_no_report"),
    # They hold of the whole matrix: a part leaves most of it out.
    "::test_the_whole_matrix_leaves_nothing_out",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to the whole proof what is of use there only, or takes longest."""
    if not scale.FULL:
        left = [item for item in items if any(name in item.nodeid for name in ONLY_WHOLE)]
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=left)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Callable[[], None]:
    """A time-out of less than the second that is the least for users, where the test's fault is slow.

    The function that it gives ends that, for runs without the fault on a busy machine.
    """
    parameters = request.node.callspec.params
    specimen = parameters["case"].specimen if "case" in parameters else parameters["specimen"]

    timeouts = [specimen.timeout]

    def connection(**given: Any) -> Connection:
        return Connection(**{**given, "timeout": timeouts[-1]})

    monkeypatch.setattr(_argument_spec, "Connection", connection)
    monkeypatch.setattr(_client, "LIST_TIMEOUTS", 2)  # of a list without end
    return lambda: timeouts.append(specimens.PATIENT)
