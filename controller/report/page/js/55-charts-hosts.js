/* Charts of when each host had the file, and of the trials of one run. */

/* --- completion by host ------------------------------------------------------ */

/* Finish times of each host over the trials that count. */
function hostFinishes(run) {
  const trials = countedTrials(run);
  return run.clients.map((host, h) => ({ host,
    times: trials.map((t) => t.finish_s[h]).filter(isNumber) }));
}

function completionChart(all) {
  const chosen = new ChosenRuns(all.filter((s) => s.run.trials.length > 0));
  return chosen.figure({
    title: 'When each host had the file',
    note: [chosen.runs.some((s) => s.run.trials.length > 1)
      ? 'Median of the trials, with a line from the least to the most.' : '',
    chosen.runs.some((s) => !s.run.trials.some(counts))
      ? ' Where no trial counts, all are shown, as far as they got.' : ''],
    make: (width) => drawCompletion(chosen.shown(), width),
    table: () => ({
      columns: [{ label: 'Host' }, ...chosen.runs.map((s) => ({ label: s.name, number: true }))],
      rows: longestClients(chosen.runs).map((host, h) => [host,
        ...chosen.runs.map((s) => formatTime(median(hostFinishes(s.run)[h]?.times || []), 4))]),
    }),
  });
}

const longestClients = (series) => series.map((s) => s.run.clients)
  .reduce((a, b) => (b.length > a.length ? b : a), []);

function drawCompletion(series, width) {
  const hosts = longestClients(series);
  const all = series.flatMap((s) => countedTrials(s.run).flatMap((t) => t.finish_s)).filter(isNumber);
  const bounds = series.map((s) => boundOf(s.run)).filter(isNumber);
  const largest = Math.max(1e-9, ...bounds, all.reduce((a, b) => Math.max(a, b), 0));
  const unit = timeUnit(largest);
  const row = Math.max(5, Math.min(30, 520 / hosts.length));
  const top = 24 + (series.length > 1 ? legendHeight(series, width) : 0);
  const bottom = top + row * hosts.length;
  const x = linearScale([0, largest * unit.factor], [58, width - 16]);
  const marks = [];
  const parts = [
    timeAxis(x, unit, width, { top, bottom }),
    hostLabels(hosts, top, row),
    series.map((s, i) => drawHosts(s, i, series.length, { x, top, row, unit, marks })),
    drawBounds(series, x, unit, top, bottom),
    series.length > 1 ? rowLegend(series, width) : null,
  ];
  marks.sort((a, b) => a.y - b.y);
  return { height: bottom + 42, parts, marks };
}

function hostLabels(hosts, top, row) {
  const every = Math.ceil(14 / row);
  return hosts.map((host, h) => (h % every ? null
    : label(host, 50, top + row * (h + 0.5) + 4, { class: 'tick', 'text-anchor': 'end' })));
}

function drawHosts(s, i, count, { x, top, row, unit, marks }) {
  const offset = row > 12 ? ((i + 0.5) / count - 0.5) * row * 0.7 : 0;
  const size = row > 12 ? 4.5 : 2.6;
  const shapes = hostFinishes(s.run).map(({ host, times }, h) => {
    const y = top + row * (h + 0.5) + offset;
    const middle = median(times);
    if (middle === null)
      return label('✕', x(0) + 4, y + 4, { class: 'failed' });
    const [least, most] = extent(times);
    marks.push({ x: x(middle * unit.factor), y, text: `${host}, ${s.name}: ${formatTime(middle, 4)}${
      times.length > 1 ? ` (${formatTime(least, 4)} to ${formatTime(most, 4)})` : ''}` });
    return [times.length > 1 ? svg('path', { class: 'spread',
      d: `M${x(least * unit.factor)} ${y}H${x(most * unit.factor)}` }) : null,
    marker(s.look, x(middle * unit.factor), y, size)];
  });
  return svg('g', { class: s.look.colour }, shapes);
}

function extent(values) {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}

/* One stroke for each distinct bound. */
function drawBounds(series, x, unit, top, bottom) {
  const bounds = [...new Set(series.map((s) => boundOf(s.run)).filter(isNumber))];
  return bounds.map((bound) => {
    const place = x(bound * unit.factor);
    const left = place > x(x.domain[1]) - 60;
    return [svg('line', { class: 'bound', x1: place, x2: place, y1: top - 4, y2: bottom }),
      label('bound', place + (left ? -5 : 5), top - 6 , { class: 'tick', 'text-anchor': left ? 'end' : 'start' })];
  });
}

/* Names above a chart, in rows of as many as there is room for. */
const LEGEND_ROOM = 120;
const LEGEND_ROW = 18;

const legendColumns = (series, width) => Math.max(1, Math.min(series.length, Math.floor(width / LEGEND_ROOM)));
const legendHeight = (series, width) => LEGEND_ROW * Math.ceil(series.length / legendColumns(series, width));

function rowLegend(series, width) {
  const columns = legendColumns(series, width);
  const room = width / columns;
  return series.map((s, i) => {
    const [left, middle] = [6 + (i % columns) * room, 8 + LEGEND_ROW * Math.floor(i / columns)];
    return svg('g', { class: s.look.colour }, marker(s.look, left, middle, 4.5),
      label(shorten(s.name, Math.floor(room / 7.5) - 2), left + 10, middle + 4, { class: 'name' }));
  });
}

/* --- share of hosts that are done -------------------------------------------- */

