# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits before another try: how long they are, who waits, and what ends them."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors, _retries


def test_who_is_told_to_stop_waits_no_longer(monkeypatch):
    monkeypatch.setattr(_retries, "FIRST_BACKOFF", 60)
    stopping = threading.Event()
    throttle = _retries.Throttle(stopping)
    throttle.wait()
    throttle.hold(60)
    stopping.set()
    with pytest.raises(_errors.StoppedError, match=r"^the run was told to stop before this request was sent$"):
        throttle.wait()
    for error in (_errors.BrokenConnectionError("it broke"), _errors.RateLimitError("429", retry_after=60)):
        assert not _retries.may_retry(error, _retries.RetryBudget(retries=1, longest_wait=60), throttle)


@pytest.mark.parametrize(("rest", "most"), [(0, 0.25), (3, 0.55), (100, 1.0)])
def test_those_who_wait_together_go_on_at_different_times(rest, most):
    more = [_retries.jitter(rest) for _time in range(5000)]
    assert 0 <= min(more) < most / 100
    assert most * 0.99 < max(more) <= most


class Noted:
    """A throttle that only notes what is asked of it."""

    def __init__(self):
        self.asked = []

    def hold(self, seconds):
        assert seconds > 0, "it would be sent again at once"
        self.asked.append("hold")

    def wait(self):
        self.asked.append("wait")

    def sleep(self, seconds):
        self.asked.append("sleep")


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (_errors.RateLimitError("429"), ["hold", "wait"]),
        (_errors.RateLimitError("429", retry_after=0), ["hold", "wait"]),
        (_errors.UnavailableError("503", retry_after=1), ["hold", "wait"]),
        (_errors.UnavailableError("503"), ["sleep"]),
        (_errors.BrokenConnectionError("it broke"), ["sleep"]),
    ],
)
def test_what_the_service_asks_of_one_it_asks_of_all(error, asked):
    throttle = Noted()
    assert _retries.may_retry(error, _retries.RetryBudget(retries=1, longest_wait=60), throttle)
    assert throttle.asked == asked


def test_a_budget_is_a_value():
    budget = _retries.RetryBudget(retries=1, longest_wait=60)
    error = _errors.BrokenConnectionError("it broke")
    assert budget.allows(error)
    assert not budget.spent().allows(error)
    assert budget.tries == 1
    assert _retries.RetryBudget(retries=1, longest_wait=1).allows(_errors.RateLimitError("429", retry_after=1))
    assert str(budget.spent().final(error)) == "it broke (tried 2 times)"
    assert (str(error), str(budget.final(error))) == ("it broke", "it broke")


@pytest.mark.parametrize("tries", [1, 2, 3, 8, 100, 10_000])
def test_waits_grow_up_to_the_longest_one(monkeypatch, tries):
    monkeypatch.setattr(_retries, "FIRST_BACKOFF", 0.5)
    longest = min(20, 0.5 * 2 ** min(tries - 1, 20))
    waits = {_retries.backoff(tries, 20) for _index in range(50)}
    assert all(longest / 2 <= wait <= longest for wait in waits)
    assert len(waits) > 1
