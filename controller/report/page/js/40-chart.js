/* A chart is a <figure>: a title that says what is to be seen, the drawing, and its figures as
 * a table for those who read rather than look. It is drawn at the width it has, when it comes
 * into view, and again when the width changes. Arrow keys and the pointer walk its marks. */

const PRINT_WIDTH = 660;

const charts = new Map(); /* figure -> its chart, while it is in the page */

const observer = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const chart = charts.get(entry.target);
    if (chart && entry.isIntersecting)
      drawChart(chart);
  }
}, { rootMargin: '300px' });

const resizer = new ResizeObserver((entries) => {
  for (const entry of entries) {
    const chart = charts.get(entry.target.closest('figure'));
    if (chart && chart.width && Math.abs(chart.width - entry.contentRect.width) > 1)
      drawChart(chart);
  }
});

/* make(width) gives {height, parts, marks}: SVG nodes, and what can be pointed at as
 * {x, y, text}, with `span` from where to where when it is as wide as a bar. table() gives {columns, rows}. */
function chartFigure({ title, note, make, table, controls, wide }) {
  const holder = html('div', { class: 'drawing' });
  const details = table ? tableOnDemand(title, table) : null;
  const figure = html('figure', { class: wide ? 'wide' : null },
    html('figcaption', {}, html('h3', {}, title), note ? html('p', {}, note) : null),
    controls, holder, details);
  const chart = { figure, holder, title, make, width: 0, marks: [], active: -1 };
  charts.set(figure, chart);
  observer.observe(figure);
  resizer.observe(holder);
  return figure;
}

/* The table is made when it is asked for: a page of many charts stays small. */
function tableOnDemand(title, table) {
  const details = html('details', { class: 'figures' },
    html('summary', {}, 'Figures as a table'));
  details.addEventListener('toggle', () => {
    if (!details.open || details.childElementCount > 1)
      return;
    const { columns, rows } = table();
    details.append(scroller(`Table: ${title}`, plainTable(title, columns, rows)));
  });
  return details;
}

/* Forget the charts in a part of the page that is about to go. */
function dropCharts(root) {
  for (const figure of root.querySelectorAll('figure')) {
    charts.delete(figure);
    observer.unobserve(figure);
  }
}

function drawChart(chart, width = chart.holder.clientWidth) {
  if (width < 40 || (width === chart.width && chart.drawn))
    return;
  const { height, parts, marks } = chart.make(width);
  chart.width = width;
  chart.drawn = true;
  chart.marks = marks || [];
  chart.active = -1;
  chart.ring = svg('circle', { class: 'ring', r: 7, cx: -20, cy: -20 });
  const drawing = svg('svg', {
    width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', tabindex: 0,
    'aria-label': `${chart.title}. ${chart.marks.length
      ? 'Arrow keys read its values one by one.' : ''}`,
  }, parts, chart.ring);
  listen(chart, drawing);
  chart.holder.replaceChildren(drawing);
}

function redraw(figure) {
  const chart = charts.get(figure);
  chart.drawn = false;
  drawChart(chart);
}

window.addEventListener('beforeprint', () => {
  for (const chart of charts.values())
    drawChart(chart, PRINT_WIDTH);
});
window.addEventListener('afterprint', () => {
  for (const chart of charts.values())
    drawChart(chart);
});

/* --- values by pointer and by keyboard ------------------------------------ */

function listen(chart, drawing) {
  drawing.addEventListener('pointermove', (event) => pointAt(chart, drawing, event));
  drawing.addEventListener('pointerdown', (event) => pointAt(chart, drawing, event));
  drawing.addEventListener('pointerleave', () => showMark(chart, -1));
  drawing.addEventListener('blur', () => showMark(chart, -1));
  drawing.addEventListener('keydown', (event) => walk(chart, event));
}

function pointAt(chart, drawing, event) {
  const box = drawing.getBoundingClientRect();
  const x = event.clientX - box.left;
  const y = event.clientY - box.top;
  let nearest = -1;
  let least = 60 * 60;
  chart.marks.forEach((mark, i) => {
    const away = mark.span ? Math.max(mark.span[0] - x, 0, x - mark.span[1]) : mark.x - x;
    const distance = away ** 2 + (mark.y - y) ** 2;
    if (distance < least) {
      least = distance;
      nearest = i;
    }
  });
  showMark(chart, nearest);
}

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function walk(chart, event) {
  const last = chart.marks.length - 1;
  if (last < 0)
    return;
  let next = chart.active;
  if (event.key in STEPS)
    next = Math.max(0, Math.min(last, chart.active + STEPS[event.key]));
  else if (event.key === 'Home')
    next = 0;
  else if (event.key === 'End')
    next = last;
  else if (event.key === 'Escape')
    next = -1;
  else
    return;
  event.preventDefault();
  showMark(chart, next);
  if (next >= 0)
    announce(chart.marks[next].text);
}

function showMark(chart, index) {
  const tip = document.getElementById('tip');
  chart.active = index;
  const mark = chart.marks[index];
  setAttributes(chart.ring, { cx: mark ? mark.x : -20, cy: mark ? mark.y : -20 });
  tip.hidden = !mark;
  if (!mark)
    return;
  tip.textContent = mark.text;
  const box = chart.holder.getBoundingClientRect();
  const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  const left = Math.max(8, Math.min(box.left + mark.x + 12, room));
  tip.style.left = `${left + window.scrollX}px`;
  tip.style.top = `${box.top + window.scrollY + mark.y - tip.offsetHeight - 12}px`;
}

/* --- parts that charts share ----------------------------------------------- */

/* Look of a line or a mark: the model's colour, and for the second and third of a model in
 * one chart another colour, symbol and dash. */
function lookOf(model, variant) {
  return { colour: `${model in MODELS ? model : 'exec'}-${variant % 3}`, shape: SHAPES[model] || SHAPES.exec, variant };
}

const SHAPES = {
  cs: ['circle', 'triangle', 'diamond'],
  p2p: ['square', 'down', 'pentagon'],
  exec: ['triangle', 'down', 'diamond'],
};

const OUTLINES = {
  square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  triangle: [[0, -1.2], [1.15, 0.9], [-1.15, 0.9]],
  down: [[0, 1.2], [1.15, -0.9], [-1.15, -0.9]],
  diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
  pentagon: [[0, -1.2], [1.15, -0.35], [0.7, 1], [-0.7, 1], [-1.15, -0.35]],
};

function marker(look, x, y, size = 4.5) {
  const shape = look.shape[look.variant % 3];
  if (shape === 'circle')
    return svg('circle', { class: 'mark', cx: x, cy: y, r: size });
  const points = OUTLINES[shape].map(([dx, dy]) => `${x + dx * size * 0.95},${y + dy * size * 0.95}`);
  return svg('polygon', { class: 'mark', points: points.join(' ') });
}

const DASHES = [null, '7 3', '2 3'];

function linePath(points, attributes = {}) {
  const d = points.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  return svg('path', { class: 'line', d, ...attributes });
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
