# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The definitions obey AWX's rules, and the rules see what does not."""

from __future__ import annotations

import copy

import pytest
import rules
from definitions import DEFINITIONS

(CREDENTIAL_TYPE,) = DEFINITIONS["controller_credential_types"]
TEMPLATES = {template["name"]: template for template in DEFINITIONS["controller_templates"]}
(WORKFLOW,) = DEFINITIONS["controller_workflows"]
NODES = WORKFLOW["simplified_workflow_nodes"]


def test_the_credential_type():
    assert list(rules.faults_of_credential_type(CREDENTIAL_TYPE)) == []
    # What decides where the key goes is in the environment of the job, out of reach for the variables of a launch.
    assert set(CREDENTIAL_TYPE["injectors"]) == {"env", "file"}
    secrets = {field["id"] for field in CREDENTIAL_TYPE["inputs"]["fields"] if field.get("secret")}
    assert secrets == {"api_key", "shop_keys"}


@pytest.mark.parametrize("name", list(TEMPLATES))
def test_the_job_templates(name):
    template = TEMPLATES[name]
    assert list(rules.faults_of_survey(template["survey_spec"])) == []
    assert template["credentials"] == ["Komfortkasse"]  # one of each custom type
    assert template["ask_variables_on_launch"] is False
    assert template["job_type"] == "check"


@pytest.mark.parametrize("owner", [*TEMPLATES.values(), WORKFLOW], ids=lambda owner: owner["name"])
def test_no_survey_asks_for_what_decides_where_the_key_goes(owner):
    asked = {question["variable"] for question in owner["survey_spec"]["spec"]}
    assert not asked & {
        "komfortkasse_api_key",
        "komfortkasse_api_url",
        "komfortkasse_ca_path",
        "komfortkasse_hosts",
        "komfortkasse_plan",
    }
    for question in owner["survey_spec"]["spec"]:
        assert question["question_description"]


def test_the_workflow():
    assert list(rules.faults_of_workflow(WORKFLOW, NODES, TEMPLATES)) == []
    # Asked once, for the whole workflow, what the template asks by itself.
    assert WORKFLOW["survey_spec"] == TEMPLATES["Cancel orders"]["survey_spec"]
    assert WORKFLOW["ask_variables_on_launch"] is False


def with_field(**changes):
    bad = copy.deepcopy(CREDENTIAL_TYPE)
    bad["inputs"]["fields"][0].update(changes)
    return bad


def with_injector(kind, **changes):
    bad = copy.deepcopy(CREDENTIAL_TYPE)
    bad["injectors"].setdefault(kind, {}).update(changes)
    return bad


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ({**CREDENTIAL_TYPE, "kind": "ssh"}, "kind is ssh"),
        (with_field(type="integer"), "type integer"),
        (with_field(type="boolean"), "boolean and secret"),
        (with_field(type="boolean", secret=False, default=True), "not applied"),
        (with_field(hint="x"), "unknown keys"),
        (with_field(label=""), "no label"),
        (with_field(id="ca"), "not unique"),
        (with_field(id="tower"), "called tower"),
        ({**CREDENTIAL_TYPE, "inputs": {**CREDENTIAL_TYPE["inputs"], "required": ["x"]}}, "required, but do not exist"),
        (with_injector("env", ANSIBLE_TIMEOUT="1"), "AWX's own"),
        (with_injector("env", JOB_ID="1"), "AWX's own"),
        (with_injector("env", CA="{{ ca }}"), "only the first line"),
        (with_injector("env", CA="{{ tower.filename.ca }}"), "although its input was left out"),
        (with_injector("env", X="{{ nobody }}"), "cannot be rendered"),
        (with_injector("env", X="{{ tower.filename.nobody }}"), "cannot be rendered"),
        (with_injector("env", X="{{ api_key"), "cannot be rendered"),
        (with_injector("extra_vars", komfortkasse_api_url="{{ api_url }}"), "A launch may override"),
        (with_injector("file", template="{{ ca }}"), "Files are called"),
        (with_injector("file", ca="{{ ca }}"), "Files are called"),
        (with_injector("files", ca="{{ ca }}"), "Unknown injectors"),
    ],
)
def test_faults_of_a_credential_type_are_seen(bad, fault):
    assert fault in " ".join(rules.faults_of_credential_type(bad))


QUESTION = {"question_name": "How many?", "required": False, "type": "integer", "variable": "many", "min": 0, "max": 9}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"type": "number"}, "unknown type"),
        ({"required": "no"}, "no Boolean"),
        ({"default": "5"}, "no integer"),
        ({"default": True}, "no integer"),
        ({"default": 10}, "beyond its limits"),
        ({"type": "text", "default": "far too long"}, "beyond its limits"),
        ({"min": "0"}, "no integer"),
        ({"type": "text", "min": 1}, "may be left empty"),
        ({"type": "multiplechoice"}, "no choices"),
        ({"type": "multiplechoice", "choices": ["a"], "default": "b"}, "none of its choices"),
        ({"type": "multiselect", "choices": ["a"], "default": "a"}, "never applied"),
    ],
)
def test_faults_of_a_question_are_seen(changes, fault):
    survey = {"name": "", "description": "", "spec": [{**QUESTION, **changes}]}
    assert fault in " ".join(rules.faults_of_survey(survey))


@pytest.mark.parametrize(
    ("survey", "fault"),
    [
        ({"description": "", "spec": [QUESTION]}, "name is missing"),
        ({"name": "", "description": "", "spec": []}, "no question"),
        ({"name": "", "description": "", "spec": [QUESTION, QUESTION]}, "Two questions"),
        ({"name": "", "description": "", "spec": [{"variable": "x"}]}, "lacks"),
    ],
)
def test_faults_of_a_survey_are_seen(survey, fault):
    assert fault in " ".join(rules.faults_of_survey(survey))


def test_faults_of_a_workflow_are_seen():
    deaf = {"Cancel orders": {"name": "Cancel orders"}}
    faults = " ".join(rules.faults_of_workflow(WORKFLOW, NODES, deaf))
    for prompt in ("job_type that the node plan", "job_slice_count that the node apply", "limit that the workflow"):
        assert f"Cancel orders does not ask for the {prompt}" in faults
    assert "There is no job template" in " ".join(rules.faults_of_workflow(WORKFLOW, NODES, {}))
    faults = " ".join(rules.faults_of_workflow(WORKFLOW, [NODES[0], NODES[0]], TEMPLATES))
    assert "not unique" in faults
    assert "leads to approval" in faults
