/* Figures for people. Units of one chart or column are the same, so that they compare. */

const MODELS = { cs: 'client/server', p2p: 'peer to peer', exec: 'commands' };
const BINDINGS = {
  'none': 'nothing',
  'server-uplink': 'the server’s uplink',
  'downlink': 'the slowest downlink',
  'aggregate': 'all uplinks together',
};
const DASH = '–';

function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

/* Number with so many significant digits, never in powers of ten. */
function digits(value, significant = 3) {
  if (!isNumber(value))
    return DASH;
  if (value === 0)
    return '0';
  const places = significant - 1 - Math.floor(Math.log10(Math.abs(value)));
  return value.toLocaleString('en', {
    minimumFractionDigits: Math.min(9, Math.max(0, places)),
    maximumFractionDigits: Math.min(9, Math.max(0, places)),
  });
}

/* Unit for times up to `largest` seconds. */
function timeUnit(largest) {
  if (largest >= 1)
    return { name: 's', factor: 1 };
  return largest >= 1e-3 ? { name: 'ms', factor: 1e3 } : { name: 'µs', factor: 1e6 };
}

function formatTime(seconds, significant = 3) {
  if (!isNumber(seconds))
    return DASH;
  const unit = seconds === 0 ? timeUnit(1) : timeUnit(Math.abs(seconds));
  return `${digits(seconds * unit.factor, significant)} ${unit.name}`;
}

const BYTE_UNITS = [[1e12, 'TB'], [1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB'], [1, 'bytes']];
const RATE_UNITS = [[1e9, 'Gbit/s'], [1e6, 'Mbit/s'], [1e3, 'kbit/s'], [1, 'bit/s']];

function scaleUnit(units, largest) {
  const [factor, name] = units.find(([least]) => largest >= least) || units[units.length - 1];
  return { name, factor: 1 / factor };
}

function formatScaled(units, value) {
  if (!isNumber(value))
    return DASH;
  const unit = scaleUnit(units, value);
  const scaled = value * unit.factor;
  return `${scaled.toLocaleString('en', { maximumSignificantDigits: 4 })} ${unit.name}`;
}

const formatBytes = (bytes) => formatScaled(BYTE_UNITS, bytes);
const formatRate = (bps) => (bps ? formatScaled(RATE_UNITS, bps) : 'no limit');
const formatPercent = (ratio, places = 0) =>
  (isNumber(ratio) ? `${(100 * ratio).toFixed(places)}%` : DASH);

function plural(count, noun) {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/* The first `most` of some words, and how many more there are. */
function firstOf(words, most, between = ', ') {
  const left = words.length - most;
  return words.slice(0, most).join(between) + (left > 0 ? `${between}and ${left.toLocaleString('en')} more` : '');
}

/* 20250301T101500Z as people write it; anything else as it stands. */
function formatStamp(stamp) {
  const part = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(stamp);
  return part ? `${part[1]}-${part[2]}-${part[3]} ${part[4]}:${part[5]} UTC` : stamp;
}

function median(values) {
  const sorted = values.filter(isNumber).sort((a, b) => a - b);
  const n = sorted.length;
  return n === 0 ? null : (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2;
}
