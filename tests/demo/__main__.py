# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo: cancel orders of a simulated shop in check mode, for real, and again; then find late payments.

Needs what `make demo` installs: ansible-core, the collection, and the simulator's requirements. Leaves the reports of
the runs, and all that they printed, in build/demo.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent
KEPT = TESTS.parent / "build" / "demo"
API_KEY = "demo-key-0000-for-the-simulator-"
TO_CANCEL = ["2026-0815", "2026-0816", "2026/0816", "ä#?%+&", "2026-0602", "2026-0701"]
VARIABLES = {"komfortkasse_order_numbers": TO_CANCEL, "komfortkasse_unexpected_status": "skip"}
CANCEL = ["cancel_orders", "-e", json.dumps(VARIABLES, ensure_ascii=False)]
RUNS: tuple[tuple[str, list[str], int], ...] = (  # title, playbook and options, changing requests
    ("1. A dry run: what would happen?", [*CANCEL, "--check"], 0),
    ("2. For real", CANCEL, 4),
    ("3. Once more: all is done already, so nothing changes", CANCEL, 0),
    ("4. Later: did money arrive on cancelled orders?", ["find_late_payments"], 0),
)
# What Ansible prints of a task that has nothing to tell: its name, and that it went well.
UNEVENTFUL = re.compile(r"TASK \[.*\] \**\n((ok|skipping|included): .*(?<!=>)\n)*")
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def main() -> int:
    """Run the demo; return 0 if every run of the playbook ended as it should."""
    with tempfile.TemporaryDirectory() as folder, start_simulator(Path(folder) / "ready.json") as simulator:
        try:
            api_url, control_url = wait_for(Path(folder) / "ready.json", simulator)
            return demonstrate(api_url, control_url)
        finally:
            simulator.terminate()


def demonstrate(api_url: str, control_url: str) -> int:
    """Show the orders, run the playbooks, show the orders again."""
    heading("A shop at Komfortkasse, simulated on this machine")
    before = read_orders(api_url)
    show_orders(before)
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    report = ["-e", f"komfortkasse_report_dir={os.path.relpath(KEPT)}"]
    environment = {
        **os.environ,
        "KOMFORTKASSE_API_KEY": API_KEY,
        "KOMFORTKASSE_API_URL": api_url,
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_DEPRECATION_WARNINGS": "true",
        "ANSIBLE_FORCE_COLOR": str(sys.stdout.isatty() and "NO_COLOR" not in os.environ),
    }
    print(f"\n  $ export KOMFORTKASSE_API_KEY=... KOMFORTKASSE_API_URL={api_url}")
    for number, (title, [playbook, *options], posts) in enumerate(RUNS, 1):
        heading(title)
        command = ["ansible-playbook", f"community.komfortkasse.{playbook}", *options, *report]
        print(f"  $ {shlex.join(command)}\n", flush=True)
        control(control_url, "DELETE", "/log")
        if run(command, environment, KEPT / f"run-{number}.log"):
            return 1
        sent = control(control_url, "GET", "/log?method=POST")
        seen = [f"    POST {entry['raw_path']}" for entry in sent]
        print(f"  The shop saw {len(sent) or 'no'} changing requests{':' if sent else '.'}", *seen, sep="\n")
        if len(sent) != posts:
            print(f"  There should have been {posts}: something is wrong.")
            return 1
    heading("The shop afterwards")
    show_orders(read_orders(api_url), before)
    heading("To look at")
    pages = sorted(KEPT.glob("*.html"))
    for (title, _command, _posts), page in zip(RUNS, pages):
        print(f"  {title.partition(':')[0]:<16}{page}")
    print("\n  Beside each page is the same as CSV and JSON. Above, tasks with nothing to tell are left out:")
    print("  all that Ansible printed is there in run-1.log to run-4.log.\n")
    return 0 if len(pages) == len(RUNS) else 1


def run(command: list[str], environment: dict[str, str], log: Path) -> int:
    """Run a command; print what it says but for the tasks with nothing to tell, log all of it. Return its exit code."""
    with log.open("w", encoding="utf-8") as everything:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
        )
        block = ""
        for line in [] if process.stdout is None else process.stdout:
            everything.write(COLOUR.sub("", line))
            block += line
            if line.isspace():
                show(block)
                block = ""
        show(block)
        return process.wait()


def show(block: str) -> None:
    """Print what Ansible says about a task or a play, if it is worth it."""
    block = block.strip()
    if block and not UNEVENTFUL.fullmatch(COLOUR.sub("", block) + "\n"):
        print(*(f"  {line}" for line in block.splitlines()), "", sep="\n", flush=True)


def start_simulator(ready_file: Path) -> subprocess.Popen[bytes]:
    """Start the simulator on a free port. It ends by itself when this process is gone, for its stdin ends then."""
    command = [sys.executable, "-m", "simulator", "--exit-on-stdin-eof", "--ready-file", str(ready_file)]
    return subprocess.Popen(command, cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)


def wait_for(ready_file: Path, simulator: subprocess.Popen[bytes]) -> tuple[str, str]:
    """Wait until the simulator answers; return the addresses of its API and of its control interface."""
    deadline = time.monotonic() + 120
    while not ready_file.exists():
        if simulator.poll() is not None or time.monotonic() > deadline:
            sys.exit("The simulator did not start; what it said is above.")
        time.sleep(0.05)
    ready = json.loads(ready_file.read_text(encoding="utf-8"))
    return ready["api_url"], ready["control_url"]


def read_orders(api_url: str) -> list[dict[str, Any]]:
    """Return the shop's orders as the API lists them."""
    request = urllib.request.Request(f"{api_url}/orders?maxAge=1000", headers={"X-Komfortkasse-API-Key": API_KEY})
    orders: list[dict[str, Any]] = load(request)
    return orders


def control(control_url: str, method: str, path: str) -> Any:
    """Call the simulator's control interface."""
    return load(urllib.request.Request(control_url + path, method=method))


def load(request: urllib.request.Request) -> Any:
    """Send a request to the simulator, past any proxy, and return the JSON that it answers."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=120) as answer:
        return json.load(answer)


def show_orders(orders: list[dict[str, Any]], before: list[dict[str, Any]] | None = None) -> None:
    """Print the orders as a table, with an arrow at those whose payment status has changed."""
    statuses = {order["number"]: order["paymentStatus"] for order in before or orders}
    print(f"  {'order':<12}{'date':<12}{'type':<12}{'amount':>9}{'':5}payment status")
    for order in orders:
        number, status = order["number"], order["paymentStatus"]
        was = statuses.get(number, status)
        arrow = f"   <- was {was}" if was != status else ""
        paid = f" ({order['amountPaid']:.2f} paid)" if order.get("amountPaid") else ""
        amount = f"{order['amount']:>9.2f} {order['currency']:<4}"
        print(f"  {number:<12}{order['date']:<12}{order['type']:<12}{amount}{status}{paid}{arrow}")


def heading(text: str) -> None:
    """Print a line that stands out."""
    print(f"\n=== {text} {'=' * max(3, 90 - len(text))}\n")


if __name__ == "__main__":
    sys.exit(main())
