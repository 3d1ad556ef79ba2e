# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The definitions for AWX as they are in the collection, with Ansible's templates not evaluated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "docs" / "examples" / "awx-project"


class _Loader(yaml.SafeLoader):
    """Reads a string that Ansible must not evaluate as a plain string."""


_Loader.add_constructor("!unsafe", lambda loader, node: node.value)


def load(path: Path) -> Any:
    """Return the content of a YAML file for Ansible."""
    return yaml.load(path.read_text(encoding="utf-8"), _Loader)


DEFINITIONS: dict[str, Any] = load(ROOT / "playbooks" / "vars" / "awx.yml")
