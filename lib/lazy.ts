import type * as NodeCrypto from 'node:crypto';
import type * as NodeFiles from 'node:fs/promises';
import type * as Doctor from './doctor';
import type * as HsaOverride from './hsa-override';
import type * as TuningParser from './tuning/parse';

// Modules that take milliseconds to load, and that many processes never use: whoever loads the package does not wait
// for them. They are required, since import() needs a flag under Jest.
/* eslint-disable @typescript-eslint/no-require-imports */

export const lazy = {
  get crypto() {
    return require('node:crypto') as typeof NodeCrypto;
  },
  get files() {
    return require('node:fs/promises') as typeof NodeFiles;
  },
  get doctor() {
    return require('./doctor') as typeof Doctor;
  },
  get hsaOverride() {
    return require('./hsa-override') as typeof HsaOverride;
  },
  get tuningParser() {
    return require('./tuning/parse') as typeof TuningParser;
  },
};
