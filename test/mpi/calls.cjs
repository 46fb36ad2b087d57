'use strict';

// Calls of the library by a description of them, which one process and several make alike.

/** As numbers that JSON holds to the bit. */
const plain = (values) => (typeof values === 'number' ? [values] : Array.from(values));

/**
 * @param thalweg the library
 * @param sample X, y and weights
 * @param options.call 'lossGradient', 'batchGradientDescent', 'miniBatchGradientDescent', 'neuron' or 'layer'
 * @param world of several ranks
 */
async function make(thalweg, { X, y, weights }, { call, options, weighted, columns, outputs, model }, world) {
  const all = {
    ...options,
    ...(weighted ? { sampleWeight: weights } : {}),
    ...(world === undefined ? {} : { world }),
  };
  if (call === 'lossGradient') {
    const { gradient, interceptGradients, loss } = await thalweg.lossGradient(X, y, all);
    return { theta: plain(gradient), intercepts: plain(interceptGradients), loss: [loss] };
  }
  if (call === 'batchGradientDescent' || call === 'miniBatchGradientDescent') {
    const found = await thalweg[call](X, y, all);
    const { theta, intercepts, loss, plan, converged, iterations, learningRate } = found;
    const weights = { theta: plain(theta), intercepts: plain(intercepts), loss: plain(loss) };
    return { ...weights, plan, converged, iterations, learningRate };
  }
  const fitted =
    call === 'neuron'
      ? new thalweg.Neuron({ inputs: columns, ...model })
      : new thalweg.Layer({ inputs: columns, outputs, ...model });
  const { theta, intercepts, loss, plan, converged } = await fitted.fit(X, y, all);
  return { theta: plain(theta), intercepts: plain(intercepts), loss: plain(loss), plan, converged };
}

module.exports = { make };
