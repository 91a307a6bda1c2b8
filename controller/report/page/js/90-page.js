/* The page as a whole. */

/* Groups that are drawn; the table has the runs of the others too. */
const GROUPS_DRAWN = 30;

/* Whether a sweep has numbers of hosts, and not too many lines to tell apart. */
function scales(report, group) {
  const counts = new Set(group.runs.map((i) => report.runs[i].clients.length));
  return group.kind === 'sweep' && counts.size > 1 && group.lines.length <= 12;
}

function mainChart(report, group) {
  if (scales(report, group))
    return scalingChart(report, group);
  if (group.runs.length > 1 && group.runs.length <= 24)
    return makespanBars(report, group);
  if (group.runs.length > 1)
    return rankChart(report, group);
  return completionChart(groupSeries(report, group));
}

/* Charts that go with the first one. */
function moreCharts(report, group) {
  const series = groupSeries(report, group);
  if (group.kind === 'comparison')
    return [completionChart(series), cdfChart(series),
      group.lines.some((l) => l.curve.length > 1) ? scalingChart(report, group) : null];
  if (scales(report, group))
    return [efficiencyChart(report, group)];
  return [];
}

/* Many runs that have no number of clients to be set against: fastest first. */
function rankChart(report, group) {
  const series = groupSeries(report, group).filter((s) => hasMakespan(s.run))
    .sort((a, b) => a.run.figures.median_s - b.run.figures.median_s);
  return chartFigure({
    title: 'Makespan of every run, fastest first',
    note: 'Median of the trials; grey strokes are lower bounds in theory.',
    wide: true,
    make: (width) => drawRanks(series, width),
    table: () => ({ columns: [{ label: 'Run' }, { label: 'Median', number: true }],
      rows: series.map((s) => [s.name, formatTime(s.run.figures.median_s, 4)]) }),
  });
}

function drawRanks(series, width) {
  const largest = Math.max(1e-9, ...series.map((s) => s.run.figures.median_s));
  const unit = timeUnit(largest);
  const bottom = 280;
  const x = linearScale([0, series.length + 1], [52, width - 16]);
  const y = linearScale([0, largest * unit.factor], [bottom, 26]);
  const marks = series.map((s, i) => ({ x: x(i + 1), y: y(s.run.figures.median_s * unit.factor),
    text: describeRun(s.name, s.run) }));
  const bounds = series.map((s, i) => (boundOf(s.run)
    ? `M${(x(i + 1) - 2).toFixed(1)} ${y(boundOf(s.run) * unit.factor).toFixed(1)}h4` : ''));
  return { height: bottom + 42, marks, parts: [
    yAxis(y, { left: 52, right: width - 16, ticks: y.ticks(5), format: plainTick, title: unitWords(unit) }),
    xAxis(x, { top: 26, bottom, ticks: x.ticks(8).filter((t) => t >= 1), format: plainTick, title: 'rank' }),
    svg('path', { class: 'bound thin', d: bounds.join('') }),
    series.map((s, i) => svg('g', { class: s.look.colour },
      marker(s.look, marks[i].x, marks[i].y, series.length > 150 ? 1.8 : 3.5))),
  ] };
}

/* How near each cell of a sweep came to its bound. */
function efficiencyChart(report, group) {
  const looks = groupLooks(group);
  const lines = group.lines.map((line, i) => ({ ...line, look: looks[i],
    points: line.runs.map((r) => report.runs[r]).filter((r) => isNumber(r.figures.efficiency))
      .sort((a, b) => a.clients.length - b.clients.length) })).filter((l) => l.points.length > 0);
  return lines.length === 0 ? null : chartFigure({
    title: 'How near to the bound',
    note: 'The bound as a share of the median makespan: 100% is as fast as theory allows.',
    wide: true,
    make: (width) => drawEfficiency(lines, width),
    table: () => ({ columns: [{ label: 'Line' }, { label: 'Clients', number: true }, { label: 'Of the bound', number: true }],
      rows: lines.flatMap((l) => l.points.map((r) => [l.label, r.clients.length, formatPercent(r.figures.efficiency, 1)])) }),
  });
}

