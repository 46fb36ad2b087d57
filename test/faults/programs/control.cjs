'use strict';

/** Arms the library of faults from within the process, and reads what it counted. */
const { readFileSync, writeFileSync } = require('node:fs');
const thalweg = require('../../../dist');

const control = process.env.OPENCL_FAULTS_CONTROL;
const report = process.env.OPENCL_FAULTS_REPORT;
let armed = 0;

/** From the next call of an OpenCL function on, with all calls counted from 1 again. */
function arm(plan = '') {
  armed += 1;
  writeFileSync(control, `${armed} ${plan}\n`);
}

/** { failed, calls, live } until now, since `arm`. */
async function counted() {
  await thalweg.devices();
  const { calls, ...rest } = JSON.parse(readFileSync(report, 'utf8'));
  // The report is written when the devices are listed, which asks twice.
  return { calls: { ...calls, clGetPlatformIDs: calls.clGetPlatformIDs - 2 }, ...rest };
}

module.exports = { thalweg, arm, counted };
