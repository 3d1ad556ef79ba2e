# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""The options that modules share: the connection table, and checked values made of a module's parameters."""

from __future__ import annotations

import datetime
import ipaddress
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.common.parameters import AnsibleFallbackNotFound

from ansible_collections.community.komfortkasse.plugins.module_utils import _orders
from ansible_collections.community.komfortkasse.plugins.module_utils._client import OrderQuery
from ansible_collections.community.komfortkasse.plugins.module_utils._transport import Connection

KEY_VARIABLE = "KOMFORTKASSE_API_KEY"
KEY_FILE_VARIABLE = "KOMFORTKASSE_API_KEY_FILE"
LONGEST_KEY_FILE = 4096  # bytes
DATE = "%d-%m-%Y"
DAY = 24 * 60 * 60  # seconds


def from_environment(name: str) -> str:
    """Ansible's env_fallback, except that an empty variable counts as not set: AWX sets such variables."""
    value = os.environ.get(name)
    if not value:
        raise AnsibleFallbackNotFound
    return value


CONNECTION_OPTIONS: dict[str, dict[str, Any]] = {
    # Without a fallback: the environment counts only if the task gives neither of these two, see _api_key().
    "api_key": {"type": "str", "no_log": True},
    "api_key_file": {"type": "path", "no_log": False},
    "api_url": {
        "type": "str",
        "default": "https://ssl.komfortkasse.eu/api/v2",
        "fallback": (from_environment, ["KOMFORTKASSE_API_URL"]),
    },
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path", "fallback": (from_environment, ["KOMFORTKASSE_CA_PATH"])},
    "timeout": {"type": "int", "default": 30, "fallback": (from_environment, ["KOMFORTKASSE_TIMEOUT"])},
    "retries": {"type": "int", "default": 4},
    "retry_max_wait": {"type": "int", "default": 60},
}


def order_numbers_from(params: Mapping[str, Any]) -> list[str] | None:
    """The order numbers of a task as text, None if none are given.

    Raises: ValueError with a sentence.
    """
    number, numbers = params.get("order_number"), params.get("order_numbers")
    try:
        if number is not None:
            return [_orders.check_order_number(number)]
        return None if numbers is None else _orders.check_order_numbers(numbers)
    except ValueError as error:
        raise ValueError(f"Nothing was sent, because {error}") from None


def concurrency_from(params: Mapping[str, Any]) -> int:
    """How many orders are worked on at the same time, or ValueError with a sentence."""
    return check_range(params, "concurrency", 1, 64)


def desired_state_from(params: Mapping[str, Any]) -> _orders.DesiredState:
    """The state that the options ask for, and from where it may be reached, or ValueError with a sentence."""
    only_from = statuses_from(params, "only_from")
    return _orders.DesiredState(
        _orders.TRANSITIONS[params["state"]],
        only_from=None if only_from is None else frozenset(only_from),
        skip_unexpected=params["unexpected_status"] == "skip",
        skip_missing=params["missing_order"] == "skip",
    )


def statuses_from(params: Mapping[str, Any], name: str) -> list[str] | None:
    """The payment statuses of an option, None if any will do.

    An empty list is a ValueError: a template that found nothing does not mean any status.
    """
    statuses: list[str] | None = params[name]
    if statuses is None:
        return None
    if not statuses or "" in statuses:
        raise ValueError(f"{name} is empty or names an empty status. Leave it out if any status will do.")
    for status in statuses:
        if re.search(r"[\s,]", status):
            raise ValueError(f"{name} names {status!r}, but a payment status is one word, such as PAID_PARTIAL.")
    return statuses


def query_from(params: Mapping[str, Any]) -> OrderQuery:
    """The query that finds the orders that the options ask for, or ValueError with a sentence."""
    check_range(params, "max_age", 0)
    statuses, date = statuses_from(params, "payment_statuses") or [], params["min_posting_date"]
    try:
        if date and datetime.datetime.strptime(date, DATE).strftime(DATE) != date:
            raise ValueError
    except ValueError:
        raise ValueError(f"min_posting_date must be a day like 31-12-2026, not {date!r}.") from None
    return OrderQuery(statuses, params["max_age"], date, params["include"])


