/* Charts that set runs beside each other. */

/* The look of each line of a group: the same in all its charts. */
function groupLooks(group) {
  const seen = {};
  return group.lines.map((line) => {
    seen[line.model] = (seen[line.model] ?? -1) + 1;
    return lookOf(line.model, seen[line.model]);
  });
}

/* Every run of the group with its look and its name there. */
function groupSeries(report, group) {
  const looks = groupLooks(group);
  const series = [];
  group.lines.forEach((line, i) => {
    for (const index of line.runs)
      series.push({ run: report.runs[index], index, look: looks[i],
        name: report.labels[index] || report.runs[index].name });
  });
  return series;
}

const boundOf = (run) => (run.bound && run.bound.framed_s > 0 ? run.bound.framed_s : null);
const counts = (trial) => trial.status === 'ok' && trial.verdict !== 'invalid';

/* The trials that figures are made of; of a run that has none, all, to show how far they got. */
function countedTrials(run) {
  const counted = run.trials.filter(counts);
  return counted.length > 0 ? counted : run.trials;
}

const hasMakespan = (run) => isNumber(run.figures.median_s);

function rangeText(run, unit) {
  const f = run.figures;
  return f.ok > 1
    ? `, median of ${f.ok} trials from ${digits(f.min_s * unit.factor, 4)} to ${
      digits(f.max_s * unit.factor, 4)} ${unit.name}` : '';
}

function describeRun(name, run) {
  const f = run.figures;
  const bound = boundOf(run);
  if (!hasMakespan(run))
    return `${name}: ${run.status}`;
  return `${name}: ${formatTime(f.median_s, 4)}${rangeText(run, timeUnit(f.median_s))}${
    bound ? `; bound ${formatTime(bound, 4)}, ${formatPercent(f.efficiency)} of its speed` : ''}`;
}

/* --- makespan, a bar a run -------------------------------------------------- */

function makespanBars(report, group) {
  const series = groupSeries(report, group)
    .sort((a, b) => (a.run.figures.median_s ?? Infinity) - (b.run.figures.median_s ?? Infinity));
  return chartFigure({
    title: 'Time until the last host had the file',
    note: barsNote(series),
    make: (width) => drawBars(series, width),
    table: () => ({
      columns: [{ label: 'Run' }, { label: 'Median', number: true }, { label: 'Least', number: true },
        { label: 'Most', number: true }, { label: 'Bound', number: true }],
      rows: series.map(({ name, run }) => [name, formatTime(run.figures.median_s, 4),
        formatTime(run.figures.min_s, 4), formatTime(run.figures.max_s, 4),
        boundOf(run) ? formatTime(boundOf(run), 4) : 'none']),
    }),
  });
}

function barsNote(series) {
  const several = series.some((s) => s.run.figures.ok > 1);
  const bounded = series.some((s) => boundOf(s.run));
  return [several ? 'Median of the trials; the thin line reaches from the least to the most.' : '',
    bounded ? 'The upright stroke is the lower bound in theory, headers counted.' : '']
    .filter(Boolean).join(' ');
}

function drawBars(series, width) {
  const largest = Math.max(1e-9, ...series.map(({ run }) =>
    Math.max(run.figures.max_s || 0, boundOf(run) || 0)));
  const unit = timeUnit(largest);
  const right = width - 84;
  const x = linearScale([0, largest * unit.factor], [4, right]);
  const step = 54;
  const marks = [];
  const parts = series.map((s, i) => {
    const y = 20 + i * step;
    marks.push({ x: x((s.run.figures.median_s || 0) * unit.factor), y: y + 17, span: [0, width],
      text: describeRun(s.name, s.run) });
    return drawBar(s, x, y, unit);
  });
  const bottom = 8 + series.length * step;
  return { height: bottom + 40, marks, parts: [
    xAxis(x, { top: 4, bottom, ticks: x.ticks(width < 500 ? 4 : 8), format: plainTick,
      title: unitWords(unit) }), parts] };
}

const unitWords = (unit) => ({ s: 'seconds', ms: 'milliseconds', 'µs': 'microseconds' })[unit.name];

