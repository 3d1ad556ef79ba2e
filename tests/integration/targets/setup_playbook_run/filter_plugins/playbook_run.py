# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters for scenarios of playbooks (see tasks/scenario.yml): an inventory, and what should not have happened."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

OUTCOMES = ("changed", "unchanged", "skipped", "failed", "not_attempted")
RUNS = ("check", "real", "again")
REPORT = ["check_mode", "counts", "finished", "job", "orders", "playbook", "shops", "started", "user"]
DEMO_SHOP = "demo-shop"

Compared = Iterator[tuple[str, Any, Any]]
"""Triples of what, found and wanted."""


def inventory_of_shops(shops: dict[str, dict[str, Any]], keys: dict[str, str], api_url: str) -> str:
    """An inventory in which every host has the key of the simulator's shop of its name, or of the demo shop."""
    usual = {"komfortkasse_api_url": api_url}
    key_of = {shop: keys.get(shop, keys[DEMO_SHOP]) for shop in shops}
    hosts = {shop: {"komfortkasse_api_key": key_of[shop], **usual, **own} for shop, own in shops.items()}
    return json.dumps({"all": {"hosts": hosts}})


class Expected:
    """What a scenario says of one of its runs, with what goes without saying filled in."""

    def __init__(self, scenario: dict[str, Any], run: str, keys: dict[str, str]) -> None:
        self.run = run
        self.keys = keys
        self.scenario = scenario
        self.shops = list(scenario.get("shops", ["localhost"]))
        self.refused: dict[str, str] = scenario.get("refused", {})
        self.outcomes = {shop: {} for shop in self.shops} | self.outcomes_in(run)
        usual = {shop: "failed" if shop in self.refused else "done" for shop in self.shops}
        self.ended: dict[str, str] = usual | scenario.get("ended", {}).get(run, {})
        bad = {"failed", "not_attempted"}
        self.fails = {
            shop for shop in self.shops if self.ended[shop] != "done" or bad & set(self.outcomes[shop].values())
        }
        self.asks = set(self.shops) != set(self.refused)  # if all shops are refused, nothing is asked of the API
        self.reports = scenario["variables"].get("komfortkasse_report_dir") != ""
        counted = Counter(outcome for orders in self.outcomes.values() for outcome in orders.values())
        self.counts = {"requested": counted.total(), **{outcome: counted[outcome] for outcome in OUTCOMES}}

    def outcomes_in(self, run: str) -> dict[str, dict[str, str]]:
        """By shop and order number."""
        told: dict[str, dict[str, str]] = self.scenario.get("outcomes", {})
        if run != "real" and run in self.scenario:
            return self.scenario[run]
        if run != "again":
            return told
        settled = {"changed": "unchanged"}
        return {
            shop: {number: settled.get(end, end) for number, end in orders.items()} for shop, orders in told.items()
        }

    def posts_in(self, run: str) -> list[str]:
        """The orders that the run tries to change, with the simulator's shop, sorted."""
        if run in self.scenario.get("posts", {}):
            return sorted(self.scenario["posts"][run])
        return sorted(
            f"{shop if shop in self.keys else DEMO_SHOP} {number}"
            for shop, orders in self.outcomes_in(run).items()
            for number, outcome in orders.items()
            if run != "check" and outcome == "changed"
        )

    def journal(self) -> list[str]:
        """The events and order numbers in the journal after the run, sorted."""
        so_far = RUNS[: RUNS.index(self.run) + 1]
        numbers = [post.partition(" ")[2] for run in so_far for post in self.posts_in(run)]
        return sorted(f"{event} {number}" for event in ("attempt", "result") for number in numbers)


def unexpected_of_playbook(
    result: dict[str, Any],
    scenario: dict[str, Any],
    run: str,
    playbook: str,
    log: list[dict[str, Any]],
    reports: str,
    keys: dict[str, str],
) -> list[str]:
    """Sentences about all that is not as it should be; log: the simulator's, reports: the folder for them."""
    expected = Expected(scenario, run, keys)
    files = {file.name: file.read_text(encoding="utf-8") for file in Path(reports).glob("*")}
    pairs = [
        *about_process(result, expected),
        *about_requests(log, expected),
        *about_journal(expected),
        ("names of reports", sorted(re.sub(r"\d", "0", name) for name in files), names_of_reports(playbook, expected)),
        ("API keys in reports", [key for key in keys.values() if key in str(files)], []),
    ]
    pairs += about_stats(result["stdout"], expected)
    if expected.reports:
        kinds = {name.rpartition(".")[2]: content for name, content in files.items()}
        pairs += about_reports(kinds, playbook, expected)
    return [f"{what}: {found} instead of {wanted}" for what, found, wanted in pairs if found != wanted]


