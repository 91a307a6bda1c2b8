/* One run, looked at closely. Made when it is chosen. */

function fact(term, ...description) {
  return html('div', {}, html('dt', {}, term), html('dd', {}, description));
}

function runFacts(run) {
  const f = run.figures;
  const bound = boundOf(run);
  return html('dl', { class: 'facts' },
    fact('Makespan', hasMakespan(run) ? html('strong', {}, formatTime(f.median_s, 4)) : DASH,
      f.ok > 1 ? ` median of ${f.ok}` : ''),
    f.ok > 1 ? fact('Mean ± s.d.', `${formatTime(f.mean_s, 4)} ± ${formatTime(f.stdev_s, 2)}`) : null,
    isNumber(f.ci_low_s) ? fact('95% CI of median', intervalText(run)) : null,
    fact('Spread of hosts', formatTime(f.spread_s)),
    fact('Fairness (Jain)', isNumber(f.jain) ? f.jain.toFixed(4) : DASH),
    fact('Lower bound', bound ? `${formatTime(bound, 4)}, set by ${BINDINGS[run.bound.binding] || ''}` : 'none: no link is limited'),
    bound ? fact('Of the bound', formatPercent(f.efficiency, 1)) : null,
    fact('Server', run.server), fact('File', formatBytes(run.file_bytes)),
    fact('Start', run.start), fact('When', formatStamp(run.stamp)));
}

/* Every reason that a trial's verdict gives, with how many trials gave it. */
function runReasons(run) {
  const reasons = new Map();
  for (const trial of run.trials)
    for (const { verdict, message } of trial.reasons || []) {
      const key = `${verdict === 'valid' ? 'note' : verdict}: ${message}`;
      reasons.set(key, (reasons.get(key) || []).concat(trial.trial));
    }
  const judged = run.trials.filter((t) => t.verdict !== 'unknown');
  const counts = ['valid', 'suspect', 'invalid'].map((v) => [v, judged.filter((t) => t.verdict === v).length])
    .filter(([, count]) => count > 0);
  return [
    html('p', {}, 'Verdict: ', judged.length === 0 ? 'unknown, for there are no samples to tell by.'
      : counts.map(([v, count], i) => [i ? ', ' : '', conditionMark(v), judged.length > 1 ? ` ${plural(count, 'trial')}` : ''])),
    reasons.size ? html('ul', {}, [...reasons].slice(0, 20).map(([text, trials]) =>
      html('li', {}, text, run.trials.length > 1 ? ` (trial ${trials.slice(0, 8).join(', ')}${trials.length > 8 ? ' …' : ''})` : ''))) : null,
    run.message ? html('p', { class: 'problem' }, `${run.status}: ${run.message}`) : null,
  ];
}

/* --- trials ------------------------------------------------------------------- */

function trialFolder(run, trial) {
  return `trials/${String(trial.trial).padStart(3, '0')}/logs`;
}

function trialRow(run, trial) {
  const words = (expected, between) => (trial.failures || []).filter((x) => Boolean(x.expected) === expected)
    .map((x) => `${x.host}${between}${x.message || x.status}`);
  const failures = words(false, ': ');
  const expected = words(true, ' failed, as expected: ');
  return [trial.trial, conditionMark(trial.status !== 'ok' ? trial.status : trial.verdict === 'unknown' ? 'ok' : trial.verdict),
    formatTime(trial.makespan_s, 4), formatTime(trial.mean_s, 4), formatTime(trial.spread_s),
    formatTime(trial.start_skew_s), formatPercent(trial.efficiency, 1),
    isNumber(trial.jain) ? trial.jain.toFixed(4) : DASH,
    [pathLink(run.href, trialFolder(run, trial), 'logs'),
      trial.message ? ` ${trial.message}` : '', failures.length > 1 ? ` ${failures.slice(0, 6).join('; ')}` : '',
      expected.length > 0 ? ` ${expected.slice(0, 6).join('; ')}` : '']];
}

