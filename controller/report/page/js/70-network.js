/* The network of a run, and who sent how much to whom. */

/* --- traffic ------------------------------------------------------------------ */

function matrixFigure({ run }) {
  const { nodes, matrix } = run.detail;
  if (!nodes || nodes.length === 0)
    return null;
  const order = nodes.map((name, i) => ({ name, i })).sort((a, b) =>
    (b.name === run.server) - (a.name === run.server) || a.name.localeCompare(b.name, 'en', { numeric: true }));
  const most = Math.max(1, ...matrix.flat());
  const unit = scaleUnit(BYTE_UNITS, most);
  const caption = `Bytes of the file by sender (columns) and receiver (rows), in ${unit.name}`;
  return html('figure', {},
    html('figcaption', {}, html('h3', {}, 'Who sent how much to whom'),
      html('p', {}, `${unit.name} of the file, by receiver (row) and sender (column), trial ${run.detail.trial}.`)),
    scroller(caption, html('table', { class: 'matrix' },
      html('caption', { class: 'hidden' }, caption),
      html('thead', {}, html('tr', {}, html('td', {}, ''),
        order.map((n) => html('th', { scope: 'col' }, n.name)))),
      html('tbody', {}, run.clients.map((client, c) => html('tr', {},
        html('th', { scope: 'row' }, client),
        order.map((n) => matrixCell((matrix[c] || [])[n.i] || 0, most, unit, n.name === run.server))))))));
}

function matrixCell(bytes, most, unit, fromServer) {
  const cell = html('td', { class: fromServer ? 'cs-0' : 'p2p-0' },
    bytes ? digits(bytes * unit.factor, 2) : '');
  cell.style.setProperty('--share', `${Math.round(55 * bytes / most)}%`);
  return cell;
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
