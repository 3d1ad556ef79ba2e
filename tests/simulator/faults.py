# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault plan: which request meets which fault. How a fault looks on the wire is in misbehave.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .order import Invalid

OPERATIONS = ("getOrder", "readOrders", "cancelOrder", "removeOrder", "setOrderPaid", "setOrderUnpaid")

_NUMBER = (int, float)
_MATCHING: Mapping[str, tuple[type, ...]] = {
    "operation": (str, list, type(None)),
    "order_number": (str, type(None)),
    "shop": (str, type(None)),
    "skip": (int,),
    "times": (int, type(None)),
    "when": (str,),
    "delay": _NUMBER,
}
# Kind -> its own fields with their types. The ones in REQUIRED have no sensible default.
KINDS: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    "status": {"status": (int,), "error": (str,), "retry_after": (int, float, str)},
    "delay": {},
    "reset": {},
    "truncated": {},
    "body": {"status": (int,), "body": (str,), "content_type": (str,)},
    "redirect": {"status": (int,), "location": (str,)},
    "wrong_order": {},
    "stale_status": {},
    "echo_key": {"status": (int,)},
    "echo_key_in_order": {"field": (str,)},
    "outside_change": {"payment_status": (str,), "changed_number": (str,)},
    "enormous": {"size": (int,)},
    "endless": {"interval": _NUMBER, "size": (int,)},
    "gzip_bomb": {"size": (int,)},
}
REQUIRED = {
    "status": ("status",),
    "delay": ("delay",),
    "body": ("body",),
    "redirect": ("location",),
    "outside_change": ("payment_status",),
}
# The answer of these is the normal one, so the change is made whatever ``when`` says.
ALWAYS_CHANGE = ("delay", "outside_change")


@dataclass
class Fault:
    """One fault: what it matches, how often, and the fields of its kind in ``fields``. delay in seconds."""

    id: int
    kind: str
    operations: tuple[str, ...] | None
    order_number: str | None
    shop: str | None
    skip: int
    times: int | None
    when: str
    delay: float
    fields: dict[str, Any]
    asked: dict[str, Any]
    seen: int = field(default=0)
    hits: int = field(default=0)

    @property
    def changes(self) -> bool:
        """Tell whether the change is made although the fault shows."""
        return self.when == "after" or self.kind in ALWAYS_CHANGE

    def strikes(self, operation: str, order_number: str | None, shop: str | None) -> bool:
        """Tell whether a request meets this fault, and count it."""
        if self.operations is not None and operation not in self.operations:
            return False
        if self.order_number is not None and order_number != self.order_number:
            return False
        if self.shop is not None and shop != self.shop:
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.seen += 1
        if self.seen <= self.skip:
            return False
        self.hits += 1
        return True

    def as_json(self) -> dict[str, Any]:
        """Return the fault as it was asked for, with its id, and how many requests it has hit."""
        return {**self.asked, "id": self.id, "hits": self.hits}


class Plan:
    """The faults in their order; the first one that strikes wins."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def strike(self, operation: str, order_number: str | None, shop: str | None) -> Fault | None:
        """Return the fault that a request meets, or None."""
        for fault in self._faults:
            if fault.strikes(operation, order_number, shop):
                return fault
        return None

    def replace(self, asked: object) -> None:
        """Make a list of faults the plan; counters and ids start anew. The old plan stays if one is invalid."""
        if not isinstance(asked, list):
            raise Invalid("A fault plan is a list of faults")
        self._faults = [parse(fault, index) for index, fault in enumerate(asked, start=1)]

    def as_json(self) -> list[dict[str, Any]]:
        """Return all faults, those that are used up as well."""
        return [fault.as_json() for fault in self._faults]


def parse(asked: object, fault_id: int) -> Fault:
    """Check a fault strictly: a plan with a slip of the pen would let a test pass for nothing. Raises Invalid."""
    if not isinstance(asked, dict):
        raise Invalid(f"A fault is an object, not {asked!r}")
    kind = str(asked.get("kind"))
    if kind not in KINDS:
        raise Invalid(f"Unknown kind of fault {kind!r}; there are: {', '.join(KINDS)}")
    known = {**_MATCHING, **KINDS[kind]}
    for name, value in asked.items():
        if name == "kind":
            continue
        if name not in known:
            raise Invalid(f"A fault of the kind {kind} has no field {name!r}; it has: {', '.join(known)}")
        if not isinstance(value, known[name]) or isinstance(value, bool):
            raise Invalid(f"The field {name!r} of a fault of the kind {kind} cannot be {value!r}")
    for name in REQUIRED.get(kind, ()):
        if name not in asked:
            raise Invalid(f"A fault of the kind {kind} needs the field {name!r}")
    operation = asked.get("operation")
    operations = None if operation is None else tuple(operation if isinstance(operation, list) else [operation])
    for name in operations or ():
        if name not in OPERATIONS:
            raise Invalid(f"Unknown operation {name!r}; there are: {', '.join(OPERATIONS)}")
    when = asked.get("when", "before")
    if when not in ("before", "after"):
        raise Invalid(f"'when' is before or after, not {when!r}")
    if not 200 <= asked.get("status", 200) <= 599:
        raise Invalid(f"{asked['status']} is not a status that an answer can have (200 to 599)")
    for name in ("skip", "times", "delay", "size", "interval"):
        if (asked.get(name) or 0) < 0:
            raise Invalid(f"The field {name!r} of a fault cannot be negative")
    return Fault(
        id=fault_id,
        kind=kind,
        operations=operations,
        order_number=asked.get("order_number"),
        shop=asked.get("shop"),
        skip=asked.get("skip", 0),
        times=asked.get("times", 1),
        when=when,
        delay=asked.get("delay", 0),
        fields={name: asked[name] for name in KINDS[kind] if name in asked},
        asked=dict(asked),
    )
