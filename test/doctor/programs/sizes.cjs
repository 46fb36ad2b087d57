'use strict';

// Prints how many compute units a device has, and how much of X its kernels expect in the last cache: sizes.cjs NAME.
const path = require('node:path');
const { openDevice } = require(path.join(__dirname, '..', '..', '..'));

async function main() {
  const device = await openDevice(process.argv[2]);
  const { cacheKibibytes } = await device.native.configure({});
  console.log(JSON.stringify({ computeUnits: device.info.computeUnits, cacheKibibytes }));
  await device.close();
}

main();
