# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments and results of a module that a test runs in its own process, with any supported ansible-core."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any
from unittest import mock

from ansible.module_utils import basic
from ansible.module_utils.ansible_release import __version__

# From ansible-core 2.21 on a result holds the module's options only if that is asked for; older ones do not know that.
TOLD = {"_ansible_inject_invocation": True} if int(__version__.split(".")[1]) >= 21 else {}

try:
    from ansible.module_utils.testing import patch_module_args as _patch
except ImportError:  # ansible-core before 2.19

    @contextlib.contextmanager
    def _patch(args: dict[str, Any] | None = None) -> Iterator[None]:
        encoded = json.dumps({"ANSIBLE_MODULE_ARGS": args or {}}).encode()
        with mock.patch.object(basic, "_ANSIBLE_ARGS", encoded):
            yield


@contextlib.contextmanager
def patch_module_args(options: dict[str, Any]) -> Iterator[None]:
    """Let the next module in this process be given these options, and say in its result what it made of them."""
    with _patch({**TOLD, **options}):
        yield


_SECRETS: set[str] = set()


def read_printed(printed: str) -> dict[str, Any]:
    """Read what a module has printed, as the controller does.

    From ansible-core 2.22 on it is the controller that masks secrets in the options; a process names each of them once.
    """
    result: dict[str, Any] = json.loads(printed)
    _SECRETS.update(result.pop("_ansible_new_secrets", ()))
    options = result.get("invocation", {}).get("module_args", {})
    options.update(
        {name: "********" for name, value in options.items() if isinstance(value, str) and value in _SECRETS}
    )
    return result
