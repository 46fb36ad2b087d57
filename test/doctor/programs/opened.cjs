'use strict';

// Opens a device and prints { code, message, device } of the error, or its id: opened.cjs NAME.
const path = require('node:path');
const { openDevice } = require(path.join(__dirname, '..', '..', '..'));

async function main() {
  try {
    const device = await openDevice(process.argv[2]);
    console.log(JSON.stringify({ id: device.id }));
    await device.close();
  } catch ({ code, message, device }) {
    console.log(JSON.stringify({ code, message, device }));
  }
}

main();
