# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From measurements to a page with tables and a plot."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib.pyplot as plt
from work import Measured

LICENSE = "\n".join(["<!--", *(line.strip("# ") for line in Path(__file__).read_text().splitlines()[:3]), "-->", ""])


@dataclass
class ThePlaybook:
    """Seconds of cancel_orders, and of what it is compared with."""

    cancel_orders: float
    plan: float  # one task in check mode, without the start of ansible-playbook
    task: float

    @property
    def beyond_plan(self) -> float:
        """What it takes apart from the reads of its plan."""
        return self.cancel_orders - self.plan

    @property
    def most(self) -> float:
        """What that may be."""
        return 1.5 * self.task + 5


@dataclass
class Figures:
    """All that was measured; keys are (orders, concurrency) or orders."""

    latency_ms: int
    loop: int
    start_up: Measured = field(default_factory=lambda: Measured(0))
    uri_loop: list[Measured] = field(default_factory=list)
    module_loop: list[Measured] = field(default_factory=list)
    bulk: dict[tuple[int, int], Measured] = field(default_factory=dict)
    bare: dict[tuple[int, int], Measured] = field(default_factory=dict)
    again: Measured = field(default_factory=lambda: Measured(0))
    growth: dict[int, Measured] = field(default_factory=dict)
    playbook: dict[int, ThePlaybook] = field(default_factory=dict)  # by concurrency

    def per_order_in_loop(self, runs: list[Measured]) -> float:
        """Seconds an order costs in a loop, without the start of ansible-playbook."""
        return (sum(run.wall for run in runs) - len(runs) * self.start_up.wall) / (self.loop // 2 * len(runs))


def as_markdown(figures: Figures) -> tuple[str, bool]:
    """The page, and whether all that must hold does."""
    uri = figures.per_order_in_loop(figures.uri_loop)
    module = figures.per_order_in_loop(figures.module_loop)
    few, many = sorted({orders for orders, dummy in figures.bulk})
    bulk = figures.bulk[many, 32]
    _smallest, middle, largest = sorted(figures.growth)
    limit = 1.35 * figures.bare[many, 32].wall + 2.5
    usual = min(figures.playbook)
    playbook = figures.playbook[usual]
    claims = [
        (
            f"One task for {many} orders at concurrency 32, against `ansible.builtin.uri` in a loop, per order",
            f"{uri * many / bulk.wall:.0f} times faster",
            "200 times",
            uri * many / bulk.wall >= 200,
        ),
        (
            "`komfortkasse_order` in a loop, against `ansible.builtin.uri` in a loop, per order",
            f"{uri / module:.2f} times faster",
            "1.5 times",
            uri / module >= 1.5,
        ),
        (
            f"The whole `ansible-playbook` run for {many} orders, against bare Python with the same concurrency",
            f"{bulk.wall:.1f} s against {figures.bare[many, 32].wall:.1f} s",
            f"1.35 times + 2.5 s = {limit:.1f} s",
            bulk.wall <= limit,
        ),
        (
            f"The second run over {many} orders that are cancelled",
            f"{figures.again.requests} request{'' if figures.again.requests == 1 else 's'}, {figures.again.wall:.1f} s",
            "3 requests, 4 s",
            figures.again.requests <= 3 and figures.again.wall < 4,
        ),
        (
            f"{largest} orders against {middle}",
            f"{figures.growth[largest].wall / figures.growth[middle].wall:.2f} times the time",
            f"{1.15 * largest / middle:.1f} times",
            figures.growth[largest].wall <= 1.15 * largest / middle * figures.growth[middle].wall,
        ),
        (
            f"Memory of the module's process at {largest} orders",
            f"{figures.growth[largest].peak_mb:.0f} MB",
            "150 MB",
            figures.growth[largest].peak_mb < 150,
        ),
        (
            f"The playbook `cancel_orders` with a report of {many} orders, at its default concurrency {usual}, without"
            " the reads of its plan (g less h), against one task (i)",
            f"{playbook.beyond_plan:.1f} s against {playbook.task:.1f} s",
            f"1.5 times + 5 s = {playbook.most:.1f} s",
            playbook.beyond_plan <= playbook.most,
        ),
    ]
    lines = [
        LICENSE,
        "# Performance",
        "",
        "Written by `make benchmark`: one run on one machine, against the bundled simulator"
        f" with {figures.latency_ms} ms latency.",
        f"Python {platform.python_version()}. Seconds differ between machines, so read the ratios.",
        "",
        "| What | Measured | Must be at least / at most | |",
        "|---|---|---|---|",
        *(
            f"| {what} | {seen} | {wanted} | {'holds' if held else 'DOES NOT HOLD'} |"
            for what, seen, wanted, held in claims
        ),
        "",
        "![Seconds for all orders, by concurrency](performance.svg)",
        "",
        "## An order in a loop",
        "",
        f"{figures.loop} orders, without the {figures.start_up.wall:.1f} s that an empty playbook takes.",
        "",
        "| | per order |",
        "|---|---|",
        f"| a. `ansible.builtin.uri`, GET and conditional POST | {uri * 1000:.0f} ms |",
        f"| b. `komfortkasse_order` | {module * 1000:.0f} ms |",
        "",
        "## Many orders in one task",
        "",
        "Each order is one GET and one POST. Seconds are those of the whole command.",
        "",
        f"| concurrency | c. {few} orders | d. bare Python | c. {many} orders | per order | d. bare Python | c / d |",
        "|---|---|---|---|---|---|---|",
    ]
    for workers in sorted({workers for dummy, workers in figures.bulk}):
        cells = [f"{workers}", *(f"{run[few, workers].wall:.1f} s" for run in (figures.bulk, figures.bare))]
        if (many, workers) in figures.bulk:
            large, bare = figures.bulk[many, workers].wall, figures.bare[many, workers].wall
            cells += [f"{large:.1f} s", f"{large / many * 1000:.1f} ms", f"{bare:.1f} s", f"{large / bare:.2f}"]
        lines.append("| " + " | ".join([*cells, *[""] * (7 - len(cells))]) + " |")
    lines += [
        "",
        "## Growth",
        "",
        "Concurrency 32. CPU and memory are those of the module's process.",
        "",
        "| orders | wall | CPU | peak memory | requests |",
        "|---|---|---|---|---|",
        *(
            f"| {orders} | {run.wall:.1f} s | {run.cpu:.1f} s | {run.peak_mb:.0f} MB | {run.requests} |"
            for orders, run in sorted(figures.growth.items())
        ),
        f"| e. {many} again, all cancelled | {figures.again.wall:.1f} s | {figures.again.cpu:.1f} s"
        f" | {figures.again.peak_mb:.0f} MB | {figures.again.requests} |",
        "",
        "## The playbook",
        "",
        f"`cancel_orders` over {many} orders, in batches of 500, with a report. The limit is judged at the",
        "default concurrency. What it adds to one task is Ansible's: a module's start a batch, and two a file.",
        "",
        "| | " + " | ".join(f"concurrency {workers}" for workers in figures.playbook) + " |",
        "|---|" + "---|" * len(figures.playbook),
        _row("g. `cancel_orders`", [run.cancel_orders for run in figures.playbook.values()]),
        _row(
            "h. its plan: one task in check mode, without the start of `ansible-playbook`",
            [run.plan for run in figures.playbook.values()],
        ),
        _row("i. one task for all of them", [run.task for run in figures.playbook.values()]),
        _row("g less h", [run.beyond_plan for run in figures.playbook.values()]),
        _row("1.5 times i + 5 s", [run.most for run in figures.playbook.values()]),
        "",
    ]
    return "\n".join(lines), all(claim[-1] for claim in claims)


def _row(what: str, seconds: list[float]) -> str:
    return f"| {what} | " + " | ".join(f"{each:.1f} s" for each in seconds) + " |"


def plot(figures: Figures, file: Path) -> None:
    """Draw the time for all orders over the concurrency, both axes logarithmic."""
    plt.rcParams["svg.fonttype"] = "none"
    plt.rcParams["svg.hashsalt"] = "komfortkasse"
    figure, axes = plt.subplots(figsize=(7, 4.2))
    ticks: set[int] = set()
    for count in sorted({orders for orders, dummy in figures.bulk}):
        workers = sorted(workers for orders, workers in figures.bulk if orders == count)
        ticks = {*ticks, *workers}
        [line] = axes.plot(
            workers, [figures.bulk[count, n].wall for n in workers], "o-", label=f"{count} orders, one task"
        )
        bare = [figures.bare[count, n].wall for n in workers]
        axes.plot(workers, bare, "x--", color=line.get_color(), label=f"{count} orders, bare Python")
        looped = figures.per_order_in_loop(figures.uri_loop) * count
        axes.axhline(looped, color=line.get_color(), linestyle=":", label=f"{count} orders, uri in a loop (computed)")
    axes.set(xscale="log", yscale="log", xlabel="concurrency", ylabel="seconds")
    axes.set_xticks(sorted(ticks), [str(n) for n in sorted(ticks)])
    axes.minorticks_off()
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
    lines = file.read_text().splitlines()
    file.write_text("\n".join(line.rstrip() for line in lines) + "\n")
