# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the proof: a module that has little patience, and the search for the key."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _options
from ansible_collections.community.komfortkasse.plugins.module_utils._wire import Connection
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof import scale

collect_ignore = [] if scale.FULL else ["test_awx_limit.py"]  # thousands of orders, of which fewer would show nothing


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A time-out of less than the second that is the least for users, where the test's fault is slow."""
    parameters = request.node.callspec.params
    specimen = parameters["case"].specimen if "case" in parameters else parameters["specimen"]

    def connection(**given: Any) -> Connection:
        return Connection(**{**given, "timeout": specimen.timeout})

    monkeypatch.setattr(_options, "Connection", connection)
