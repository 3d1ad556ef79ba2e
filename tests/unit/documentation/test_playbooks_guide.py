# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide "Playbooks" has every variable of the playbooks, with the default that holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.community.komfortkasse.plugins.plugin_utils._options import PLAYBOOK_VARIABLES

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_playbooks.rst").read_text(encoding="utf-8")
SECTION = re.compile(r"^(\S.*)\n-+$", re.MULTILINE)
ROW = re.compile(r"^  \* - ``(komfortkasse_\w+)``\n    -(?: (.*))?$", re.MULTILINE)
PLAYBOOKS = ("cancel_orders", "cancel_overdue_orders", "find_late_payments")
LIMITS = "Limits and plans"
MODULES = {path.stem for path in ROOT.glob("plugins/modules/*.py")}


def tables():
    """Return the tables of the guide: by section, the default of each variable as it stands there."""
    [_head, *parts] = SECTION.split(GUIDE)
    return {title: dict(ROW.findall(text)) for title, text in zip(parts[::2], parts[1::2])}


def used_in(playbook):
    """Return the variables that a playbook takes, without those that it makes."""
    text = (ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")
    tasks = yaml.safe_load(text)[0]["tasks"]
    made = {task.get("register") for task in tasks}
    made |= {name for task in tasks for name in task.get("ansible.builtin.set_fact", ())}
    return set(re.findall(r"\bkomfortkasse_[a-z_]+", text)) - made - MODULES


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_the_guide_lists_the_variables_of_a_playbook(playbook):
    found = tables()
    listed = {*found["Common variables"], *found[playbook]}
    listed |= set() if playbook == "find_late_payments" else set(found[LIMITS])
    assert listed == used_in(playbook)


def test_every_variable_of_a_playbook_is_an_error_if_undefined():
    told = {name for table in tables().values() for name in table}
    assert set(PLAYBOOK_VARIABLES) == told - {"komfortkasse_hosts"}


def test_defaults_of_the_module_are_the_modules():
    text = (ROOT / "plugins" / "modules" / "komfortkasse_order.py").read_text(encoding="utf-8")
    options = yaml.safe_load(text.split('DOCUMENTATION = r"""')[1].split('"""')[0])["options"]
    own = ("max_changes", "plan", "plan_file")
    told = {name.removeprefix("komfortkasse_"): default.strip("`") for name, default in tables()[LIMITS].items()}
    assert {name: default for name, default in told.items() if name not in own} == {
        name: str(options[name]["default"]) for name in told if name not in own
    }


@pytest.mark.parametrize(
    ("playbook", "variable", "default"),
    [
        ("cancel_orders", "max_changes", "100"),
        ("cancel_overdue_orders", "max_changes", "100"),
        ("cancel_orders", "only_from", "UNPAID"),
        ("cancel_overdue_orders", "statuses", "UNPAID"),
        ("find_late_payments", "max_age", "365"),
    ],
)
def test_defaults_of_a_playbook_are_the_playbooks(playbook, variable, default):
    told = {name: value for table in tables().values() for name, value in table.items()}
    assert told[f"komfortkasse_{variable}"].strip("`") == default
    [line] = [
        line
        for line in (ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8").splitlines()
        if re.search(rf"^ +{{?(payment_statuses|{variable}): .*komfortkasse_{variable}\b", line)
    ]
    assert re.search(rf"\b{default}\b", line)
