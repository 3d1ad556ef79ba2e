# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Change the code a little, many times over, and see whether the tests notice each time.

Usage: mutation.py [FILE...]

Each file of PLAN is tried with its own tests only, those that are quick. `mutmut` does the work, in a new copy of the
sources: what it knows of an earlier run it would keep although the tests have changed. Survivors are printed with the
reason, or else with the difference. Ends with 1 if too few of the mutants of a file were killed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".nox" / "mutants"
TREE = Path("ansible_collections/community/komfortkasse")
UTILS = TREE / "plugins" / "module_utils"
LEAST = 90.0  # per cent

# Which tests have a say in which file, below tests/unit/plugins.
PLAN = {
    "_orders.py": ["module_utils/test_orders.py", "modules/test_komfortkasse_order_input.py"],
    "_batch.py": ["module_utils/test_batch*.py", "module_utils/test_journal.py", "module_utils/test_results.py"],
    "_client.py": [
        "module_utils/test_client*.py",
        "module_utils/test_batch.py",
        "modules/test_komfortkasse_order_faults.py",
    ],
    "_transport.py": ["module_utils/test_client*.py", "module_utils/test_batch.py"],
}
# They measure time, and mutants are slower.
LEFT_OUT = [
    "module_utils/test_batch.py::test_workers_work_at_the_same_time",
    "module_utils/test_batch.py::test_a_worker_that_backs_off_holds_up_nobody_else",
]
MARK = "X" * 2  # what mutmut puts before and after a text, an empty one, too
LETTER = "urllib.parse never encodes a letter, whether `safe` has it or not: path and query stay the same to the byte"
# What a mutated line may be without a test that notices, and why.
EXPLAINED = {
    f'return template.format(number=quote(number, safe="{MARK}{MARK}"))': LETTER,
    f'return f"?{{urlencode(query, safe=\'{MARK},{MARK}\')}}" if query else ""': LETTER,
    "self._free_at = 1.0": "the clock was past that long ago, as it was past 0.0",
    "while (rest := self._free_at - time.monotonic()) >= 0:": "to wait for 0 seconds is not to wait",
    "self._told = None  # how many tries there were": "it is asked for its truth only",
    "return min(longest, FIRST_BACKOFF * 2.0 ** min(tries - 1, 17)) * random.uniform(0.5, 1.0)": (
        "it differs from the 18th try in a row on, and only if a single wait may be longer than 9 hours"
    ),
    "def __init__(self, connection: Connection, pool_size: int = 2) -> None:": (
        "a pool with room for a second connection opens none until there are two requests at a time"
    ),
    "self._transport = Wire(connection, )": "connections are made anew instead of kept: slower, and the same",
    'self.journal: Journal | None = ""': "it is asked for its truth only, and is set before the work begins",
    'self._stopped: str | None = ""': "it is asked for its truth only",
    "self._journal_error = None": "it is read only if a line was not written, and that sets it first",
    f'result.outcome, result.reason = "failed", f"was left alone: {{error}}".rstrip("{MARK}.{MARK}")': (
        "before its full stop it ends in what the operating system says, and none of that ends in a capital X"
    ),
    "warning = _orders.money_warning(order, self._desired.transition, None)": "it is asked for its truth only",
}
# What mutmut's exit codes of a mutant's tests mean is told by `mutmut results`, one line for each.
CAUGHT = ("killed", "timeout", "segfault", "caught by type check")


def main(files: list[str]) -> int:
    """Try all mutants of these files, or of all, and judge."""
    too_few = []
    for file in files or PLAN:
        folder = prepare(file)
        subprocess.run([mutmut(), "run", "--max-children", "2"], cwd=folder, check=True, stdin=subprocess.DEVNULL)
        told = subprocess.run([mutmut(), "results", "--all", "true"], cwd=folder, check=True, stdout=subprocess.PIPE)
        results = dict(line.strip().rsplit(": ", 1) for line in told.stdout.decode().splitlines() if ": " in line)
        for mutant, outcome in results.items():
            if outcome not in CAUGHT:
                difference = subprocess.run([mutmut(), "show", mutant], cwd=folder, check=True, capture_output=True)
                print(f"\n{mutant}: {outcome}, {why(difference.stdout.decode())}", flush=True)
        outcomes = Counter(results.values())
        caught = 100 * sum(outcomes[outcome] for outcome in CAUGHT) / (outcomes.total() or 1)
        print(f"\n{file}: {count(outcomes)}; {caught:.1f} % were noticed, {LEAST:.0f} % is the least.", flush=True)
        if caught < LEAST:
            too_few.append(file)
    if too_few:
        print(f"\nToo few were noticed in {', '.join(too_few)}.")
    return 1 if too_few else 0


def why(difference: str) -> str:
    """Return why nothing notices this mutant; if nobody knows, the difference."""
    [*_before, mutated] = (line[1:].strip() for line in difference.splitlines() if line.startswith("+"))
    return f"for {EXPLAINED[mutated]}: {mutated}" if mutated in EXPLAINED else f"and nobody has said why:\n{difference}"


def prepare(file: str) -> Path:
    """Copy what git knows into the tree that Ansible's imports ask for, and configure mutmut there."""
    folder = WORK / file.strip("_").removesuffix(".py")
    shutil.rmtree(folder, ignore_errors=True)
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / TREE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / TREE / name)
    tests = folder / TREE / "tests" / "unit" / "plugins"
    settings = {
        "source_paths": [str(TREE / "plugins")],
        "only_mutate": [str(UTILS / file)],
        "also_copy": [str(path.relative_to(folder)) for path in (folder / TREE).iterdir() if path.name != "plugins"],
        "use_git_change_detection": ["false"],
        "pytest_add_cli_args": [
            "-p",
            "no:cacheprovider",
            *(f"--deselect={within(tests / test, folder)}" for test in LEFT_OUT),
        ],
        "pytest_add_cli_args_test_selection": [
            within(path, folder) for pattern in PLAN[file] for path in sorted(tests.glob(pattern))
        ],
    }
    text = "\n".join(f"{name}=\n    " + "\n    ".join(values) for name, values in settings.items())
    (folder / "setup.cfg").write_text(f"[mutmut]\n{text}\n")
    return folder


def within(path: Path, folder: Path) -> str:
    """Return a path as mutmut wants it."""
    return str(path.relative_to(folder))


def mutmut() -> str:
    """Return mutmut's path, beside this Python."""
    return str(Path(sys.executable).with_name("mutmut"))


def count(outcomes: Counter[str]) -> str:
    """Put a count of outcomes into words."""
    return ", ".join(f"{number} {outcome}" for outcome, number in outcomes.most_common())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
