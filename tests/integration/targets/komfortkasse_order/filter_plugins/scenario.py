# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters for scenarios (see tasks/scenario.yml): make one of a table of faults, find what should not have happened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

TARGETS = {"cancelled": "CANCELLED", "removed": "DISAPPEARED", "paid": "PAID", "unpaid": "UNPAID"}
OUTCOMES = ("changed", "unchanged", "skipped", "failed", "not_attempted")


def payment_statuses(shops: dict[str, Any], shop: str = "demo-shop") -> dict[str, str]:
    """Order number -> payment status, of one shop among all orders that the simulator knows."""
    return {number: order["paymentStatus"] for number, order in shops[shop].items()}


def requests(log: list[dict[str, Any]]) -> dict[str, str]:
    """Order number -> the methods of its requests in their order, of the simulator's log.

    A request that is not about one order is found by its operation.
    """
    methods: dict[str, list[str]] = {}
    for entry in log:
        methods.setdefault(entry["order_number"] or entry["operation"], []).append(entry["method"])
    return {number: " ".join(sequence) for number, sequence in methods.items()}


def scenario_of_faults(
    rows: dict[str, dict[str, Any]], operation: str, name: str, task: dict[str, Any]
) -> dict[str, Any]:
    """One scenario in which each of many new orders meets faults of its own at an operation while it is cancelled.

    rows: order number -> {fault (or faults), sent: methods of the requests in the real run, outcome: if it is not
    ``changed``, reason: a regular expression, elsewhere: see scenario.yml, {run: status}}.
    """
    faults = [
        {"operation": operation, "order_number": number, **fault}
        for number, row in rows.items()
        for fault in row.get("faults") or [row["fault"]]
    ]
    outcomes = {number: row.get("outcome", "changed") for number, row in rows.items()}
    reading = {number: row["sent"].partition(" POST")[0] for number, row in rows.items()}
    elsewhere = {
        run: {number: row["elsewhere"][run] for number, row in rows.items() if run in row.get("elsewhere", {})}
        for run in ("check", "real")
    }
    done = {number for number, outcome in outcomes.items() if outcome != "failed"}
    done |= {number for number, status in elsewhere["real"].items() if status == "CANCELLED"}
    return {
        "name": name,
        "task": {"order_numbers": list(rows), "state": "cancelled", "concurrency": 32, "max_failures": 0, **task},
        "setup": [
            {"path": "/settings", "method": "PATCH", "body": {"repeat_status": 400}},
            {"path": "/orders/demo-shop", "method": "POST", "body": [{"number": number} for number in rows]},
        ],
        "faults": faults,
        "outcomes": outcomes,
        "check": {number: "changed" for number, row in rows.items() if "POST" in row["sent"]},
        "again": {number: "unchanged" if number in done else "changed" for number in rows},
        "requests": {"check": reading, "real": {number: row["sent"] for number, row in rows.items()}},
        "elsewhere": elsewhere,
        "reasons": {number: row["reason"] for number, row in rows.items() if "reason" in row},
        "msg": "orders failed",
    }


def unexpected(
    result: dict[str, Any],
    scenario: dict[str, Any],
    run: str,
    before: dict[str, str],
    after: dict[str, str],
    sent: dict[str, str],
    secret: str,
) -> list[str]:
    """Sentences about all that is not as expected; before and after: payment statuses, sent: see requests()."""
    expected = Expected(scenario, run, before)
    if not result.get("results"):
        return [f"There are no results: {result}"]
    pairs = [
        *about_orders(result, expected),
        *about_task(result, expected),
        ("payment statuses in the simulator", after, expected.after),
        ("requests", sent, expected.requests),
        ("POST in check mode", run == "check" and "POST" in " ".join(sent.values()), False),
        ("tracebacks", "Traceback" in str(result), False),
        ("the API key in the result", secret in str(result), False),
    ]
    return [f"{what}: {found} instead of {wanted}" for what, found, wanted in pairs if found != wanted]


