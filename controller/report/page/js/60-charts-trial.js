/* Charts of one trial: the typical one of its run. */

/* Pairs [x, y] of a flat series. */
function pairs(flat) {
  const points = [];
  for (let i = 0; i + 1 < flat.length; i += 2)
    points.push([flat[i], flat[i + 1]]);
  return points;
}

/* Upright strokes where something was done to the network. */
function drawFaults(detail, x, factor, top, bottom) {
  const ends = []; // of the last name in each row: names that would touch stand below each other
  return detail.faults.map((fault) => {
    const place = x(fault.at_s * factor);
    const text = `${fault.kind.replace('_', ' ')} ${fault.node}`;
    const free = ends.findIndex((end) => end < place);
    const row = free >= 0 ? free : ends.length % 8;
    ends[row] = place + 10 + 7 * text.length;
    return svg('g', { class: 'fault' },
      svg('line', { x1: place, x2: place, y1: top, y2: bottom }),
      label(text, place + 4, top + 10 + 13 * row, { class: 'tick' }));
  });
}

const faultMarks = (detail, x, factor, top) => detail.faults.map((fault) => ({
  x: x(fault.at_s * factor), y: top,
  text: `${fault.kind.replace('_', ' ')} ${fault.node} at ${formatTime(fault.at_s)}` }));

/* --- bytes over time --------------------------------------------------------- */

function bytesChart({ run, look }) {
  const { detail } = run;
  const curves = detail.curves.map((flat, h) => ({ host: run.clients[h], points: pairs(flat) }))
    .filter((c) => c.points.length > 1);
  return curves.length === 0 ? null : chartFigure({
    title: 'What each host had received',
    note: `One line a host, trial ${detail.trial}.`,
    make: (width) => drawBytes(run, look, curves, width),
    table: () => ({
      columns: [{ label: 'Host' }, ...[0.25, 0.5, 0.75, 1].map((q) =>
        ({ label: `${100 * q}% of the file`, number: true }))],
      rows: curves.map((c) => [c.host, ...[0.25, 0.5, 0.75, 1].map((q) =>
        formatTime(timeOf(c.points, q * run.file_bytes), 4))]),
    }),
  });
}

/* When the curve first reached so many bytes. */
function timeOf(points, bytes) {
  const found = points.find((p) => p[1] >= bytes);
  return found ? found[0] : null;
}

function drawBytes(run, look, curves, width) {
  const largest = Math.max(...curves.map((c) => c.points[c.points.length - 1][0]), boundOf(run) || 0);
  const unit = timeUnit(largest);
  const bytes = scaleUnit(BYTE_UNITS, run.file_bytes);
  const top = 26;
  const bottom = 300;
  const x = linearScale([0, largest * unit.factor], [52, width - 62]);
  const y = linearScale([0, run.file_bytes * bytes.factor], [bottom, top]);
  const marks = [];
  const drawn = curves.map((c) => {
    const places = c.points.map(([t, b]) => [x(t * unit.factor), y(b * bytes.factor)]);
    const stride = Math.ceil(places.length / 12);
    places.forEach(([px, py], i) => {
      if (i % stride === 0 || i === places.length - 1)
        marks.push({ x: px, y: py,
          text: `${c.host}: ${formatBytes(c.points[i][1])} at ${formatTime(c.points[i][0])}` });
    });
    return linePath(places, { class: curves.length > 8 ? 'line faint' : 'line thin' });
  });
  return { height: bottom + 42, marks, parts: [
    yAxis(y, { left: 52, right: width - 62, ticks: y.ticks(5), format: plainTick, title: bytes.name }),
    xAxis(x, { top, bottom, ticks: x.ticks(width < 500 ? 4 : 8), format: plainTick,
      title: `${unitWords(unit)} since the first connection` }),
    svg('g', { class: look.colour }, drawn),
    drawBounds([{ run }], x, unit, top, bottom),
    curveLabels(wholeFiles(curves, run), x, y, unit, bytes, width),
    drawFaults(run.detail, x, unit.factor, top, bottom),
  ] };
}

/* Of hosts that got less than the file none is the first or the last to have it. */
function wholeFiles(curves, run) {
  const whole = curves.filter((c) => c.points[c.points.length - 1][1] >= run.file_bytes);
  return whole.length > 0 ? whole : curves;
}

/* Names at the ends of the lines: of all when they are few, else of the first and last. */
function curveLabels(curves, x, y, unit, bytes, width) {
  const ends = curves.map((c) => ({ host: c.host, end: c.points[c.points.length - 1] }))
    .sort((a, b) => a.end[0] - b.end[0]);
  const first = ends[0];
  const last = ends[ends.length - 1];
  const apart = x(last.end[0] * unit.factor) - x(first.end[0] * unit.factor);
  const chosen = apart < 70 ? [last] : [first, last];
  return chosen.map(({ host, end }, i) => label(
    i === chosen.length - 1 ? host : `${host} first`,
    Math.min(width - 56, x(end[0] * unit.factor) + 5),
    y(end[1] * bytes.factor) + (i === chosen.length - 1 ? 14 : -6),
    { class: 'tick', 'text-anchor': 'start' }));
}

/* --- the way of the blocks ----------------------------------------------------- */

