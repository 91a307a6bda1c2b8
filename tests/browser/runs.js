// Run directories as labctl leaves them, made up without running anything: for the tests of
// the page, and to see what a report of many runs costs:
//   node runs.js textbook|sweep|hostile|judged|faults|sizes|lines  FOLDER
//   node runs.js trials|cells|crowd COUNT  FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ORIGIN = 5_000_000_000_000;
const SHA256 = 'c0ffee00'.repeat(8);

// The same numbers every time.
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const at = (seconds) => ORIGIN + Math.round(seconds * 1e9);
const line = (seconds, event, fields = {}) => JSON.stringify({ t: at(seconds), event, ...fields });

function write(folder, name, text) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}

function writeLog(logs, stem, lines, status = 0) {
  lines.sort((a, b) => JSON.parse(a).t - JSON.parse(b).t);
  const last = JSON.parse(lines.at(-1)).t;
  lines.push(JSON.stringify({ t: last, event: 'exit', status }));
  write(logs, `${stem}.jsonl`, lines.join('\n') + '\n');
  write(logs, `${stem}.exit`, `${status}\n`);
}

const hostName = (i) => `h${i + 1}`;
const address = (i) => (i < 25 ? `192.168.${10 * (i + 1)}.1`
  : `10.${(i + 1) >> 8}.${(i + 1) & 255}.1`);

// Seconds that a copy of the file takes through one link, headers counted.
const copyTime = (run) => run.bytes * 8 / run.rate * 1514 / 1448;

function finishTimes(run, random) {
  const base = run.model === 'cs' ? copyTime(run) * run.hosts : copyTime(run) * (1.03 + 0.01 * Math.log2(run.hosts));
  return Array.from({ length: run.hosts }, () =>
    base * (1.005 + 0.02 * random()));
}

function progress(run, finish) {
  return Array.from({ length: run.points }, (_, k) => line(finish * (k + 1) / (run.points + 1), 'progress',
    { bytes: Math.floor(run.bytes * (k + 1) / (run.points + 1)) }));
}

// Block k goes to one host from the server, and from there to the others.
function blocks(run, host, last, random) {
  const count = Math.ceil(run.bytes / run.block);
  const finish = Math.min(last, copyTime(run) * 1.02);
  return Array.from({ length: count }, (_, k) => {
    const first = k % run.hosts;
    const got = finish * (k + 1) / (count + 2);
    const when = host === first ? got : got + finish * (0.5 + 3 * random()) / (count + 2);
    return [Math.min(when, last), line(Math.min(when, last), 'block', { block: k,
      bytes: Math.min(run.block, run.bytes - k * run.block),
      from: host === first ? address(run.hosts) : address(first), began: at(Math.max(0, when - 0.004)) })];
  }).sort((a, b) => a[0] - b[0]).map(([, text]) => text);
}

function writeClient(run, logs, host, finish, random) {
  const program = run.model === 'p2p' ? 'p2p_peer' : 'cs_client';
  const fails = run.fails === host;
  const lines = [line(-0.05, 'start', { node: hostName(host), program, pid: 100 }),
    line(-0.0002, 'begin', { planned: at(-0.0003) }),
    line(0.0001, 'connect', { connection: 1, peer: `${address(run.hosts)}:5001` }),
    line(0.0002, 'length', { bytes: run.bytes }),
    ...(run.model === 'p2p' ? blocks(run, host, finish, random) : progress(run, finish))];
  if (run.telemetry)
    for (let k = 0; k < 10; k++)
      lines.push(line(finish * k / 10, 'tcp', { connection: 1, peer: `${address(run.hosts)}:5001`,
        rtt_us: Math.round(2000 + 40000 * random()), cwnd: 10, retransmits: 0 }));
  lines.push(fails ? line(finish, 'error', { code: 'io', message: run.message })
    : line(finish, 'finish', { bytes: run.bytes }));
  writeLog(logs, `${hostName(host)}.${program}`, lines, fails ? 1 : 0);
}

