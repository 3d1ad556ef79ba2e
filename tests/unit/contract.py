# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds requests to docs/openapi/komfortkasse.yaml, more strictly than a server would: see Contract.complaints()."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from jsonschema import Draft202012Validator, FormatChecker

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi" / "komfortkasse.yaml"
ENCODED = r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+"  # RFC 3986: all but unreserved characters are percent-encoded
FORMATS = FormatChecker(())


@FORMATS.checks("dd-MM-yyyy", raises=ValueError)
def is_date(value: object) -> bool:
    """Tell whether a text is a day as the API writes it."""
    written = "%d-%m-%Y"
    return not isinstance(value, str) or datetime.datetime.strptime(value, written).strftime(written) == value


@dataclass
class Operation:
    """One operation: its path as a regular expression for whole paths, its query parameters, and which are flags."""

    name: str
    method: str
    path: re.Pattern[str]
    query: dict[str, Draft202012Validator]
    flags: set[str]

    def complaints(self, segments: Mapping[str, str], query: str) -> Iterator[str]:
        """Yield what is wrong with a request of this operation, in words."""
        for number in segments.values():
            try:
                usable = unquote(number, errors="strict") not in (".", "..")
            except UnicodeDecodeError:
                usable = False
            if not usable:
                yield f"{number} cannot be a segment of a path"
        seen = set()
        for pair in filter(None, query.split("&")):
            name, _equals, value = pair.partition("=")
            if name in seen:
                yield f"the parameter {name} is given twice"
            seen.add(name)
            if name not in self.query:
                yield f"there is no parameter {name}"
            elif not re.fullmatch(f"(?:{ENCODED}|,)+", value):
                yield f"{pair} is not encoded as expected"
            else:
                found: Any = unquote(value)
                if name in self.flags:
                    found = {"true": True, "false": False}.get(found, found)
                yield from (f"{name}: {error.message}" for error in self.query[name].iter_errors(found))


class Contract:
    """What the document says of requests."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        (scheme,) = document["components"]["securitySchemes"].values()
        self._key_header = scheme["name"].lower()
        base = urlsplit(document["servers"][0]["url"]).path
        self.operations = [
            self._operation(base + path, method, item[method], item.get("parameters", []))
            for path, item in document["paths"].items()
            for method in ("get", "post")
            if method in item
        ]

    @classmethod
    def load(cls) -> Contract:
        """Read the document."""
        return cls(yaml.safe_load(DOCUMENT.read_text(encoding="utf-8")))

    def check(self, log: Iterable[Mapping[str, Any]]) -> None:
        """Raise AssertionError if the simulator has logged a request that the document does not have."""
        wrong = [
            f"{entry['method']} {entry['raw_path']}?{entry['query']}: {complaint}"
            for entry in log
            if entry["method"]  # without one it is no HTTP, such as the beginning of a TLS connection
            for complaint in self.complaints(entry)
        ]
        assert not wrong, "\n".join([f"Not what {DOCUMENT.name} says:", *wrong[:20]])

    def complaints(self, entry: Mapping[str, Any]) -> list[str]:
        """Return what is wrong with a request, in words.

        Stricter than the document: no parameter that it does not name, none twice, the order number encoded so that
        nobody can read another path into it, and no body where none is described.
        """
        general = []
        if entry["headers"].get(self._key_header) != "<key>":  # which is how the log writes it
            general.append("the API key has to be there, once")
        if entry["body"] or "content-type" in entry["headers"]:
            general.append("there is a body")
        candidates = [
            (operation, match)
            for operation in self.operations
            if operation.method == entry["method"] and (match := operation.path.fullmatch(entry["raw_path"]))
        ]
        # POST /order/remove/cancel may be two operations; the modules refuse the order number that makes it the second.
        specific = [list(found.complaints(match.groupdict(), entry["query"])) for found, match in candidates]
        return general + min(specific, key=len, default=["there is no such operation"])

    def _operation(self, path: str, method: str, description: dict[str, Any], shared: list[Any]) -> Operation:
        parameters = [self._resolve(parameter) for parameter in (*shared, *description.get("parameters", ()))]
        assert "requestBody" not in description, "Contract.complaints() expects that no operation has a body"
        in_query = {parameter["name"]: parameter["schema"] for parameter in parameters if parameter["in"] == "query"}
        pattern = re.sub(r"\\\{(\w+)\\\}", lambda name: f"(?P<{name.group(1)}>{ENCODED})", re.escape(path))
        return Operation(
            description["operationId"],
            method.upper(),
            re.compile(pattern),
            {name: Draft202012Validator(schema, format_checker=FORMATS) for name, schema in in_query.items()},
            {name for name, schema in in_query.items() if schema.get("type") == "boolean"},
        )

    def _resolve(self, parameter: dict[str, Any]) -> dict[str, Any]:
        found: Any = parameter
        if "$ref" in parameter:
            found = self._document
            for name in parameter["$ref"].removeprefix("#/").split("/"):
                found = found[name]
        return dict(found)
