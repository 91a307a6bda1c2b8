/* Charts of what was sampled in one trial: links and round-trip times. */

/* --- links -------------------------------------------------------------------- */

function linkCapacity(run, link) {
  const host = run.hosts.find((h) => h.name === link.node);
  return host ? host[`${link.direction}_bps`] : 0;
}

function linksChart({ run, look }) {
  const links = run.detail.links.filter((l) => l.seconds > 0)
    .map((l) => ({ ...l, mean: 8 * l.bytes / l.seconds, capacity: linkCapacity(run, l) }));
  return links.length === 0 ? null : chartFigure({
    title: 'What the links carried',
    note: 'Mean over the timed part of the trial, headers counted; the outline is the rate of the link.',
    make: (width) => drawLinks(links, look, width),
    table: () => ({
      columns: [{ label: 'Link' }, { label: 'Mean rate', number: true }, { label: 'Capacity', number: true },
        { label: 'Used', number: true }, { label: 'Packets dropped', number: true }],
      rows: links.map((l) => [`${l.node} ${l.direction}`, formatRate(l.mean), formatRate(l.capacity),
        l.capacity ? formatPercent(l.mean / l.capacity, 1) : DASH, l.drops]),
    }),
  });
}

function drawLinks(links, look, width) {
  const row = Math.max(6, Math.min(20, 640 / links.length));
  const top = 10;
  const bottom = top + row * links.length;
  const largest = Math.max(...links.map((l) => Math.max(l.mean, l.capacity)));
  const unit = scaleUnit(RATE_UNITS, largest);
  const x = linearScale([0, largest * unit.factor], [78, width - 60]);
  const every = Math.ceil(13 / row);
  const marks = [];
  const parts = links.map((l, i) => {
    const y = top + row * i;
    const end = x(l.mean * unit.factor);
    marks.push({ x: end, y: y + row / 2, span: [0, width], text: `${l.node} ${l.direction}: ${formatRate(l.mean)}${
      l.capacity ? ` of ${formatRate(l.capacity)}, ${formatPercent(l.mean / l.capacity, 1)}` : ''}, ${
      plural(l.drops, 'packet')} dropped` });
    return [i % every ? null : label(`${l.node} ${l.direction}`, 70, y + row / 2 + 4, { class: 'tick', 'text-anchor': 'end' }),
      svg('rect', { class: l.direction === 'up' ? 'bar' : 'bar pale', x: x(0), y: y + 2, width: Math.max(0, end - x(0)), height: row - 4 }),
      l.capacity ? svg('rect', { class: 'outline', x: x(0), y: y + 2, width: x(l.capacity * unit.factor) - x(0), height: row - 4 }) : null,
      l.capacity && row > 12 ? label(formatPercent(l.mean / l.capacity), Math.max(end, x(l.capacity * unit.factor)) + 6, y + row / 2 + 4, { class: 'tick' }) : null];
  });
  return { height: bottom + 42, marks, parts: [
    xAxis(x, { top, bottom, ticks: x.ticks(5), format: plainTick, title: unit.name }),
    svg('g', { class: look.colour }, parts)] };
}

/* --- links over time ------------------------------------------------------------ */

/* Cells that one map has at most: of more, some columns of each row are taken together. */
const CELLS_MAX = 20000;

/* The samples of a link as {from, to, bps}. */
function linkSpans(link) {
  const points = pairs(link.bps);
  const begin = points[points.length - 1][0] - link.seconds;
  return points.map(([to, bps], i) => ({ from: i ? points[i - 1][0] : begin, to, bps }));
}

function linkUseChart({ run, look }) {
  const links = run.detail.links.filter((l) => l.bps.length > 2)
    .map((l) => ({ ...l, name: `${l.node} ${l.direction}`, capacity: linkCapacity(run, l), spans: linkSpans(l) }));
  if (links.length === 0)
    return null;
  const [, most] = extent(links.flatMap((l) => l.spans.map((s) => s.bps)));
  const limited = links.every((l) => l.capacity > 0);
  const shareOf = (link, bps) => bps / (limited ? link.capacity : most);
  return chartFigure({
    title: 'How busy the links were',
    note: `The stronger the colour, the more of ${limited ? 'its rate' : formatRate(most)} a link carried, ${shownTrial(run)}.`,
    make: (width) => drawLinkUse(run, look, links, shareOf, width),
    table: () => ({
      columns: [{ label: 'Link' }, { label: 'Least', number: true }, { label: 'Median', number: true },
        { label: 'Most', number: true }, { label: 'Capacity', number: true }],
      rows: links.map((l) => [l.name, ...[extent(l.spans.map((s) => s.bps))[0], median(l.spans.map((s) => s.bps)),
        extent(l.spans.map((s) => s.bps))[1]].map((bps) => formatScaled(RATE_UNITS, bps)), formatRate(l.capacity)]),
    }),
  });
}

