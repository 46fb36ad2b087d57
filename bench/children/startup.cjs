/** Prints what `require('thalweg')` and the first `devices()` took in this fresh process. */
const { performance } = require('node:perf_hooks');

const start = performance.now();
const { devices } = require('thalweg');
const required = performance.now();
devices().then((found) => {
  const requireMilliseconds = required - start;
  const devicesMilliseconds = performance.now() - required;
  console.log(JSON.stringify({ requireMilliseconds, devicesMilliseconds, devices: found.length }));
});
