# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print how much of each plugin the tests have run; end with 1 if that is too little of them all, or none of one.

Usage: check_coverage.py REPORT...

The reports are those of `ansible-test coverage xml`. A line or branch counts as run if one of them says so.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
LEAST = 98.0  # per cent, of the lines as well as of the branches


def main(reports: list[str]) -> int:
    """Read the reports, print a table, and judge."""
    lines: dict[str, dict[int, bool]] = defaultdict(dict)
    branches: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)  # by line: how many were taken, of how many
    for report in reports:
        for file in ElementTree.parse(report).iter("class"):
            name = file.get("filename", "")
            if not name.startswith("plugins/"):
                continue
            for line in file.iter("line"):
                number = int(line.get("number", 0))
                lines[name][number] = lines[name].get(number, False) or line.get("hits") != "0"
                if line.get("branch") == "true":
                    taken, of = line.get("condition-coverage", "").partition("(")[2].rstrip(")").split("/")
                    before, _same = branches[name].get(number, (0, 0))
                    branches[name][number] = (max(before, int(taken)), int(of))

    every_line = [hit for file in lines.values() for hit in file.values()]
    every_branch = [counts for file in branches.values() for counts in file.values()]
    if not every_line:
        sys.exit("There is nothing about plugins/ in these reports.")
    never = {str(path.relative_to(ROOT)) for path in ROOT.glob("plugins/**/*.py")} - set(lines)
    if never:  # ansible-test reports only what was imported
        sys.exit(f"Not in these reports, so never run: {', '.join(sorted(never))}.")
    for name in sorted(lines):
        missing = [str(number) for number, hit in sorted(lines[name].items()) if not hit]
        partly = [str(number) for number, (taken, of) in sorted(branches[name].items()) if 0 < taken < of]
        print(f"  {name:<45}{percent_of_lines(lines[name].values()):6.1f} %", end="")
        print(f"  not run: {', '.join(missing)}" if missing else "", end="")
        print(f"  one way only: {', '.join(partly)}" if partly else "")
    of_lines, of_branches = percent_of_lines(every_line), percent_of_branches(every_branch)
    print(f"\nLines {of_lines:.2f} %, branches {of_branches:.2f} %; {LEAST:.0f} % is the least.")
    return 1 if min(of_lines, of_branches) < LEAST else 0


def percent_of_lines(hits: Iterable[bool]) -> float:
    """Return how many of the lines were run."""
    every = list(hits)
    return 100 * sum(every) / len(every) if every else 100.0


def percent_of_branches(counts: Iterable[tuple[int, int]]) -> float:
    """Return how many of the branches were taken."""
    every = list(counts)
    total = sum(of for _taken, of in every)
    return 100 * sum(taken for taken, _of in every) / total if total else 100.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
