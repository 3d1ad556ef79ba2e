#!/usr/bin/python
# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: komfortkasse_order
short_description: Cancel orders at the payment service Komfortkasse, or mark them removed, paid, or unpaid
version_added: 1.0.0
author:
  - The community.komfortkasse contributors (@ansible-collections)
description:
  - Brings one order, or many in one task, into the given O(state). Komfortkasse keeps sending reminders for an order
    that was cancelled in the shop until it is cancelled here, too.
  - Every order is read first. An order that is in the desired payment status already is left alone, so C(changed)
    means that this run changed an order, and it is safe to run a task again.
extends_documentation_fragment:
  - community.komfortkasse._connection
  - community.komfortkasse._attributes
  - community.komfortkasse._attributes.actiongroup_komfortkasse
attributes:
  check_mode:
    support: full
    details:
      - The orders are read, and nothing is sent that could change them. Nothing is written to O(journal_path).
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  order_number:
    description:
      - The number of the order, as the shop gave it to Komfortkasse.
      - B(Always put it in quotes.) Without them YAML makes C(0123) the number 83 and C(1_000) the number 1000 before
        any module sees it. A value that is not text is refused.
      - Control characters and white space at the ends are not allowed. Neither are V(.), V(..), and V(remove), which
        the API uses for something else.
      - One of O(order_number), O(order_numbers), O(plan), and O(plan_file) is required.
    type: str
  order_numbers:
    description:
      - The numbers of many orders, worked on in one task. This is much faster than a C(loop).
      - The lookup P(community.komfortkasse.order_numbers#lookup) reads such a list from a file, and the filter
        P(community.komfortkasse.order_numbers#filter) from pasted text. With an empty list there is nothing to do.
      - The rules of O(order_number) apply to each. All are checked before the first request.
      - A number that is given more than once counts once.
    type: list
    elements: str
  state:
    description:
      - The state to bring the orders into. Each stands for a payment status that Komfortkasse then shows.
      - Use V(cancelled) for an order that the customer or you cancelled, and V(removed) for one that disappeared from
        the shop without being cancelled, such as a deleted test order. Only you know which of them is right, so there
        is no default. Both stop reminders.
      - The API does not promise that a cancellation or removal can be undone. V(unpaid) may or may not do so. The
        module checks the answer, and the order fails if it is not V(UNPAID) afterwards.
    type: str
    required: true
    choices:
      cancelled:
        - The payment status V(CANCELLED). Money that arrives later can still be assigned to the order, which may make
          it V(PAID) again, depending on the settings in the merchant area.
      removed:
        - The payment status V(DISAPPEARED). The order is no longer tracked. What becomes of money that arrives later
          is not documented.
      paid:
        - The payment status V(PAID), for an order that was paid in a way that Komfortkasse does not see. The money paid
          on it, C(amountPaid), may stay what it was.
      unpaid:
        - The payment status V(UNPAID), to take back an earlier V(paid).
  only_from:
    description:
      - Change only orders in one of these payment statuses. An order in any other status is left alone and treated as
        O(unexpected_status) says. An order that is in the desired status already is always fine.
      - Without this option an order is changed whatever its payment status.
      - What counts is the payment status that was read, at most 10 seconds before the change. If somebody pays within
        that time, the order may be changed all the same, and a warning names the money.
      - The API documents V(UNPAID), V(PAID), V(PAID_PARTIAL), V(CANCELLED), V(REFUNDED), V(REFUNDED_PARTIAL),
        V(COLLECTION), V(DISAPPEARED), and V(LEGACY). Others are accepted with a warning.
    type: list
    elements: str
  unexpected_status:
    description:
      - How to treat an order whose payment status is not in O(only_from), or that differs from the O(plan). In both
        cases it is left alone.
    type: str
    default: fail
    choices:
      fail: The order counts as failed, and so does the task.
      skip: The order is skipped.
  missing_order:
    description:
      - How to treat an order that the shop of this API key does not have.
    type: str
    default: fail
    choices:
      fail: The order counts as failed, and so does the task.
      skip: The order is skipped.
  max_changes:
    description:
      - The largest number of orders that the task may change. If more would be changed, none is. The task fails, its
        message names the number, and these orders are V(not_attempted).
      - This holds in check mode as well, and no RV(plan) is returned then. V(0) allows no change at all.
      - Without this option there is no limit.
    type: int
  plan:
    description:
      - The RV(plan) that this module returned in check mode. The task works on exactly its orders.
      - O(state), the API's address, and O(shop) must be those of the plan, or the task is refused. An empty mapping is
        a plan without orders, with which nothing is changed.
      - Every order is read again. One that differs from what the plan shows, in payment status, amount, currency, or
        amount paid, is left alone and treated as O(unexpected_status) says, and its message names both values. An order
        that is in the desired payment status already is always fine.
      - If order numbers are given as well, all orders of the plan must be among them, or the task is refused. The
        results are in their order.
      - O(max_changes), O(only_from), and the other limits apply as well.
    type: dict
  plan_file:
    description:
      - A JSON file on the controller with the plans of all hosts, as
        M(community.komfortkasse.komfortkasse_report) writes it. The task works on the plan of its host, see
        O(plan). A host without a plan changes nothing and says so.
      - It is read as data. Nothing in it is evaluated as a template.
      - It is ignored in check mode.
    type: path
  concurrency:
    description:
      - How many orders are worked on at the same time, from 1 to 64.
    type: int
    default: 8
  max_failures:
    description:
      - Stop starting orders after this many orders failed because the service is in trouble. This covers failed
        connections, TLS errors, the statuses 408, 429, and 5xx, redirects, and answers that cannot be from the API.
      - A temporary failure counts only when all O(retries) have failed.
      - V(0) means no limit. If the API refuses the key (status 401 or 403), the task stops at once in any case.
    type: int
    default: 5
  prefetch_days:
    description:
      - From 50 orders on, the task first reads a list of the orders of this many days that are in the desired payment
        status or in one of O(only_from). Orders on the list are not read one by one, so an order to be changed costs
        one request, and one that is in the desired state already costs none.
      - What was read is acted on for 10 seconds and then read again, by a list or one by one, whichever is cheaper.
      - A list that would take longer than the requests it replaces is given up without a warning.
      - V(0) means to read no list, and to read each order right before it is changed.
    type: int
    default: 120
  batch_size:
    description:
      - With more orders than this, the task works in batches and prints a line of progress after each. If the process
        of a batch dies, the outcomes of the batches before it are kept.
      - O(max_changes), O(max_failures), and everything else that stops a task apply to the whole task. To enforce
        O(max_changes), the task first reads all orders in check mode, decides, and then changes them in batches.
      - With C(async) the task does not work in batches.
    type: int
    default: 2000
  return_order:
    description:
      - Which fields of each order are returned.
      - If not given, this is V(summary) with O(order_number) and V(none) with O(order_numbers).
    type: str
    choices:
      summary: The fields that hold no personal data, such as amount and dates.
      full: The whole order as the API gives it. This includes the customer's name, address, and email address.
      none: Nothing.
  journal_path:
    description:
      - A file on the machine where the module runs. One JSON line is appended to it before every change and one after
        it. It is created with mode V(0600) if it does not exist.
      - The API does not record who cancelled an order, or when. The journal does.
      - It must be a regular file. A symbolic link, a device, a named pipe, or a directory is refused before anything
        is changed.
      - If it cannot be written, or was removed or replaced while the task runs, nothing more is changed and the task
        fails.
      - Each line is a mapping with C(time) (UTC), C(event) (V(attempt) or V(result)), C(order_number), C(state),
        C(outcome), C(previous_payment_status), C(payment_status), C(http_status), C(msg), C(shop) (see O(shop)), and
        C(user), the login name from the environment or else that of the user ID. What is not known is V(null).
      - Several tasks may write to the same file at the same time.
    type: path
  shop:
    description:
      - The name of the shop. It is in every line of the journal and in the plan, so that several shops can share a
        journal and no plan is applied to another shop.
      - If not given, this is the name of the host that the task runs for.
    type: str
  _batch:
    description:
      - Internal. The action plugin of this name tells the module about earlier batches of the same task.
    type: dict
notes:
  - The API has no test mode. To try a playbook, use check mode, or the simulator that comes with the collection's
    sources.
  - Komfortkasse itself sets V(CANCELLED) when the time to pay is over. For invoice and cash on delivery it shows that
    payment status as overdue, so the customer may still owe the money.
  - A cancellation may have other effects, such as a credit note in a connected invoicing service. They depend on the
    settings in the merchant area, so look there before you cancel many orders.
  - Cancelling an order here does not end a debt collection (V(COLLECTION)). That is done in the merchant area and may
    cost money. Use O(only_from) to leave such orders alone.
seealso:
  - module: community.komfortkasse.komfortkasse_order_info
  - plugin: community.komfortkasse.order_numbers
    plugin_type: filter
  - plugin: community.komfortkasse.overdue_orders
    plugin_type: filter
  - module: community.komfortkasse.komfortkasse_report
  - name: Cancelling safely
    description: States, guards, plans, and the journal.
    link: https://github.com/ansible-collections/community.komfortkasse/blob/main/docs/docsite/rst/guide_cancelling.rst
  - name: Playbooks
    description: The playbooks of the collection and their variables.
    link: https://github.com/ansible-collections/community.komfortkasse/blob/main/docs/docsite/rst/guide_playbooks.rst
  - name: Many orders
    description: Thousands of orders in one task, and what stops a run.
    link: https://github.com/ansible-collections/community.komfortkasse/blob/main/docs/docsite/rst/guide_bulk.rst
  - name: Troubleshooting
    description: The errors that people meet.
    link: https://github.com/ansible-collections/community.komfortkasse/blob/main/docs/docsite/rst/guide_troubleshooting.rst
  - name: Komfortkasse API
    description: The documentation of the operations used, such as cancelOrder.
    link: https://apidocs.komfortkasse.eu/
"""

EXAMPLES = r"""
# The API key comes from the environment variable KOMFORTKASSE_API_KEY in these examples.
# Order numbers are always in quotes: without them, YAML makes 0123 the number 83.

- name: Cancel an order, unless somebody has paid
  community.komfortkasse.komfortkasse_order:
    order_number: "2026-0815"
    state: cancelled
    only_from:
      - UNPAID

- name: Cancel the orders in a file, leave paid and unknown ones alone, and keep a record
  community.komfortkasse.komfortkasse_order:
    order_numbers: "{{ lookup('community.komfortkasse.order_numbers', 'cancelled.txt') }}"
    state: cancelled
    only_from:
      - UNPAID
    unexpected_status: skip
    missing_order: skip
    journal_path: "{{ playbook_dir }}/komfortkasse.jsonl"
  register: cancelled

- name: Show the figures
  ansible.builtin.debug:
    msg: "{{ cancelled.summary.changed }} orders cancelled, {{ cancelled.summary.skipped }} left alone"

# In check mode the module returns a plan. Applied later, it changes exactly these orders, if nothing has happened to
# them since.

- name: Find out what would be cancelled
  community.komfortkasse.komfortkasse_order:
    order_numbers:
      - "2026-0816"
      - "2026-0817"
    state: cancelled
    only_from:
      - UNPAID
    max_changes: 100
  check_mode: true
  register: planned

- name: Cancel these orders, after somebody has agreed
  community.komfortkasse.komfortkasse_order:
    plan: "{{ planned.plan }}"
    state: cancelled

- name: Mark an order as paid that was paid in cash
  community.komfortkasse.komfortkasse_order:
    order_number: "2026-0818"
    state: paid

- name: Use the key of each shop from its own vault for all tasks of the collection
  module_defaults:
    group/community.komfortkasse.komfortkasse:
      api_key: "{{ vault_komfortkasse_api_key }}"
  block:
    - name: Stop tracking an order that was deleted in the shop
      community.komfortkasse.komfortkasse_order:
        order_number: "2026-0819"
        state: removed
"""

RETURN = r"""
order:
  description:
    - The order as the API returned it last, with the fields that O(return_order) asks for. The names are the API's own.
    - With V(summary), only the fields C(number), C(type), C(date), C(dueDate), C(amount), C(currency), C(amountPaid),
      C(paymentStatus), C(referenceNumber), C(dunningLevel), and C(collectionStatus), if the order has them.
    - All fields are described in RV(community.komfortkasse.komfortkasse_order_info#module:orders).
    - In check mode, the order as it was read. Its C(paymentStatus) is the one before the change, while
      RV(payment_status) is the one that the order would get.
  returned: with O(order_number), if the order was read and O(return_order) is not V(none)
  type: dict
  sample: {number: 2026-0815, type: PREPAYMENT, amount: 22.38, currency: EUR, paymentStatus: CANCELLED}
previous_payment_status:
  description: The payment status before, as RV(results[].previous_payment_status).
  returned: with O(order_number), whenever RV(results) is
  type: str
  sample: UNPAID
payment_status:
  description: The payment status afterwards, as RV(results[].payment_status).
  returned: with O(order_number), whenever RV(results) is
  type: str
  sample: CANCELLED
results:
  description: The result of each order, in the order given, each number once.
  returned: always, unless the input was refused or the library is missing
  type: list
  elements: dict
  contains:
    order_number:
      description: The order number.
      type: str
      sample: 2026-0815
    outcome:
      description:
        - V(changed) means that this run brought the order into the desired state, or would have in check mode.
        - V(unchanged) means that it was in that state already.
        - V(skipped) means that it was left alone, as O(unexpected_status) or O(missing_order) say.
        - V(failed) means that it did not get there, or that this is not known.
        - V(not_attempted) means that nothing was sent to change it, because the run stopped first. RV(stopped) says
          why.
      type: str
      sample: changed
    previous_payment_status:
      description: The payment status in which the order was found. V(null) if it was not read.
      type: str
      sample: UNPAID
    payment_status:
      description:
        - The payment status now. In check mode the one that the order would get.
        - V(null) if it is not known.
      type: str
      sample: CANCELLED
    amount:
      description: The gross total of the order.
      returned: if the order was read and has one
      type: float
      sample: 22.38
    currency:
      description: The currency of the amounts, as in ISO 4217.
      returned: if the order was read and has one
      type: str
      sample: EUR
    amount_paid:
      description:
        - The money paid on the order.
        - If a RV(plan) has more than 1,000 orders, it alone shows what is paid on them, so that the result stays small.
      returned: if there is any
      type: float
      sample: 10.0
    msg:
      description:
        - Why the order is not in the desired state, with the API's own words if there were any.
      returned: if there is a reason
      type: str
      sample: "Could not be read: the API answered 503: Down for maintenance (tried 5 times)."
    advice:
      description:
        - What to do about it.
        - If more than ten orders share the same advice, only the first ten carry it, so that the result stays small.
      returned: if there is something to do
      type: str
      sample: "Nothing is lost. Once the cause is gone, run it again: orders that are done are left alone."
    http_status:
      description: The HTTP status that the API answered with.
      returned: if a request was answered with an error
      type: int
      sample: 404
    order:
      description: The order, see RV(order).
      returned: with O(order_numbers), if the order was read and O(return_order) asks for it
      type: dict
stopped:
  description: Why no more orders were started.
  returned: if the run stopped before the last order
  type: str
  sample: No more orders were started, because the API key was refused.
plan:
  description:
    - What the task would change. Give it to O(plan) of a later task to have exactly that applied.
  returned: in check mode, unless more orders than O(max_changes) would be changed
  type: dict
  contains:
    state:
      description: The O(state).
      type: str
      sample: cancelled
    api_url:
      description: The API's address.
      type: str
      sample: https://ssl.komfortkasse.eu/api/v2
    shop:
      description: The O(shop).
      type: str
      sample: shop-a
    created:
      description: When the plan was made, in UTC.
      type: str
      sample: "2026-11-30T08:15:00+00:00"
    orders:
      description: By order number, a list of payment status, amount, currency, and amount paid.
      type: dict
      sample: {"2026-0815": ["UNPAID", 22.38, "EUR", 0]}
summary:
  description: How many orders had which outcome.
  returned: always, unless the input was refused or the library is missing
  type: dict
  contains:
    requested:
      description: The order numbers given.
      type: int
      sample: 3
    duplicates:
      description: How many of these were repetitions.
      type: int
      sample: 0
    changed:
      description: Orders that this run brought into the desired state, or would have in check mode.
      type: int
      sample: 1
    unchanged:
      description: Orders that were in the desired state already.
      type: int
      sample: 1
    skipped:
      description: Orders left alone.
      type: int
      sample: 1
    failed:
      description: Orders that failed.
      type: int
      sample: 0
    not_attempted:
      description: Orders that the run did not come to.
      type: int
      sample: 0
    requests:
      description: Requests sent to the API, repeated ones included.
      type: int
      sample: 4
limits:
  description:
    - The options that limited the task, which are O(only_from), O(max_changes), and O(max_failures). Those without a
      value are left out.
  returned: whenever RV(results) is
  type: dict
  sample: {only_from: [UNPAID], max_changes: 100, max_failures: 5}
journal_path:
  description: The option O(journal_path).
  returned: whenever RV(results) is, if there is a journal, but not in check mode
  type: str
  sample: /var/log/komfortkasse.jsonl
plan_created:
  description: When the plan that this task applied was made, as RV(plan.created).
  returned: whenever RV(results) is, with O(plan) or O(plan_file)
  type: str
  sample: "2026-12-01T06:00:00+00:00"
diff:
  description:
    - The payment status before and after. With O(order_numbers), the payment statuses of the changed orders by their
      numbers, of at most 1,000 orders.
  returned: in diff mode, whenever RV(results) is
  type: dict
  contains:
    before:
      description: What was found.
      type: dict
      sample: {order_number: 2026-0815, payment_status: UNPAID}
    after:
      description: What it was changed to, or would be in check mode.
      type: dict
      sample: {order_number: 2026-0815, payment_status: CANCELLED}
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.community.komfortkasse.plugins.module_utils import _argument_spec, _batch, _orders, _plan
from ansible_collections.community.komfortkasse.plugins.module_utils._module import KomfortkasseModule
from ansible_collections.community.komfortkasse.plugins.module_utils._results import Report

LIMITS = ("only_from", "max_changes", "max_failures")
LEAST = {"max_changes": 0, "max_failures": 0, "prefetch_days": 0, "batch_size": 1}


def prepare(module: KomfortkasseModule) -> Callable[[], Report]:
    """Check the options, and return the function that does the work. ValueError with a sentence if one is wrong."""
    params = module.params
    for name, least in LEAST.items():
        if params[name] is not None:
            _argument_spec.check_range(params, name, least)
    if params["plan_file"]:
        raise ValueError(
            "plan_file is read by the action plugin of this collection, which has not run. Set the option plan instead."
        )
    numbers = _argument_spec.order_numbers_from(params)
    desired = _argument_spec.desired_state_from(params)
    concurrency = _argument_spec.concurrency_from(params)
    shop = params["shop"] or None
    client = module.open_client(concurrency)
    planned = None
    if params["plan"] is not None:
        planned = _plan.orders_in(params["plan"], params["state"], client.api_url, shop)
        numbers = _plan.select(planned, numbers)
    earlier = params["_batch"] or {}  # what the action plugin reports of earlier batches of the same task
    settings = _batch.Settings(
        check_mode=module.check_mode,
        concurrency=concurrency,
        max_changes=params["max_changes"],
        max_failures=params["max_failures"],
        prefetch_days=params["prefetch_days"],
        planned=planned or {},
        journal_path=params["journal_path"],
        shop=shop,
        show=_orders.SHOWN.get(params["return_order"] or ("none" if params["order_number"] is None else "summary")),
        known=_plan.orders_known(earlier.get("known", {})),
        fresh_for=earlier.get("fresh_for", 0.0),
        service_failures=earlier.get("service_failures", 0),
        list_from=earlier.get("list_from", 0),
    )
    return lambda: _batch.run(client, numbers or [], desired, settings)


def facts_from(params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """The options that a report on the task shows."""
    limits = {name: params[name] for name in LIMITS if params[name] is not None}
    facts = {
        "limits": limits,
        "journal_path": None if check_mode else params["journal_path"],
        "plan_created": (params["plan"] or {}).get("created"),
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def main() -> None:
    began = time.monotonic()
    module = KomfortkasseModule(
        argument_spec={
            **_argument_spec.CONNECTION_OPTIONS,
            "order_number": {"type": "str"},
            "order_numbers": {"type": "list", "elements": "str"},
            "state": {"type": "str", "required": True, "choices": list(_orders.TRANSITIONS)},
            "only_from": {"type": "list", "elements": "str"},
            "unexpected_status": {"type": "str", "default": "fail", "choices": ["fail", "skip"]},
            "missing_order": {"type": "str", "default": "fail", "choices": ["fail", "skip"]},
            "max_changes": {"type": "int"},
            "plan": {"type": "dict"},
            "plan_file": {"type": "path"},
            "concurrency": {"type": "int", "default": 8},
            "max_failures": {"type": "int", "default": 5},
            "prefetch_days": {"type": "int", "default": 120},
            "batch_size": {"type": "int", "default": 2000},
            "return_order": {"type": "str", "choices": [*_orders.SHOWN, "none"]},
            "journal_path": {"type": "path"},
            "shop": {"type": "str"},
            "_batch": {"type": "dict"},
        },
        mutually_exclusive=[("order_number", "order_numbers"), ("plan", "plan_file")],
        required_one_of=[("order_number", "order_numbers", "plan", "plan_file")],
        supports_check_mode=True,
    )
    run = module.checked(prepare)
    report = run()
    one_of_several = module.params["_batch"] is not None  # the action plugin puts the batches together
    if not one_of_several:
        for warning in report.money_warnings:
            module.warn(warning)
    one = module.params["order_number"] is not None and len(report.results) == 1
    result = report.as_dict(one=one, with_diff=module._diff)
    result.update(facts_from(module.params, module.check_mode))
    if one_of_several:
        result["_batch"] = {
            "service_failures": report.service_failures,
            "broken": report.broken,
            "list_from": report.list_from,
            "fresh_seconds": report.fresh_seconds,
            "seconds": time.monotonic() - began,
        }
    if len(report.results) > 1:  # no need to give all numbers back twice
        shown = f"{report.summary()['requested']} order numbers, see results"
        result["invocation"] = {
            "module_args": {**module.params, "order_numbers": shown, "plan": None, "_batch": None},
        }
    failure = report.failure()
    if failure:
        module.fail_json(msg=failure, **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