const TRIAL_COLUMNS = [{ label: 'Trial' }, { label: 'Verdict' }, { label: 'Makespan', number: true },
  { label: 'Mean', number: true }, { label: 'Spread', number: true }, { label: 'Start skew', number: true },
  { label: 'Of bound', number: true }, { label: 'Jain', number: true }, { label: 'Logs' }];

function trialsSection(run) {
  const holder = html('div');
  const show = (count) => {
    const rows = run.trials.slice(0, count).map((trial) => trialRow(run, trial));
    holder.replaceChildren(scroller('Trials of this run', plainTable('Trials', TRIAL_COLUMNS, rows, { class: 'trials' })));
    if (count < run.trials.length)
      holder.append(html('button', { type: 'button', class: 'more', onclick: () => show(Infinity) },
        `Show ${run.trials.length - count} more`));
  };
  show(PORTION);
  return holder;
}

/* --- where it comes from --------------------------------------------------------- */

/* Leaves of a JSON document as ["cpu.model", "..."]. */
function leaves(value, path = '') {
  if (Array.isArray(value) && value.every((v) => typeof v !== 'object'))
    return [[path, value.join(' ')]];
  if (value === null || typeof value !== 'object')
    return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, v]) => leaves(v, path ? `${path}.${key}` : key));
}

function provenance(report, run) {
  const text = report.texts[run.manifest];
  let rows = null;
  try {
    rows = leaves(JSON.parse(text)).slice(0, 200);
  } catch {
    rows = null;
  }
  return html('details', {}, html('summary', {}, 'Where it ran'),
    rows ? scroller('Where it ran', plainTable('From manifest.json', [{ label: 'Key' }, { label: 'Value' }], rows, { class: 'keys' }))
      : html('p', {}, 'The manifest is not here; see ', pathLink(run.href, 'manifest.json', 'manifest.json'), '.'));
}

function recordOf(report, run) {
  const text = report.texts[run.experiment];
  return html('details', {}, html('summary', {}, 'Experiment file'),
    text === undefined ? html('p', {}, 'See ', pathLink(run.href, 'experiment.json', 'experiment.json'), '.')
      : scroller('Experiment file', html('pre', {}, text)));
}

function filesOf(run) {
  return html('p', { class: 'files' }, 'Files: ',
    ['experiment.json', 'manifest.json', 'results.json', 'trials'].map((name, i) =>
      [i ? ' · ' : '', pathLink(run.href, name, name)]), html('br'), html('code', {}, run.path));
}

/* --- the whole --------------------------------------------------------------------- */

function valuesOf(run) {
  const values = Object.entries(run.values || {});
  return values.length === 0 ? null : html('p', { class: 'values' }, `Cell ${run.cell} of ${run.sweep}: `,
    values.map(([pointer, value], i) => [i ? ', ' : '', html('code', {}, pointer), ` = ${value}`]));
}

function runCharts(entry) {
  const { run } = entry;
  const several = run.trials.filter((t) => isNumber(t.makespan_s)).length > 2;
  return html('div', { class: 'grid' },
    run.trials.length > 0 ? completionChart([entry]) : null,
    several ? trialsChart(entry) : null,
    run.detail ? [bytesChart(entry), journeyChart(entry), matrixFigure(entry), linksChart(entry), rttChart(entry)] : null,
    hasMakespan(run) && run.clients.length > 1 ? cdfChart([entry]) : null,
    topologyChart(run));
}

function runSection(report, index) {
  const run = report.runs[index];
  const entry = { run, index, look: lookOf(run.model, 0), name: MODELS[run.model] || run.model };
  return [
    html('p', { class: 'kicker' }, MODELS[run.model] || run.model),
    html('h2', { id: 'run-title', tabindex: -1 }, run.name),
    run.title !== run.name ? html('p', { class: 'standfirst' }, run.title) : null,
    valuesOf(run), runFacts(run), runReasons(run), runCharts(entry),
    html('h3', {}, 'Trials'), trialsSection(run),
    recordOf(report, run), provenance(report, run), filesOf(run),
  ];
}
