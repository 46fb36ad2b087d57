import { bytesOf } from '../harness/data.mjs';
import { descend, resident, withDevice } from '../harness/ours.mjs';
import { race } from '../harness/race.mjs';
import { cacheBytes } from '../harness/machine.mjs';
import { batchRate } from './rates.mjs';

/** The time of a pass against m, and against n. */
export async function measure(one, context) {
  const device = await context.deviceFor(one);
  if (device === undefined) return [];
  return await withDevice(device.id, async (opened) => {
    const rowPoints = [];
    const columnPoints = [];
    for (const rows of one.rowsAt.rows)
      rowPoints.push(await point(one, { rows, columns: one.rowsAt.columns }, opened, context));
    for (const columns of one.columnsAt.columns)
      columnPoints.push(await point(one, { rows: one.columnsAt.rows, columns }, opened, context));
    const values = {
      rowsDeviation: deviation(rowPoints, 'rows'),
      columnsDeviation: deviation(columnPoints, 'columns'),
    };
    const title = `n = ${one.rowsAt.columns}, and m = ${one.columnsAt.rows}`;
    return [
      { title, device: device.id, dtype: context.dtype, contenders: {}, values, rowPoints, columnPoints },
    ];
  });
}

async function point(one, { rows, columns }, device, context) {
  context.say(`${one.id}: n = ${columns}, ${rows} rows…`);
  const shape = { rows, columns, dtype: context.dtype };
  const ours = await resident(device, await context.data.files(shape));
  try {
    const options = { learningRate: batchRate(rows, columns), plan: 'fused' };
    const run = async (count) => (await descend(ours, 'batch', { ...options, iterations: count })).seconds;
    const { thalweg } = await race([{ name: 'thalweg', run }], context);
    const bytes = rows * (columns + 1) * bytesOf(context.dtype);
    return { rows, columns, bytes, seconds: thalweg.seconds, inCache: bytes < 2 * cacheBytes() };
  } finally {
    ours.dispose();
  }
}

/**
 * How far the points past the cache are from the line a + b·size at most, relative to it. The line is the least squares
 * of relative errors, so that small sizes count as much as large ones. Undefined where too few points are past it.
 */
function deviation(points, size) {
  const past = points.filter(({ inCache }) => !inCache);
  // Through two points there is always a line.
  if (past.length < 3) return undefined;
  // Divided by the time, t = a + b·x is 1 = a·u + b·v.
  let [uu, uv, vv, u1, v1] = [0, 0, 0, 0, 0];
  for (const one of past) {
    const [u, v] = [1 / one.seconds, one[size] / one.seconds];
    uu += u * u;
    uv += u * v;
    vv += v * v;
    u1 += u;
    v1 += v;
  }
  const determinant = uu * vv - uv * uv;
  const a = (u1 * vv - v1 * uv) / determinant;
  const b = (v1 * uu - u1 * uv) / determinant;
  return Math.max(...past.map((one) => Math.abs(one.seconds / (a + b * one[size]) - 1)));
}
