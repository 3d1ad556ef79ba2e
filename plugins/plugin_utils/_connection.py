# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""Where an action finds the connection options: the task, then the host's variables, level by level. Pure.

The level that gives a key decides, because the key of a lower level belongs to another shop. The environment is the
lowest level. The module reads it, where it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

KEYS = ("api_key", "api_key_file")
OTHERS = ("api_url", "ca_path", "timeout")
VARIABLES = {name: f"komfortkasse_{name}" for name in (*KEYS, *OTHERS)}
KEYS_FILE_VARIABLE = "KOMFORTKASSE_SHOP_KEYS_FILE"


def connected(
    options: Mapping[str, Any], variable: Callable[[str], Any], line_of_host: Callable[[], str | None]
) -> dict[str, Any]:
    """The options, completed by those of the connection that the host's variables give.

    ``variable`` returns the value of a host's variable, None or '' if it is unset. ``line_of_host`` returns the key of
    the host in the keys file, None if there is no keys file.
    """

    def variables_for(names: Sequence[str]) -> dict[str, Any]:
        values = {name: variable(VARIABLES[name]) for name in names}
        return {name: value for name, value in values.items() if value not in (None, "")}

    found = variables_for([name for name in OTHERS if options.get(name) is None])
    if not _has_key({name: options.get(name) for name in KEYS}):
        keys = variables_for(KEYS)
        if not _has_key({VARIABLES[name]: value for name, value in keys.items()}):
            line = line_of_host()
            keys = {} if line is None else {"api_key": line}
        found.update(keys)
    return {**options, **found}


def _has_key(level: Mapping[str, Any]) -> bool:
    """Tell whether a level gives a key. Two of them, or one that is not text, are a ValueError."""
    given = {name: value for name, value in level.items() if value not in (None, "")}
    if len(given) > 1:
        raise ValueError(f"Both {' and '.join(given)} are set: set only one of them.")
    for name, value in given.items():
        if not isinstance(value, str):
            raise ValueError(f"{name} is not text. YAML may have altered it: put it in quotes.")
    return bool(given)


def key_of_host(text: str, host: str, path: str) -> str:
    """The key of a host in a keys file, YAML of the form ``host: key``.

    Every value is taken as it is written: 0123 stays 0123.

    Raises: ValueError with a sentence that shows no key.
    """
    try:
        document = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark else ""
        raise ValueError(f"The keys file {path} is not YAML of the form host: key{line}.") from None
    pairs = document.value if isinstance(document, yaml.MappingNode) else []
    found = [value for name, value in pairs if name.value == host]
    if not found:
        raise ValueError(
            f"The keys file {path}, which {KEYS_FILE_VARIABLE} names, has no line for the host {host}: add {host}: KEY."
        )
    [node, *others] = found
    if others or not isinstance(node, yaml.ScalarNode) or node.tag.startswith("!") or not node.value:
        raise ValueError(f"The keys file {path} must have exactly one line {host}: KEY, with the key as text.")
    key: str = node.value
    return key
