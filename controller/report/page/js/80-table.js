/* The table of all runs: filtered by words and by model. */

const countOk = (run) => run.trials.filter(counts).length;

const WORST_FIRST = ['invalid', 'suspect', 'unknown', 'valid'];

/* Of a run or trial that is ok, its verdict; else why it is not. */
const conditionOf = (of, verdict) => (of.status === 'ok' ? verdict : of.status);
const trialCondition = (trial) => conditionOf(trial, trial.verdict);
const runCondition = (run) => conditionOf(run,
  WORST_FIRST.find((verdict) => run.trials.some((trial) => trial.verdict === verdict)) ?? 'unknown');

/* Columns: what they are called, what they sort by, and what they show. */
const COLUMNS = [
  { label: 'Run', value: (r) => r.name },
  { label: 'Model', value: (r) => MODELS[r.model] || r.model },
  { label: 'Clients', number: true, value: (r) => r.clients.length },
  { label: 'File', number: true, value: (r) => r.file_bytes, show: formatBytes },
  { label: 'Trials', number: true, value: countOk, cell: (r) => `${countOk(r)}/${r.trials.length}` },
  { label: 'Median', number: true, value: (r) => r.figures.median_s, show: formatTime },
  { label: '95% CI', number: true, value: (r) => r.figures.ci_low_s, cell: intervalText },
  { label: 'Mean', number: true, value: (r) => r.figures.mean_s, show: formatTime },
  { label: 'Std. dev.', number: true, value: (r) => (r.figures.ok > 1 ? r.figures.stdev_s : null), show: formatTime },
  { label: 'Spread', number: true, value: (r) => r.figures.spread_s, show: formatTime },
  { label: 'Jain', number: true, value: (r) => r.figures.jain, show: (v) => (isNumber(v) ? v.toFixed(3) : DASH) },
  { label: 'Bound', number: true, value: (r) => boundOf(r), show: formatTime },
  { label: 'Of bound', number: true, value: (r) => r.figures.efficiency, show: (v) => formatPercent(v) },
  { label: 'Verdict', value: runCondition, show: conditionMark },
  { label: 'When (UTC)', value: (r) => r.stamp, show: (v) => formatStamp(v).replace(' UTC', '') },
];

function intervalText(run) {
  const { ci_low_s: low, ci_high_s: high } = run.figures;
  return isNumber(low) ? `${formatTime(low)} ${DASH} ${formatTime(high)}` : DASH;
}

/* Sign and colour of each verdict; any other condition is bad. */
const CONDITIONS = {
  valid: ['✓', 'good'], suspect: ['?', 'doubt'], unknown: ['–', 'open'], invalid: ['✕', 'bad'],
};

function conditionMark(condition) {
  const [sign, look] = CONDITIONS[condition] || CONDITIONS.invalid;
  return html('span', { class: `condition ${look}` }, `${sign} ${condition}`);
}

/* Every word must be somewhere in what the row says. */
function matches(run, words) {
  const text = [run.name, run.title, run.path, MODELS[run.model], runCondition(run), run.code || '',
    ...Object.values(run.values || {})].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

const swatch = (model) => html('span', { class: `swatch ${model}-0`, 'aria-hidden': 'true' }, '');

class RunsTable {
  constructor(report, select) {
    this.runs = report.runs;
    this.models = new Set(Object.keys(MODELS));
    this.words = [];
    const button = (run) => html('button', { type: 'button', class: 'link',
      onclick: () => select(this.runs.indexOf(run), true) }, swatch(run.model), run.name);
    const [name, ...others] = COLUMNS;
    this.table = new SortedTable('Table of runs', html('caption', { class: 'hidden' },
      'All runs; choose one to see its detail. Column heads are buttons that sort.'),
    [{ ...name, cell: button }, ...others], { class: 'sorted runs' });
    this.count = html('p', { class: 'count', 'aria-live': 'polite', id: 'count' });
    this.element = html('div', {}, this.buildFilters(), this.count, this.table.element);
    this.update();
  }

  buildFilters() {
    const present = Object.keys(MODELS).filter((m) => this.runs.some((run) => run.model === m));
    const search = html('input', { type: 'search', placeholder: 'name, status, value …',
      oninput: () => {
        this.words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
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

  update() {
    const found = this.runs.filter((run) => this.models.has(run.model) && matches(run, this.words));
    this.table.setRows(found);
    this.count.textContent = found.length === this.runs.length
      ? plural(found.length, 'run') : `${found.length} of ${plural(this.runs.length, 'run')}`;
  }
}
