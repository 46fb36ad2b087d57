'use strict';

// Prints the name of the first OpenCL device, its instruction set, and a gradient that it computed.
const { lossGradient, openDevice } = require('../../..');

async function main() {
  const device = await openDevice('opencl');
  // Of Σ (θx − y)²/m at θ = 0: −2 Σ xy/m = −10.
  const { gradient } = await lossGradient([[1], [2]], [2, 4], { theta: [0], device, dtype: 'float32' });
  console.log(`${device.info.name} ${device.info.isa} ${gradient[0]}`);
  await device.close();
}

void main();