// Bytes that a link has carried when this share of the trial is over, headers counted.
function linkBytes(run, host, direction, share) {
  const serves = host === run.hosts;
  const copies = direction === 'down' ? (serves ? 0.02 : 1)
    : run.model === 'cs' ? (serves ? run.hosts : 0.02) : (serves ? 1 : (run.hosts - 1) / run.hosts);
  return Math.round(share * copies * run.bytes * 1.0456);
}

function linkSamples(run, when, share) {
  return Array.from({ length: run.hosts + 1 }, (_, i) => ['up', 'down'].map((direction) =>
    line(when, 'link', { node: i === run.hosts ? 's1' : hostName(i), direction,
      bytes: linkBytes(run, i, direction, share), packets: Math.round(1000 * share),
      drops: direction === 'down' ? Math.round(i * share) : 0, backlog: 0 }))).flat();
}

// Two samples: which share of the time processors were busy, and for how long the machine slept.
function processorSamples(machine, last) {
  if (!machine)
    return [];
  const sample = (when, share, slept) => line(when, 'cpu', { cpus: 2, busy_ns: Math.round(2e9 * last * share),
    interrupt_ns: 0, steal_ns: 0, total_ns: share ? Math.round(2e9 * last) : 0, pressure_us: 0, runnable: 0,
    boot_ns: at(when) + slept * 1e9 });
  return [sample(0, 0, 0), sample(last, machine.busy, machine.slept ?? 0)];
}

// Faults as {kind, node, planned, at: share of the trial, and why it did not happen}.
function faultEvents(run, last) {
  return (run.faults ?? []).map(({ at: share, reason, ...fault }, i) => line(last * share, 'fault',
    { fault: i + 1, planned: '50%', reached: !reason, reason, ...fault }));
}

function writeControl(run, logs, trial, last) {
  const lines = [line(-0.06, 'trial', { trial, warmup: false, file_bytes: run.bytes, file_sha256: SHA256 })];
  if (run.telemetry)
    for (let k = 0; k <= 10; k++)
      lines.push(...linkSamples(run, last * k / 10, k / 10));
  lines.push(...processorSamples(run.machine?.[trial - 1], last), ...faultEvents(run, last));
  for (let i = 0; i < run.hosts; i++)
    if (run.fails !== i)
      lines.push(line(last + 1, 'verify', { node: hostName(i), bytes: run.bytes, sha256: SHA256 }));
  const failed = run.fails !== undefined && !run.expect;
  lines.push(line(last + 2, 'end', failed ? { status: 'failed', code: 'io', message: run.message } : { status: 'ok' }));
  write(logs, 'labctl.jsonl', lines.join('\n') + '\n');
}

function writeTrial(run, folder, trial, random) {
  const logs = join(folder, 'trials', String(trial).padStart(3, '0'), 'logs');
  const finishes = finishTimes(run, random);
  finishes.forEach((finish, host) => writeClient(run, logs, host, finish, random));
  writeLog(logs, `s1.${run.model}_server`, [line(-0.05, 'start', { node: 's1', program: `${run.model}_server`, pid: 99 }),
    line(0, 'accept', { connection: 1, peer: `${address(0)}:40000` })]);
  writeControl(run, logs, trial, Math.max(...finishes));
}

export function experimentOf(run) {
  const names = Array.from({ length: run.hosts }, (_, i) => hostName(i));
  return { name: run.name, title: run.title ?? run.name,
    topology: { hosts: [...names, 's1'], link: { up: run.rate, down: run.rate }, links: run.links },
    workload: { model: run.model, server: 's1', file: { size: run.bytes, seed: 7 }, block_size: run.block },
    trials: run.trials, expect: run.expect };
}

