# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scripts of the tool chain take for a failure."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
# Not parameters: their names would be in the output of a session, which must not hold such lines.
NOT_ALLOWED = [
    "[DEPRECATION WARNING]: Importing 'to_text' from 'ansible.module_utils._text' is deprecated.",
    "[WARNING]: provided hosts list is empty, only localhost is available.",
    "    [WARNING]: Collection community.komfortkasse does not support Ansible version 2.17.0",
    "[WARNING]: Order the hosts by name",
    "plugins/filter/overdue_orders.py:7: DeprecationWarning: datetime.utcnow() is deprecated",
    "x.py:148: PendingDeprecationWarning: it will be removed",
    "x.py:9: FutureWarning: The default will change",
    "12 passed, 1 warning in 0.53s",
    "23 passed, 42 warnings in 86.53s (0:01:26)",
]
ALLOWED = [
    "[WARNING]: Order 2026-0701 has 79.00 EUR paid on it and was cancelled: the money may have to be refunded.",
    "[WARNING]: only_from names REOPENED, which is no payment status that the API documents.",
    "[WARNING]: 2 more orders have money paid on them: see amount_paid in the results.",
    "[WARNING]: 1 more order has money paid on it: see amount_paid in the results.",
    "72 passed in 0.53s",
    "WARNING: Reviewing previous 1 warning(s):",
]


@pytest.fixture
def complaint(monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("run_checks").COMPLAINT


def test_warnings_and_deprecations_are_not_allowed(complaint):
    assert [line for line in NOT_ALLOWED if not complaint.search(line)] == []


def test_warnings_of_our_own_modules_are(complaint):
    assert [line for line in ALLOWED if complaint.search(line)] == []
