/* From values to places, and the values worth a line. */

function linearScale(domain, range) {
  const span = domain[1] - domain[0] || 1;
  const scale = (value) => range[0] + (value - domain[0]) / span * (range[1] - range[0]);
  scale.domain = domain;
  scale.ticks = (count) => linearTicks(domain[0], domain[1], count);
  return scale;
}

function logScale(domain, range) {
  const low = Math.log(domain[0]);
  const span = Math.log(domain[1]) - low || 1;
  const scale = (value) =>
    range[0] + (Math.log(Math.max(value, domain[0])) - low) / span * (range[1] - range[0]);
  scale.domain = domain;
  scale.ticks = () => logTicks(domain[0], domain[1]);
  return scale;
}

/* Multiples of 1, 2 or 5 times a power of ten, about `count` of them. */
function linearTicks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0))
    return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

function logTicks(low, high) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (const m of [1, 2, 5])
      if (m * 10 ** power >= low * 0.999 && m * 10 ** power <= high * 1.001)
        ticks.push(Number((m * 10 ** power).toPrecision(6)));
  return ticks;
}

/* Move labels apart that would touch: places in, places out, in the same order. */
function spreadLabels(places, distance, low, high) {
  const order = places.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  for (let k = 1; k < order.length; k++)
    order[k].y = Math.max(order[k].y, order[k - 1].y + distance);
  let limit = high;
  for (let k = order.length - 1; k >= 0; k--) {
    order[k].y = Math.max(low, Math.min(order[k].y, limit));
    limit = order[k].y - distance;
  }
  const moved = [];
  for (const { y, i } of order)
    moved[i] = y;
  return moved;
}
