# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.community.komfortkasse.plugins.module_utils._journal import login_name
from ansible_collections.community.komfortkasse.plugins.plugin_utils import (
    _report,
    _report_files,
    _report_folder,
    _report_summary,
)
from ansible_collections.community.komfortkasse.plugins.plugin_utils._action import Action
from ansible_collections.community.komfortkasse.plugins.plugin_utils._report_shop import Shop, shop_of

SPEC: dict[str, dict[str, Any]] = {
    "results": {"type": "list", "elements": "str"},
    "path": {"type": "path"},
    "title": {"type": "str"},
    "kind": {"type": "str", "choices": list(_report.KINDS), "default": "cancellation"},
    "unclear": {"type": "raw"},
    "plan_file": {"type": "path"},
}
TIME = "%Y-%m-%dT%H:%M:%SZ"
OF_AWX = {"user": ("awx_user_name", "tower_user_name"), "job": ("awx_job_id", "tower_job_id")}


class ActionModule(Action):
    """The action komfortkasse_report. It sends nothing and runs no module."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def result(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Check where the report goes, or write the report and return the figures."""
        options = _checked(self._task.args)
        if options["results"] is None:
            self._check_places(options, " Nothing was sent.")
            return {"changed": False}
        return {"changed": False, **self._report(options, variables)}

    def _check_places(self, options: Mapping[str, Any], more: str = "") -> None:
        """Raise FolderError if a report or a plan cannot be written."""
        try:
            if options["path"]:
                _report_folder.provide(options["path"])
            if options["plan_file"] and self._task.check_mode:
                _report_folder.check_plan_file(options["plan_file"])
        except _report_folder.FolderError as error:
            raise _report_folder.FolderError(f"{error}{more}") from None

    def _report(self, options: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        now = datetime.now(timezone.utc)
        shops = list(_shops(options, task_vars))
        check_mode = bool(self._task.check_mode) or any(shop.plan for shop in shops)
        head = _head(options, task_vars, check_mode, now)
        report = _report.report(shops, head)
        self._check_places(options)
        files = self._write(options, report) if options["path"] else []
        plans = {shop.name: shop.plan for shop in shops if shop.plan is not None}
        plan_file = options["plan_file"] if self._task.check_mode else None
        if plan_file:
            _report_folder.write_plan(plan_file, plans)
        if options["kind"] == "late_payments":
            summary = _report_summary.late_payments(shops, files)
            stats = {"komfortkasse_late_payments": {**report["counts"], **_late_stats(report)}}
        else:
            summary = _report_summary.cancellation(shops, check_mode, files, plan_file, now)
            stats = {
                "komfortkasse_summary": {**report["counts"], "check_mode": check_mode, "shops": len(shops)},
                **({"komfortkasse_plan": plans} if plans else {}),
            }
        return {
            "summary": summary,
            "counts": report["counts"],
            "hosts": {shop["shop"]: shop for shop in report["shops"]},
            "files": [*files, *([plan_file] if plan_file else [])],
            "failures": {shop.name: shop.failure for shop in shops if shop.failure},
            "ansible_stats": {"data": stats, "per_host": False, "aggregate": False},
        }

    def _write(self, options: Mapping[str, Any], report: Mapping[str, Any]) -> list[str]:
        time = report["time"].replace("-", "").replace(":", "")
        stem = _report_folder.stem_of(report["title"], time, report["job"])
        texts = {ending: writer(report) for ending, writer in _report_files.WRITERS.items()}
        return _report_folder.write_reports(options["path"], stem, texts)


def _checked(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The task's options. An empty string counts as unset. A ValueError refuses them."""
    checked = ArgumentSpecValidator(SPEC).validate({name: value for name, value in arguments.items() if value != ""})
    if checked.error_messages:
        raise ValueError(" ".join(checked.error_messages))
    options: dict[str, Any] = dict(checked.validated_parameters)
    for option in ("path", "plan_file"):
        if options[option]:  # a relative path starts where ansible-playbook was started
            options[option] = os.path.abspath(options[option])
    return options


def _shops(options: Mapping[str, Any], task_vars: Mapping[str, Any]) -> Iterable[Shop]:
    """The hosts of the play, those that failed before included, each with what it registered.

    Raises: ValueError if no host registered any of the variables.
    """
    names, hosts = options["results"], list(task_vars["ansible_play_hosts_all"])
    variables = {host: task_vars["hostvars"].raw_get(host) for host in hosts}  # as they are: results are no templates
    if not any(name in variables[host] for host in hosts for name in names):
        raise ValueError(
            f"No host of the play has registered any of the variables that results names: {', '.join(names)}."
        )
    here = task_vars.get("inventory_hostname")
    for host in hosts:
        results = [variables[host].get(name) for name in names]
        unclear = _unclear(options["unclear"], host, variables[host], host == here)
        yield shop_of(host, results, unclear, active=host in task_vars.get("ansible_play_hosts", ()))


def _unclear(given: object, host: str, variables: Mapping[str, Any], is_here: bool) -> list[Mapping[str, Any]]:
    """What overdue_orders could not decide of a host: by a variable's name, by host, or of this host."""
    if isinstance(given, str):
        given = variables.get(given)
    elif isinstance(given, Mapping) and "unclear" not in given:
        given = given.get(host)
    elif not is_here:
        given = None
    if isinstance(given, Mapping):
        given = given.get("unclear")
    return [order for order in given if isinstance(order, Mapping)] if isinstance(given, (list, tuple)) else []


def _head(options: Mapping[str, Any], task_vars: Mapping[str, Any], check_mode: bool, now: datetime) -> dict[str, Any]:
    """What stands at the top of a report."""
    awx = {
        fact: next((str(task_vars[name]) for name in names if task_vars.get(name)), "")
        for fact, names in OF_AWX.items()
    }
    local = now.astimezone()
    return {
        "title": options["title"] or options["kind"],
        "kind": options["kind"],
        "check_mode": check_mode,
        "time": now.strftime(TIME),
        "local_time": local.strftime("%Y-%m-%d %H:%M:%S %Z") if local.utcoffset() else "",
        "user": awx["user"] or login_name(),
        "job": awx["job"],
    }


def _late_stats(report: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sums": report["sums"]["found"],
        "shops": {shop["shop"]: shop["counts"]["found"] for shop in report["shops"]},
    }
