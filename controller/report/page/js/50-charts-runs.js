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
  return { height: height + (narrow ? 10 + 20 * lines.length : 0), parts: narrow
    ? [parts.slice(0, 4), legend(lines, { left: 4, top: height + 14 })] : parts, marks };
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
    linePath(points, { class: 'line theory', 'stroke-dasharray': line.look.dash }));
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
