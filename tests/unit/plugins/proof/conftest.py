# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""These tests take long: only ``make proof`` runs them, which sets the environment variable KOMFORTKASSE_PROOF."""

from __future__ import annotations

import os

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the proof out unless it is asked for."""
    if not os.environ.get("KOMFORTKASSE_PROOF"):
        left = [item for item in items if "/proof/" in item.nodeid]
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=left)
