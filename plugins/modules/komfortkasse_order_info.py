#!/usr/bin/python
# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: komfortkasse_order_info
short_description: Read orders at the payment service Komfortkasse
version_added: 1.0.0
author:
  - The community.komfortkasse contributors (@ansible-collections)
description:
  - Reads orders by their numbers, or those that a filter finds. It returns them complete, as the API returns them, or
    without personal data, see O(return_order).
  - A complete order has the customer's name, address, and email address. Use O(return_order=summary), or C(no_log),
    if these must not get into logs.
extends_documentation_fragment:
  - community.komfortkasse._connection
  - community.komfortkasse._attributes
  - community.komfortkasse._attributes.info_module
  - community.komfortkasse._attributes.actiongroup_komfortkasse
options:
  order_numbers:
    description:
      - The numbers of the orders to read, each once. They are read one by one, whatever their age.
      - B(Always put them in quotes.) Without them YAML makes C(0123) the number 83 and C(1_000) the number 1000 before
        any module sees it. The rules of O(community.komfortkasse.komfortkasse_order#module:order_number) apply to each.
      - Without this option a list is read, which the other options filter. With an empty list nothing is read.
    type: list
    elements: str
  payment_statuses:
    description:
      - Read the orders in one of these payment statuses, such as V(UNPAID). By default, in any.
      - For the known ones see RV(orders[].paymentStatus). Others are accepted with a warning.
      - An empty list is refused before any request, because a template that found nothing does not mean every status.
      - Not together with O(order_numbers).
    type: list
    elements: str
  max_age:
    description:
      - Read the orders that are at most this many days old. Used without O(order_numbers) only.
      - The API does not say that it leaves out older orders. To find orders older than 120 days, give a larger number.
      - It is not documented whether the age counts from the day of the order or of its import.
    type: int
    default: 120
  min_posting_date:
    description:
      - Read the orders that have a posting, which is a payment or refund, of this day or later, as C(dd-MM-yyyy).
      - This leaves out orders without any posting, such as those that were set to paid by hand.
      - Not together with O(order_numbers).
    type: str
  min_amount_paid:
    description:
      - Return only orders with at least this much money on them (RV(orders[].amountPaid)), in any currency.
      - Orders whose C(amountPaid) is missing, negative, or not an amount are returned as well, unless they are
        V(UNPAID).
      - The API has no such filter, so the module reads all orders and drops the others.
      - Not together with O(order_numbers).
    type: float
  include:
    description:
      - Parts of an order that the API returns only on request.
    type: list
    elements: str
    default: []
    choices:
      postings: The payments, as RV(orders[].postings) and RV(orders[].hasBankDetailsForRefund).
      collection_history: What the collection agency did, as RV(orders[].collectionHistory).
      payment_reminders: The reminders sent, as RV(orders[].paymentReminders).
      refunds: The refunds, as RV(orders[].refunds).
  concurrency:
    description:
      - How many orders are read at the same time, from 1 to 64. Used with O(order_numbers) only.
    type: int
    default: 8
  return_order:
    description:
      - Which fields of each order are returned.
    type: str
    default: full
    choices:
      full: The complete order as the API returns it, with the customer's data.
      summary:
        - The fields that hold no personal data, those of RV(community.komfortkasse.komfortkasse_order#module:order).
        - If O(include) asks for V(postings) or V(refunds), these are returned as well, the postings without
          C(originator), C(reference), and C(text).
seealso:
  - module: community.komfortkasse.komfortkasse_order
  - plugin: community.komfortkasse.order_numbers
    plugin_type: filter
  - plugin: community.komfortkasse.overdue_orders
    plugin_type: filter
  - plugin: community.komfortkasse.late_payments
    plugin_type: filter
  - name: Getting started
    description: The first order, from nothing.
    link: https://github.com/ansible-collections/community.komfortkasse/blob/main/docs/docsite/rst/guide_start.rst
  - name: Troubleshooting
    description: The errors that people meet.
    link: https://github.com/ansible-collections/community.komfortkasse/blob/main/docs/docsite/rst/guide_troubleshooting.rst
  - name: Komfortkasse API
    description: The documentation of the operations used, getOrder and readOrders.
    link: https://apidocs.komfortkasse.eu/
"""

EXAMPLES = r"""
# The API key comes from the environment variable KOMFORTKASSE_API_KEY in these examples.
# Order numbers are always in quotes: without them, YAML makes 0123 the number 83.

- name: Read an order with its payments
  community.komfortkasse.komfortkasse_order_info:
    order_numbers:
      - "2026-0701"
    include:
      - postings
  register: read

- name: Go on only if the shop has the order and it is paid
  ansible.builtin.debug:
    msg: "Paid on {{ read.orders[0].postings | map(attribute='postingDate') | join(', ') }}"
  when: "'PAID' in read.orders | map(attribute='paymentStatus')"

- name: Wait up to a day until an order is paid
  community.komfortkasse.komfortkasse_order_info:
    order_numbers:
      - "2026-0820"
  register: awaited
  until: awaited is success and 'PAID' in awaited.orders | map(attribute='paymentStatus')
  retries: 48
  delay: 1800

- name: Read the open orders of the last year
  community.komfortkasse.komfortkasse_order_info:
    payment_statuses:
      - UNPAID
      - PAID_PARTIAL
    max_age: 365
  register: unpaid

- name: List them
  ansible.builtin.debug:
    msg: "{{ unpaid.orders | length }} orders are open: {{ unpaid.orders | map(attribute='number') | join(', ') }}"
"""

RETURN = r"""
orders:
  description:
    - The orders in the API's own spelling. Which fields an order has depends on the order.
    - With O(return_order=full) they are complete, fields that are not described here included.
    - Orders that were read by their numbers are in the order given. The API does not document how it sorts a list.
    - If a list breaks off each time it is read, the task fails and returns none of its orders.
  returned: success, and on failure those that were read, unless the input was refused
  type: list
  elements: dict
  contains:
    number:
      description: The order number, unique in the shop.
      type: str
      sample: 2026-0815
    date:
      description: The day the customer ordered, as C(dd-MM-yyyy).
      type: str
      sample: 01-11-2026
    dueDate:
      description: The day the payment is due, as C(dd-MM-yyyy).
      type: str
      sample: 15-11-2026
    type:
      description:
        - How the order is paid. V(INVOICE), V(PREPAYMENT), V(COD) for cash on delivery, or V(OTHER) for what
          Komfortkasse does not manage.
      type: str
      sample: PREPAYMENT
    paymentStatus:
      description:
        - The payment status. The known ones are V(UNPAID), V(PAID), V(PAID_PARTIAL), V(CANCELLED) (which is shown as
          overdue for invoices and cash on delivery), V(REFUNDED), V(REFUNDED_PARTIAL), V(COLLECTION), V(DISAPPEARED)
          (removed), and V(LEGACY) (no longer tracked). There may be more.
      type: str
      sample: UNPAID
    amount:
      description: The gross total, with two decimals.
      type: float
      sample: 22.38
    amountPaid:
      description: The payments less the refunds. Not given while the order is V(UNPAID).
      type: float
      sample: 10.0
    currency:
      description: The currency of the amounts, as in ISO 4217.
      type: str
      sample: EUR
    exchangeRate:
      description: The exchange rate, for a currency without an account of its own.
      type: float
      sample: 1.0
    language:
      description: The customer's language, as in ISO 639-1.
      type: str
      sample: de
    customerEmail:
      description: The customer's email address. Personal data.
      type: str
      sample: erika@example.com
    customerNumber:
      description: The customer number, followed by a slash and the marketplace's name if there is one.
      type: str
      sample: "4711"
    marketplaceNumber:
      description: The order number of the marketplace.
      type: str
    paymentMethod:
      description: The shop's name for the payment method, for information only.
      type: str
      sample: prepayment
    paymentMethodDescription:
      description: The same in words.
      type: str
      sample: Vorkasse
    statusDescription:
      description: The shop's own status of the order, for information only. This is not the payment status.
      type: str
      sample: processing
    itemNumbers:
      description: The numbers of the items. Deprecated by the API for RV(orders[].items).
      type: list
      elements: str
    items:
      description: The items, whose numbers help to match payments.
      type: list
      elements: dict
      contains:
        number:
          description: The item number.
          type: str
          sample: A-1
        name:
          description: The name.
          type: str
          sample: Tea pot
    invoiceNumbers:
      description: The invoice numbers, used to match payments.
      type: list
      elements: str
    shippingNumbers:
      description: The shipping numbers, used to match payments on delivery.
      type: list
      elements: str
    proformaNumbers:
      description: The numbers of pro forma invoices, used to match payments.
      type: list
      elements: str
    billing:
      description: The customer's address. Personal data.
      type: dict
      contains:
        gender:
          description: V(male), V(company), or another word. The full list is not documented.
          type: str
          sample: company
        firstName:
          description: The first name.
          type: str
          sample: Erika
        lastName:
          description: The last name.
          type: str
          sample: Mustermann
        company:
          description: The company.
          type: str
          sample: Example Ltd
        street:
          description: The street and house number.
          type: str
          sample: Heidestr. 17
        postCode:
          description: The post code.
          type: str
          sample: "51147"
        city:
          description: The city.
          type: str
          sample: Köln
        countryCode:
          description: The country, as in ISO 3166-1 alpha-2.
          type: str
          sample: DE
        phone:
          description: The phone number.
          type: str
    shipping:
      description:
        - The delivery address, if it is a different one, with the fields of RV(orders[].billing). Personal data.
      type: dict
    initialDunningLevel:
      description: The dunning level given when the order was first submitted.
      type: int
      sample: 0
    stopReminder:
      description: Whether automatic reminders are switched off.
      type: bool
      sample: false
    referenceNumber:
      description:
        - The reference that the customer was asked to give with the transfer, if Komfortkasse sends the payment
          information.
      type: str
      sample: K1234A
    bankAccount:
      description: The account that the customer pays into. Its fields are not documented.
      type: dict
    dunningLevel:
      description: How many reminders were sent.
      type: int
      sample: 0
    collectionPartner:
      description: The debt collection agency, while there is a collection.
      type: str
    collectionFile:
      description: The agency's file number, while there is a collection.
      type: str
    collectionStatus:
      description: How far the collection has come, while there is one. The values are not documented.
      type: str
    postings:
      description: The payments and refunds on the bank account.
      returned: O(include) has V(postings)
      type: list
      elements: dict
      contains:
        id:
          description: The identifier of the posting.
          type: str
          sample: "17"
        amount:
          description: The amount, with two decimals.
          type: float
          sample: 10.0
        currency:
          description: The currency, as in ISO 4217.
          type: str
          sample: EUR
        postingDate:
          description: The day of the posting. The format is not documented.
          type: str
        valuationDate:
          description: The day of the valuation. The format is not documented.
          type: str
        originator:
          description: Who sent the money. Personal data.
          type: str
        reference:
          description: The reference given with the transfer.
          type: str
          sample: K1234A
        text:
          description: The text on the bank statement.
          type: str
    hasBankDetailsForRefund:
      description: Whether the customer's bank details for a refund are known.
      returned: O(include) has V(postings)
      type: bool
      sample: true
    collectionHistory:
      description: What the collection agency did. The fields are not documented.
      returned: O(include) has V(collection_history), and there is a collection
      type: list
      elements: dict
    paymentReminders:
      description: The reminders sent. Their fields are not documented.
      returned: O(include) has V(payment_reminders)
      type: list
      elements: dict
    refunds:
      description: The refunds.
      returned: O(include) has V(refunds)
      type: list
      elements: dict
      contains:
        id:
          description: The identifier of the refund.
          type: str
        externalReference:
          description: The reference that the caller chose, unique in the shop.
          type: str
        amount:
          description: The amount, with two decimals.
          type: float
          sample: 10.0
        currency:
          description: The currency, as in ISO 4217.
          type: str
          sample: EUR
        plannedDate:
          description: The day the refund is to be made, as C(dd-MM-yyyy).
          type: str
          sample: 01-12-2026
        executionDate:
          description: The day it was made, V(null) before.
          type: str
        referenceNumber:
          description: The reference on the bank statement.
          type: str
          sample: KKBT1
        status:
          description:
            - How far the refund has come, such as V(NEW), V(PLANNED), V(BANKDETAILS_MISSING), V(IN_PROCESS), or
              V(PROCESSED).
          type: str
          sample: NEW
missing:
  description: The order numbers that the shop of this API key does not have.
  returned: success, and on failure, unless the input was refused
  type: list
  elements: str
  sample: []
"""

from collections.abc import Callable

from ansible_collections.community.komfortkasse.plugins.module_utils import _argument_spec, _client, _orders, _reading
from ansible_collections.community.komfortkasse.plugins.module_utils._module import KomfortkasseModule


def prepare(module: KomfortkasseModule) -> Callable[[], _reading.ReadReport]:
    """Check the options, and return the function that does the work. ValueError with a sentence if one is wrong."""
    params = module.params
    concurrency = _argument_spec.concurrency_from(params)
    show = _orders.SHOWN[params["return_order"]]
    if params["order_numbers"] is None:
        query = _argument_spec.query_from(params)
        client = module.open_client(1)
        return lambda: _reading.read_by_filter(client, query, show, params["min_amount_paid"] or 0)
    numbers = _argument_spec.order_numbers_from(params) or []
    client = module.open_client(concurrency)
    return lambda: _reading.read_by_number(client, numbers, params["include"], concurrency, show)


def main() -> None:
    module = KomfortkasseModule(
        argument_spec={
            **_argument_spec.CONNECTION_OPTIONS,
            "order_numbers": {"type": "list", "elements": "str"},
            "payment_statuses": {"type": "list", "elements": "str"},
            "max_age": {"type": "int", "default": 120},
            "min_posting_date": {"type": "str"},
            "min_amount_paid": {"type": "float"},
            "include": {"type": "list", "elements": "str", "choices": list(_client.INCLUDE), "default": []},
            "concurrency": {"type": "int", "default": 8},
            "return_order": {"type": "str", "default": "full", "choices": ["full", "summary"]},
        },
        mutually_exclusive=[
            ("order_numbers", name) for name in ("payment_statuses", "min_posting_date", "min_amount_paid")
        ],
        supports_check_mode=True,
    )
    run = module.checked(prepare)
    report = run()
    if report.failures:
        module.fail_json(msg=" ".join(report.failures), orders=report.orders, missing=report.missing)
    module.exit_json(changed=False, orders=report.orders, missing=report.missing)


if __name__ == "__main__":
    main()
