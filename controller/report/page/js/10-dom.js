'use strict';
/* Elements. Strings reach the page as text only: names in the data come from files that
 * anybody may have written. */

const SVG = 'http://www.w3.org/2000/svg';

/* Add children (nodes or strings; null and undefined are left out) to an element. */
function fill(element, children) {
  for (const child of children.flat(Infinity))
    if (child !== null && child !== undefined)
      element.append(child);
  return element;
}

function setAttributes(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on'))
      element.addEventListener(key.slice(2), value);
    else if (value === true)
      element.setAttribute(key, '');
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(key, value);
  }
  return element;
}

/* html('td', {class: 'n'}, 'text', node ...) */
function html(tag, attributes = {}, ...children) {
  return fill(setAttributes(document.createElement(tag), attributes), children);
}

function svg(tag, attributes = {}, ...children) {
  return fill(setAttributes(document.createElementNS(SVG, tag), attributes), children);
}

/* A path relative to the page, each step of it escaped, so that it can only be a path. */
function pathLink(base, rest, label) {
  if (!base)
    return html('span', {}, label);
  const steps = (rest ? base + '/' + rest : base).split('/');
  return html('a', { href: steps.map(encodeURIComponent).join('/') }, label);
}

/* What assistive technology reads out when it changes. */
function announce(text) {
  const region = document.getElementById('live');
  if (region && region.textContent !== text)
    region.textContent = text;
}

/* What only a reader at a screen can do; not there in print. */
function byHand(text) {
  return html('span', { class: 'by-hand' }, text);
}

/* A table of plain cells: columns [{label, number}], rows of cells (text or nodes). */
function plainTable(caption, columns, rows, attributes = {}) {
  const cell = (value, i) => (i === 0
    ? html('th', { scope: 'row' }, value)
    : html('td', { class: columns[i].number ? 'n' : null }, value));
  return html('table', attributes,
    html('caption', {}, caption),
    html('thead', {}, html('tr', {},
      columns.map((c) => html('th', { scope: 'col', class: c.number ? 'n' : null }, c.label)))),
    html('tbody', {}, rows.map((row) => html('tr', {}, row.map(cell)))));
}

/* Something wider than a phone scrolls by itself, also by keyboard. */
function scroller(label, ...children) {
  return html('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label },
    children);
}
