# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model: what must hold of any run over any orders, told from the simulator's log alone.

A run is looked at through what each order's requests show: what was read, what was sent, what took effect, and what
somebody else did in between (the faults of the kind outside_change, which are known by the log's fault ids).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import TRANSITIONS


@dataclass(frozen=True)
class DesiredState:
    """What a run asks for."""

    numbers: tuple[str, ...]
    state: str
    only_from: tuple[str, ...] | None
    skip: bool  # unexpected_status and missing_order
    check_mode: bool

    @property
    def target(self) -> str:
        """The payment status that is wanted."""
        return TRANSITIONS[self.state].payment_status

    def allows(self, status: str) -> bool:
        """Tell whether an order may come from this status."""
        return self.only_from is None or status in self.only_from

    def outcome(self, status: str | None) -> str:
        """What becomes of an order in this status (None: there is no such order) if nothing goes wrong."""
        if status is None:
            return "skipped" if self.skip else "failed"
        if status == self.target:
            return "unchanged"
        if self.allows(status):
            return "changed"
        return "skipped" if self.skip else "failed"


@dataclass
class Story:
    """What happened to one order in one run, in the order of its requests."""

    number: str
    seen: str | None = None  # the status that the last readable answer to a read showed
    listed: str | None = None  # the status that a list of this run showed, or would have if it had been read
    first: str | None = None  # the status that it was seen in before the first change was sent
    reads: int = 0
    posts: int = 0
    took_effect: bool = False
    unclear: bool = False  # a change was sent that had no effect, and the answer did not say so
    gone: bool = False  # the last answer was that there is no such order
    met: set[str] = field(default_factory=set)  # of TROUBLE


# What a search that gets anywhere has met: an answer that was lost although the change took effect, somebody else's
# change after the order was read, and 404 for an order that was there.
TROUBLE = ("lost", "raced", "late 404")


def retell(
    desired: DesiredState,
    log: list[dict[str, Any]],
    faults: list[dict[str, Any]],
    before: dict[str, str],
    in_turn: bool,
) -> tuple[dict[str, Story], dict[str, str], set[str]]:
    """Go through a run's requests, checking each change as it is met.

    in_turn: the requests were carried out in the order of the log, as those of one worker are.
    Returns: the stories by order number, every order's status at the end, and the numbers that others changed.
    """
    by_id = {fault["id"]: fault for fault in faults}
    stories: dict[str, Story] = {}
    now, meddled = dict(before), set()
    undone: set[str] = set()  # others changed them after our change took effect
    for entry in log:
        number, fault = entry["order_number"], by_id.get(entry["fault"], {})
        if number is not None:
            story = stories.setdefault(number, Story(number))
            if entry["method"] == "POST":
                if story.seen is None and not story.posts:
                    story.seen = story.listed
                _check_change(desired, story, entry, number in undone)
                if story.seen not in (None, entry["from"]):
                    story.met.add("raced")
                if entry["changed"] and (entry["status"] or 599) >= 500:
                    story.met.add("lost")
                story.first = story.first or story.seen
                story.posts += 1
                story.seen = None
                story.took_effect |= entry["changed"]
                story.unclear |= not (entry["changed"] or denies(entry, fault))
            else:
                story.reads += 1
                if entry["from"] is not None and readable(fault):
                    story.seen = entry["from"]
            story.gone = entry["status"] == 404
            if story.gone and story.posts:
                story.met.add("late 404")
        elif readable(fault):
            for wanted in desired.numbers:
                if now.get(wanted) in (desired.target, *(desired.only_from or ())):
                    stories.setdefault(wanted, Story(wanted)).listed = now[wanted]
        if entry["changed"]:
            now[number] = entry["to"]
            if in_turn:
                undone.discard(number)
        other = fault.get("changed_number", number)
        if fault.get("kind") == "outside_change" and other in now:
            now[other] = fault["payment_status"]
            meddled.add(other)
            undone.add(other)
    return stories, now, meddled


def readable(fault: dict[str, Any]) -> bool:
    """Tell whether a read that met this fault showed the order as it was."""
    good = (None, "outside_change", "delay", "stale_status", "echo_key_in_order")
    return fault.get("kind") in good and fault.get("field") != "number"


def denies(entry: dict[str, Any], fault: dict[str, Any]) -> bool:
    """Tell whether the answer says that nothing was done: 4xx but for a time-out, or 503 with a time to come again."""
    status = entry["status"] or 0
    return (400 <= status < 500 and status != 408) or (status == 503 and "retry_after" in fault)


def _check_change(desired: DesiredState, story: Story, entry: dict[str, Any], was_undone: bool) -> None:
    """Nothing is sent for an order that is not on the list, unread, not where it may come from, or done already."""
    assert story.number in desired.numbers, f"{story.number} is not on the list"
    assert not desired.check_mode, "a change in check mode"
    assert entry["from"] is not None, "a change of an order that there is not"
    if story.seen is None:
        assert story.posts, "changed without a look"
        assert not story.took_effect, "sent again after it took effect"
        assert not story.unclear, "sent again without a look"
    else:
        assert story.seen != desired.target, "sent although it was seen to be where it should"
        assert desired.allows(story.seen), f"sent although it was seen to be {story.seen}"
        assert story.seen == (story.first or story.seen), "sent again although somebody else had changed it"
        assert was_undone or not story.took_effect, "sent again after it took effect, and nobody had undone it"


def check_entry(desired: DesiredState, entry: dict[str, Any], story: Story, now: str | None, was_meddled: bool) -> None:
    """Hold what a run says of one order against its story and its status at the end."""
    outcome, told = entry["outcome"], entry["payment_status"]
    if desired.check_mode:
        if story.seen is not None or story.gone:
            assert outcome == desired.outcome(story.seen)
        elif story.listed is not None:
            assert outcome == desired.outcome(story.listed)
            assert not story.reads
        else:
            assert outcome in ("failed", "not_attempted")
        assert told in (None, now, desired.target) or was_meddled
        return
    if outcome == "changed":
        # Whether a lost change came late or somebody else was quicker cannot be known.
        assert story.took_effect or (story.unclear and was_meddled)
        assert told == desired.target
    elif outcome == "unchanged":
        assert not story.took_effect
        assert told == desired.target
    elif outcome == "not_attempted":
        assert not story.posts
    elif outcome == "skipped":  # perhaps because the answer to a change was that there is no such order
        assert not story.took_effect
        assert not story.unclear
    elif story.took_effect:
        assert told is None or was_meddled, "it took effect, and the run knew"
    if told is not None and not was_meddled:
        assert told == now
