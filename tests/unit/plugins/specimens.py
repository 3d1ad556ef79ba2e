# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults to run into: every kind that the simulator knows, and of some kinds the variants that matter.

A kind that is new to the simulator is here by itself, with made-up values for the fields that it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.community.komfortkasse.tests.simulator.faults import KINDS, REQUIRED

TIMEOUT = 2.0  # seconds
LATE = 3.2  # seconds; more than one TIMEOUT, less than two
PATIENT = 30.0  # seconds; more than anything takes on a busy machine
TARGET = "(target)"  # stands for the payment status that the run wants

# Kind -> the fields of each variant. A kind that is not here has one variant, made of the fields that it needs.
_VARIANTS: dict[str, list[dict[str, Any]]] = {
    "status": [
        *({"status": status} for status in (400, 401, 404, 408, 429, 500)),
        {"status": 503, "retry_after": 0},
        *({"status": status, "retry_after": 3600} for status in (500, 503)),
    ],
    "delay": [{"delay": 0.01}, {"delay": LATE}],
    "body": [
        {"body": "<h1>Maintenance</h1>"},
        {"body": '{"number": 1, "paymentStatus": true}'},
        {"body": '{"error": "Bad gateway"}', "status": 502},
    ],
    "redirect": [{"location": "https://elsewhere.example/"}],
    "echo_key": [{"status": status} for status in (400, 500)],
    "echo_key_in_order": [{}, {"field": "number"}, {"field": "paymentStatus"}],
    "outside_change": [{"payment_status": "LEGACY"}, {"payment_status": TARGET}],
    "enormous": [{"size": 9_000_000}, {"size": 50_000}],
    "gzip_bomb": [{"size": 20_000_000}, {"size": 50_000}],
}
_VALUES = {"delay": 0.01, "payment_status": "LEGACY", "size": 50_000, "status": 500}


@dataclass(frozen=True, repr=False)
class Specimen:
    """One fault, as the simulator wants it but for what it hits; ``str`` of it is its name in a test's name."""

    kind: str
    variant: int
    fields: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        words = [str(value)[:20] for _name, value in self.fields]
        return "-".join([self.kind, *words, *(["empty"] if words == [""] else [])])

    __repr__ = __str__

    @property
    def timeout(self) -> float:
        """A time-out in seconds that it runs into if it is one of the slow ones, and nothing else does."""
        return TIMEOUT if self.kind == "endless" or self.get("delay") == LATE else PATIENT

    def get(self, name: str) -> Any:
        """A field of its own, None without it."""
        return dict(self.fields).get(name)

    def fault(self, target: str, **hits: Any) -> dict[str, Any]:
        """The fault for the simulator. ``hits``: what it meets, and how often."""
        fields = {name: target if value == TARGET else value for name, value in self.fields}
        return {"kind": self.kind, **fields, **hits}


def _needed(kind: str) -> dict[str, Any]:
    def some(name: str) -> Any:
        types = KINDS[kind].get(name, (float,))
        return _VALUES.get(name, "something" if str in types else 1)

    return {name: some(name) for name in REQUIRED.get(kind, ())}


SPECIMENS = [
    Specimen(kind, variant, tuple(fields.items()))
    for kind in KINDS
    for variant, fields in enumerate(_VARIANTS.get(kind) or [_needed(kind)])
]

# What is sent for an order that meets a fault once, R for reading it and C for changing it, and then its outcome:
# + changed, = unchanged, ! failed. There is one for each step, in this order.
# On the read; on the change, which is not made or is; on the read that has to find out about a
# change whose answer was lost, which was not made or was.
STEPS = ("read", "change, not made", "change, made", "check, not made", "check, made")
LOST = "RRC+ RCRC+ RCR+ RCRRC+ RCRR+"  # whether a request with such an answer took effect is unknown
REFUSED = "R! RCR! RCR= RCR! RCR!"  # nothing was done, unless somebody else was quicker
FINAL = "R! RCR! RCR+ RCR! RCR!"  # it may have taken effect, and another try makes no sense
STOPPED = "R! RC! RC! RCR! RCR!"  # nothing was done, and it is not looked into
BUSY = "RRC+ RCC+ RCCR= RCRRC+ RCRR+"  # nothing was done, and it is tried again
FINE = "RC+ RC+ RC+ RCRC+ RCR+"
SCRIPTS = {
    **dict.fromkeys(map(str, SPECIMENS), LOST),
    **dict.fromkeys(("status-400", "status-404", "echo_key-400"), REFUSED),
    **dict.fromkeys(("status-500-3600", "redirect-https://elsewhere.ex", "wrong_order"), FINAL),
    **dict.fromkeys(("echo_key_in_order-number", "enormous-9000000", "gzip_bomb-20000000"), FINAL),
    **dict.fromkeys(("status-401", "status-503-3600"), STOPPED),
    **dict.fromkeys(("status-429", "status-503-0"), BUSY),
    **dict.fromkeys(("delay-0.01", "outside_change-LEGACY"), FINE),
    **dict.fromkeys(("echo_key_in_order", "enormous-50000", "gzip_bomb-50000"), FINE),
    "stale_status": "RC+ RCR! RCR+ RCRC+ RCR+",
    "echo_key_in_order-paymentStatus": "RC+ RCR! RCR+ RCR! RCR!",
    "outside_change-(target)": "RCR= RC+ RC+ RCRCR+ RCR+",
}
