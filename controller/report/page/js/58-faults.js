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

/* Upright strokes in a chart over time, and their marks. */
function drawFaults(detail, x, factor, { top, bottom }, marks) {
  const { shown, left } = detail.faults ?? { shown: [], left: 0 };
  const seen = shown.filter((f) => isNumber(f.at_s) && f.at_s >= 0 && f.at_s * factor <= x.domain[1]);
  const more = seen.slice(FAULT_MARKS).length + left;
  const right = x(x.domain[1]);
  const ends = []; /* of the last name in each row: names that would touch stand below each other */
  return [seen.slice(0, FAULT_MARKS).map((fault) => {
    const place = x(fault.at_s * factor);
    const room = 8 + 7 * faultWords(fault).length;
    const start = place + room > right + 40 ? place - room : place;
    const free = ends.findIndex((end) => end < start);
    const row = free >= 0 ? free : ends.length % 8;
    ends[row] = start + room;
    marks.push({ x: place, y: top + 6 + 13 * row, rise: [top, bottom], text: tellFault(fault) });
    return svg('g', { class: 'fault' },
      svg('line', { x1: place, x2: place, y1: top, y2: bottom }),
      label(faultWords(fault), start + 4, top + 10 + 13 * row, { class: 'tick' }));
  }),
  more > 0 ? label(`and ${plural(more, 'more fault')}`, right, bottom - 6,
    { class: 'tick fault-rest', 'text-anchor': 'end' }) : null];
}

const FAULT_COLUMNS = [
  { label: 'Fault', value: (f) => f.place },
  { label: 'What', value: (f) => f.kind.replace('_', ' ') },
  { label: 'On', value: (f) => f.node },
  { label: 'Planned', value: (f) => f.planned },
  { label: 'Happened', number: true, value: (f) => f.at_s, show: (v) => formatTime(v, 4) },
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
  table.setRows(faults.shown.map((fault, i) => ({ ...fault, place: i + 1 })));
  return [html('h3', {}, 'Faults'), table.element];
}
