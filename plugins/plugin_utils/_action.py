# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""What the actions of the collection have in common: what they refuse, and the connection to the host's shop."""

from __future__ import annotations

import os
import re
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError, AnsibleFileNotFound
from ansible.plugins.action import ActionBase
from ansible.release import __version__

from ansible_collections.community.komfortkasse.plugins.plugin_utils import _connection, _options

# requires_ansible in meta/runtime.yml. Ansible only warns of an older one, and Automation Platform runs old execution
# environments without a word.
MINIMUM_CORE = "2.16.0"
UNREADABLE = {AnsibleFileNotFound: "there is no such file.", UnicodeDecodeError: "it is not UTF-8."}


class Action(ActionBase):
    """An action that refuses a task by a ValueError, whose text is a sentence."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Refuse what no action of the collection can work with, then do the work."""
        variables = task_vars or {}
        try:
            refuse_old_core(__version__)
            super().run(tmp, task_vars)  # refuses async where it is not supported
            _options.refuse_leftovers(variables)
            return self.result(variables)
        except ValueError as error:
            # Not raised: before ansible-core 2.19, the text of an exception would be a template for the tasks after it.
            return {"failed": True, "changed": False, "msg": str(error)}

    @abstractmethod
    def result(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The result of the task. ``variables`` are those of the host."""


class ModuleAction(Action):
    """Run the module of the same name with checked options and the connection to the host's shop."""

    MODULE: str  # the fully qualified name

    _supports_async = True

    def result(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Complete the options, then run the module."""
        for name in _options.PLAYBOOK_VARIABLES:
            self._variable(name, variables)
        options = _options.cleaned({name: _decrypted(value) for name, value in self._task.args.items()})
        connected = _connection.connected(
            options, lambda name: self._variable(name, variables), lambda: self._key_of_host(variables)
        )
        return self.run_module(connected, variables)

    def run_module(self, options: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run the module as often as the task needs."""
        return self.call(options, variables)

    def call(self, options: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run the module once."""
        result: dict[str, Any] = self._execute_module(
            module_name=self.MODULE,
            module_args=dict(options),
            task_vars=variables,
            wrap_async=bool(self._task.async_val) and not self._connection.has_native_async,
        )
        return result

    def _variable(self, name: str, variables: Mapping[str, Any]) -> Any:
        """A variable of the host, templated; None if it is not set. ValueError if it cannot be templated."""
        try:
            return _decrypted(self._templar.template(variables.get(name), fail_on_undefined=True))
        except AnsibleError as error:
            raise ValueError(f"The variable {name} of {variables['inventory_hostname']} is unusable: {error}") from None

    def _key_of_host(self, variables: Mapping[str, Any]) -> str | None:
        """The host's key in the keys file, which may be encrypted with Ansible Vault; None if no keys file is named."""
        path = os.environ.get(_connection.KEYS_FILE_VARIABLE)
        if not path:
            return None
        try:
            readable = self._loader.get_real_file(str(Path(path).expanduser().absolute()))
            text = Path(readable).read_text(encoding="utf-8-sig")
        except (AnsibleError, OSError, UnicodeDecodeError) as error:
            reason = UNREADABLE.get(type(error), str(error))
            raise ValueError(
                f"The keys file {path}, which {_connection.KEYS_FILE_VARIABLE} names, cannot be read: {reason}"
            ) from None
        return _connection.key_of_host(text, variables["inventory_hostname"], path)


def refuse_old_core(version: str) -> None:
    """Raise ValueError with a sentence if this release of ansible-core is too old."""
    [this, oldest] = [tuple(map(int, re.findall(r"\d+", text)[:2])) for text in (version, MINIMUM_CORE)]
    if this < oldest:
        raise ValueError(
            f"This is ansible-core {version}, and community.komfortkasse needs {MINIMUM_CORE} or newer."
            " Update ansible-core, or choose a newer execution environment."
        )


def _decrypted(value: Any) -> Any:
    """The value as text if Ansible Vault encrypted it: before ansible-core 2.19, that is a type of its own."""
    return str(value) if getattr(value, "__ENCRYPTED__", False) else value
