# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action of komfortkasse_order: one call of the module, or batches. Its documentation is the module's."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.validation import check_type_int
from ansible.utils.display import Display

from ansible_collections.community.komfortkasse.plugins.module_utils import _orders
from ansible_collections.community.komfortkasse.plugins.module_utils._results import Report
from ansible_collections.community.komfortkasse.plugins.plugin_utils import _plan_file
from ansible_collections.community.komfortkasse.plugins.plugin_utils._action import ModuleAction
from ansible_collections.community.komfortkasse.plugins.plugin_utils._batches import Task

BATCH_SIZE = 2000  # the default, as in the documentation
NOTHING_TO_DO = (
    "There are no order numbers and there is no plan, so nothing was sent. Set order_numbers or plan (in the playbook:"
    " komfortkasse_order_numbers or komfortkasse_orders_file, in a form of AWX: Order numbers). If this is a job in a"
    " workflow, the plan of the job before did not arrive: launch the workflow again."
)


class ActionModule(ModuleAction):
    """Bring orders of the host's shop into a state."""

    MODULE = "community.komfortkasse.komfortkasse_order"

    def run_module(self, options: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run the module once, or several times if there are more orders than go into a batch."""
        host = variables["inventory_hostname"]
        options["shop"] = options.get("shop") or host
        path = options.pop("plan_file", None)
        if path is not None and not self._task.check_mode:
            if options.get("plan") is not None:
                raise ValueError("Both plan and plan_file are set: set only one of them.")
            options["plan"] = _plan_file.read_plan(path, host)
            if options["plan"] is None:
                return self._nothing(f"The plan file {path} has no plan for {host}, so nothing was changed.")
        if options.get("plan") == {}:
            return self._nothing("The plan is empty, so nothing was changed.")
        if all(options.get(name) is None for name in ("order_number", "order_numbers", "plan")):
            raise ValueError(NOTHING_TO_DO)
        size = _size_of_batches(options)
        in_one = self._task.check_mode or self._task.async_val or not size or _count(options) <= size
        result = self.call(options, variables) if in_one else self._in_batches(options, variables, size)
        result.pop("_batch", None)
        result.get("invocation", {}).get("module_args", {}).pop("_batch", None)
        return result

    def _nothing(self, msg: str) -> dict[str, Any]:
        result = Report([]).as_dict(one=False, with_diff=self._task.diff)
        return {**result, "msg": msg}

    def _in_batches(self, options: dict[str, Any], variables: Mapping[str, Any], size: int) -> dict[str, Any]:
        """Run the module in check mode for all orders, then batch by batch for those that are to be changed."""
        called = time.monotonic()
        self._task.check_mode = True
        try:
            preview = self.call({**options, "_batch": {}}, variables)
        finally:
            self._task.check_mode = False
        began = time.monotonic()
        plan = preview.pop("plan", None)
        if plan is None or not plan["orders"]:
            return preview  # refused, over max_changes, or nothing to change
        task = Task(preview, plan["orders"])
        around = began - called - preview["_batch"]["seconds"]  # what a call takes before and after its module
        fresh_until = began + preview["_batch"]["fresh_seconds"] - 2 * around
        for numbers in task.batches(size):
            batch: dict[str, Any] = {**task.learned}
            fresh = fresh_until - time.monotonic()
            if fresh > 0:
                batch.update(known={number: plan["orders"][number] for number in numbers}, fresh_for=fresh)
            task.add(numbers, self._change({**_options_of_batch(options, numbers), "_batch": batch}, variables))
            Display().display(f"{options['shop']}: {task.progress(time.monotonic() - began)}")
        return task.result(_orders.TRANSITIONS[options["state"]], with_diff=self._task.diff)

    def _change(self, options: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self.call(options, variables)
        except AnsibleError as error:  # keep the outcomes of earlier batches
            return {"msg": str(error)}


def _size_of_batches(options: Mapping[str, Any]) -> int:
    """How many orders go into a batch; 0 if the option is invalid, which the module reports."""
    try:
        size: int = check_type_int(options.get("batch_size", BATCH_SIZE))
        return max(size, 0)
    except TypeError:
        return 0


def _count(options: Mapping[str, Any]) -> int:
    """How many orders the task is about."""
    plan, numbers = options.get("plan"), options.get("order_numbers")
    if isinstance(plan, Mapping) and isinstance(plan.get("orders"), Mapping):
        return len(plan["orders"])
    return len(set(numbers)) if isinstance(numbers, list) else 1


def _options_of_batch(options: Mapping[str, Any], numbers: list[str]) -> dict[str, Any]:
    """The options for a batch of these orders. ``max_changes`` was checked for the whole task."""
    batch = {name: value for name, value in options.items() if name != "max_changes"}
    batch["order_numbers"] = numbers
    if options.get("plan") is not None:
        orders = options["plan"]["orders"]
        batch["plan"] = {**options["plan"], "orders": {number: orders[number] for number in numbers}}
    return batch