def about_process(result: dict[str, Any], expected: Expected) -> Compared:
    """What ansible-playbook printed, and how it ended."""
    lines = (result["stdout"] + "\n" + result["stderr"]).splitlines()
    output = " ".join(" ".join(lines).split())
    yield "exit code", result["rc"], 2 if expected.fails else 0
    # Of a loop, each item that failed has a line of its own, before the one of the task.
    failures = {
        shop: " ".join(line for line in lines if re.match(rf"(fatal|failed): \[{shop}\]", line))
        for shop in expected.shops
    }
    yield "shops that failed", {shop for shop, said in failures.items() if said}, expected.fails
    says = expected.scenario.get("verdict", {}) | expected.refused
    for shop in expected.fails:
        yield f"what is said to {shop}", *matched(says[shop], failures[shop])
    warnings = sorted(re.findall(r"\[(?:DEPRECATION )?WARNING\]: ([^[]*)", output))
    wanted = expected.scenario.get("warnings", {}).get(expected.run, [])
    yield "warnings", warnings if len(warnings) != len(wanted) else [], []
    for warning, pattern in zip(warnings, wanted):
        yield "warning", *matched(pattern, warning)
    for pattern in expected.scenario.get("says", {}).get(expected.run, []):
        yield "output", *matched(pattern, output)
    yield "tracebacks", "Traceback" in output, False
    yield "API keys in the output", [key for key in expected.keys.values() if key in output], []


def about_requests(log: list[dict[str, Any]], expected: Expected) -> Compared:
    """What the simulator saw."""
    posts = sorted(f"{entry['shop']} {entry['order_number']}" for entry in log if entry["method"] != "GET")
    yield "changing requests", posts, expected.posts_in(expected.run)
    if not expected.asks:
        yield "requests", [entry["raw_path"] for entry in log], []


def about_journal(expected: Expected) -> Compared:
    """The file that records the changes, if there is to be one."""
    path = expected.scenario["variables"].get("komfortkasse_journal_path")
    if path:
        lines = Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []
        events = [json.loads(line) for line in lines]
        told = sorted(f"{event['event']} {event['order_number']}" for event in events)
        yield "events in the journal", told, expected.journal()


def about_stats(output: str, expected: Expected) -> Compared:
    """What the run hands on to the next one."""
    start = output.find("{", output.find("RUN: "))
    stats = json.JSONDecoder().raw_decode(output, start)[0] if start > 0 else {}
    check_mode = expected.run == "check"
    summary = {**expected.counts, "check_mode": check_mode, "shops": len(expected.shops)}
    yield "komfortkasse_summary", stats.get("komfortkasse_summary"), summary
    plan = {shop: [] for shop in expected.shops}
    for post in expected.outcomes_in(expected.run).items() if check_mode else ():
        plan[post[0]] = [number for number, outcome in post[1].items() if outcome == "changed"]
    yield "komfortkasse_plan", stats.get("komfortkasse_plan") if check_mode else plan, plan


def names_of_reports(playbook: str, expected: Expected) -> list[str]:
    """The names of the files that the run writes, every digit replaced by 0."""
    kinds = ("csv", "html", "json") if expected.reports else ()
    return [f"{playbook}-00000000T000000.000000Z.{kind}" for kind in kinds]


def about_reports(files: dict[str, str], playbook: str, expected: Expected) -> Compared:
    """The report of the run as JSON, CSV and a page: {kind: content}."""
    report = json.loads(files["json"])
    yield "keys of the report", sorted(report), REPORT
    yield "playbook in the report", report["playbook"], playbook
    yield "check mode in the report", report["check_mode"], expected.run == "check"
    yield "counts in the report", report["counts"], expected.counts
    yield "ends in the report", {shop["shop"]: shop["ended"] for shop in report["shops"]}, expected.ended
    outcomes: dict[str, dict[str, str]] = {shop: {} for shop in expected.shops}
    for order in report["orders"]:
        outcomes[order["shop"]][order["order_number"]] = order["outcome"]
    yield "outcomes in the report", outcomes, expected.outcomes
    for shop, orders in outcomes.items():
        yield f"order of the orders of {shop}", list(orders), list(expected.outcomes[shop])
    rows = list(csv.DictReader(io.StringIO(files["csv"].removeprefix("\ufeff")), delimiter=";"))
    cells = ("shop", "order_number", "outcome")
    run = "dry run" if expected.run == "check" else "real"
    yield (
        "CSV",
        [[row[cell] for cell in (*cells, "run")] for row in rows],
        [[*(order[cell] for cell in cells), run] for order in report["orders"]],
    )
    unexplained = [
        order["order_number"]
        for order in report["orders"]
        if order["outcome"] == "not_attempted" and not order["reason"]
    ]
    yield "orders that were not attempted for no reason", unexplained, []
    page = files["html"].strip()
    yield "a whole page", (page[:15].lower(), page[-7:]), ("<!doctype html>", "</html>")
    yield "shops that the page leaves out", [shop for shop in expected.shops if shop not in page], []


def matched(pattern: str, text: str) -> tuple[str, str]:
    """The text twice if it matches, else the text and the pattern."""
    return text, text if re.search(pattern, text) else f"something like {pattern!r}"


class FilterModule:
    """How Ansible finds the filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {f.__name__: f for f in (inventory_of_shops, unexpected_of_playbook)}
