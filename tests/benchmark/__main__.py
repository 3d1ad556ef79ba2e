# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark: how long cancelling orders takes, against the simulator at 20 ms latency.

Usage: python tests/benchmark [--quick]. Prints a table and writes docs/performance.md and docs/performance.svg.
All figures come from one run, since machines differ and are noisy: read the ratios. --quick writes nothing.
Needs what `make benchmark` installs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

import report
import work

TESTS = Path(__file__).resolve().parent.parent
API_KEY = "demo-key-0000-for-the-simulator-"
LATENCY_MS = 20
CONCURRENCIES = (1, 8, 16, 32, 64)
PLAYBOOK_CONCURRENCIES = (8, 32)  # the first one is the playbook's default
PATIENCE = 1000  # orders; one by one more of them tell nothing new and take minutes


class Sizes(NamedTuple):
    """How many orders each measurement is about."""

    loop: int
    bulk: tuple[int, int]
    growth: tuple[int, int, int]


FULL = Sizes(loop=40, bulk=(1000, 5000), growth=(1000, 5000, 20000))
QUICK = Sizes(loop=6, bulk=(100, 500), growth=(100, 500, 2000))


class Bench:
    """A simulator, and the runs against it."""

    def __init__(self, folder: Path) -> None:
        ready_file = folder / "ready.json"
        command = [sys.executable, "-m", "simulator", "--exit-on-stdin-eof", "--ready-file", str(ready_file)]
        self._simulator = subprocess.Popen(
            [*command, "--latency-ms", str(LATENCY_MS)], cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        while not ready_file.exists():
            if self._simulator.poll() is not None:
                sys.exit("The simulator did not start; what it said is above.")
            time.sleep(0.05)
        ready = json.loads(ready_file.read_text())
        self._control_url = ready["control_url"]
        self._folder = folder
        self._environment = work.environment_for(ready["api_url"], API_KEY)

    def fresh_orders(self, count: int) -> list[str]:
        """Forget all orders and make so many unpaid ones."""
        self._control("POST", "/reset")
        self._control("PATCH", "/settings", {"latency_ms": LATENCY_MS})
        numbers: list[str] = self._control("POST", "/orders/demo-shop", {"generate": count, "prefix": "2026-"})[
            "numbers"
        ]
        return numbers

    def playbook(self, name: str, tasks: list[work.Task]) -> work.Measured:
        """Measure a playbook."""
        return self._told(name, work.run_playbook(tasks, self._folder, self._environment))

    def cancel_orders(self, name: str, numbers: list[str], concurrency: int) -> work.Measured:
        """Measure the playbook cancel_orders."""
        return self._told(name, work.run_cancel_orders(numbers, concurrency, self._folder, self._environment))

    def bare(self, name: str, numbers: list[str], concurrency: int) -> work.Measured:
        """Measure the same work without Ansible."""
        return self._told(name, work.run_bare(numbers, concurrency, self._folder, self._environment))

    def stop(self) -> None:
        """End the simulator."""
        self._simulator.terminate()
        self._simulator.wait()

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._control_url + path, data=data, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            return json.load(answer)

    def _told(self, name: str, measured: work.Measured) -> work.Measured:
        print(f"  {name:<46} {measured.wall:8.2f} s", file=sys.stderr, flush=True)
        return measured


def measure(bench: Bench, sizes: Sizes) -> report.Figures:
    """Run everything once, what is compared directly side by side in time."""
    figures = report.Figures(LATENCY_MS, sizes.loop)
    figures.start_up = min(
        (bench.playbook("an empty playbook", work.nothing()) for dummy in range(3)), key=lambda m: m.wall
    )
    half = sizes.loop // 2
    for _dummy in range(2):  # in turn, since the machine's speed drifts
        figures.uri_loop.append(bench.playbook("a. uri in a loop", work.uri_loop(bench.fresh_orders(half))))
        figures.module_loop.append(bench.playbook("b. module in a loop", work.module_loop(bench.fresh_orders(half))))
    for count in sizes.bulk:
        for workers in CONCURRENCIES if count <= PATIENCE else CONCURRENCIES[1:]:
            numbers = bench.fresh_orders(count)
            name = f"{count} orders, concurrency {workers}"
            figures.bulk[count, workers] = bench.playbook(f"c. {name}", work.module_bulk(numbers, workers))
            figures.bare[count, workers] = bench.bare(f"d. {name}", bench.fresh_orders(count), workers)
    count = sizes.bulk[-1]
    numbers = bench.fresh_orders(count)
    bench.playbook("   (the first run for e)", work.module_bulk(numbers, 32))
    figures.again = bench.playbook(f"e. {count} orders again", work.module_bulk(numbers, 32))
    for count in sizes.growth:
        numbers = bench.fresh_orders(count)
        figures.growth[count] = bench.playbook(f"f. {count} orders", work.module_bulk(numbers, 32))
    for workers in PLAYBOOK_CONCURRENCIES:
        figures.playbook[workers] = measure_playbook(bench, sizes.bulk[-1], workers, figures.start_up)
    return figures


def measure_playbook(bench: Bench, count: int, workers: int, start_up: work.Measured) -> report.ThePlaybook:
    """Run cancel_orders, and what it is compared with."""
    named = f"{count} orders, concurrency {workers}"
    whole = bench.cancel_orders(f"g. cancel_orders, {named}", bench.fresh_orders(count), workers)
    numbers = bench.fresh_orders(count)
    plan = bench.playbook(f"h. check mode, {named}", work.module_bulk(numbers, workers, check_mode=True))
    task = bench.playbook(f"i. one task, {named}", work.module_bulk(numbers, workers))
    return report.ThePlaybook(whole.wall, plan.wall - start_up.wall, task.wall)


def main() -> int:
    """Measure, tell, write; return 1 if a figure is worse than it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few orders, only to see that it runs")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        try:
            figures = measure(bench, QUICK if quick else FULL)
        finally:
            bench.stop()
    text, held = report.as_markdown(figures)
    print(text)
    if quick:
        return 0
    docs = TESTS.parent / "docs"
    docs.mkdir(exist_ok=True)
    (docs / "performance.md").write_text(text)
    report.plot(figures, docs / "performance.svg")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