export function makeRun(folder, given) {
  const run = { model: 'cs', hosts: 6, rate: 100e6, bytes: 50e6, block: 65536, trials: 1, points: 50,
    seed: 1, message: 'cannot write recv/file.bin: No space left on device', ...given };
  const random = generator(run.seed);
  write(folder, 'experiment.json', JSON.stringify(experimentOf(run), null, 2) + '\n');
  write(folder, 'manifest.json', JSON.stringify({ schema: 'labctl.manifest/1', seed: 1,
    started: '2026-03-01T10:15:00.000Z', cpu: { model: run.cpu ?? 'Some processor', count: 2 } }, null, 2) + '\n');
  for (let trial = 1; trial <= run.trials; trial++)
    writeTrial(run, folder, trial, random);
}

// One run whose links are not all the same.
export function makeLinks(folder, links) {
  makeRun(join(folder, 'links/20260301T101500Z'), { name: 'links', links });
}

export function makeTextbook(folder) {
  makeRun(join(folder, 'cs6/20260301T101500Z'), { name: 'cs6', title: 'Six clients, one server', trials: 8, telemetry: true });
  makeRun(join(folder, 'p2p6/20260301T101600Z'), { name: 'p2p6', title: 'Six peers', model: 'p2p', trials: 8, telemetry: true,
    faults: [{ kind: 'link_down', node: 'h2', at: 0.4 }] });
  makeRun(join(folder, 'disk-full/20260301T101700Z'), { name: 'disk-full', rate: 50e6, fails: 2 });
}

function writeSweep(sweep, experiment, cells, valuesOf) {
  const records = cells.map((given, i) => {
    const number = String(i + 1).padStart(3, '0');
    makeRun(join(sweep, `cells/${number}`), { name: `${experiment.name}-${number}`, bytes: 10e6, trials: 2, seed: i + 1,
      title: Object.entries(valuesOf(given)).map(([key, value]) => `${key.split('/').at(-1)} ${value}`).join(', '), ...given });
    return { cell: i + 1, dir: `cells/${number}`, values: valuesOf(given), status: 'ok' };
  });
  write(sweep, 'experiment.json', JSON.stringify(experiment));
  write(sweep, 'manifest.json', '{}');
  write(sweep, 'results.json', JSON.stringify({ schema: 'labctl.results/1', status: 'ok', experiment: experiment.name, cells: records }));
}

export function makeSweep(folder, counts = [1, 2, 4, 8, 16, 32]) {
  const cells = counts.flatMap((hosts) => ['cs', 'p2p'].map((model) => ({ hosts, model, trials: 6, telemetry: true })));
  writeSweep(join(folder, 'scaling/20260301T101500Z'), { name: 'scaling',
    title: 'Client/server grows with the number of hosts; peer to peer does not',
    sweep: { '/topology/hosts': counts, '/workload/model': ['cs', 'p2p'] } }, cells,
  ({ hosts, model }) => ({ '/topology/hosts': hosts, '/workload/model': model }));
}

// Thirty trials: twelve with busy processors, one in which the machine slept; and one of which
// nothing is known but its times.
export function makeJudged(folder) {
  const machine = Array.from({ length: 30 }, (_, i) => ({ busy: i % 5 < 2 ? 0.91 + i / 500 : 0.3 }));
  machine[7] = { busy: 0.3, slept: 5 };
  makeRun(join(folder, 'judged/20260301T101500Z'), { name: 'judged', trials: 30, hosts: 2, machine });
  makeRun(join(folder, 'old/20260301T101600Z'), { name: 'old', rate: 10e6, bytes: 5e6 });
}

