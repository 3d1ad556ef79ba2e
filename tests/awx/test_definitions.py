# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The definitions obey AWX's rules, and the rules notice what does not."""

from __future__ import annotations

import copy
import json
import re

import pytest
import rules
import yaml
from definitions import DEFINITIONS, PROJECT, ROOT

(CREDENTIAL_TYPE,) = DEFINITIONS["controller_credential_types"]
TEMPLATES = {template["name"]: template for template in DEFINITIONS["controller_templates"]}
(WORKFLOW,) = DEFINITIONS["controller_workflows"]
(SCHEDULE,) = DEFINITIONS["controller_schedules"]
NODES = WORKFLOW["simplified_workflow_nodes"]
LISTED = yaml.safe_load((ROOT / "playbooks" / "tasks" / "awx.yml").read_text(encoding="utf-8"))
TASKS = [task for entry in LISTED for task in entry.get("block", [entry])]


def test_credential_gives_keys_by_file_only():
    assert list(rules.faults_of_credential_type(CREDENTIAL_TYPE)) == []
    assert set(CREDENTIAL_TYPE["injectors"]) == {"env", "file"}
    secrets = {field["id"] for field in CREDENTIAL_TYPE["inputs"]["fields"] if field.get("secret")}
    assert secrets == {"api_key", "shop_keys"}


@pytest.mark.parametrize("owner", [*TEMPLATES.values(), WORKFLOW], ids=lambda owner: owner["name"])
def test_launch_is_decided_by_the_survey_alone(owner):
    assert {name: prompts for name, prompts in owner.items() if name.startswith("ask_") and prompts} == {}
    assert owner["ask_limit_on_launch"] is owner["ask_variables_on_launch"] is False
    assert list(rules.faults_of_survey(owner["survey_spec"])) == []
    questions = {question["variable"]: question for question in owner["survey_spec"]["spec"]}
    assert questions["komfortkasse_hosts"]["required"] is True
    assert all(question["question_description"] for question in questions.values())
    for variable, question in questions.items():
        words = (
            "shops" if variable == "komfortkasse_hosts" else variable.removeprefix("komfortkasse_").replace("_", " ")
        )
        assert question["question_name"].lower().startswith(words.replace("orders to plan", "order numbers"))
    reserved = ("api_key", "api_url", "ca_path", "plan", "plan_file", "orders_file", "report_dir", "journal_path")
    assert not {f"komfortkasse_{name}" for name in reserved} & set(questions)


def test_dry_runs_and_real_runs_are_templates_of_their_own():
    assert {name: template["job_type"] for name, template in TEMPLATES.items()} == {
        "Plan cancellations": "check",
        "Cancel orders": "run",
        "Plan overdue cancellations": "check",
        "Cancel overdue orders": "run",
        "Find late payments": "run",
    }


def test_workflow_gives_order_numbers_to_the_plan_only():
    # AWX drops without a message what a node gives a job template that does not prompt for it.
    assert not {"job_type", "job_slice_count", "limit", "extra_data"} & {name for node in NODES for name in node}
    assert [node.get("unified_job_template") for node in NODES] == ["Plan cancellations", None, "Cancel orders"]
    given = {question["variable"] for question in WORKFLOW["survey_spec"]["spec"]}
    asked = {question["variable"] for question in TEMPLATES["Cancel orders"]["survey_spec"]["spec"]}
    assert given - asked == {"komfortkasse_orders_to_plan"}
    assert asked - given == {"komfortkasse_order_numbers"}


def test_schedule_answers_every_required_question():
    survey = TEMPLATES[SCHEDULE["unified_job_template"]]["survey_spec"]
    assert list(rules.faults_of_answers(survey, SCHEDULE["extra_data"])) == []
    assert list(rules.faults_of_answers(survey, {})) == [f"'{name}' value missing" for name in SCHEDULE["extra_data"]]


def test_templates_run_playbooks_of_the_example_project():
    for template in TEMPLATES.values():
        (play,) = yaml.safe_load((PROJECT / template["playbook"]).read_text(encoding="utf-8"))
        name = play["ansible.builtin.import_playbook"].removeprefix("community.komfortkasse.")
        assert (ROOT / "playbooks" / f"{name}.yml").is_file()


def test_every_key_of_the_definitions_is_passed_on():
    """A key that the tasks do not know would be left out without a message."""
    passed = {}
    for task in TASKS:
        (source,) = re.findall(r"controller_\w+", task["loop"])
        text = json.dumps(task)
        passed.setdefault(source, set()).update(re.findall(r"(?:item|item\.0|given)\.([a-z]\w*)", text))
        passed.setdefault(f"{source} nodes", set()).update(re.findall(r"item\.1\.([a-z]\w*)", text))
    for name, items in DEFINITIONS.items():
        for item in items if name.startswith("controller_") else []:
            assert set(item) - {"name", "simplified_workflow_nodes"} <= passed[name], name
            for node in item.get("simplified_workflow_nodes", []):
                assert set(node) <= passed[f"{name} nodes"]


def test_collection_needs_awx_awx_in_the_included_file_only():
    play = (ROOT / "playbooks" / "awx_setup.yml").read_text(encoding="utf-8").split("tasks:")[1]
    assert not re.search(r"^\s+awx\.awx", play, re.MULTILINE)
    modules = {key.rpartition(".")[0] for task in TASKS for key in task if "." in key}
    assert modules == {"awx.awx", "ansible.builtin"}


def changed(path, **changes):
    """Return the credential type with something changed: path is the input's number or the kind of injector."""
    bad = copy.deepcopy(CREDENTIAL_TYPE)
    place = bad["inputs"]["fields"][path] if isinstance(path, int) else bad["injectors"].setdefault(path, {})
    place.update(changes)
    return bad


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (changed(0, default="x"), "not applied"),
        (changed("env", ANSIBLE_TIMEOUT="1"), "may be AWX's own"),
        (changed("env", KEY="{{ api_key }}"), "puts a secret into the environment"),
        (changed("env", CA="{{ ca }}"), "only the first line"),
        (changed("extra_vars", x="{{ api_url }}"), "A launch may override"),
    ],
)
def test_rules_notice_a_bad_credential_type(bad, fault):
    assert fault in " ".join(rules.faults_of_credential_type(bad))


QUESTION = {"question_name": "How many?", "required": False, "type": "integer", "variable": "many", "min": 0, "max": 9}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"default": "5"}, "no integer"),
        ({"type": "text", "min": 1}, "may be left empty"),
        ({"type": "multiplechoice", "choices": ["a"], "default": "b"}, "none of its choices"),
        ({"type": "multiselect", "choices": ["a"], "default": "a"}, "never applied"),
    ],
)
def test_rules_notice_a_bad_question(changes, fault):
    survey = {"name": "", "description": "", "spec": [{**QUESTION, **changes}]}
    assert fault in " ".join(rules.faults_of_survey(survey))
