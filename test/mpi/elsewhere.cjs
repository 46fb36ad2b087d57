'use strict';

/**
 * What `mpirun` runs where ranks see other files under one name: `node elsewhere.cjs FOLDERS ARGUMENTS…`, the command line in the
 * folder of its rank, of those with commas between.
 */
const path = require('node:path');

const rank = Number(process.env.OMPI_COMM_WORLD_RANK ?? process.env.PMI_RANK);
const [, , folders, ...args] = process.argv;
const each = folders.split(',');
process.chdir(each[Math.min(rank, each.length - 1)]);
const main = path.join(__dirname, '..', '..', 'dist', 'cli', 'main.js');
process.argv = [process.execPath, main, ...args];
require(main);
