# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX 24 and Automation Platform 2.5 refuse, or accept and then do differently than expected.

Each function takes an object as the API gets it, and yields its faults as sentences.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

INPUT_KEYS = {
    *("ask_at_runtime", "choices", "default", "format", "help_text"),
    *("id", "label", "multiline", "secret", "type"),
}
SECRET = "a-secret"
QUESTION_TYPES: dict[str, Any] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": (int, float),
}


def faults_of_credential_type(given: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a credential type: kind, inputs, injectors."""
    if given.get("kind") not in ("cloud", "net"):
        yield f"The kind is {given.get('kind')}, not cloud or net"
    fields = given["inputs"]["fields"]
    for field in fields:
        yield from _faults_of_input(field)
    ids = [field.get("id") for field in fields]
    if len(set(ids)) < len(ids) or "tower" in ids:
        yield f"The inputs {ids} are not unique, or one is called tower"
    unknown = set(given["inputs"].get("required", [])) - set(ids)
    if unknown:
        yield f"These inputs are required, but do not exist: {sorted(unknown)}"
    yield from _faults_of_injectors(given["injectors"], fields)


def _faults_of_input(field: dict[str, Any]) -> Iterator[str]:
    name, kind = field.get("id"), field.get("type")
    unknown = set(field) - INPUT_KEYS
    if unknown:
        yield f"The input {name} has unknown keys: {sorted(unknown)}"
    if kind not in ("string", "boolean"):
        yield f"The input {name} is of the type {kind}, not string or boolean"
    if kind == "boolean" and field.get("secret"):
        yield f"The input {name} is boolean and secret"
    if not field.get("label"):
        yield f"The input {name} has no label"
    if "default" in field:
        yield f"The default of the input {name} is not applied over the API"


def _faults_of_injectors(injectors: dict[str, dict[str, str]], fields: list[dict[str, Any]]) -> Iterator[str]:
    unknown = set(injectors) - {"env", "extra_vars", "file"}
    if unknown:
        yield f"Unknown injectors: {sorted(unknown)}"
    names = list(injectors.get("file", {}))
    files = {name.partition(".")[2]: f"/runner/env/{name}" for name in names}
    if any(name.partition(".")[0] != "template" for name in names) or ("" in files and len(files) > 1):
        yield f"Files are called template, or each template.something: {names}"
    for name in injectors.get("env", {}):
        if not name.startswith("KOMFORTKASSE_"):
            yield f"The variable {name} may be AWX's own"
    for name in injectors.get("extra_vars", {}):
        yield f"A launch may override the extra variable {name} of the credential"
    tower = {"tower": {"filename": files.get("", files)}}
    for full in (True, False):  # every optional input given, and every one left out
        values = {field["id"]: _sample(field) if full else "" for field in fields}
        for kind, templates in injectors.items():
            for name, template in templates.items():
                try:
                    text = _render(template, {**values, **tower})
                except TemplateError as error:
                    yield f"The injector {kind} {name} cannot be rendered: {error}"
                    continue
                if kind == "env" and "\n" in text:
                    yield f"Of the variable {name} only the first line would arrive"
                if kind == "env" and SECRET in text:
                    yield f"The variable {name} puts a secret into the environment"
                if kind == "env" and not full and text:
                    yield f"The variable {name} is {text!r} although its input was left out"


def _sample(field: dict[str, Any]) -> str:
    return (SECRET if field.get("secret") else "one") + ("\nanother line" if field.get("multiline") else "")


def _render(template: str, values: dict[str, Any]) -> str:
    return SandboxedEnvironment(undefined=StrictUndefined).from_string(template).render(values)


def faults_of_survey(given: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a survey."""
    for key, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(given.get(key), kind):
            yield f"The survey's {key} is missing, or no {kind.__name__}"
            return
    if not given["spec"]:
        yield "The survey has no question"
    seen = set()
    for question in given["spec"]:
        variable = question.get("variable")
        missing = {"question_name", "required", "type", "variable"} - set(question)
        if missing:
            yield f"The question {variable} lacks {sorted(missing)}"
            continue
        if not isinstance(question["required"], bool):
            yield f"Whether {variable} is required is no Boolean"
        if variable in seen:
            yield f"Two questions are for {variable}"
        seen.add(variable)
        if question["type"] not in QUESTION_TYPES:
            yield f"The question {variable} is of the unknown type {question['type']}"
            continue
        yield from _faults_of_limits(question)
        yield from _faults_of_default(question)


def _faults_of_limits(question: dict[str, Any]) -> Iterator[str]:
    variable, least = question["variable"], question.get("min")
    for limit in ("min", "max"):
        if not isinstance(question.get(limit, 0), int):
            yield f"The {limit} of {variable} is no integer"
    if question["type"] in ("text", "textarea", "password") and not question["required"] and least:
        yield f"{variable} may be left empty, but needs {least} characters"


def _faults_of_default(question: dict[str, Any]) -> Iterator[str]:
    variable, kind, default = question["variable"], question["type"], question.get("default", "")
    choices = question.get("choices")
    if kind in ("multiplechoice", "multiselect") and not choices:
        yield f"{variable} has no choices"
    if kind == "multiselect" and default:
        yield f"The default of {variable} is never applied: it is a multiselect"
    if default == "":
        return
    if not isinstance(default, QUESTION_TYPES[kind]) or isinstance(default, bool):
        yield f"The default of {variable} is no {kind}"
        return
    if kind == "multiplechoice" and default not in (choices or []):
        yield f"The default of {variable} is none of its choices"
    size = len(default) if isinstance(default, str) else default
    if kind != "multiplechoice" and not question.get("min", size) <= size <= question.get("max", size):
        yield f"The default of {variable} is beyond its limits"


def faults_of_answers(survey: dict[str, Any], answers: dict[str, Any]) -> Iterator[str]:
    """Yield why a launch over the API or a schedule is refused: AWX applies no default of a required question."""
    questions = {question["variable"]: question for question in survey["spec"]}
    for variable, question in questions.items():
        answer = answers.get(variable, "")
        if answer == "":
            if question["required"]:
                yield f"'{variable}' value missing"
        elif not isinstance(answer, QUESTION_TYPES[question["type"]]):
            yield f"The answer for {variable} is no {question['type']}"
        elif question["type"] == "multiplechoice" and answer not in question["choices"]:
            yield f"The answer for {variable} is none of its choices"
    for variable in set(answers) - set(questions):
        yield f"No question asks for {variable}"
