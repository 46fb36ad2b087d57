'use strict';

const base = require('./jest.config.js');

/** The suites about the package itself: what is packed, how it installs, what the binary needs. */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/package'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 600_000,
};
