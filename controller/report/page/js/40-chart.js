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
 * {x, y, text}, with `span` from where to where when it is as wide as a bar, and `rise` when it is
 * as high as a stroke. table() gives {columns, rows}. */
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

/* How far a mark is from the pointer in one direction. */
const away = (reach, place, at) => (reach ? Math.max(reach[0] - at, 0, at - reach[1]) : place - at);

function pointAt(chart, drawing, event) {
  const box = drawing.getBoundingClientRect();
  const x = event.clientX - box.left;
  const y = event.clientY - box.top;
  let nearest = -1;
  let least = 60 * 60;
  chart.marks.forEach((mark, i) => {
    const distance = away(mark.span, mark.x, x) ** 2 + away(mark.rise, mark.y, y) ** 2;
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
