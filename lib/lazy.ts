import type * as NodeCrypto from 'node:crypto';
import type * as NodeFiles from 'node:fs/promises';
import type * as AutoDevice from './auto-device';
import type * as Doctor from './doctor';
import type * as Environment from './environment';
import type * as HsaOverride from './hsa-override';
import type * as NativeLoader from './native-loader';
import type * as PackageVersion from './package-version';
import type * as Plan from './plan';
import type * as Standardize from './standardize';
import type * as TuningParser from './tuning/parse';
import type * as TuningStore from './tuning/store';

// Modules that take milliseconds to load, and that many processes never use: whoever loads the package does not wait
// for them. They are required, since import() needs a flag under Jest. Where the module registry was reset since (Jest's
// resetModules), they and what they import are loaded anew: so those that descents and devices need are handed whatever
// has classes or state, and import none of it.
/* eslint-disable @typescript-eslint/no-require-imports */

export const lazy = {
  get crypto() {
    return require('node:crypto') as typeof NodeCrypto;
  },
  get files() {
    return require('node:fs/promises') as typeof NodeFiles;
  },
  get autoDevice() {
    return require('./auto-device') as typeof AutoDevice;
  },
  get doctor() {
    return require('./doctor') as typeof Doctor;
  },
  get environment() {
    return require('./environment') as typeof Environment;
  },
  get hsaOverride() {
    return require('./hsa-override') as typeof HsaOverride;
  },
  get nativeLoader() {
    return require('./native-loader') as typeof NativeLoader;
  },
  get packageVersion() {
    return require('./package-version') as typeof PackageVersion;
  },
  get plan() {
    return require('./plan') as typeof Plan;
  },
  get standardize() {
    return require('./standardize') as typeof Standardize;
  },
  get tuningParser() {
    return require('./tuning/parse') as typeof TuningParser;
  },
  get tuningStore() {
    return require('./tuning/store') as typeof TuningStore;
  },
};