class Expected:
    """What a scenario says of one of its runs, with what goes without saying filled in."""

    def __init__(self, scenario: dict[str, Any], run: str, before: dict[str, str]) -> None:
        task = scenario["task"]
        usual = dict(scenario["outcomes"])
        if run == "again":
            usual = {number: "unchanged" if outcome == "changed" else outcome for number, outcome in usual.items()}
        self.single = task.get("order_number")
        self.given = task.get("order_numbers") or [self.single]
        self.before = before
        self.target = TARGETS[task["state"]]
        self.outcomes: dict[str, str] = {**usual, **scenario.get(run, {})}
        self.changed = [number for number, outcome in self.outcomes.items() if outcome == "changed"]
        self.reasons = scenario.get("reasons", {})
        self.msg = scenario.get("msg", "")
        self.warnings = [] if run == "again" else list(scenario.get("warnings", []))
        meanwhile = scenario.get("elsewhere", {}).get(run, {})
        self.after = {**before, **({} if run == "check" else dict.fromkeys(self.changed, self.target)), **meanwhile}
        change = {"check": "GET"}.get(run, "GET POST")
        requests_of = {"changed": change, "not_attempted": ""}
        told = {number: requests_of.get(outcome, "GET") for number, outcome in self.outcomes.items()}
        told.update(scenario.get("requests", {}).get(run, {}))
        self.requests = {number: methods for number, methods in told.items() if methods}
        self.counted = "api_url" not in task  # elsewhere the simulator sees no requests

    def diff(self) -> dict[str, Any]:
        """The whole diff."""
        after = dict.fromkeys(self.changed, self.target)
        if self.single is None:
            return {"before": {number: self.before[number] for number in self.changed}, "after": after}
        status = self.before.get(self.single)
        return {
            "before": {"order_number": self.single, "payment_status": status},
            "after": {"order_number": self.single, "payment_status": after.get(self.single, status)},
        }


def about_orders(result: dict[str, Any], expected: Expected) -> Iterator[tuple[str, Any, Any]]:
    """Triples of what, found and wanted, for the results of the orders."""
    results = {entry["order_number"]: entry for entry in result["results"]}
    yield "orders", [entry["order_number"] for entry in result["results"]], list(dict.fromkeys(expected.given))
    yield "outcomes", {number: entry["outcome"] for number, entry in results.items()}, expected.outcomes
    for number, entry in results.items():
        if entry["outcome"] in ("changed", "unchanged"):
            yield f"{number}: previous status", entry["previous_payment_status"], expected.before.get(number)
            yield f"{number}: status", entry["payment_status"], expected.target
            yield f"{number}: reason", entry.get("msg"), None
        elif number in expected.reasons:
            yield f"{number}: reason", *matched(expected.reasons[number], entry.get("msg"))


def about_task(result: dict[str, Any], expected: Expected) -> Iterator[tuple[str, Any, Any]]:
    """Triples of what, found and wanted, for the task as a whole."""
    outcomes = Counter(expected.outcomes.values())
    failed = bool(outcomes["failed"] or outcomes["not_attempted"])
    yield "changed", result["changed"], bool(expected.changed)
    yield "failed", result["failed"], failed
    yield "message", *(matched(expected.msg, result.get("msg")) if failed else (result.get("msg"), None))
    summary = {
        "requested": len(expected.given),
        "duplicates": len(expected.given) - len(set(expected.given)),
        **{outcome: outcomes[outcome] for outcome in OUTCOMES},
        "requests": sum(len(methods.split()) for methods in expected.requests.values()),
    }
    if not expected.counted:
        summary["requests"] = result["summary"]["requests"]
    yield "summary", result["summary"], summary
    if not failed or expected.single is None:
        yield "diff", result["diff"], expected.diff()
    warnings = sorted(result.get("warnings", []))
    yield "number of warnings", warnings if len(warnings) != len(expected.warnings) else [], []
    for warning, pattern in zip(warnings, expected.warnings):
        yield "warning", *matched(pattern, warning)
    yield "deprecations", result.get("deprecations", []), []


def matched(pattern: str, text: str | None) -> tuple[str | None, str | None]:
    """The text twice if it matches, else the text and the pattern."""
    return text, text if text is not None and re.search(pattern, text) else f"something like {pattern!r}"


class FilterModule:
    """How Ansible finds the filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {f.__name__: f for f in (payment_statuses, requests, scenario_of_faults, unexpected)}
