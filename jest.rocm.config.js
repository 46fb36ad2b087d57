'use strict';

const base = require('./jest.config.js');

/** What AMD's runtime and compiler say on a machine without a GPU. */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/rocm'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: undefined,
  reporters: ['default'],
};
