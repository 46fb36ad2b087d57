/** How a device is opened: options of `openDevice`. */
export interface DeviceOptions {
  /**
   * What AMD's runtime takes the GPU for, as decimal 'major.minor.step': '10.3.0' is gfx1030. 'auto' does so only where
   * it is needed: for gfx1031 to gfx1036, as gfx1030, where the GPU cannot be used by its own name; and for gfx8 under
   * ROCm 5, by ROC_ENABLE_PRE_VEGA. On Linux, before a driver is loaded, and never in place of a variable that is set.
   */
  readonly hsaOverride?: HsaOverride;
}

/** 'auto', or the version of an ISA as decimal 'major.minor.step': '10.3.0' is gfx1030, '9.0.10' gfx90a. */
export type HsaOverride = 'auto' | `${number}.${number}.${number}`;
