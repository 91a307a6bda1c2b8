/* The network of a run, and who sent how much to whom. */

/* --- traffic ------------------------------------------------------------------ */

/* Columns of the matrix: the server, then the clients by name. */
function sendersOf(run) {
  return run.detail.nodes.map((name, i) => ({ name, i })).sort((a, b) =>
    (b.name === run.server) - (a.name === run.server) || a.name.localeCompare(b.name, 'en', { numeric: true }));
}

function matrixChart({ run, look }) {
  const { nodes, matrix } = run.detail;
  const title = 'Who sent how much to whom';
  if (nodes.length === 0)
    return null;
  if (matrix.length === 0)
    return html('figure', {}, html('figcaption', {}, html('h3', {}, title),
      html('p', {}, 'There are too many nodes for a map of it; traffic.csv has the figures.')));
  const unit = scaleUnit(BYTE_UNITS, extent(matrix.flat())[1]);
  const senders = sendersOf(run);
  return chartFigure({
    title,
    note: `${unit.name} of the file, by receiver (row) and sender (column), ${shownTrial(run)}.${
      senders.length > 1 ? ' Grey is from the server, in colour from a peer.' : ''}`,
    make: (width) => drawMatrix(run, look, senders, unit, width),
    table: () => matrixTable(run, senders),
  });
}

/* Pairs in the table, those that moved the most. */
const PAIRS_SHOWN = 500;

function matrixTable(run, senders) {
  const all = run.clients.flatMap((to, c) => senders.map((from) => [from.name, to, run.detail.matrix[c][from.i]]))
    .filter(([, , bytes]) => bytes > 0).sort((a, b) => b[2] - a[2]);
  const left = all.length - PAIRS_SHOWN;
  return { columns: [{ label: 'From' }, { label: 'To' }, { label: 'Bytes', number: true }],
    rows: [...all.slice(0, PAIRS_SHOWN).map(([from, to, bytes]) => [from, to, bytes.toLocaleString('en')]),
      ...left > 0 ? [[`and ${left.toLocaleString('en')} more in traffic.csv`, '', '']] : []] };
}

/* Cells that are large enough have their figure in them. */
const FIGURE_ROOM = 30;

function drawMatrix(run, look, senders, unit, width) {
  const { matrix } = run.detail;
  const step = Math.min(56, (width - 74) / senders.length);
  const row = Math.max(4, Math.min(26, 640 / run.clients.length));
  const [left, top] = [58, 30];
  const most = Math.max(1, extent(matrix.flat())[1]);
  const cells = run.clients.flatMap((to, c) => senders.map((from, s) => ({ from: from.name, to,
    bytes: matrix[c][from.i], share: matrix[c][from.i] / most,
    x: left + s * step, y: top + c * row, width: step - 1, height: row - 1 })));
  const centre = (cell) => ({ x: cell.x + step / 2, y: cell.y + row / 2 });
  const marks = cells.map((cell) => ({ ...centre(cell),
    text: `${cell.from} to ${cell.to}: ${cell.bytes ? `${cell.bytes.toLocaleString('en')} bytes` : 'nothing'}` }));
  const filled = cells.filter((cell) => cell.bytes > 0);
  const longest = Math.max(...senders.map((s) => s.name.length));
  const every = Math.ceil((7 * longest + 6) / step);
  return { height: top + row * run.clients.length + 8, marks, parts: [
    senders.map((s, i) => (i % every ? null
      : label(s.name, left + (i + 0.5) * step, top - 8, { class: 'tick', 'text-anchor': 'middle' }))),
    hostLabels(run.clients, top, row),
    svg('rect', { class: 'ground', x: left, y: top, width: senders.length * step - 1, height: row * run.clients.length - 1 }),
    svg('g', { class: 'served' }, drawCells(filled.filter((c) => c.from === run.server), 0.5)),
    svg('g', { class: look.colour }, drawCells(filled.filter((c) => c.from !== run.server), 0.5)),
    step < FIGURE_ROOM || row < 15 ? null : filled.map((cell) => label(digits(cell.bytes * unit.factor, 2),
      centre(cell).x, centre(cell).y + 4, { 'text-anchor': 'middle' })),
  ] };
}

