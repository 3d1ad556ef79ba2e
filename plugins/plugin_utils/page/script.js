/*
 * Copyright (c) 2026 The community.komfortkasse contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Filters and sorts the rows that are in the page.
 */
(() => {
  'use strict'

  const collator = new Intl.Collator('en', { numeric: true })
  const outcomeButtons = [...document.querySelectorAll('[data-outcome]')]
  const worstFirst = ['failed', 'not_attempted', 'would', 'changed', 'skipped', 'unchanged']

  // What the cell is sorted by: null for an empty one, which comes last in either direction.
  function sortKey(cell, heading) {
    if (heading.classList.contains('outcome')) return worstFirst.indexOf(cell.parentNode.className)
    const text = cell.textContent
    if (text === '') return null
    return heading.classList.contains('number') ? Number(text.replaceAll(',', '')) : text
  }

  function sortBy(table, heading) {
    const descending = heading.ariaSort === 'ascending'
    const body = table.tBodies[0]
    const sign = descending ? -1 : 1
    const keyed = [...body.rows].map((row) => ({ row, key: sortKey(row.cells[heading.cellIndex], heading) }))
    keyed.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null)
      return sign * (typeof a.key === 'number' ? a.key - b.key : collator.compare(a.key, b.key))
    })
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort')
    heading.ariaSort = descending ? 'descending' : 'ascending'
    body.replaceChildren(...keyed.map(({ row }) => row))
  }

  for (const table of document.querySelectorAll('table[data-sortable]')) {
    for (const heading of table.tHead.rows[0].cells) {
      const button = document.createElement('button')
      button.type = 'button'
      button.append(...heading.childNodes)
      button.addEventListener('click', () => sortBy(table, heading))
      heading.append(button)
    }
  }

  const rows = [...document.querySelectorAll('table.orders tbody tr')]
  const search = document.getElementById('search')
  const shop = document.getElementById('shop')
  const shown = document.getElementById('shown')
  const texts = new Map()
  let outcome = ''

  function textOf(row) {
    if (!texts.has(row)) texts.set(row, [...row.cells].map((cell) => cell.textContent).join('\n').toLowerCase())
    return texts.get(row)
  }

  function filter() {
    const wanted = search.value.trim().toLowerCase()
    let count = 0
    for (const row of rows) {
      const fits = (outcome === '' || row.className === outcome) &&
        (!shop || shop.value === '' || row.cells[0].textContent === shop.value) &&
        (wanted === '' || textOf(row).includes(wanted))
      if (row.hidden === fits) row.hidden = !fits
      count += fits
    }
    for (const button of outcomeButtons) button.ariaPressed = String(button.dataset.outcome === outcome)
    const all = rows.length.toLocaleString('en') + (rows.length === 1 ? ' order' : ' orders')
    shown.textContent = count === rows.length ? all : count.toLocaleString('en') + ' of ' + all
  }

  for (const button of outcomeButtons) {
    button.addEventListener('click', () => {
      outcome = button.dataset.outcome === outcome ? '' : button.dataset.outcome
      filter()
    })
  }
  search.addEventListener('input', filter)
  if (shop) shop.addEventListener('change', filter)
  document.querySelector('.controls').hidden = false
  filter() // a browser that goes back to this page fills in what was searched for
})()
