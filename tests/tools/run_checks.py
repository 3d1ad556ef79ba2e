# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run nox sessions side by side and print one clear result.

Usage: run_checks.py SESSION...

Each session's output goes to a file, and to the screen if the session fails; it doesn't stop the others. A session
that prints a warning, a deprecation, or a summary of Python's warnings, has failed: nobody would read them until it is
too late.
The last line counts tests: those in a session's JUnit files (ansible-test writes them), else the session as one.
Ends with 1 if anything failed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / ".nox" / "logs"
OUTPUT = ROOT / "tests" / "output"
# Of Ansible, but for what our own modules warn of in the tests, of Python, and how pytest counts those at its end.
COMPLAINT = re.compile(
    r"\[DEPRECATION WARNING\]|\[WARNING\](?!: (?:Order \S+ has|only_from names|\d+ more orders? ha))"
    r"|DeprecationWarning|FutureWarning|\b\d+ warnings? in \d"
)


@dataclass
class Result:
    """How one session ended: its tests and its seconds; one that may fail breaks nothing."""

    session: str
    passed: int
    failed: int
    seconds: float
    may_fail: bool = False

    @property
    def broken(self) -> bool:
        """Whether the whole run has failed because of it."""
        return bool(self.failed) and not self.may_fail

    @property
    def verdict(self) -> str:
        """One word about it."""
        if not self.failed:
            return "ok"
        return "warning" if self.may_fail else "FAILED"

    def __str__(self) -> str:
        tests = f"{self.passed} of {self.passed + self.failed}" if self.passed + self.failed > 1 else ""
        return f"  {self.verdict:<7} {self.session:<22} {self.seconds:6.1f} s  {tests}".rstrip()


def log_of(session: str) -> Path:
    """Return the file that holds a session's output."""
    return LOGS / f"{session}.log"


def count_tests(session: str, ok: bool) -> tuple[int, int]:
    """Return how many tests of a session passed and failed.

    A session that is ok has no failed test, whatever JUnit says: tasks that are meant to fail are in there, too.
    """
    passed = failed = 0
    for file in (OUTPUT / session / "junit").glob("*.xml"):
        for case in ElementTree.parse(file).iter("testcase"):
            if case.find("skipped") is not None:
                continue
            if not ok and (case.find("failure") is not None or case.find("error") is not None):
                failed += 1
            else:
                passed += 1
    if ok:
        return max(passed, 1), 0
    return passed, max(failed, 1)


def run(session: str) -> Result:
    """Run one nox session, its output into a file."""
    shutil.rmtree(OUTPUT / session, ignore_errors=True)
    start = time.monotonic()
    with log_of(session).open("wb") as log:
        ended = subprocess.run(
            [sys.executable, "-m", "nox", "--non-interactive", "--session", session],
            cwd=ROOT,
            env={**os.environ, "CI": "true", "NO_COLOR": "1"},  # with CI the formatter checks instead of formatting
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    complaints = [line for line in log_of(session).read_text(errors="replace").splitlines() if COMPLAINT.search(line)]
    if complaints:
        with log_of(session).open("a") as log:
            print("\nThis run must not print:", *complaints, sep="\n", file=log)
    passed, failed = count_tests(session, ok=ended.returncode == 0 and not complaints)
    return Result(session, passed, failed, time.monotonic() - start)


def run_all(sessions: list[str], may_fail: Collection[str] = ()) -> list[Result]:
    """Run the sessions, as many at a time as there are processors, and report."""
    LOGS.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    results = []
    print(f"Running {len(sessions)} checks, output in {LOGS.relative_to(ROOT)}/", flush=True)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        futures = [pool.submit(run, session) for session in sessions]
        try:
            for future in as_completed(futures):
                result = future.result()
                result.may_fail = result.session in may_fail
                results.append(result)
                if result.failed:
                    print(f"\n--- {result.session} ---\n{log_of(result.session).read_text(errors='replace')}")
                print(result, flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise

    broken = [result.session for result in results if result.broken]
    if any(result.failed for result in results):  # their output stands between the lines above
        print("\nAll checks:", *results, sep="\n")
    print(f"\n{len(results) - len(broken)} of {len(results)} checks ok in {time.monotonic() - start:.0f} s")
    if broken:
        print(f"Failed: {', '.join(broken)}")
    print(f"{sum(r.passed for r in results)} passed, {sum(r.failed for r in results if r.broken)} failed")
    return results


if __name__ == "__main__":
    sys.exit(any(result.broken for result in run_all(sys.argv[1:])))