function drawBar({ run, look, name }, x, y, unit) {
  const f = run.figures;
  const bound = boundOf(run);
  const place = (seconds) => x(seconds * unit.factor);
  if (!hasMakespan(run))
    return [label(name, 4, y, { class: 'name' }),
      label(`✕ ${run.status}: ${run.code || ''}`, 4, y + 21, { class: 'value failed' })];
  return [
    label(name, 4, y, { class: 'name' }),
    svg('g', { class: look.colour },
      svg('rect', { class: 'bar', x: place(0), y: y + 8, width: Math.max(1, place(f.median_s) - place(0)), height: 18 })),
    f.ok > 1 ? svg('path', { class: 'whisker',
      d: `M${place(f.min_s)} ${y + 17}H${place(f.max_s)}` }) : null,
    bound ? svg('line', { class: 'bound', x1: place(bound), x2: place(bound), y1: y + 4, y2: y + 30 })
      : null,
    label(formatTime(f.median_s), Math.max(place(f.max_s), place(bound || 0)) + 8, y + 22,
      { class: 'value' }),
  ];
}

/* --- makespan against number of clients --------------------------------------- */

function scalingChart(report, group) {
  const looks = groupLooks(group);
  const lines = group.lines.map((line, i) => ({ ...line, look: looks[i],
    points: line.runs.map((r) => report.runs[r]).filter(hasMakespan)
      .sort((a, b) => a.clients.length - b.clients.length) }));
  const state = { log: false };
  const toggle = html('button', { type: 'button', class: 'toggle', 'aria-pressed': 'false',
    onclick: () => {
      state.log = !state.log;
      toggle.setAttribute('aria-pressed', String(state.log));
      redraw(figure);
    } }, 'Logarithmic axes');
  const figure = chartFigure({
    title: 'Makespan against the number of clients',
    note: 'Points are measured (median, and a line from the least to the most trial); thin lines are the lower bounds in theory, headers counted.',
    controls: html('p', { class: 'controls' }, toggle),
    make: (width) => drawScaling(lines, width, state.log),
    table: () => scalingTable(lines),
    wide: true,
  });
  return figure;
}

function scalingTable(lines) {
  return {
    columns: [{ label: 'Line' }, { label: 'Clients', number: true }, { label: 'Median', number: true },
      { label: 'Least', number: true }, { label: 'Most', number: true },
      { label: 'Bound', number: true }, { label: 'Of the bound', number: true }],
    rows: lines.flatMap((line) => line.points.map((run) => [line.label, run.clients.length,
      formatTime(run.figures.median_s, 4), formatTime(run.figures.min_s, 4),
      formatTime(run.figures.max_s, 4), formatTime(boundOf(run), 4),
      formatPercent(run.figures.efficiency)])),
  };
}

function scalingDomain(lines) {
  const hosts = lines.flatMap((l) => [...l.points.map((r) => r.clients.length),
    ...l.curve.map((p) => p[0])]);
  const times = lines.flatMap((l) => [...l.points.flatMap((r) => [r.figures.min_s, r.figures.max_s]),
    ...l.curve.map((p) => p[1])]).filter((t) => t > 0);
  return { most: Math.max(2, ...hosts), low: Math.min(...times), high: Math.max(...times) };
}

/* Bounds that coincide are drawn once: the same curve of several lines. */
function distinctCurves(lines) {
  const seen = new Set();
  return lines.filter((line) => {
    const key = `${line.model === 'cs'} ${line.curve.map((p) => p[1].toPrecision(5))}`;
    return line.curve.length > 1 && !seen.has(key) && seen.add(key);
  });
}

function drawScaling(lines, width, log) {
  const { most, low, high } = scalingDomain(lines);
  const unit = timeUnit(high);
  const height = Math.round(Math.min(460, Math.max(300, width * 0.55)));
  const narrow = width < 560;
  const edge = { left: 44, right: width - (narrow ? 14 : labelRoom(lines)), top: 26, bottom: height - 44 };
  const range = [edge.left + 6, edge.right];
  const x = log ? logScale([1, most], range) : linearScale([0, most], range);
  const y = log ? logScale([low * unit.factor * 0.8, high * unit.factor * 1.1], [edge.bottom, edge.top])
    : linearScale([0, high * unit.factor * 1.04], [edge.bottom, edge.top]);
  const place = (hosts, seconds) => [x(hosts), y(seconds * unit.factor)];
  const marks = [];
  const parts = [
    yAxis(y, { ...edge, ticks: y.ticks(6), format: plainTick, title: `makespan, ${unitWords(unit)}` }),
    xAxis(x, { ...edge, ticks: hostTicks(lines, x, log, most), format: plainTick, title: 'clients' }),
    distinctCurves(lines).map((line) => drawCurve(line, place)),
    lines.map((line) => drawPoints(line, place, marks)),
    narrow ? legend(lines, edge) : endLabels(lines, place, edge),
  ];
  marks.sort((a, b) => a.x - b.x);
  return { height: height + (narrow ? 20 * lines.length : 0), parts: narrow
    ? [parts.slice(0, 4), legend(lines, { left: 4, top: height + 6 })] : parts, marks };
}