// A run with some faults, of which one did not happen, one in which a host fails as expected, and
// one with more faults than a page can show.
export function makeFaults(folder) {
  makeRun(join(folder, 'churn/20260301T101500Z'), { name: 'churn', model: 'p2p', telemetry: true, faults: [
    { kind: 'link_rate', node: 'h3', planned: '1s', at: 0.2, up_bps: 5e6, down_bps: 0 },
    { kind: 'pause', node: 'h2', planned: '50%', at: 0.5 },
    { kind: 'resume', node: 'h2', planned: '50% + 300ms', at: 0.6 },
    { kind: 'kill', node: 'h5', planned: '99%', at: 1, reason: 'the transfer was over' }] });
  makeRun(join(folder, 'expected/20260301T101700Z'), { name: 'expected', rate: 20e6, bytes: 5e6, fails: 2, expect: { h3: 'failed' } });
  const many = Array.from({ length: 300 }, (_, i) => ({ kind: i % 2 ? 'link_up' : 'link_down', node: 'h1', at: i / 300 }));
  makeRun(join(folder, 'many/20260301T101600Z'), { name: 'many', rate: 50e6, bytes: 5e6, faults: many });
}

// Eight runs that are comparable, by the size of their blocks.
export function makeSizes(folder) {
  for (let i = 0; i < 8; i++)
    makeRun(join(folder, `size${i}/20260301T10150${i}Z`), { name: `size${i}`, model: i ? 'p2p' : 'cs', bytes: 5e6,
      block: 16384 << i, seed: i });
}

// A peer-to-peer run with so many clients.
export function makeCrowd(folder, hosts) {
  makeRun(join(folder, 'crowd/20260301T101500Z'), { name: 'crowd', model: 'p2p', hosts, bytes: 1e6 });
}

// A sweep of one model with twelve lines.
export function makeLines(folder) {
  const sizes = Array.from({ length: 12 }, (_, i) => 16384 * (i + 1));
  const cells = [2, 4, 8].flatMap((hosts) => sizes.map((block) => ({ model: 'p2p', hosts, block })));
  writeSweep(join(folder, 'lines/20260301T101500Z'), { name: 'lines', title: 'Twelve sizes of blocks',
    sweep: { '/topology/hosts': [2, 4, 8], '/workload/block_size': sizes } }, cells,
  ({ hosts, block }) => ({ '/topology/hosts': hosts, '/workload/block_size': block }));
}

export const HOSTILE = '</script><img src=x onerror="window.pwned=1"><script>window.pwned=1</script>{{DATA}}';

export function makeHostile(folder) {
  makeRun(join(folder, `a${HOSTILE.replaceAll('/', '|')}`, '1'), { name: 'a', title: HOSTILE, cpu: HOSTILE });
  makeRun(join(folder, 'b/1'), { name: 'b', model: 'p2p', fails: 1, message: HOSTILE, rate: 10e6 });
  write(join(folder, 'broken'), 'experiment.json', `{"name": ${JSON.stringify(HOSTILE)}`);
  write(join(folder, 'broken'), 'results.json', '{}');
}

export function makeTrials(folder, count) {
  makeRun(join(folder, 'cs6/20260301T101500Z'), { name: 'cs6', trials: count / 2, bytes: 5e6 });
  makeRun(join(folder, 'p2p6/20260301T101600Z'), { name: 'p2p6', model: 'p2p', trials: count / 2, bytes: 5e6 });
}

export function makeCells(folder, count) {
  for (let i = 0; i < count; i++)
    makeRun(join(folder, `run${i}/20260301T101500Z`), { name: `run${i}`, model: i % 2 ? 'p2p' : 'cs',
      rate: 1e6 * (1 + (i >> 1)), bytes: 5e6, points: 20, seed: i });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , what, ...rest] = process.argv;
  const makers = { textbook: makeTextbook, sweep: makeSweep, hostile: makeHostile, judged: makeJudged, faults: makeFaults, lines: makeLines, sizes: makeSizes,
    crowd: (folder, count) => makeCrowd(folder, count),
    trials: (folder, count) => makeTrials(folder, count), cells: (folder, count) => makeCells(folder, count) };
  const folder = rest.at(-1);
  makers[what](folder, ...(rest.length > 1 ? [Number(rest[0])] : []));
}