function cdfChart(all) {
  const chosen = new ChosenRuns(all.filter((s) => hasMakespan(s.run)));
  return chosen.figure({
    title: 'Share of hosts that had the file',
    note: 'Over all hosts and trials (cumulative distribution of finish times).',
    make: (width) => drawCdf(chosen.shown(), width),
    table: () => ({
      columns: [{ label: 'Share' }, ...chosen.runs.map((s) => ({ label: s.name, number: true }))],
      rows: [0.1, 0.25, 0.5, 0.75, 0.9, 1].map((q) => [formatPercent(q),
        ...chosen.runs.map((s) => formatTime(quantile(allFinishes(s.run), q), 4))]),
    }),
  });
}

const allFinishes = (run) => countedTrials(run).flatMap((t) => t.finish_s).filter(isNumber)
  .sort((a, b) => a - b);

const quantile = (sorted, q) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];

function drawCdf(series, width) {
  const samples = series.map((s) => allFinishes(s.run));
  const largest = Math.max(1e-9, ...samples.map((v) => v[v.length - 1] || 0));
  const unit = timeUnit(largest);
  const top = 22 + legendHeight(series, width);
  const bottom = top + 220;
  const x = linearScale([0, largest * unit.factor], [44, width - 16]);
  const y = linearScale([0, 1], [bottom, top]);
  const marks = [];
  const parts = [
    yAxis(y, { left: 44, right: width - 16, ticks: [0, 0.25, 0.5, 0.75, 1], format: formatPercent }),
    timeAxis(x, unit, width, { top, bottom }),
    rowLegend(series, width),
    series.map((s, i) => drawSteps(s, samples[i], { x, y, unit, marks })),
  ];
  marks.sort((a, b) => a.x - b.x);
  return { height: bottom + 42, parts, marks };
}

/* Steps, at most as many as there are columns to tell them apart. */
function drawSteps(s, sorted, { x, y, unit, marks }) {
  const n = sorted.length;
  const stride = Math.max(1, Math.floor(n / 400));
  let d = `M${x(0)} ${y(0)}`;
  for (let i = 0; i < n; i += stride)
    d += `H${x(sorted[i] * unit.factor).toFixed(1)}V${y((Math.min(i + stride, n)) / n).toFixed(1)}`;
  const stops = Math.min(n, 24);
  for (let k = 1; k <= stops; k++) {
    const i = Math.ceil(k * n / stops) - 1;
    marks.push({ x: x(sorted[i] * unit.factor), y: y((i + 1) / n),
      text: `${s.name}: ${formatPercent((i + 1) / n)} by ${formatTime(sorted[i], 4)}` });
  }
  return svg('g', { class: s.look.colour }, svg('path', { class: 'line', d,
    'stroke-dasharray': s.look.dash }));
}

/* --- every trial, in the order they were run --------------------------------- */

function trialsChart({ run, look }) {
  const trials = run.trials.filter((t) => isNumber(t.makespan_s));
  return chartFigure({
    title: 'Makespan of each trial, in order',
    note: `${isNumber(run.figures.ci_low_s) ? 'The band is the 95% confidence interval of the median.'
      : hasMakespan(run) ? 'The line is the median.' : ''}${
      trials.every(counts) ? '' : ' ✕ is a trial that does not count.'}`,
    make: (width) => drawTrials(run, look, trials, width),
    table: () => ({
      columns: [{ label: 'Trial' }, { label: 'Makespan', number: true }, { label: 'Verdict' }],
      rows: trials.map((t) => [t.trial, formatTime(t.makespan_s, 4), trialCondition(t)]),
    }),
  });
}

function drawTrials(run, look, trials, width) {
  const [least, most] = extent(trials.map((t) => t.makespan_s));
  const margin = (most - least || most * 0.1) * 0.25;
  const unit = timeUnit(most);
  const edge = { left: 58, right: width - 16, top: 26, bottom: 220 };
  const x = linearScale([0.5, trials[trials.length - 1].trial + 0.5], [edge.left, edge.right]);
  const y = linearScale([Math.max(0, least - margin) * unit.factor, (most + margin) * unit.factor],
    [edge.bottom, edge.top]);
  const marks = trials.map((t) => ({ x: x(t.trial), y: y(t.makespan_s * unit.factor),
    text: `trial ${t.trial}: ${formatTime(t.makespan_s, 4)}, ${trialCondition(t)}` }));
  const counted = marks.filter((m, i) => counts(trials[i]));
  const others = marks.filter((m, i) => !counts(trials[i]));
  const size = trials.length > 200 ? 1.8 : 3.5;
  return { height: edge.bottom + 42, marks, parts: [
    drawInterval(run.figures, (seconds) => y(seconds * unit.factor), edge),
    yAxis(y, { ...edge, ticks: y.ticks(4), format: plainTick, title: unitWords(unit) }),
    xAxis(x, { ...edge, ticks: x.ticks(8).filter((t) => t >= 1 && Number.isInteger(t)), format: plainTick, title: 'trial' }),
    svg('g', { class: look.colour }, svg('path', { class: 'dots', d: counted.map((m) => dotPath(m, size)).join('') })),
    svg('path', { class: 'crosses', d: others.map((m) => crossPath(m, size)).join('') }),
  ] };
}

/* The median and its confidence interval, across the chart. */
function drawInterval(figures, place, { left, right }) {
  const band = isNumber(figures.ci_low_s) ? [place(figures.ci_high_s), place(figures.ci_low_s)] : null;
  const middle = isNumber(figures.median_s) ? place(figures.median_s) : null;
  return [
    band ? svg('rect', { class: 'band', x: left, width: right - left, y: band[0],
      height: Math.max(1, band[1] - band[0]) }) : null,
    middle !== null ? svg('line', { class: 'bound thin', x1: left, x2: right, y1: middle, y2: middle }) : null,
  ];
}

const dotPath = ({ x, y }, r) =>
  `M${(x - r).toFixed(1)} ${y.toFixed(1)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;

const crossPath = ({ x, y }, r) =>
  `M${(x - r).toFixed(1)} ${(y - r).toFixed(1)}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`;
