# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The definitions obey the rules of AWX that people forget."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from controller import faults_of_answers
from definitions import DEFINITIONS, PROJECT, ROOT

(CREDENTIAL_TYPE,) = DEFINITIONS["controller_credential_types"]
TEMPLATES = {template["name"]: template for template in DEFINITIONS["controller_templates"]}
(WORKFLOW,) = DEFINITIONS["controller_workflows"]
(SCHEDULE,) = DEFINITIONS["controller_schedules"]
NODES = WORKFLOW["simplified_workflow_nodes"]
LISTED = yaml.safe_load((ROOT / "playbooks" / "tasks" / "awx.yml").read_text(encoding="utf-8"))
TASKS = [task for entry in LISTED for task in entry.get("block", [entry])]


def test_credential_gives_keys_by_file_only():
    injectors, fields = CREDENTIAL_TYPE["injectors"], CREDENTIAL_TYPE["inputs"]["fields"]
    assert set(injectors) == {"env", "file"}  # a launch may override extra_vars
    secrets = {field["id"] for field in fields if field.get("secret")}
    assert secrets == {"api_key", "shop_keys"}
    # Of several lines only the first would arrive in the environment.
    by_file = secrets | {field["id"] for field in fields if field.get("multiline")}
    for template in injectors["env"].values():
        for name in by_file & set(re.findall(r"\w+", template)):
            assert template == f"{{{{ tower.filename.{name} if {name} else '' }}}}"
    assert not any("default" in field for field in fields)  # AWX does not apply it over the API


@pytest.mark.parametrize("owner", [*TEMPLATES.values(), WORKFLOW], ids=lambda owner: owner["name"])
def test_launch_is_decided_by_the_survey_alone(owner):
    assert {name: prompts for name, prompts in owner.items() if name.startswith("ask_") and prompts} == {}
    assert owner["ask_limit_on_launch"] is owner["ask_variables_on_launch"] is False
    questions = {question["variable"]: question for question in owner["survey_spec"]["spec"]}
    assert questions["komfortkasse_hosts"]["required"] is True
    for variable, question in questions.items():
        assert question["question_description"]
        assert not question.get("min") or question["required"] or question["type"] == "integer"
        assert question.get("default", "") in ["", *question.get("choices", [question.get("default")])]
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
    assert list(faults_of_answers(survey, SCHEDULE["extra_data"])) == []
    assert list(faults_of_answers(survey, {})) == [f"'{name}' value missing" for name in SCHEDULE["extra_data"]]


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
