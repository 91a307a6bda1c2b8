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

/* --- verdicts ----------------------------------------------------------------- */

/* The reasons of all trials, those of one code together, the worst first: messages hold
 * figures, so that hardly two are the same. */
function groupReasons(run) {
  const groups = new Map();
  for (const trial of run.trials)
    for (const { verdict, code, message } of trial.reasons || []) {
      const key = `${verdict} ${code}`;
      if (!groups.has(key))
        groups.set(key, { verdict, code, message, trials: [] });
      groups.get(key).trials.push(trial.trial);
    }
  const rank = (group) => WORST_FIRST.indexOf(group.verdict);
  return [...groups.values()].sort((a, b) => rank(a) - rank(b) || b.trials.length - a.trials.length);
}

const reasonMark = (verdict) => (verdict === 'valid' ? 'note' : conditionMark(verdict));

/* How many trials are meant, and the first of them: " in 12 of 30 trials (1, 4, 5, ...)". */
function tellTrials(trials, run) {
  if (run.trials.length === 1)
    return '';
  return `, in ${trials.length} of ${plural(run.trials.length, 'trial')}${
    trials.length < run.trials.length ? ` (${firstOf(trials, 8)})` : ''}`;
}

function runReasons(run) {
  const verdicts = WORST_FIRST.map((v) => [v, run.trials.filter((t) => t.verdict === v).length])
    .filter(([, count]) => count > 0);
  const reasons = groupReasons(run);
  return [
    verdicts.length === 0 ? null : html('p', {}, 'Verdict: ', verdicts.map(([v, count], i) => [i ? ', ' : '', conditionMark(v),
      run.trials.length > 1 ? ` ${plural(count, 'trial')}` : '']),
    run.trials.some((t) => t.verdict === 'unknown') ? ' (unknown: there are no samples to tell by)' : ''),
    reasons.length ? html('ul', { class: 'reasons' }, reasons.map(({ verdict, code, message, trials }) =>
      html('li', {}, reasonMark(verdict), ' ', html('code', {}, code), `${tellTrials(trials, run)}: ${message}`))) : null,
    run.message ? html('p', { class: 'problem' }, `${run.status}: ${run.message}`) : null,
  ];
}

/* --- trials ------------------------------------------------------------------- */

function trialFolder(run, trial) {
  return `trials/${String(trial.trial).padStart(3, '0')}/logs`;
}

function tellUnreached({ unreached }) {
  return unreached ? [...unreached.shown.map(tellFault),
    unreached.left > 0 ? `${plural(unreached.left, 'more fault')} did not happen` : ''].filter(Boolean).join('; ') : '';
}

/* What went wrong in a trial, and what speaks against it. */
function trialNotes(trial) {
  const hosts = (expected, between) => (trial.failures || []).filter((x) => Boolean(x.expected) === expected)
    .map((x) => `${x.host}${between}${x.message || x.status}`);
  const failures = hosts(false, ': ');
  const reasons = (trial.reasons || []).filter(({ code }) => code !== 'not_ok');
  return [trial.message || '', failures.length > 1 ? firstOf(failures, 6, '; ') : '',
    firstOf(hosts(true, ' failed, as expected: '), 6, '; '), tellUnreached(trial),
    ...reasons.map(({ verdict, code, message }) => `${verdict === 'valid' ? 'note ' : ''}${code}: ${message}`)].filter(Boolean).join('; ');
}

const trialColumns = (run) => [
  { label: 'Trial', value: (t) => t.trial },
  { label: 'Verdict', value: trialCondition, show: conditionMark },
  { label: 'Makespan', number: true, value: (t) => t.makespan_s, show: (v) => formatTime(v, 4) },
  { label: 'Mean', number: true, value: (t) => t.mean_s, show: (v) => formatTime(v, 4) },
  { label: 'Spread', number: true, value: (t) => t.spread_s, show: formatTime },
  { label: 'Start skew', number: true, value: (t) => t.start_skew_s, show: formatTime },
  { label: 'Of bound', number: true, value: (t) => t.efficiency, show: (v) => formatPercent(v, 1) },
  { label: 'Jain', number: true, value: (t) => t.jain, show: (v) => (isNumber(v) ? v.toFixed(4) : DASH) },
  { label: 'Logs and notes', value: (t) => trialNotes(t) || null,
    cell: (t) => [pathLink(run.href, trialFolder(run, t), 'logs'), ' ', trialNotes(t)] },
];

function trialsSection(run) {
  const table = new SortedTable('Trials of this run', html('caption', { class: 'hidden' },
    'Trials; column heads are buttons that sort.'), trialColumns(run), { class: 'sorted trials' });
  table.setRows(run.trials);
  return table.element;
}

/* --- logs ------------------------------------------------------------------------ */

/* Programs of a server and of a client. */
const PROGRAMS = { cs: ['cs_server', 'cs_client'], p2p: ['p2p_server', 'p2p_peer'], exec: ['exec_server', 'exec_client'] };

function logsTable(run, trial) {
  const link = (name) => pathLink(run.href, `${trialFolder(run, trial)}/${name}`, name);
  const [server, client] = PROGRAMS[run.model];
  const stems = [`${run.server}.${server}`, ...run.clients.map((node) => `${node}.${client}`)];
  return scroller('Log files', plainTable(`Of trial ${trial.trial}`,
    [{ label: 'Events' }, { label: 'Said to people' }, { label: 'Exit status' }],
    [[link('labctl.jsonl')], ...stems.map((stem) => ['jsonl', 'log', 'exit'].map((end) => link(`${stem}.${end}`)))]));
}

/* A link to every log of a trial that the reader names, made when it is asked for. */
function logFiles(run) {
  const holder = html('div');
  const show = () => {
    const trial = run.trials.find((t) => t.trial === Number(choice.value));
    holder.replaceChildren(trial ? logsTable(run, trial) : html('p', {}, 'There is no such trial.'));
  };
  const choice = html('input', { type: 'number', min: 1, value: run.detail?.trial ?? 1, oninput: show });
  const details = html('details', {}, html('summary', {}, 'Log files'),
    run.trials.length > 1 ? html('p', {}, html('label', {}, 'Of trial ', choice)) : null, holder);
  details.addEventListener('toggle', show, { once: true });
  return details;
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

/* More than a manifest of labctl's has. */
const KEYS_MAX = 200;

function provenance(report, run) {
  const text = report.texts[run.manifest];
  let rows = null;
  try {
    rows = leaves(JSON.parse(text));
  } catch {
    rows = null;
  }
  return html('details', {}, html('summary', {}, 'Where it ran'),
    rows ? scroller('Where it ran', plainTable(rows.length > KEYS_MAX ? `The first ${KEYS_MAX} of ${rows.length} keys in manifest.json` : 'From manifest.json',
      [{ label: 'Key' }, { label: 'Value' }], rows.slice(0, KEYS_MAX), { class: 'keys' }))
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
    run.detail ? [bytesChart(entry), journeyChart(entry), matrixChart(entry), linksChart(entry),
      linkUseChart(entry), rttChart(entry)] : null,
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
    faultsSection(run), html('h3', {}, 'Trials'), trialsSection(run),
    run.trials.length > 0 ? logFiles(run) : null, recordOf(report, run), provenance(report, run), filesOf(run),
  ];
}
