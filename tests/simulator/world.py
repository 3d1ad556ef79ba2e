# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a reset restores: the shops, the fault plan, the request log, the settings."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from .faults import Plan
from .log import Log
from .order import Invalid
from .shop import Shop


@dataclass
class Settings:
    """latency_ms: milliseconds before every answer; repeat_status: answer to a transition to the status it has."""

    latency_ms: float = 0
    repeat_status: int = 200

    def merged(self, changes: dict[str, Any]) -> Settings:
        """Return settings with some values changed. Raises Invalid."""
        for name in changes:
            if name not in asdict(self):
                raise Invalid(f"Unknown setting {name!r}; there are: {', '.join(asdict(self))}")
        return replace(self, **changes)


class World:
    """The simulator's state. Requests under way during a reset finish on the shop they began with, which is gone."""

    def __init__(self, shops: dict[str, Shop], settings: Settings) -> None:
        self._pristine = shops
        self._default_settings = settings
        self.log = Log()
        self.reset()

    def reset(self) -> None:
        """Go back to the beginning: seed, no faults, empty log, the settings of the command line."""
        self.shops = {name: shop.copy() for name, shop in self._pristine.items()}
        self._by_key = {shop.api_key: shop for shop in self.shops.values()}
        self.settings = self._default_settings
        self.plan = Plan()
        self.log.clear()

    def shop_of(self, api_key: str) -> Shop | None:
        """Return the shop that a key belongs to."""
        return self._by_key.get(api_key)
