'use strict';

/** Prints the files that requiring the package loads, relative to it: `node loaded.cjs`. */
const path = require('node:path');

const root = path.join(__dirname, '..', '..', '..');
require(root);
const files = Object.keys(require.cache).filter((file) => file !== __filename);
console.log(JSON.stringify(files.map((file) => path.relative(root, file))));
