'use strict';

const base = require('./jest.config.js');

/** Suites that wait for processes, compilers or faults for longer than a loop of work allows. */
const slow = [
  'check/mutations',
  'doctor/',
  'examples/',
  'faults/',
  'hip/',
  'lifecycle/(hung|processes)',
  'tuning/(stored|tune)',
  'cli/(both-ways|large|signals)',
];

/** `npm run test:quick`: the other suites, on the CPU and the first OpenCL device as they are by themselves. */
module.exports = {
  ...base,
  testPathIgnorePatterns: [...base.testPathIgnorePatterns, ...slow.map((name) => `<rootDir>/test/${name}`)],
  globalSetup: '<rootDir>/test/support/set-up-quick.ts',
};
