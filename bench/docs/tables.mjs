import { nameOf } from '../harness/peers.mjs';
import { shareOfRead } from '../harness/ratios.mjs';
import { figureKey, label, quantity, time } from '../harness/table.mjs';

function markdownTable(head, alignment, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(alignment), ...rows.map(line)].join('\n');
}

function aim(ratio) {
  if (ratio.atLeast !== undefined) return `at least ${quantity(ratio, ratio.atLeast)}`;
  return ratio.atMost === undefined ? '' : `at most ${quantity(ratio, ratio.atMost)}`;
}

/** Where a case stands in prose: 'fused pass, n = 64, m = 2,097,152'. */
function subject({ what, title, rows }) {
  return `${what}, ${title}${rows === undefined ? '' : `, m = ${rows.toLocaleString('en-US')}`}`;
}

/** 'x86_64_v4': what a record's CPU device computes with. */
const levelOf = ({ devices }) => devices.find(({ id }) => id === 'cpu').driver;

/** Every ratio beside its aim, and beside those of other machines. */
export function wholeTable({ results }, others = []) {
  const elsewhere = others.map(
    (other) =>
      new Map(
        other.results.flatMap((result) =>
          result.ratios.map((ratio) => [figureKey(result, ratio), quantity(ratio, ratio.figure)]),
        ),
      ),
  );
  const rows = results.flatMap((result) =>
    result.ratios.map((ratio, index) => {
      const { thalweg } = result.contenders;
      const first = [subject(result), thalweg === undefined ? '' : time(thalweg.seconds)];
      const missed = ratio.met === false ? ', missed' : '';
      return [
        ...(index === 0 ? first : ['', '']),
        label(ratio),
        `${quantity(ratio, ratio.figure)}${missed}`,
        aim(ratio),
        ...elsewhere.map((figures) => figures.get(figureKey(result, ratio)) ?? ''),
      ];
    }),
  );
  return markdownTable(
    ['', 'thalweg', 'beside', 'figure', 'aim', ...others.map((other) => `\`${levelOf(other)}\``)],
    ['---', '---:', '---', '---:', '---', ...others.map(() => '---:')],
    rows,
  );
}

/** The passes: GB/s of X and y of everyone. */
export function passTable({ results }) {
  const passes = results.filter((one) => one.case === 'pass');
  const gigabytes = (contender) => (contender === undefined ? '' : contender.gigabytesPerSecond.toFixed(1));
  const ids = ['thalweg', 'logistic', 'numpy', 'torch', 'read'];
  const rows = passes.map(({ columns, rows: m, contenders }) => [
    columns,
    m,
    ...ids.map((id) => gigabytes(contenders[id])),
    contenders.read === undefined
      ? ''
      : `${Math.round(100 * shareOfRead(contenders.thalweg, contenders.read))} %`,
  ]);
  const head = ['n', 'm', 'thalweg', 'log loss', 'NumPy', 'PyTorch', 'one read', 'share'];
  return markdownTable(
    head,
    head.map(() => '---:'),
    rows,
  );
}

const shown = [
  { id: 'pass', columns: [8, 64, 1024] },
  { id: 'gram' },
  { id: 'stochastic', columns: [64] },
  { id: 'mini-batch', columns: [64] },
  { id: 'opencl', columns: [64] },
  { id: 'javascript', columns: [64] },
];

function inWords(ratio) {
  if (ratio.against === 'read') return `${quantity(ratio, ratio.figure)} of one read’s`;
  return `${quantity(ratio, ratio.figure)} ${nameOf(ratio.against)}’s`;
}

/** The README's: a line for each kind of work, and how many times faster than whom. */
export function shortTable({ results }) {
  const rows = shown.flatMap(({ id, columns }) =>
    results
      .filter((one) => one.case === id && (columns === undefined || columns.includes(one.columns)))
      .map((one) => [
        subject(one),
        time(one.contenders.thalweg.seconds),
        one.ratios
          .filter(({ against, of }) => against !== undefined && of === undefined)
          .map(inWords)
          .join(', '),
      ]),
  );
  return markdownTable(['', 'thalweg', 'its speed'], ['---', '---:', '---'], rows);
}

/** Seconds of a pass by size and device. */
export function fastestTable({ bench }) {
  const ids = Object.keys(bench?.fastest[0]?.seconds ?? {});
  if (ids.length === 0) return 'One device alone was there.';
  const size = (bytes) => (bytes < 2 ** 20 ? `${bytes / 1024} KiB` : `${bytes / 2 ** 20} MiB`);
  const rows = bench.fastest.map(({ bytes, seconds, device }) => [
    size(bytes),
    ...ids.map((id) => (seconds[id] === undefined ? '' : time(seconds[id]))),
    `\`${device}\``,
  ]);
  return markdownTable(
    ['X', ...ids.map((id) => `\`${id}\``), 'faster'],
    ['---:', ...ids.map(() => '---:'), '---'],
    rows,
  );
}

/** Latencies, uploads and the limit of each device. */
export function deviceTable({ bench }) {
  const rows = (bench?.devices ?? []).map(({ device, limit, upload, latency }) => [
    `\`${device.id}\`: ${device.name}`,
    `${limit.gigabytesPerSecond.toFixed(1)} GB/s`,
    `${upload.gigabytesPerSecond.toFixed(1)} GB/s`,
    time(latency.launchSeconds),
    time(latency.roundTripSeconds),
  ]);
  const head = ['', 'one read', 'upload', 'an iteration on no data', 'a gradient of it, read back'];
  return markdownTable(head, ['---', ...head.slice(1).map(() => '---:')], rows);
}

/** Which machines the further columns are of. */
export function elsewhereText(others) {
  return others
    .map(
      (other) =>
        `\`${levelOf(other)}\`: ${other.machine.processor}, ${other.machine.cores} cores, at ${other.machine.commit}, ${other.machine.date.slice(0, 10)}.`,
    )
    .join('\n');
}

/** What was measured on and with. */
export function machineText({ machine, versions, devices, settings }) {
  const { numpy, torch, sklearn, ...others } = versions.peers;
  const blas = [...new Set(Object.values(versions.peers).flatMap((peer) => peer.blas ?? []))];
  const libraries = [
    numpy && `NumPy ${numpy.numpy}${blas.length > 0 ? ` (${blas.join(', ')})` : ''}`,
    torch && `PyTorch ${torch.torch}`,
    sklearn && `scikit-learn ${sklearn['scikit-learn']}`,
    others['tfjs-wasm'] && `TensorFlow.js ${others['tfjs-wasm'].tfjs}`,
    others['ml-matrix'] && `ml-matrix ${others['ml-matrix']['ml-matrix']}`,
    others.clblast && `CLBlast ${others.clblast.clblast ?? ''}`.trim(),
  ].filter(Boolean);
  const named = devices.map(({ id, name, driver }) => `\`${id}\` ${name} (${driver})`);
  return [
    `${machine.processor}, ${machine.cores} cores, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB; Node ${machine.node}.`,
    `Devices: ${named.join(', ')}.`,
    `Peers: ${libraries.join(', ')}.`,
    `thalweg ${versions.thalweg} at ${machine.commit}, ${machine.date.slice(0, 10)}, ${settings.dtype}, load before ${machine.loadBefore.toFixed(1)}.`,
  ].join('\n');
}
