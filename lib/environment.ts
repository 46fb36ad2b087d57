/** The environment variables that this package knows, read when they are needed. */
export interface Environment {
  /** What 'auto' means. */
  readonly device: string | undefined;
  /** Another libOpenCL to load. */
  readonly openclLibrary: string | undefined;
  /** 'wide' or 'rows': the shape of kernels, whatever the device's type. */
  readonly kernelShape: string | undefined;
  /** How many threads the CPU device uses. */
  readonly threads: string | undefined;
  /** The instruction-set level of the CPU device, for tests. */
  readonly cpuLevel: string | undefined;
  /** An upper bound of one OpenCL allocation, in bytes, for tests of data that needs several. */
  readonly maxAllocation: string | undefined;
}

/** An empty variable counts as unset. */
function variable(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

export function environment(): Environment {
  return {
    device: variable('THALWEG_DEVICE'),
    openclLibrary: variable('THALWEG_OPENCL_LIBRARY'),
    kernelShape: variable('THALWEG_KERNEL_SHAPE'),
    threads: variable('THALWEG_THREADS'),
    cpuLevel: variable('THALWEG_CPU_LEVEL'),
    maxAllocation: variable('THALWEG_MAX_ALLOCATION'),
  };
}