/* All arrivals as {block, client, from, at}, in order of time. */
function arrivalsOf(detail) {
  const list = [];
  detail.blocks.clients.forEach((c, client) => c.block.forEach((block, i) =>
    list.push({ block, client, from: detail.nodes[c.from[i]],
      at: c.at_us[i] / 1e6, began: (c.at_us[i] - c.took_us[i]) / 1e6 })));
  return list.sort((a, b) => a.at - b.at);
}

function journeyChart({ run }) {
  const { detail } = run;
  if (!detail.blocks)
    return null;
  const arrivals = arrivalsOf(detail);
  if (arrivals.length === 0)
    return null;
  const blocks = [...new Set(arrivals.map((a) => a.block))].sort((a, b) => a - b);
  const state = { block: blocks[Math.floor(blocks.length / 2)] };
  const told = html('output', { class: 'told' });
  const slider = html('input', { type: 'range', min: 0, max: blocks.length - 1,
    value: blocks.indexOf(state.block), 'aria-label': 'Block to follow' });
  const tell = () => {
    told.textContent = tellJourney(state.block, arrivals, run);
    slider.setAttribute('aria-valuetext', `block ${state.block}`);
  };
  slider.addEventListener('input', () => {
    state.block = blocks[slider.value];
    tell();
    redraw(figure);
  });
  tell();
  const figure = chartFigure({
    title: 'The way of the blocks',
    note: [`Each stroke is a block that arrived: orange from the server, blue from a peer.${
      detail.blocks.stride > 1 ? ` Every ${detail.blocks.stride}th block is shown.` : ''
    }`, byHand(' Choose a block to follow it from host to host.')],
    controls: html('p', { class: 'controls journey' }, html('label', {}, 'Block ', slider), told),
    make: (width) => drawJourney(run, arrivals, state.block, width),
    table: () => ({
      columns: [{ label: 'To' }, { label: 'Block', number: true }, { label: 'From' }, { label: 'At', number: true }],
      rows: arrivals.filter((a) => a.block === state.block).map((a) =>
        [run.clients[a.client], a.block, a.from, formatTime(a.at, 4)]),
    }),
    wide: true,
  });
  return figure;
}

function tellJourney(block, arrivals, run) {
  const steps = arrivals.filter((a) => a.block === block).slice(0, 12)
    .map((a) => `${a.from} → ${run.clients[a.client]} ${formatTime(a.at)}`);
  return `Block ${block}: ${steps.join(', ')}`;
}

function drawJourney(run, arrivals, chosen, width) {
  const nodes = [run.server, ...run.clients];
  const row = Math.max(7, Math.min(30, 560 / nodes.length));
  const top = 14;
  const bottom = top + row * nodes.length;
  const unit = timeUnit(arrivals[arrivals.length - 1].at);
  const x = linearScale([0, arrivals[arrivals.length - 1].at * unit.factor], [58, width - 14]);
  const place = (node) => top + row * (nodes.indexOf(node) + 0.5);
  const way = arrivals.filter((a) => a.block === chosen && nodes.includes(a.from));
  const marks = way.map((a) => ({ x: x(a.at * unit.factor), y: place(run.clients[a.client]),
    text: `block ${a.block}: ${a.from} to ${run.clients[a.client]} at ${formatTime(a.at, 4)}` }));
  return { height: bottom + 42, marks, parts: [
    xAxis(x, { top, bottom, ticks: x.ticks(width < 500 ? 4 : 8), format: plainTick,
      title: `${unitWords(unit)} since the first connection` }),
    hostLabels(nodes, top, row),
    strokes(arrivals.filter((a) => a.from === run.server), run, { x, row, place, unit }, 'cs-0'),
    strokes(arrivals.filter((a) => a.from !== run.server), run, { x, row, place, unit }, 'p2p-0'),
    way.map((a, i) => svg('g', { class: 'way' }, svg('path', { class: 'hop',
      d: `M${x(Math.max(0, a.began) * unit.factor).toFixed(1)} ${place(a.from)}L${marks[i].x.toFixed(1)} ${marks[i].y}` }),
    svg('circle', { class: 'stop', cx: marks[i].x, cy: marks[i].y, r: 4.5 }))),
  ] };
}

/* All strokes of one colour are one path. */
function strokes(arrivals, run, { x, row, place, unit }, colour) {
  const tall = row * 0.36;
  const d = arrivals.map((a) =>
    `M${x(a.at * unit.factor).toFixed(1)} ${(place(run.clients[a.client]) - tall).toFixed(1)}v${(2 * tall).toFixed(1)}`);
  return svg('g', { class: colour }, svg('path', { class: 'strokes', d: d.join('') }));
}

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
  return { height: bottom + 42, marks, parts: [
    yAxis(y, { left: 52, right: width - 16, ticks: y.ticks(4), format: plainTick, title: unitWords(unit) }),
    xAxis(x, { top, bottom, ticks: x.ticks(width < 500 ? 4 : 8), format: plainTick,
      title: `${unitWords(time)} since the first connection` }),
    svg('g', { class: look.colour }, curves.map((c) =>
      linePath(c.points.map(([t, rtt]) => [x(t * time.factor), y(rtt * unit.factor)]), { class: 'line faint' }))),
    drawFaults(run.detail, x, time.factor, top, bottom),
  ] };
}
