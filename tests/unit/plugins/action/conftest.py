# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Actions without Ansible around them: the module is a function that notes what it is given."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pytest

from ansible.errors import AnsibleUndefinedVariable
from ansible.parsing.dataloader import DataLoader

UNDEFINED = "{{ nope }}"


class Templar:
    """One template that fails, and text that is none."""

    def template(self, value: Any, fail_on_undefined: bool) -> Any:
        if value == UNDEFINED and fail_on_undefined:
            raise AnsibleUndefinedVariable("'nope' is undefined")
        return value


class Play:
    """A task of a play, to be run by an action whose module is ``answer``, a function of its arguments."""

    def __init__(self) -> None:
        self.variables: dict[str, Any] = {"inventory_hostname": "shop-a"}
        self.task = SimpleNamespace(args={}, check_mode=False, diff=False, async_val=0, action="an alias")
        self.calls: list[SimpleNamespace] = []
        self.displayed: list[str] = []
        self.answer: Any = lambda args, check_mode: {"changed": False}

    def run(self, action: type, **options: Any) -> dict[str, Any]:
        self.task.args = options
        action = type("Action", (action,), {"_execute_module": self._execute})
        connection = SimpleNamespace(has_native_async=False, _shell=SimpleNamespace(tmpdir="unused"))
        return action(self.task, connection, None, DataLoader(), Templar(), None).run(task_vars=self.variables)

    def _execute(self, module_name: str, module_args: Any, task_vars: Any, wrap_async: bool = False) -> dict[str, Any]:
        assert task_vars is self.variables
        call = {"name": module_name, "args": module_args, "check_mode": self.task.check_mode, "wrap_async": wrap_async}
        self.calls.append(SimpleNamespace(**copy.deepcopy(call)))
        module_args["_ansible_check_mode"] = self.task.check_mode  # Ansible adds to what it is given
        result: dict[str, Any] = self.answer(module_args, self.task.check_mode)
        return result


@pytest.fixture
def play() -> Play:
    return Play()
