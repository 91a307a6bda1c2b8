/* The table of all runs: sorted by a column, filtered by words and by model, in portions, so
 * that a thousand runs are as quick as ten. */

const PORTION = 60;

const countOk = (run) => run.trials.filter(counts).length;

/* Worst first: what the trials' verdicts come to. */
function verdictOf(run) {
  const verdicts = run.trials.map((t) => t.verdict);
  return ['invalid', 'suspect', 'unknown', 'valid'].find((v) => verdicts.includes(v)) || null;
}

function conditionOf(run) {
  if (run.status !== 'ok')
    return run.status;
  const verdict = verdictOf(run);
  return verdict === 'unknown' || !verdict ? 'ok' : verdict;
}

/* Columns: what they are called, what they sort by, and what they show. */
const COLUMNS = [
  { key: 'name', label: 'Run', value: (r) => r.name },
  { key: 'model', label: 'Model', value: (r) => MODELS[r.model] || r.model },
  { key: 'hosts', label: 'Clients', number: true, value: (r) => r.clients.length },
  { key: 'file', label: 'File', number: true, value: (r) => r.file_bytes, show: formatBytes },
  { key: 'trials', label: 'Trials', number: true, value: countOk, cell: (r) => `${countOk(r)}/${r.trials.length}` },
  { key: 'median', label: 'Median', number: true, value: (r) => r.figures.median_s, time: true },
  { key: 'ci', label: '95% CI', number: true, value: (r) => r.figures.ci_low_s, cell: intervalText },
  { key: 'mean', label: 'Mean', number: true, value: (r) => r.figures.mean_s, time: true },
  { key: 'stdev', label: 'Std. dev.', number: true, value: (r) => (r.figures.ok > 1 ? r.figures.stdev_s : null), time: true },
  { key: 'spread', label: 'Spread', number: true, value: (r) => r.figures.spread_s, time: true },
  { key: 'jain', label: 'Jain', number: true, value: (r) => r.figures.jain, show: (v) => (isNumber(v) ? v.toFixed(3) : DASH) },
  { key: 'bound', label: 'Bound', number: true, value: (r) => boundOf(r), time: true },
  { key: 'efficiency', label: 'Of bound', number: true, value: (r) => r.figures.efficiency, show: (v) => formatPercent(v) },
  { key: 'condition', label: 'Verdict', value: conditionOf, cell: (r) => conditionMark(conditionOf(r)) },
  { key: 'stamp', label: 'When (UTC)', value: (r) => r.stamp, show: (v) => formatStamp(v).replace(' UTC', '') },
];

function intervalText(run) {
  const { ci_low_s: low, ci_high_s: high } = run.figures;
  return isNumber(low) ? `${formatTime(low)} ${DASH} ${formatTime(high)}` : DASH;
}

const SIGNS = { ok: '✓', valid: '✓', suspect: '?', invalid: '✕' };

function conditionMark(condition) {
  return html('span', { class: `condition ${SIGNS[condition] === '✓' ? 'good' : condition === 'suspect' ? 'doubt' : 'bad'}` },
    `${SIGNS[condition] || '✕'} ${condition}`);
}

function cellOf(column, run) {
  if (column.cell)
    return column.cell(run);
  const value = column.value(run);
  if (column.time)
    return formatTime(value);
  return column.show ? column.show(value) : value;
}

