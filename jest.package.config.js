'use strict';

const base = require('./jest.config.js');

/** The suites about the package itself: what is packed, how it installs, what the binary needs. */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/package'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/package/set-up.ts',
  testTimeout: 1_200_000,
};