def warnings_about(params: Mapping[str, Any]) -> list[str]:
    """Sentences about options that are accepted but may be a mistake."""
    warnings = []
    if not params["validate_certs"]:
        warnings.append(
            "validate_certs is false: anyone between here and the API can read the API key and alter answers."
        )
    for option in ("only_from", "payment_statuses"):
        unknown = sorted(set(params.get(option) or []) - {*_orders.PAYMENT_STATUSES, ""})
        if unknown:
            warnings.append(f"{option} names {', '.join(unknown)}, which the API does not document.")
    return warnings


def connection_from(params: Mapping[str, Any]) -> Connection:
    """The connection that the options ask for, or ValueError with a sentence."""
    api_key = _api_key(params)
    api_url, ca_path = params["api_url"].rstrip("/"), params["ca_path"]
    loopback = check_api_url(api_url)
    if ca_path and not Path(ca_path).exists():
        raise ValueError(f"ca_path names {ca_path}, and there is no such file or directory where the module runs.")
    return Connection(
        api_key=api_key,
        api_url=api_url,
        validate_certs=params["validate_certs"],
        ca_path=ca_path,
        timeout=check_range(params, "timeout", 1, DAY),
        retries=check_range(params, "retries", 0),
        retry_max_wait=check_range(params, "retry_max_wait", 0, DAY),
        proxies_allowed=not loopback,
    )


def _api_key(params: Mapping[str, Any]) -> str:
    """The key of the first level that gives one: the task, then the environment."""
    key_name, path_name = "api_key", "api_key_file"
    key: str | None = params[key_name]
    path: str | None = params[path_name]
    if not key and not path:
        key_name, path_name = KEY_VARIABLE, KEY_FILE_VARIABLE
        key, path = os.environ.get(key_name), os.path.expanduser(os.environ.get(path_name, ""))
    if key and path:
        raise ValueError(f"Both {key_name} and {path_name} are set. Set only one of them.")
    if path:
        key = _content_of(path, path_name)
    if not key:
        raise ValueError(
            f"There is no API key: set api_key or api_key_file, or the environment variable {KEY_VARIABLE} or"
            f" {KEY_FILE_VARIABLE} where the module runs."
        )
    if not re.fullmatch(r"[\x21-\x7e]+", key):
        where = f"The content of {path}" if path else "The API key"
        hint = "" if path else " Was it read from a file with a line break at its end? Then use api_key_file."
        raise ValueError(f"{where} contains white space or other characters that no API key has.{hint}")
    return key


def _content_of(path: str, name: str) -> str:
    """The content of a key file without one line end, or ValueError with a sentence."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ValueError(f"{name} names {path}, which is not a regular file.")
            content = file.read(LONGEST_KEY_FILE + 1)
    except OSError as error:
        raise ValueError(
            f"{name} names {path}, which cannot be read where the module runs: {error.strerror}."
        ) from None
    key = re.sub(r"\r?\n\Z", "", content.decode("latin-1"))
    if not key or len(content) > LONGEST_KEY_FILE:
        raise ValueError(f"{name} names {path}, which {'holds more than an API key' if key else 'is empty'}.")
    return key


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a FIFO would wait for somebody to write


def check_range(params: Mapping[str, Any], name: str, least: int, most: int | None = None) -> int:
    """The value of an option that is a whole number, or ValueError with a sentence if it is out of range."""
    value: int = params[name]
    if value < least or (most is not None and value > most):
        wanted = f"at least {least}" if most is None else f"from {least} to {most}"
        raise ValueError(f"{name} must be {wanted}, not {value}.")
    return value


def check_api_url(url: str) -> bool:
    """Tell whether this address is the machine itself. ValueError with a sentence if the key must not go there."""
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise ValueError("api_url holds white space, a control character or a backslash.")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"api_url is not a URL: {error}.") from None
    if "@" in parts.netloc:
        raise ValueError("api_url must not hold a user name or password: the API key is all that the API takes.")
    if parts.scheme not in ("https", "http") or not host or parts.query or parts.fragment:
        raise ValueError(f"api_url must be an address like https://ssl.komfortkasse.eu/api/v2, not {url!r}.")
    loopback = _is_loopback(host)
    if parts.scheme == "http" and not loopback:
        raise ValueError(
            f"api_url is plain http to {host}, which would send the API key in the clear: use https."
            " Plain http is for a test server on this machine (127.0.0.1, ::1, localhost) only."
        )
    return loopback


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
