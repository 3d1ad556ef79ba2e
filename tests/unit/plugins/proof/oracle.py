# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The oracle: what must become of an order whose requests meet a fault, by the rules of the documentation.

It knows a fault only by what the witness saw of it: may it pass, was the change made, can anybody tell?
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.community.komfortkasse.tests.simulator.faults import ALWAYS_CHANGE
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof.specimens import LATE, TARGET, Specimen
from ansible_collections.community.komfortkasse.tests.unit.plugins.proof.witness import Nature, Sight

RETRIES = 2
TIMES = (1, 2, None)  # within RETRIES, just within, for ever
# What the fault meets. "lost, ...": the answer to the first POST is lost (the change made or not), and the fault meets
# the reading that has to find out.
ON_READ = "read"
ON_CHANGE = ("change, not made", "change, made")
ON_CHECK = ("lost, not made", "lost, made")
PLACES = (ON_READ, *ON_CHANGE, *ON_CHECK)


@dataclass(frozen=True)
class Case:
    """A cell of the matrix."""

    specimen: Specimen
    place: str
    state: str
    many: bool
    check_mode: bool
    times: int | None

    def __str__(self) -> str:
        words = ["many" if self.many else "one", *(["check mode"] if self.check_mode else [])]
        return f"{self.specimen}, {self.place}, {self.times or 'for ever'}: {self.state}, {', '.join(words)}"

    @property
    def when(self) -> str:
        """The simulator's word for whether the change is made."""
        return "after" if self.place in ("change, made", "lost, made") else "before"

    @property
    def race(self) -> bool:
        """Tell whether somebody else brings the order where it should be."""
        return TARGET in dict(self.specimen.fields).values()


@dataclass(frozen=True)
class Expected:
    """``script``: the requests about the order, R for reading it, C for changing it. known: its status at the end.

    deceived: the API lies, so what the module is right to believe is not what was done.
    """

    outcomes: tuple[str, ...]
    script: str
    known: bool = True
    deceived: bool = False


def expect(case: Case, sight: Sight) -> Expected:
    """What must become of the order."""
    if case.place == ON_READ:
        return _on_read(case, sight)
    if case.place in ON_CHECK:
        return _on_check(case, sight)
    return _on_change(case, sight)


def tries(sight: Sight, times: int | None) -> tuple[int, bool]:
    """How many requests it takes until there is a good answer or no more sense in it, and whether there is one."""
    if sight.nature is Nature.GOOD:
        return 1, True
    if not sight.nature.transient or sight.too_long:
        return 1, False
    if times is None or times > RETRIES:
        return RETRIES + 1, False
    return times + 1, True


def _on_read(case: Case, sight: Sight) -> Expected:
    count, ok = tries(sight, case.times)
    reads = "R" * count
    if sight.nature is Nature.OTHER_STATUS:
        ok = True  # whatever the status is, it is not the one that is wanted
    if not ok:
        return Expected(("failed",), reads, known=False)
    if case.check_mode:
        return Expected(("changed",), reads)
    return Expected(("unchanged",), "RCR") if case.race else Expected(("changed",), reads + "C")


def _on_change(case: Case, sight: Sight) -> Expected:
    made = case.when == "after" or case.specimen.kind in ALWAYS_CHANGE
    if sight.nature is Nature.GOOD:
        return Expected(("changed",), "RC", deceived=not made)
    if made and sight.nature.says_nothing_was_done:
        return _on_denied_change(case, sight)
    if made and case.when == "before" and case.specimen.get("delay") == LATE:
        # Not yet made when it is looked for, so it is sent again; whichever comes first is ours.
        return Expected(("changed",), "RCRC" if case.times == 1 else "RCRCR")
    if made:
        return Expected(("changed",), "RCR")
    count, ok = tries(sight, case.times)
    # A refusal is looked into as well: somebody else may have been quicker.
    look = "" if sight.nature in (Nature.BUSY, Nature.KEY_REFUSED) else "R"
    if ok:
        return Expected(("changed",), "R" + f"C{look}" * (count - 1) + "C")
    return Expected(("failed",), "R" + f"C{look}" * count)


def _on_denied_change(case: Case, sight: Sight) -> Expected:
    """The change was made, and the answer denies it: to one who looks, it seems that somebody else was quicker."""
    count, ok = tries(sight, case.times)
    if sight.nature is Nature.BUSY and ok:  # sent again, which is refused since it is done
        return Expected(("unchanged",), "R" + "C" * count + "R", deceived=True)
    if sight.nature in (Nature.BUSY, Nature.KEY_REFUSED):
        return Expected(("failed",), "R" + "C" * count, deceived=True)
    return Expected(("unchanged",), "RCR", deceived=True)


def _on_check(case: Case, sight: Sight) -> Expected:
    count, ok = tries(sight, case.times)
    script = "RC" + "R" * count
    if not ok:
        return Expected(("failed",), script, known=False)
    if case.when == "after":
        return Expected(("changed",), script)
    if case.race:  # is it the lost change that took effect late, or somebody else? Nobody can tell.
        return Expected(("changed", "unchanged"), script + "CR")
    return Expected(("changed",), script + "C")
