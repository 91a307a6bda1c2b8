/* What was done to the network in one trial. */

const FAULT_MARKS = 24; /* more strokes in a chart are no longer told apart */

const faultWords = (fault) => `${fault.kind.replace('_', ' ')} ${fault.node}`;

/* New rates of a link; 0 is for a direction that stays as it was. */
function ratesOf(fault) {
  const rates = [['up', fault.up_bps], ['down', fault.down_bps]].filter(([, bps]) => bps > 0);
  return rates.map(([direction, bps]) => `${formatRate(bps)} ${direction}`).join(', ');
}

function tellFault(fault) {
  const what = [faultWords(fault), ratesOf(fault)].filter(Boolean).join(' to ');
  return fault.reached ? `${what} at ${formatTime(fault.at_s)}, planned for ${fault.planned}`
    : `${what}, planned for ${fault.planned}, did not happen: ${fault.reason}`;
}

const FAULT_ROWS = 8;
const FAULT_ROW = 13; /* pixels */

/* The faults that a chart over time has room for: where each stands, and in which row its name,
 * so that names do not touch, if there is room for one; how many rows there are, and how many
 * faults are left out. */
function placeFaults({ faults }, x, factor) {
  const inside = (faults?.shown ?? []).filter((f) => isNumber(f.at_s) && f.at_s >= 0 && f.at_s * factor <= x.domain[1]);
  const ends = []; /* of the last name in each row */
  const placed = inside.slice(0, FAULT_MARKS).map((fault) => {
    const place = x(fault.at_s * factor);
    const room = 8 + 7 * faultWords(fault).length;
    const start = place + room > x(x.domain[1]) + 40 ? place - room : place;
    const free = ends.findIndex((end) => end < start);
    const row = free >= 0 ? free : ends.length;
    if (row < FAULT_ROWS)
      ends[row] = start + room;
    return { fault, place, start, row };
  });
  return { placed, rows: ends.length, right: x(x.domain[1]),
    left: inside.length - placed.length + (faults?.left ?? 0) };
}

/* Upright strokes, and their marks. */
function drawFaults({ placed, right, left }, { top, bottom }, marks) {
  for (const { fault, place } of placed)
    marks.push({ x: place, y: top + 6, rise: [top, bottom], text: tellFault(fault) });
  return svg('g', { class: 'fault' },
    placed.map(({ place }) => svg('line', { x1: place, x2: place, y1: top, y2: bottom })),
    placed.filter(({ row }) => row < FAULT_ROWS).map(({ fault, start, row }) =>
      label(faultWords(fault), start + 4, top + 10 + FAULT_ROW * row, { class: 'tick' })),
    left > 0 ? label(`and ${plural(left, 'more fault')}`, right, bottom - 6, { class: 'tick', 'text-anchor': 'end' }) : null);
}

const FAULT_COLUMNS = [
  { label: 'Happened', value: (f) => f.at_s, show: (v) => formatTime(v, 4) },
  { label: 'What', value: (f) => f.kind.replace('_', ' ') },
  { label: 'On', value: (f) => f.node },
  { label: 'Planned', value: (f) => f.planned },
  { label: 'Fault no.', number: true, value: (f) => f.fault || null },
  { label: 'Notes', value: (f) => (f.reached ? ratesOf(f) : `✕ did not happen: ${f.reason}`) || null },
];

/* All of them, also those that did not happen. */
function faultsSection(run) {
  const faults = run.detail?.faults;
  if (!faults)
    return null;
  const table = new SortedTable('Faults', html('caption', {}, `Of ${shownTrial(run)}${
    faults.left > 0 ? `; the first ${faults.shown.length} of ${faults.shown.length + faults.left}` : ''}`),
  FAULT_COLUMNS, { class: 'sorted faults' });
  table.setRows(faults.shown);
  return [html('h3', {}, 'Faults'), table.element];
}
