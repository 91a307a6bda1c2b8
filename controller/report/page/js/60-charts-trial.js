/* Charts of one trial: the typical one of its run. */

/* Pairs [x, y] of a flat series. */
function pairs(flat) {
  const points = [];
  for (let i = 0; i + 1 < flat.length; i += 2)
    points.push([flat[i], flat[i + 1]]);
  return points;
}

/* Which trial a chart shows. */
function shownTrial(run) {
  const trial = run.trials.find((t) => t.trial === run.detail.trial);
  return `trial ${run.detail.trial}${counts(trial) ? '' : ', which does not count'}`;
}

/* --- bytes over time --------------------------------------------------------- */

function bytesChart({ run, look }) {
  const { detail } = run;
  const curves = detail.curves.map((flat, h) => ({ host: run.clients[h], points: pairs(flat) }))
    .filter((c) => c.points.length > 1);
  return curves.length === 0 ? null : chartFigure({
    title: 'What each host had received',
    note: `One line a host, ${shownTrial(run)}.`,
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
  const faults = drawFaults(placeFaults(run.detail, x, unit.factor), { top, bottom }, marks);
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
    timeAxis(x, unit, width, { top, bottom }),
    svg('g', { class: look.colour }, drawn),
    drawBounds([{ run }], x, unit, top, bottom),
    curveLabels(wholeFiles(curves, run), x, y, unit, bytes, width),
    faults,
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

function journeyChart({ run, look }) {
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
    note: [`Each stroke is a block that arrived: grey from the server, in colour from a peer.${
      detail.blocks.stride > 1 ? ` Every ${detail.blocks.stride}th block is shown.` : ''
    }`, byHand(' Choose a block to follow it from host to host.')],
    controls: html('p', { class: 'controls journey' }, html('label', {}, 'Block ', slider), told),
    make: (width) => drawJourney(run, look, arrivals, state.block, width),
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
  const steps = arrivals.filter((a) => a.block === block)
    .map((a) => `${a.from} → ${run.clients[a.client]} ${formatTime(a.at)}`);
  return `Block ${block}: ${firstOf(steps, 12)}`;
}

function drawJourney(run, look, arrivals, chosen, width) {
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
    timeAxis(x, unit, width, { top, bottom }),
    hostLabels(nodes, top, row),
    strokes(arrivals.filter((a) => a.from !== run.server), run, { x, row, place, unit }, look.colour),
    strokes(arrivals.filter((a) => a.from === run.server), run, { x, row, place, unit }, 'served'),
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