function drawLinkUse(run, look, links, shareOf, width) {
  const [, latest] = extent(links.map((l) => l.spans[l.spans.length - 1].to));
  const unit = timeUnit(latest);
  const x = linearScale([0, latest * unit.factor], [78, width - 16]);
  const faults = placeFaults(run.detail, x, unit.factor);
  const row = Math.max(4, Math.min(18, 640 / links.length));
  const top = 10 + FAULT_ROW * faults.rows;
  const bottom = top + row * links.length;
  const stride = Math.ceil(links.reduce((sum, l) => sum + l.spans.length, 0) / CELLS_MAX);
  const cells = links.flatMap((link, i) => link.spans.filter((s, k) => k % stride === 0)
    .map((span) => linkCell(link, span, { x, y: top + row * i, row, unit, shareOf })));
  const marks = cells.map((c) => ({ x: c.x + c.width / 2, y: c.y + c.height / 2,
    span: [c.x, c.x + c.width], rise: [c.y, c.y + c.height], text: c.text }));
  const every = Math.ceil(13 / row);
  return { height: bottom + 42, marks, parts: [
    timeAxis(x, unit, width, { top, bottom }),
    links.map((l, i) => (i % every ? null
      : label(l.name, 70, top + row * (i + 0.5) + 4, { class: 'tick', 'text-anchor': 'end' }))),
    svg('g', { class: look.colour }, drawCells(cells)),
    drawFaults(faults, { top: 4, bottom }, marks),
  ] };
}

function linkCell(link, { from, to, bps }, { x, y, row, unit, shareOf }) {
  const left = x(Math.max(0, from) * unit.factor);
  return { x: left, width: Math.max(0.5, x(to * unit.factor) - left), y: y + 1, height: row - 2,
    share: shareOf(link, bps), text: `${link.name}: ${formatScaled(RATE_UNITS, bps)}${
      link.capacity ? `, ${formatPercent(bps / link.capacity, 1)}` : ''}, ${formatTime(Math.max(0, from))} to ${formatTime(to)}` };
}

/* --- round-trip times ----------------------------------------------------------- */

function rttChart({ run, look }) {
  const curves = run.detail.rtt.map((r) => ({ host: r.node, points: pairs(r.rtt_s) }))
    .filter((c) => c.points.length > 1);
  return curves.length === 0 ? null : chartFigure({
    title: 'Round-trip times',
    note: 'As each node’s TCP connections measured them while they were under load.',
    make: (width) => drawRtt(run, look, curves, width),
    table: () => ({
      columns: [{ label: 'Node' }, { label: 'Median', number: true }, { label: 'Most', number: true }],
      rows: curves.map((c) => [c.host, formatTime(median(c.points.map((p) => p[1]))),
        formatTime(Math.max(...c.points.map((p) => p[1])))]),
    }),
  });
}

function drawRtt(run, look, curves, width) {
  const [, latest] = extent(curves.flatMap((c) => c.points.map((p) => p[0])));
  const [, most] = extent(curves.flatMap((c) => c.points.map((p) => p[1])));
  const time = timeUnit(latest);
  const unit = timeUnit(most);
  const top = 26;
  const bottom = 220;
  const x = linearScale([0, latest * time.factor], [52, width - 16]);
  const y = linearScale([0, most * unit.factor * 1.05], [bottom, top]);
  const marks = curves.flatMap((c) => c.points.filter((p, i) => i % Math.ceil(c.points.length / 10) === 0)
    .map(([t, rtt]) => ({ x: x(t * time.factor), y: y(rtt * unit.factor),
      text: `${c.host}: ${formatTime(rtt)} at ${formatTime(t)}` })));
  const faults = drawFaults(placeFaults(run.detail, x, time.factor), { top, bottom }, marks);
  return { height: bottom + 42, marks, parts: [
    yAxis(y, { left: 52, right: width - 16, ticks: y.ticks(4), format: plainTick, title: unitWords(unit) }),
    timeAxis(x, time, width, { top, bottom }),
    svg('g', { class: look.colour }, curves.map((c) =>
      linePath(c.points.map(([t, rtt]) => [x(t * time.factor), y(rtt * unit.factor)]), { class: 'line faint' }))),
    faults,
  ] };
}
