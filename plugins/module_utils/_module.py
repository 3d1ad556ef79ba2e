# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""What the modules share of Ansible, and the one gate through which text leaves a module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.community.komfortkasse.plugins.module_utils import _argument_spec
from ansible_collections.community.komfortkasse.plugins.module_utils._client import Client
from ansible_collections.community.komfortkasse.plugins.module_utils._redact import Redactor
from ansible_collections.community.komfortkasse.plugins.module_utils._transport import HAS_REQUESTS

try:
    from ansible.module_utils.secrets import register_secret
except ImportError:  # ansible-core before 2.22

    def register_secret(value: str) -> str:
        return value


T = TypeVar("T")


class KomfortkasseModule(AnsibleModule):
    """An AnsibleModule whose results, messages and warnings are valid UTF-8 and do not contain the API key.

    Ansible refuses a whole result because of one lone surrogate, and knows the key only in its plain spelling.
    """

    def __init__(self, **settings: Any) -> None:
        self._redactor = Redactor()  # until the key is known
        super().__init__(**settings)

    def checked(self, prepare: Callable[[KomfortkasseModule], T]) -> T:
        """Return what ``prepare`` makes of this module's options. Its ValueError fails the task with its sentence."""
        if not HAS_REQUESTS:
            self.fail_json(msg=missing_required_lib("requests"))
        try:
            return prepare(self)
        except ValueError as error:
            refusal = str(error)
        return self.fail_json(msg=refusal)  # in the except block, Ansible would add a traceback

    def open_client(self, pool_size: int) -> Client:
        """Return a client for the connection options, and warn of options that may be a mistake.

        Raises: ValueError with a sentence.
        """
        connection = _argument_spec.connection_from(self.params)
        self._redactor = Redactor(connection.api_key)
        self.no_log_values.add(connection.api_key)  # Ansible does not see a key from the environment or a file
        register_secret(connection.api_key)
        for warning in _argument_spec.warnings_about(self.params):
            self.warn(warning)
        try:
            return Client(connection, pool_size)
        except ValueError as error:  # requests reads a URL more strictly than urlsplit does
            raise ValueError(f"api_url is not a URL: {error}".rstrip(".") + ".") from None

    def warn(self, warning: str, **more: Any) -> None:
        super().warn(self._redactor.text(warning), **more)

    def exit_json(self, **result: Any) -> NoReturn:
        self.params = self._redactor.value(self.params)  # Ansible returns them as "invocation"
        super().exit_json(**self._redactor.value(result))

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        self.params = self._redactor.value(self.params)
        super().fail_json(self._redactor.text(msg), **self._redactor.value(result))
