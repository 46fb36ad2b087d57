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
  setupFiles: ['<rootDir>/test/support/replay.cjs'],
  reporters: ['default', '<rootDir>/test/support/device-reporter.cjs'],
  // One more than Jest takes: the process that hands out suites has next to nothing to do.
  maxWorkers: '100%',
  // Kernels that drivers have compiled stay in memory.
  workerIdleMemoryLimit: '1.5GB',
  testTimeout: 120_000,
};