/* The numbers of hosts that were measured, as far as their figures do not touch. */
function hostTicks(lines, x, log, most) {
  const measured = [...new Set(lines.flatMap((l) => l.points.map((r) => r.clients.length)))]
    .sort((a, b) => a - b);
  const wanted = measured.length > 1 ? measured : x.ticks(6).filter((t) => t >= 1 && t <= most);
  let last = -Infinity;
  return wanted.filter((n) => {
    const fits = x(n) - last >= 24;
    if (fits)
      last = x(n);
    return fits;
  });
}

function drawCurve(line, place) {
  const points = line.curve.map(([hosts, seconds]) => place(hosts, seconds));
  return svg('g', { class: line.look.colour },
    linePath(points, { class: 'line theory', 'stroke-dasharray': DASHES[line.look.variant % 3] }));
}

function drawPoints(line, place, marks) {
  const shapes = line.points.map((run) => {
    const f = run.figures;
    const hosts = run.clients.length;
    const [px, py] = place(hosts, f.median_s);
    marks.push({ x: px, y: py,
      text: describeRun(`${line.label}, ${plural(hosts, 'client')}`, run) });
    return [f.ok > 1 ? svg('path', { class: 'spread',
      d: `M${px} ${place(hosts, f.min_s)[1]}V${place(hosts, f.max_s)[1]}` }) : null,
    marker(line.look, px, py, 5)];
  });
  return svg('g', { class: line.look.colour }, shapes);
}

function lastPlace(line, place) {
  const last = line.points[line.points.length - 1];
  const end = line.curve[line.curve.length - 1];
  const seconds = last ? last.figures.median_s : end && end[1];
  return seconds ? place(1, seconds)[1] : null;
}

/* Characters of a name beside its line, and the room that the longest takes with its mark. */
const END_LABEL = 26;

const labelRoom = (lines) =>
  36 + 8 * Math.max(...lines.map((line) => Math.min(END_LABEL, line.label.length)));

function endLabels(lines, place, edge) {
  const shown = lines.filter((line) => lastPlace(line, place) !== null);
  const places = spreadLabels(shown.map((line) => lastPlace(line, place)), 17, edge.top, edge.bottom);
  return shown.map((line, i) => svg('g', { class: line.look.colour },
    marker(line.look, edge.right + 16, places[i], 4.5),
    label(shorten(line.label, END_LABEL), edge.right + 26, places[i] + 4, { class: 'name' })));
}

function legend(lines, { left, top }) {
  return lines.map((line, i) => svg('g', { class: line.look.colour },
    marker(line.look, left + 6, top + 20 * i, 4.5),
    label(shorten(line.label, 40), left + 18, top + 20 * i + 4, { class: 'name' })));
}

/* A long name loses its middle, for names of one series differ at the ends. */
function shorten(text, most) {
  const characters = [...text];
  if (characters.length <= most)
    return text;
  const tail = Math.floor(most / 3);
  return characters.slice(0, most - tail - 1).join('') + '…' + characters.slice(-tail).join('');
}

/* --- completion by host ------------------------------------------------------ */

/* Finish times of each host over the trials that count. */
function hostFinishes(run) {
  const trials = countedTrials(run);
  return run.clients.map((host, h) => ({ host,
    times: trials.map((t) => t.finish_s[h]).filter(isNumber) }));
}

/* At most so many runs share one chart of hosts. */
const SIDE_BY_SIDE = 6;

