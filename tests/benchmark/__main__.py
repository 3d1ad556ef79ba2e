# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark: how long cancelling orders takes, against the simulator at 20 ms latency.

Prints docs/performance.md, writes it, and returns 1 if a figure is above its limit. See `make benchmark`.
All figures come from one run, because machines differ and are noisy: read the ratios.
"""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import work
from work import LATENCY_MS, Bench, Measured

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
LICENCE = "\n".join(["<!--", *(line.strip("# ") for line in Path(__file__).read_text().splitlines()[:3]), "-->", ""])
REPEATS = 2  # of what is short; the quickest counts
WORKERS = (8, 32, 64)
ORDERS, FEW, MANY, MOST = 3000, 5000, 20_000, 50_000
IN_LARGE_SHOP, BESIDE = 60, 60_000
LATE, SHOPS = 50, 200


class Page:
    """The page as it grows: the limits, then the tables."""

    def __init__(self) -> None:
        self._limits: list[list[str]] = []
        self._lines: list[str] = []
        self.holds = True

    def limit(self, what: str, seen: float, most: float, unit: str, rule: str = "") -> None:
        """Add a limit. ``rule``: where it comes from, if from other figures of the run."""
        held = seen <= most
        self.holds &= held
        digits = 2 if unit == "s" else 0
        limit = f"{rule}{' = ' if rule else ''}{most:.{digits}f} {unit}"
        self._limits.append([what, f"{seen:.{digits}f} {unit}", limit, "holds" if held else "DOES NOT HOLD"])

    def ratio(self, what: str, seen: Measured, factor: float, other: Measured, more: float = 0.0) -> None:
        """Add a limit on time: a multiple of that of another run, plus some seconds."""
        rule = f"{factor} times {other.wall:.2f} s" + (f" + {more:.0f} s" if more else "")
        self.limit(what, seen.wall, factor * other.wall + more, "s", rule)

    def table(self, title: str, text: str, head: str, rows: list[list[str]]) -> None:
        """Add a section with a table. ``head``: its titles, with | between them."""
        self._lines += ["", f"## {title}", "", text, "", *_table(head, rows)]

    def __str__(self) -> str:
        about = (
            f"Written by `make benchmark`: one run on one machine, against the bundled simulator with {LATENCY_MS} ms"
            f" latency, with Python {platform.python_version()}. Seconds differ between machines, so read the ratios."
        )
        limits = _table("What | Measured | At most |", self._limits)
        return "\n".join([LICENCE, "# Performance", "", about, "", *limits, *self._lines, ""])


def _table(head: str, rows: list[list[str]]) -> list[str]:
    lines = [f"| {head} |", "|" + "---|" * (head.count("|") + 1)]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]


def seconds(value: float) -> str:
    """Write a time."""
    return f"{value:.2f} s"


def quickest(runs: list[Measured]) -> Measured:
    """Return the quickest run."""
    return min(runs, key=lambda run: run.wall)


def one_order(bench: Bench, page: Page) -> None:
    """One order, and what a start costs."""
    kinds = {
        "a playbook that does nothing": lambda _number: work.nothing(),
        "a module that does nothing": work.empty_module,
        "`ansible.builtin.uri`: GET, then POST": work.uri,
        "`komfortkasse_order`": work.one,
    }
    runs: dict[str, list[Measured]] = {}
    for _time in range(REPEATS):  # in turn, because the machine's speed drifts
        for name, tasks in kinds.items():
            runs.setdefault(name, []).append(bench.tasks(name, tasks(bench.fresh_orders(1)[0])))
        name = "the playbook `cancel_orders`, with a report"
        runs.setdefault(name, []).append(bench.cancel_orders(name, bench.fresh_orders(1), 8))
    best = {name: quickest(each) for name, each in runs.items()}
    nothing, _empty, uri, ours, playbook = best.values()
    page.ratio("One order by `komfortkasse_order`, against `ansible.builtin.uri`", ours, 1.0, uri)
    page.ratio("One order by `cancel_orders` with a report, against one task", playbook, 1.8, ours)
    rows = [
        [name, seconds(run.wall), seconds(run.wall - nothing.wall), str(run.requests)] for name, run in best.items()
    ]
    page.table(
        "One order",
        f"The quickest of {REPEATS} runs each.",
        "By | whole run | without Ansible's start | requests",
        rows,
    )


def workers(bench: Bench, page: Page) -> None:
    """Many orders, beside scripts that know neither check mode nor faults."""
    rows = []
    for number in WORKERS:
        bare = {how: bench.bare(how, bench.fresh_orders(ORDERS), number) for how in ("pool", "aiohttp", "post")}
        name = f"{ORDERS} orders, {number} workers"
        ours = bench.tasks(f"one task, {name}", work.many(bench.fresh_orders(ORDERS), number))
        playbook = bench.cancel_orders(f"cancel_orders, {name}", bench.fresh_orders(ORDERS), number)
        read, post = (seconds(ORDERS * requests * LATENCY_MS / 1000 / number) for requests in (2, 1))
        pool, aiohttp, posts = (seconds(run.wall) for run in bare.values())
        requests = str(ours.requests)
        rows.append(
            [str(number), read, pool, aiohttp, post, posts, seconds(ours.wall), seconds(playbook.wall), requests]
        )
        if number == 32:
            page.limit(f"Requests of one task for {ORDERS} `UNPAID` orders", ours.requests, ORDERS + 5, "requests")
            page.ratio("The same, against a pool of `requests` (GET and POST), 32 workers", ours, 0.65, bare["pool"], 2)
        if number == 64:
            page.ratio("The same, against aiohttp (GET and POST), 64 workers", ours, 0.9, bare["aiohttp"], 2)
    text = (
        f"{ORDERS} orders with the payment status `UNPAID`, and `only_from: [UNPAID]`. The limits are what latency"
        " alone takes. One task reads the orders by one list and sends one POST for each."
    )
    head = (
        "workers | limit: GET and POST | pool of `requests` | aiohttp"
        " | limit: POST | pool, POST only | one task | `cancel_orders` | requests of one task"
    )
    page.table("Many orders", text, head, rows)


def large_runs(bench: Bench, page: Page) -> None:
    """Large shops, many orders, many shops."""
    runs: dict[str, Measured] = {}

    def beside(days: int) -> Measured:
        numbers = bench.fresh_orders(IN_LARGE_SHOP, BESIDE)
        return bench.tasks(f"beside {BESIDE}, prefetch_days {days}", work.many(numbers, 8, prefetch_days=days))

    pairs = [(beside(120), beside(0)) for _time in range(REPEATS)]
    listed, alone = (quickest(list(each)) for each in zip(*pairs))
    what = f"{IN_LARGE_SHOP} orders beside {BESIDE} cancelled ones, 8 workers"
    page.ratio(f"{what}, against a run without a list", listed, 1.15, alone)
    runs.update({what: listed, f"{what}, without a list (`prefetch_days: 0`)": alone})

    for count in (FEW, MANY):
        name = f"{count} orders by one task, 32 workers"
        runs[name] = bench.tasks(name, work.many(bench.fresh_orders(count), 32), memory_of_module=True)
    few, many = list(runs.values())[-2:]
    page.ratio(f"{MANY} orders by one task, against {FEW}", many, 4.3, few)
    page.limit("Memory of the module for them", many.peak_mb, 120, "MB")

    for count in (FEW, MOST):
        name = f"{count} orders by `cancel_orders` with a report, 32 workers"
        runs[name] = bench.cancel_orders(name, bench.fresh_orders(count), 32)
    by_playbook, most = list(runs.values())[-2:]
    page.ratio(f"{FEW} orders by `cancel_orders` with a report, against one task", by_playbook, 1.35, few, 3)
    page.limit("Requests for them", by_playbook.requests, FEW + 10, "requests")
    page.limit(f"Requests of `cancel_orders` for {MOST} orders", most.requests, 2 * MOST + 100, "requests")

    name = f"`find_late_payments`: {LATE} of {MANY + LATE} orders"
    bench.fresh_orders(0, MANY)
    bench.generate(LATE, prefix="L", paymentStatus="CANCELLED", amountPaid=10.0)
    runs[name] = late = bench.playbook(name, "find_late_payments", {})
    page.limit(name, late.wall, 10, "s")
    page.limit("Memory of its largest process", late.peak_mb, 300, "MB")

    name = f"{SHOPS} shops with two orders each, 10 forks"
    runs[f"{name}, by one task"] = task = bench.tasks(name, work.many(bench.shops(2), 8), hosts="shops")
    numbers = bench.shops(2)
    runs[f"{name}, by `cancel_orders` with a report"] = shops = bench.cancel_orders(name, numbers, 8, hosts="shops")
    page.ratio(f"{name}, by `cancel_orders` with a report, against one task", shops, 1.6, task)

    rows = [[name, seconds(run.wall), str(run.requests), f"{run.peak_mb:.0f} MB"] for name, run in runs.items()]
    text = "Memory is that of the largest process; of one task with many orders, that of the module."
    page.table("Large runs", text, "What | whole run | requests | memory", rows)


def main() -> int:
    """Measure, print, write."""
    page = Page()
    with work.bench(SHOPS) as bench:
        one_order(bench, page)
        workers(bench, page)
        large_runs(bench, page)
    print(page)
    PAGE.write_text(str(page))
    return 0 if page.holds else 1


if __name__ == "__main__":
    sys.exit(main())
