'use strict';

// Trains on the device 'hip', and prints the result or the code of the error.
const { programme } = require('./programme.cjs');

programme().then(
  (theta) => console.log(JSON.stringify({ theta })),
  ({ code, message, log }) => console.log(JSON.stringify({ code, message, log })),
);
