# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The releases that the collection is tested with. As a script: run all of that, and print a table of it.

Usage: matrix.py [SESSION...]

Each combination is a nox session, see noxfile.py. One whose Python is not on this machine is left out, and the table
says so. Ends with 1 if a combination failed that must not, or if none could run.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from ansible_test_runs import find_python
from run_checks import Result, run_all


@dataclass(frozen=True)
class Combination:
    """Releases that are tested together.

    ``modules`` is the Python of the module code, if it is another than the controller's: it runs as a remote target.
    ``oldest`` is for the oldest requests and urllib3 that are supported, in place of the newest.
    """

    core: str
    python: str
    modules: str | None = None
    oldest: bool = False
    must_pass: bool = True

    @property
    def session(self) -> str:
        """The name of the nox session."""
        parts = [f"core{self.core}", f"py{self.python}", self.modules and f"modules-py{self.modules}"]
        return "-".join(["matrix", *filter(None, parts), *(["oldest-requests"] if self.oldest else [])])

    @property
    def pythons(self) -> list[str]:
        """All interpreters that it needs."""
        return [self.python, *([self.modules] if self.modules else [])]


COMBINATIONS = [
    Combination("2.18.19", "3.11"),
    Combination("2.19.14", "3.11"),
    Combination("2.20.10", "3.12"),
    Combination("2.20.10", "3.13"),
    Combination("2.21.5", "3.12"),
    Combination("2.21.5", "3.13"),
    Combination("2.22.0rc1", "3.13", must_pass=False),
    Combination("2.19.14", "3.11", modules="3.9"),
    Combination("2.21.5", "3.13", modules="3.9"),
    Combination("2.19.14", "3.11", oldest=True),
    Combination("2.21.5", "3.13", oldest=True),
]

TITLES = ("ansible-core", "Python", "modules on", "requests", "tests", "minutes", "result")


def table(results: dict[str, Result]) -> str:
    """Return what came out of it, as a table in Markdown."""
    rows: list[tuple[str, ...]] = [TITLES]
    for combination in COMBINATIONS:
        result = results.get(combination.session)
        missing = [python for python in combination.pythons if not find_python(python)]
        if result:
            outcome: tuple[str, ...] = (str(result.passed), f"{result.seconds / 60:.1f}", result.verdict)
        else:
            outcome = ("", "", f"no Python {' and '.join(missing)} here" if missing else "not asked for")
        requests = "oldest" if combination.oldest else "newest"
        rows.append((combination.core, combination.python, combination.modules or "", requests, *outcome))
    widths = [max(map(len, column)) for column in zip(*rows)]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join("| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows)


def main(wanted: list[str]) -> int:
    """Run what is wanted (everything, if nothing is named) and can run here."""
    chosen = [
        combination
        for combination in COMBINATIONS
        if all(map(find_python, combination.pythons)) and (not wanted or combination.session in wanted)
    ]
    may_fail = {combination.session for combination in chosen if not combination.must_pass}
    results = run_all([combination.session for combination in chosen], may_fail)
    print(f"\n{table({result.session: result for result in results})}\n")
    if not chosen:
        print("None of the combinations can run here.")
        return 1
    return 1 if any(result.broken for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
