'use strict';

// A property that fails prints its seed and its path, which these variables bring back: see CONTRIBUTING.md.
const { THALWEG_TEST_SEED: seed, THALWEG_TEST_PATH: path } = process.env;

if (seed !== undefined) {
  const { configureGlobal } = require('fast-check');
  configureGlobal({ seed: Number(seed), ...(path === undefined ? {} : { path, endOnFailure: true }) });
}
