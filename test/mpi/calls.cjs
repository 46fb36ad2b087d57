'use strict';

// Calls of the library by a description of them, which one process and several make alike.

/** As numbers that JSON holds to the bit. */
const plain = (values) => (typeof values === 'number' ? [values] : Array.from(values));

/** Rows as SciPy's CSR; none are what they are. */
function compressedOf(rows, columns) {
  if (rows.length === 0) return rows;
  const entries = rows.map((row) => row.flatMap((value, j) => (value === 0 ? [] : [[j, value]])));
  let end = 0;
  return {
    data: Float64Array.from(entries.flat(), ([, value]) => value),
    indices: Int32Array.from(entries.flat(), ([j]) => j),
    indptr: Int32Array.from([0, ...entries.map((row) => (end += row.length))]),
    shape: [rows.length, columns],
  };
}

/** What a descent tells of the rows that it was validated with. */
function validationOf({ validationLoss, best, stopped }) {
  if (validationLoss === undefined) return {};
  return { validationLoss: plain(validationLoss), best, stopped };
}

/** A descent in two parts, the second of which goes on from the checkpoint of the first. */
async function inParts(thalweg, descend, options, { passes, path }) {
  const count = options.epochs === undefined ? 'iterations' : 'epochs';
  await descend({ ...options, [count]: passes, checkpoint: { path } });
  const resumeFrom = await thalweg.readCheckpoint(path);
  return await descend({ ...options, [count]: options[count] - resumeFrom.passes, resumeFrom });
}

/**
 * @param thalweg the library
 * @param sample X, y and weights; `held` has those to validate with
 * @param description.call 'lossGradient', 'batchGradientDescent', 'miniBatchGradientDescent', 'neuron' or 'layer'
 * @param description.compressed whether X is CSR
 * @param description.cut after how many passes a descent ends to go on from a checkpoint, and its `path`
 * @param world of several ranks
 */
async function make(thalweg, sample, description, world) {
  const { y, weights, held } = sample;
  const { call, options, weighted, compressed, columns, outputs, model, cut } = description;
  const X = compressed ? compressedOf(sample.X, columns) : sample.X;
  const all = {
    ...options,
    ...(weighted ? { sampleWeight: weights } : {}),
    ...(world === undefined ? {} : { world }),
  };
  if (held !== undefined) {
    const heldX = compressed ? compressedOf(held.X, columns) : held.X;
    const counts = weighted ? { sampleWeight: held.weights } : {};
    all.validation = { X: heldX, y: held.y, ...counts, ...options.validation };
  }
  if (call === 'lossGradient') {
    const { gradient, interceptGradients, loss } = await thalweg.lossGradient(X, y, all);
    return { theta: plain(gradient), intercepts: plain(interceptGradients), loss: [loss] };
  }
  if (call === 'batchGradientDescent' || call === 'miniBatchGradientDescent') {
    const descend = (asked) => thalweg[call](X, y, asked);
    const found = await (cut === undefined ? descend(all) : inParts(thalweg, descend, all, cut));
    const { theta, intercepts, loss, plan, converged, iterations, learningRate } = found;
    const at = { theta: plain(theta), intercepts: plain(intercepts), loss: plain(loss) };
    return { ...at, plan, converged, iterations, learningRate, ...validationOf(found) };
  }
  const fitted = () =>
    call === 'neuron'
      ? new thalweg.Neuron({ inputs: columns, ...model })
      : new thalweg.Layer({ inputs: columns, outputs, ...model });
  const fit = (asked) => fitted().fit(X, y, asked);
  const found = await (cut === undefined ? fit(all) : inParts(thalweg, fit, all, cut));
  const { theta, intercepts, loss, plan, converged } = found;
  const at = { theta: plain(theta), intercepts: plain(intercepts), loss: plain(loss) };
  return { ...at, plan, converged, ...validationOf(found) };
}

module.exports = { make };
