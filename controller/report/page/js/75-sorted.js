/* A table whose column heads sort it, shown in portions, so that a thousand rows are as quick
 * as ten. A column has a `label`, a `value` of a row to sort by, and what a cell shows: that
 * `value`, what `show` makes of it, or `cell` of the row. */

const PORTION = 60;

const isKnown = (value) => value !== null && value !== undefined;

function compareValues(a, b) {
  if (typeof a === 'number' && typeof b === 'number')
    return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

/* What is not known comes last, whichever way; equals stay in their order. */
function sortedRows(rows, column, direction) {
  return rows.map((row) => ({ row, value: column.value(row) })).sort((a, b) => {
    if (isKnown(a.value) && isKnown(b.value))
      return direction * compareValues(a.value, b.value);
    return isKnown(b.value) - isKnown(a.value);
  }).map(({ row }) => row);
}

function cellOf(column, row) {
  if (column.cell)
    return column.cell(row);
  const value = column.value(row);
  return column.show ? column.show(value) : value;
}

class SortedTable {
  constructor(label, caption, columns, attributes) {
    this.columns = columns;
    this.column = columns[0];
    this.direction = 1;
    this.rows = [];
    this.shown = PORTION;
    this.heads = columns.map((column) => this.buildHead(column));
    this.body = html('tbody');
    this.more = html('button', { type: 'button', class: 'more', onclick: () => {
      this.shown = Infinity;
      this.update();
    } });
    this.element = html('div', {}, scroller(label, html('table', { ...attributes },
      caption, html('thead', {}, html('tr', {}, this.heads)), this.body)), this.more);
  }

  buildHead(column) {
    return html('th', { scope: 'col', class: column.number ? 'n' : null, 'data-label': column.label },
      html('button', { type: 'button', onclick: () => this.sortBy(column) }, column.label));
  }

  setRows(rows) {
    this.rows = rows;
    this.shown = PORTION;
    this.update();
  }

  sortBy(column) {
    this.direction = this.column === column ? -this.direction : 1;
    this.column = column;
    this.update();
    announce(`sorted by ${column.label}, ${this.direction > 0 ? 'ascending' : 'descending'}`);
  }

  update() {
    const rows = sortedRows(this.rows, this.column, this.direction);
    this.heads.forEach((head, i) => head.setAttribute('aria-sort',
      this.columns[i] !== this.column ? 'none' : this.direction > 0 ? 'ascending' : 'descending'));
    this.body.replaceChildren(...rows.slice(0, this.shown).map((row) => this.buildRow(row)));
    this.more.hidden = rows.length <= this.shown;
    this.more.textContent = `Show ${rows.length - this.shown} more`;
  }

  buildRow(row) {
    return html('tr', {}, this.columns.map((column, i) => (i === 0
      ? html('th', { scope: 'row' }, cellOf(column, row))
      : html('td', { class: column.number ? 'n' : null }, cellOf(column, row)))));
  }
}