function completionChart(series) {
  const shown = series.filter((s) => s.run.trials.length > 0).slice(0, SIDE_BY_SIDE);
  return chartFigure({
    title: 'When each host had the file',
    note: shown.some((s) => s.run.trials.length > 1)
      ? 'Median of the trials, with a line from the least to the most.' : null,
    make: (width) => drawCompletion(shown, width),
    table: () => ({
      columns: [{ label: 'Host' }, ...shown.map((s) => ({ label: s.name, number: true }))],
      rows: longestClients(shown).map((host, h) => [host,
        ...shown.map((s) => formatTime(median(hostFinishes(s.run)[h]?.times || []), 4))]),
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
  const top = 24 + 18 * (series.length > 1 ? 1 : 0);
  const bottom = top + row * hosts.length;
  const x = linearScale([0, largest * unit.factor], [58, width - 16]);
  const marks = [];
  const parts = [
    xAxis(x, { top, bottom, ticks: x.ticks(width < 500 ? 4 : 8), format: plainTick,
      title: `${unitWords(unit)} since the first connection` }),
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

function rowLegend(series, width) {
  const room = width / series.length;
  return series.map((s, i) => svg('g', { class: s.look.colour },
    marker(s.look, 6 + i * room, 8, 4.5),
    label(shorten(s.name, Math.floor(room / 7.5) - 2), 16 + i * room, 12, { class: 'name' })));
}

/* --- share of hosts that are done -------------------------------------------- */

function cdfChart(series) {
  const shown = series.filter((s) => hasMakespan(s.run)).slice(0, SIDE_BY_SIDE);
  return chartFigure({
    title: 'Share of hosts that had the file',
    note: 'Over all hosts and trials (cumulative distribution of finish times).',
    make: (width) => drawCdf(shown, width),
    table: () => ({
      columns: [{ label: 'Share' }, ...shown.map((s) => ({ label: s.name, number: true }))],
      rows: [0.1, 0.25, 0.5, 0.75, 0.9, 1].map((q) => [formatPercent(q),
        ...shown.map((s) => formatTime(quantile(allFinishes(s.run), q), 4))]),
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
  const top = 40;
  const bottom = 260;
  const x = linearScale([0, largest * unit.factor], [44, width - 16]);
  const y = linearScale([0, 1], [bottom, top]);
  const marks = [];
  const parts = [
    yAxis(y, { left: 44, right: width - 16, ticks: [0, 0.25, 0.5, 0.75, 1], format: formatPercent }),
    xAxis(x, { top, bottom, ticks: x.ticks(width < 500 ? 4 : 8), format: plainTick,
      title: `${unitWords(unit)} since the first connection` }),
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
    'stroke-dasharray': DASHES[s.look.variant % 3] }));
}

/* --- every trial, in the order they were run --------------------------------- */

function trialsChart({ run, look, name }) {
  const trials = run.trials.filter((t) => isNumber(t.makespan_s));
  return chartFigure({
    title: 'Makespan of each trial, in order',
    note: isNumber(run.figures.ci_low_s)
      ? 'The band is the 95% confidence interval of the median.' : 'The line is the median.',
    make: (width) => drawTrials(run, look, trials, width),
    table: () => ({
      columns: [{ label: 'Trial' }, { label: 'Makespan', number: true }],
      rows: trials.map((t) => [t.trial, formatTime(t.makespan_s, 4)]),
    }),
  });
}

function drawTrials(run, look, trials, width) {
  const [least, most] = extent(trials.map((t) => t.makespan_s));
  const margin = (most - least || most * 0.1) * 0.25;
  const unit = timeUnit(most);
  const top = 26;
  const bottom = 220;
  const last = trials[trials.length - 1].trial;
  const x = linearScale([0.5, last + 0.5], [58, width - 16]);
  const y = linearScale([Math.max(0, least - margin) * unit.factor, (most + margin) * unit.factor], [bottom, top]);
  const f = run.figures;
  const size = trials.length > 200 ? 1.8 : 3.5;
  const marks = trials.map((t) => ({ x: x(t.trial), y: y(t.makespan_s * unit.factor),
    text: `trial ${t.trial}: ${formatTime(t.makespan_s, 4)}, ${t.status}${t.verdict === 'unknown' ? '' : `, ${t.verdict}`}` }));
  const dots = marks.map((m) => `M${(m.x - size).toFixed(1)} ${m.y.toFixed(1)}a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0`);
  return { height: bottom + 42, marks, parts: [
    isNumber(f.ci_low_s) ? svg('rect', { class: 'band', x: 58, width: width - 74,
      y: y(f.ci_high_s * unit.factor), height: Math.max(1, y(f.ci_low_s * unit.factor) - y(f.ci_high_s * unit.factor)) }) : null,
    yAxis(y, { left: 58, right: width - 16, ticks: y.ticks(4), format: plainTick, title: unitWords(unit) }),
    xAxis(x, { top, bottom, ticks: x.ticks(8).filter((t) => t >= 1 && Number.isInteger(t)), format: plainTick, title: 'trial' }),
    hasMakespan(run) ? svg('line', { class: 'bound thin', x1: 58, x2: width - 16, y1: y(f.median_s * unit.factor), y2: y(f.median_s * unit.factor) }) : null,
    svg('g', { class: look.colour }, svg('path', { class: 'dots', d: dots.join('') })),
  ] };
}