function drawEfficiency(lines, width) {
  const all = lines.flatMap((l) => l.points);
  const most = Math.max(2, ...all.map((r) => r.clients.length));
  const top = 26;
  const bottom = 240;
  const narrow = width < 560;
  const right = width - (narrow ? 14 : labelRoom(lines));
  const x = linearScale([0, most], [50, right]);
  const y = linearScale([0, Math.max(1.05, ...all.map((r) => r.figures.efficiency))], [bottom, top]);
  const marks = [];
  const drawn = lines.map((line) => {
    const places = line.points.map((r) => [x(r.clients.length), y(r.figures.efficiency)]);
    line.points.forEach((r, i) => marks.push({ x: places[i][0], y: places[i][1],
      text: `${line.label}, ${plural(r.clients.length, 'client')}: ${formatPercent(r.figures.efficiency, 1)} of the bound` }));
    return svg('g', { class: line.look.colour }, linePath(places, { class: 'line thin', 'stroke-dasharray': line.look.dash }),
      places.map(([px, py]) => marker(line.look, px, py, 4.5)));
  });
  marks.sort((a, b) => a.x - b.x);
  const ends = spreadLabels(lines.map((l) => y(l.points[l.points.length - 1].figures.efficiency)), 17, top, bottom);
  return { height: bottom + 42 + (narrow ? 10 + 20 * lines.length : 0), marks, parts: [
    yAxis(y, { left: 50, right, ticks: [0, 0.25, 0.5, 0.75, 1], format: formatPercent }),
    xAxis(x, { top, bottom, ticks: hostTicks(lines, x, false, most), format: plainTick, title: 'clients' }),
    drawn,
    narrow ? legend(lines, { left: 4, top: bottom + 58 }) : lines.map((line, i) => svg('g', { class: line.look.colour },
      marker(line.look, right + 16, ends[i], 4.5), label(shorten(line.label, END_LABEL), right + 26, ends[i] + 4, { class: 'name' }))),
  ] };
}

/* --- sections --------------------------------------------------------------------- */

function groupSection(report, group, first) {
  const charts = [mainChart(report, group), html('div', { class: 'grid' }, moreCharts(report, group))];
  if (first)
    return html('section', { 'aria-label': 'The answer' },
      group.note ? html('p', { class: 'note' }, group.note) : null, charts);
  return html('section', {}, html('h2', {}, group.title), html('p', { class: 'standfirst' }, group.answer),
    group.note ? html('p', { class: 'note' }, group.note) : null, charts);
}

function othersSection(report) {
  const others = report.groups.slice(1, GROUPS_DRAWN);
  const left = report.groups.length - 1 - others.length;
  return [others.map((group) => groupSection(report, group, false)),
    left > 0 ? html('p', { class: 'note' }, `${plural(left, 'further group')} of runs ${
      left === 1 ? 'is' : 'are'} in the table alone.`) : null];
}

const PASSED_SHOWN = 100;

function passedSection(report) {
  if (report.passed_over.length === 0)
    return null;
  const left = report.passed_over.length - PASSED_SHOWN;
  return html('section', {}, html('h2', {}, 'Passed over, or not whole'),
    html('ul', { class: 'passed' }, report.passed_over.slice(0, PASSED_SHOWN).map(({ path, why }) =>
      html('li', {}, html('code', {}, path), ` ${why}`))),
    left > 0 ? html('p', { class: 'note' }, `And ${left.toLocaleString('en')} more.`) : null);
}

const MEANINGS = [
  ['Makespan', 'time from the server’s first accepted connection to the last byte of the file at the last host'],
  ['95% CI', 'confidence interval of the median makespan, from order statistics; it needs six trials'],
  ['Spread', 'last host’s finish minus the first one’s, median over the trials'],
  ['Jain', 'Jain’s index of fairness of the hosts’ goodputs: 1 when all are equal'],
  ['Bound', 'least time that the links allow, by Kurose and Ross, with Ethernet, IP and TCP headers counted'],
  ['Of bound', 'bound divided by makespan'],
];

function footerParts(report) {
  return [html('h2', {}, 'How to read the figures'),
    html('dl', { class: 'meanings' }, MEANINGS.map(([term, text]) => fact(term, text))),
    html('p', {}, `Made by labctl ${report.version} from the logs of ${plural(report.runs.length, 'run')}. This page holds its data and asks nothing of any network.`)];
}

/* --- beginning ----------------------------------------------------------------------- */

class Page {
  constructor(report) {
    this.report = report;
    this.detail = html('section', { id: 'detail', 'aria-labelledby': 'run-title' });
  }

  build() {
    const { report } = this;
    document.body.append(html('div', { id: 'tip', hidden: true, 'aria-hidden': 'true' }),
      html('div', { id: 'live', class: 'hidden', 'aria-live': 'polite' }));
    this.table = new RunsTable(report, (index, move) => this.select(index, move));
    document.getElementById('main').append(groupSection(report, report.groups[0], true),
      ...othersSection(report).flat().filter(Boolean),
      html('section', { id: 'runs', tabindex: -1 }, html('h2', {}, 'All runs'), this.table.element),
      this.detail, ...[passedSection(report)].filter(Boolean));
    document.getElementById('footer').append(...footerParts(report));
    this.select(this.fromAddress() ?? report.groups[0].runs[report.groups[0].runs.length - 1], false);
  }

  fromAddress() {
    const part = /^#run-(\d+)$/.exec(location.hash);
    const index = part ? Number(part[1]) : NaN;
    return index < this.report.runs.length ? index : null;
  }

  select(index, move) {
    dropCharts(this.detail);
    this.detail.replaceChildren(...fill(document.createDocumentFragment(),
      runSection(this.report, index)).childNodes);
    if (!move)
      return;
    history.replaceState(null, '', `#run-${index}`);
    document.getElementById('run-title').focus();
    this.detail.scrollIntoView({ block: 'start' });
  }
}

new Page(JSON.parse(document.getElementById('data').textContent)).build();