function compareValues(a, b) {
  const known = (v) => v !== null && v !== undefined;
  if (known(a) !== known(b))
    return known(a) ? -1 : 1; /* what is not known comes last, whichever way */
  if (typeof a === 'number' && typeof b === 'number')
    return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

function sortedRuns(runs, column, direction) {
  return [...runs].sort((a, b) => {
    const x = column.value(a.run);
    const y = column.value(b.run);
    const order = compareValues(x, y);
    const unknown = (v) => v === null || v === undefined;
    return (unknown(x) || unknown(y) ? order : direction * order) || a.index - b.index;
  });
}

/* Every word must be somewhere in what the row says. */
function matches(run, words) {
  const text = [run.name, run.title, run.path, MODELS[run.model], conditionOf(run), run.code || '',
    ...Object.values(run.values || {})].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

const swatch = (model) => html('span', { class: `swatch ${model}-0`, 'aria-hidden': 'true' }, '');

class RunsTable {
  constructor(report, select) {
    this.entries = report.runs.map((run, index) => ({ run, index }));
    this.select = select;
    this.column = COLUMNS[0];
    this.direction = 1;
    this.models = new Set(Object.keys(MODELS));
    this.words = [];
    this.shown = PORTION;
    this.build();
    this.update();
  }

  build() {
    this.heads = COLUMNS.map((column) => this.buildHead(column));
    this.body = html('tbody');
    this.count = html('p', { class: 'count', 'aria-live': 'polite', id: 'count' });
    this.more = html('button', { type: 'button', class: 'more', onclick: () => {
      this.shown = Infinity;
      this.update();
    } });
    this.element = html('div', {}, this.buildFilters(), this.count,
      scroller('Table of runs', html('table', { class: 'runs' },
        html('caption', { class: 'hidden' }, 'All runs; choose one to see its detail. Column heads are buttons that sort.'),
        html('thead', {}, html('tr', {}, this.heads)), this.body)), this.more);
  }

  buildHead(column) {
    return html('th', { scope: 'col', class: column.number ? 'n' : null, 'data-label': column.label },
      html('button', { type: 'button', onclick: () => this.sortBy(column) }, column.label));
  }

  buildFilters() {
    const present = Object.keys(MODELS).filter((m) => this.entries.some((e) => e.run.model === m));
    const search = html('input', { type: 'search', placeholder: 'name, status, value …',
      oninput: () => {
        this.words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
        this.shown = PORTION;
        this.update();
      } });
    return html('form', { class: 'filters', role: 'search', onsubmit: (e) => e.preventDefault() },
      html('label', {}, 'Filter ', search),
      present.length > 1 ? present.map((model) => this.buildModelButton(model)) : null);
  }

  buildModelButton(model) {
    const button = html('button', { type: 'button', class: 'toggle', 'aria-pressed': 'true',
      onclick: () => {
        const on = !this.models.has(model);
        this.models[on ? 'add' : 'delete'](model);
        button.setAttribute('aria-pressed', String(on));
        this.update();
      } }, swatch(model), MODELS[model]);
    return button;
  }

  sortBy(column) {
    this.direction = this.column === column ? -this.direction : 1;
    this.column = column;
    this.update();
    announce(`sorted by ${column.label}, ${this.direction > 0 ? 'ascending' : 'descending'}`);
  }

  update() {
    const found = sortedRuns(this.entries.filter(({ run }) =>
      this.models.has(run.model) && matches(run, this.words)), this.column, this.direction);
    this.heads.forEach((head, i) => head.setAttribute('aria-sort',
      COLUMNS[i] !== this.column ? 'none' : this.direction > 0 ? 'ascending' : 'descending'));
    this.body.replaceChildren(...found.slice(0, this.shown).map((entry) => this.row(entry)));
    this.count.textContent = found.length === this.entries.length
      ? plural(found.length, 'run') : `${found.length} of ${plural(this.entries.length, 'run')}`;
    this.more.hidden = found.length <= this.shown;
    this.more.textContent = `Show ${found.length - this.shown} more`;
  }

  row({ run, index }) {
    const button = html('button', { type: 'button', class: 'link',
      onclick: () => this.select(index, true) },
    swatch(run.model), run.name);
    return html('tr', {}, COLUMNS.map((column, i) => (i === 0
      ? html('th', { scope: 'row' }, button)
      : html('td', { class: column.number ? 'n' : null }, cellOf(column, run)))));
  }
}