/* --- topology ------------------------------------------------------------------- */

/* Hosts with a link of their own are named beside what all others have, while they are few. */
const OWN_LINKS_MAX = 4;

function tellLinks(run) {
  const hosts = new Map();
  for (const host of run.hosts)
    hosts.set(linkWords(host), [...hosts.get(linkWords(host)) || [], host.name]);
  const [common, ...own] = [...hosts].sort((a, b) => b[1].length - a[1].length);
  if (own.flatMap(([, names]) => names).length > OWN_LINKS_MAX)
    return ['Links differ.', byHand(' Point at a host to read its own.')];
  return `Every link: ${common[0]}${own.map(([words, names]) => `; of ${names.join(', ')}: ${words}`).join('')}.`;
}

function linkWords(host) {
  const rate = host.up_bps === host.down_bps ? `${formatRate(host.up_bps)} both ways`
    : `${formatRate(host.up_bps)} up, ${formatRate(host.down_bps)} down`;
  return rate + (host.delay_s ? `, ${formatTime(host.delay_s)} delay` : '') +
    (host.loss ? `, ${formatPercent(host.loss, 1)} loss` : '');
}

function topologyChart(run) {
  return chartFigure({
    title: 'The network',
    note: [`${run.server} serves ${plural(run.clients.length, 'client')} through the router ${run.router}. `,
      tellLinks(run)],
    make: (width) => drawTopology(run, width),
    table: () => ({
      columns: [{ label: 'Host' }, { label: 'Part' }, { label: 'Link' }],
      rows: run.hosts.map((h) => [h.name, partOf(run, h.name), linkWords(h)]),
    }),
  });
}

function partOf(run, name) {
  if (name === run.server)
    return 'server';
  return run.clients.includes(name) ? 'client' : 'idle';
}

/* The router in the middle, the hosts around it; link widths by rate where they differ. */
function drawTopology(run, width) {
  const n = run.hosts.length;
  const height = Math.min(420, Math.max(240, width * 0.55));
  const centre = [width / 2, height / 2];
  const radius = [Math.min(width / 2 - 46, 320), height / 2 - 34];
  const most = Math.max(1, ...run.hosts.map((h) => h.up_bps));
  const marks = [];
  const links = [];
  const dots = run.hosts.map((host, i) => {
    const angle = -Math.PI / 2 + 2 * Math.PI * i / n;
    const [x, y] = [centre[0] + radius[0] * Math.cos(angle), centre[1] + radius[1] * Math.sin(angle)];
    const share = host.up_bps ? host.up_bps / most : 1;
    links.push(svg('line', { class: 'wire', x1: centre[0], y1: centre[1], x2: x, y2: y,
      'stroke-width': (1 + 2.5 * share).toFixed(1) }));
    marks.push({ x, y, text: `${host.name}, ${partOf(run, host.name)}: ${linkWords(host)}` });
    return drawNode(host.name, host.name === run.server, x, y, n > 40 ? 5 : n > 16 ? 9 : 14, y > centre[1]);
  });
  return { height, marks, parts: [links,
    drawNode(run.router, run.router === run.server, ...centre, 16, false, true), dots] };
}

function drawNode(name, server, x, y, size, below, router) {
  return svg('g', { class: server ? 'node serves' : router ? 'node router' : 'node' },
    server || router ? svg('rect', { x: x - size, y: y - size, width: 2 * size, height: 2 * size, rx: router ? size : 2 })
      : svg('circle', { cx: x, cy: y, r: size }),
    size < 9 ? null : label(name, x, y + (size >= 14 ? 4 : below ? size + 13 : -size - 5), { class: 'tick', 'text-anchor': 'middle' }));
}
