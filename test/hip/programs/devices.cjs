'use strict';

// Prints the devices, which of them each name opens, and the version of HIP.
const path = require('node:path');
const { devices, openDevice, versions } = require(path.join(__dirname, '..', '..', '..'));

async function main() {
  const opened = {};
  for (const name of ['auto', 'gpu', 'hip', 'hip:1', 'hip:2']) {
    try {
      const device = await openDevice(name);
      opened[name] = device.id;
      await device.close();
    } catch ({ code }) {
      opened[name] = code;
    }
  }
  console.log(JSON.stringify({ devices: await devices(), opened, hip: (await versions()).hip }));
}

main();
