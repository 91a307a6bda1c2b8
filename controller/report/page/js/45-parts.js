/* Parts that charts share. */

/* Look of the `variant`-th line of a model in one chart: shade of the model's colour, symbol
 * and dashes go round by themselves. No two of their numbers have a common divisor, so that any
 * two of the three tell the first twelve apart. */
function lookOf(model, variant) {
  const family = model in SYMBOLS ? model : 'exec';
  return { colour: `${family}-${variant % SHADES}`, symbol: SYMBOLS[family][variant % 2],
    hollow: variant % 4 > 1, dash: DASHES[variant % DASHES.length] };
}

const SHADES = 3;
const DASHES = [null, '7 3', '2 3', '9 3 2 3', '9 3 2 3 2 3'];

/* Of each model two symbols of its own, each filled and hollow. */
const SYMBOLS = { cs: ['circle', 'diamond'], p2p: ['square', 'pentagon'], exec: ['triangle', 'down'] };

const OUTLINES = {
  square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  triangle: [[0, -1.2], [1.15, 0.9], [-1.15, 0.9]],
  down: [[0, 1.2], [1.15, -0.9], [-1.15, -0.9]],
  diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
  pentagon: [[0, -1.2], [1.15, -0.35], [0.7, 1], [-0.7, 1], [-1.15, -0.35]],
};

function marker(look, x, y, size = 4.5) {
  const name = look.hollow ? 'mark hollow' : 'mark';
  if (look.symbol === 'circle')
    return svg('circle', { class: name, cx: x, cy: y, r: size });
  const points = OUTLINES[look.symbol].map(([dx, dy]) => `${x + dx * size * 0.95},${y + dy * size * 0.95}`);
  return svg('polygon', { class: name, points: points.join(' ') });
}

function linePath(points, attributes = {}) {
  const d = points.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  return svg('path', { class: 'line', d, ...attributes });
}

const SHADES_OF_MAP = 8;

/* Cells of a map, {x, y, width, height, share}: those of one shade are one path, however many. */
function drawCells(cells, strongest = 1) {
  const paths = Array.from({ length: SHADES_OF_MAP }, () => []);
  for (const { x, y, width, height, share } of cells)
    paths[Math.max(0, Math.min(SHADES_OF_MAP, Math.ceil(share * SHADES_OF_MAP)) - 1)]
      .push(`M${x.toFixed(1)} ${y.toFixed(1)}h${width.toFixed(1)}v${height.toFixed(1)}h${(-width).toFixed(1)}z`);
  return paths.map((d, i) => (d.length === 0 ? null
    : svg('path', { class: 'cell', 'fill-opacity': strongest * (i + 1) / SHADES_OF_MAP, d: d.join('') })));
}

function label(text, x, y, attributes = {}) {
  return svg('text', { x, y, ...attributes }, text);
}

/* Horizontal axis at the foot: faint lines, values, and what they are. */
function xAxis(scale, { top, bottom, ticks, format, title }) {
  const parts = ticks.map((t) => [
    svg('line', { class: 'grid', x1: scale(t), x2: scale(t), y1: top, y2: bottom }),
    label(format(t), scale(t), bottom + 17, { class: 'tick', 'text-anchor': 'middle' }),
  ]);
  const middle = (scale(scale.domain[0]) + scale(scale.domain[1])) / 2;
  return [parts, title
    ? label(title, middle, bottom + 36, { class: 'axis', 'text-anchor': 'middle' }) : null];
}

/* One of times, in a unit; few values where there is little room. */
function timeAxis(scale, unit, width, { top, bottom }) {
  return xAxis(scale, { top, bottom, ticks: scale.ticks(width < 500 ? 4 : 8), format: plainTick,
    title: `${unitWords(unit)} since the first connection` });
}

function yAxis(scale, { left, right, ticks, format, title }) {
  return [
    ticks.map((t) => [
      svg('line', { class: t === 0 ? 'base' : 'grid', x1: left, x2: right, y1: scale(t), y2: scale(t) }),
      label(format(t), left - 8, scale(t) + 4, { class: 'tick', 'text-anchor': 'end' }),
    ]),
    title ? label(title, 0, 12, { class: 'axis' }) : null,
  ];
}

const plainTick = (t) => t.toLocaleString('en', { maximumFractionDigits: 6 });
