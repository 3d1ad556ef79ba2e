# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark: how long cancelling orders takes, against the simulator at 20 ms latency.

Usage: python tests/benchmark [--quick]. Prints tables and writes docs/performance.md.
All figures come from one run, since machines differ and are noisy: read the ratios. --quick writes nothing.
Needs what `make benchmark` installs.
"""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path
from typing import NamedTuple

import work
from work import LATENCY_MS, Bench, Measured

DOCS = Path(__file__).resolve().parents[2] / "docs"
LICENCE = "\n".join(["<!--", *(line.strip("# ") for line in Path(__file__).read_text().splitlines()[:3]), "-->", ""])
REPEATS = 3  # of what is short; the quickest counts


class Sizes(NamedTuple):
    """How many orders, workers and shops the measurements are about."""

    workers: tuple[int, ...]
    orders: int
    growth: tuple[int, int]
    in_large_shop: int
    large_shop: int
    shops: int


FULL = Sizes((8, 32, 64), 3000, (5000, 20000), 60, 60000, 200)
QUICK = Sizes((8,), 60, (60, 240), 60, 1000, 3)


class Page:
    """The page as it grows: tables, and first of all what must hold."""

    def __init__(self) -> None:
        self._claims: list[tuple[str, str, str, bool]] = []
        self._lines: list[str] = []

    def table(self, title: str, text: str, head: str, rows: list[list[str]]) -> None:
        """Add a table; head: its titles, with | between them."""
        columns = head.count("|") + 1
        lines = [f"| {head} |", "|" + "---|" * columns, *(f"| {' | '.join(row)} |" for row in rows)]
        self._lines += ["", f"## {title}", "", *([text, ""] if text else []), *lines]

    def must(self, what: str, seen: float, factor: float, other: float, more: float = 0.0) -> None:
        """Add a claim: seconds seen are at most a multiple of other seconds, plus some."""
        limit = factor * other + more
        rule = f"{factor} times {other:.2f} s" + (f" + {more:.0f} s" if more else "") + f" = {limit:.2f} s"
        self._claims.append((what, f"{seen:.2f} s", rule, seen <= limit))

    def must_be(self, what: str, seen: float, most: float, unit: str) -> None:
        """Add a claim: a figure is at most another."""
        self._claims.append((what, f"{seen:.0f} {unit}", f"{most:.0f} {unit}", seen <= most))

    @property
    def holds(self) -> bool:
        """Whether all claims hold."""
        return all(held for *_claim, held in self._claims)

    def __str__(self) -> str:
        head = [
            LICENCE,
            "# Performance",
            "",
            f"Written by `make benchmark`: one run on one machine, against the bundled simulator with {LATENCY_MS} ms"
            f" latency, with Python {platform.python_version()}. Seconds differ between machines, so read the ratios.",
            "",
            "| What | Measured | At most | |",
            "|---|---|---|---|",
            *(
                f"| {what} | {seen} | {most} | {'holds' if held else 'DOES NOT HOLD'} |"
                for what, seen, most, held in self._claims
            ),
        ]
        return "\n".join([*head, *self._lines, ""])


def seconds(measured: Measured) -> str:
    """Write the seconds of a run."""
    return f"{measured.wall:.2f} s"


def limit(orders: int, requests: int, workers: int) -> float:
    """Return the seconds that latency alone takes, with this number of requests for each order."""
    return orders * requests * LATENCY_MS / 1000 / workers


def starts(bench: Bench, page: Page) -> None:
    """One order, and what a start costs."""
    kinds = {
        "a playbook that does nothing": lambda _number: work.nothing(),
        "a module that does nothing": work.empty_module,
        "one order by `ansible.builtin.uri`: GET, then POST": work.uri,
        "one order by `komfortkasse_order`": work.one,
    }
    runs: dict[str, list[Measured]] = {}
    for _time in range(REPEATS):  # in turn, since the machine's speed drifts
        for name, tasks in kinds.items():
            runs.setdefault(name, []).append(bench.tasks(name, tasks(bench.fresh_orders(1)[0])))
        name = "one order by the playbook `cancel_orders`, with a report"
        runs.setdefault(name, []).append(bench.cancel_orders(name, bench.fresh_orders(1), 8))
    best = {name: min(each, key=lambda run: run.wall) for name, each in runs.items()}
    nothing, empty, uri, ours, playbook = best.values()
    page.must("One order by `komfortkasse_order`, against `ansible.builtin.uri`", ours.wall, 1.0, uri.wall)
    page.must("One order by `cancel_orders` with a report, against one task", playbook.wall, 1.8, ours.wall)
    rows = [[name, seconds(run), f"{run.wall - nothing.wall:.2f} s", str(run.requests)] for name, run in best.items()]
    more = f"{ours.wall - empty.wall:.2f} s more than an empty module, its requests included"
    text = f"The quickest of {REPEATS} runs each. One order by `komfortkasse_order` takes {more}."
    page.table("One order", text, "What | whole run | without Ansible's start | requests", rows)


def workers(bench: Bench, page: Page, sizes: Sizes) -> None:
    """Many orders, side by side with scripts that know neither check mode nor faults."""
    rows, count = [], sizes.orders
    for number in sizes.workers:
        bare = {how: bench.bare(how, bench.fresh_orders(count), number) for how in ("pool", "post", "aiohttp")}
        name = f"{count} orders, {number} workers"
        ours = bench.tasks(f"one task, {name}", work.many(bench.fresh_orders(count), number))
        playbook = bench.cancel_orders(f"cancel_orders, {name}", bench.fresh_orders(count), number)
        limits = [f"{limit(count, requests, number):.2f} s" for requests in (2, 1)]
        rows.append(
            [
                str(number),
                limits[0],
                *map(seconds, (bare["pool"], bare["aiohttp"])),
                limits[1],
                *map(seconds, (bare["post"], ours, playbook)),
                str(ours.requests),
            ]
        )
        if number == 32:
            page.must_be(f"Requests of one task for {count} `UNPAID` orders", ours.requests, count + 5, "requests")
            page.must(
                f"One task for {count} orders at 32 workers, against a pool of `requests` (GET and POST)",
                ours.wall,
                0.65,
                bare["pool"].wall,
                2,
            )
        if number == 64:
            page.must(
                f"One task for {count} orders at 64 workers, against aiohttp (GET and POST)",
                ours.wall,
                0.9,
                bare["aiohttp"].wall,
                2,
            )
    text = (
        f"{count} orders with the payment status `UNPAID` and `only_from: [UNPAID]`. The limit is what latency alone"
        " takes. Ours reads the orders by one list, and sends one POST for each."
    )
    head = (
        "workers | limit: GET and POST | pool of `requests` | aiohttp"
        " | limit: POST | pool, POST only | one task | `cancel_orders` | requests of one task"
    )
    page.table("Many orders", text, head, rows)


def large_shop(bench: Bench, page: Page, sizes: Sizes) -> None:
    """Few orders in a shop whose list is long."""
    count, beside, rows = sizes.in_large_shop, sizes.large_shop, []
    best = []
    for prefetch_days, what in ((120, "with the list"), (0, "without it, `prefetch_days: 0`")):
        runs = [
            bench.tasks(
                f"{count} orders beside {beside}, {what}",
                work.many(bench.fresh_orders(count, beside), 8, prefetch_days=prefetch_days),
            )
            for _time in range(REPEATS)
        ]
        best.append(min(runs, key=lambda run: run.wall))
        rows.append([what, seconds(best[-1]), str(best[-1].requests)])
    page.must(
        f"{count} orders beside {beside} cancelled ones, against a run without a list", best[0].wall, 1.15, best[1].wall
    )
    page.table(
        "Few orders in a large shop",
        f"{count} orders at 8 workers, beside {beside} that are cancelled.",
        "What | whole run | requests",
        rows,
    )


def growth(bench: Bench, page: Page, sizes: Sizes) -> None:
    """More orders, and the same again."""
    rows, runs = [], []
    few, most = sizes.growth
    for count in sizes.growth:
        numbers = bench.fresh_orders(count)
        runs.append((str(count), bench.tasks(f"one task, {count} orders", work.many(numbers, 32), usage=True)))
        if count == few:
            again = work.many(numbers, 32, only_from=["UNPAID", "CANCELLED"])
            runs.append(
                (f"{count} again, all cancelled", bench.tasks(f"one task, {count} orders again", again, usage=True))
            )
    playbook = bench.cancel_orders(f"cancel_orders, {few} orders", bench.fresh_orders(few), 32)
    rows = [[name, seconds(run), f"{run.cpu:.1f} s", f"{run.peak_mb:.0f} MB", str(run.requests)] for name, run in runs]
    rows.append([f"{few} by `cancel_orders`, with a report", seconds(playbook), "", "", str(playbook.requests)])
    first, last = runs[0][1], runs[-1][1]
    page.must(
        f"{few} orders by `cancel_orders` with a report at 32 workers, against one task",
        playbook.wall,
        1.35,
        first.wall,
        3,
    )
    page.must_be(f"Requests of `cancel_orders` for {few} orders", playbook.requests, few + 10, "requests")
    page.must(f"{most} orders against {few}", last.wall, 4.3, first.wall)
    page.must_be(f"Memory of the module's process at {most} orders", last.peak_mb, 120, "MB")
    page.table(
        "Growth",
        "32 workers. CPU and memory are those of the module's process.",
        "orders | whole run | CPU | memory | requests",
        rows,
    )


def many_shops(bench: Bench, page: Page, sizes: Sizes) -> None:
    """Two orders in each of many shops."""
    count = sizes.shops
    task = bench.tasks(f"one task, {count} shops", work.many(bench.shops(2), 8), hosts="shops")
    playbook = bench.cancel_orders(f"cancel_orders, {count} shops", bench.shops(2), 8, hosts="shops")
    page.must(
        f"{count} shops with two orders each by `cancel_orders` with a report, against one task",
        playbook.wall,
        1.6,
        task.wall,
    )
    rows = [
        ["one task", seconds(task), str(task.requests)],
        ["`cancel_orders`, with a report", seconds(playbook), str(playbook.requests)],
    ]
    page.table("Many shops", f"{count} shops with two orders each, 10 forks.", "What | whole run | requests", rows)


def main() -> int:
    """Measure, print, write; return 1 if a figure is worse than it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few orders, only to see that it runs")
    quick = parser.parse_args().quick
    sizes, page = QUICK if quick else FULL, Page()
    with work.bench(sizes.shops) as bench:
        starts(bench, page)
        workers(bench, page, sizes)
        large_shop(bench, page, sizes)
        growth(bench, page, sizes)
        many_shops(bench, page, sizes)
    print(page)
    if quick:
        return 0
    (DOCS / "performance.md").write_text(str(page))
    return 0 if page.holds else 1


if __name__ == "__main__":
    sys.exit(main())
