'use strict';

/**
 * The suites of test/ but the package's own, which need a packed tarball (`npm run test:package`), and those that need
 * AMD's runtime (`npm run test:rocm`).
 */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/', '<rootDir>/test/rocm/'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }] },
  modulePathIgnorePatterns: ['<rootDir>/build/'],
  globalSetup: '<rootDir>/test/support/set-up.ts',
  reporters: ['default', '<rootDir>/test/support/device-reporter.cjs'],
  testTimeout: 60_000,
};
