import path from 'node:path';

/** The environment variables that this package knows, read when they are needed. */
export interface Environment {
  /** What 'auto' means. */
  readonly device: string | undefined;
  /** Another libOpenCL to load. */
  readonly openclLibrary: string | undefined;
  /** Another libamdhip64 to load. */
  readonly hipLibrary: string | undefined;
  /** The MPI that the program is joined to, by the beginning of its name: 'open-mpi', 'mpich-4.0'; 'off': none. */
  readonly mpi: string | undefined;
  /** The folder where compiled kernels are kept; undefined where they are not (THALWEG_CACHE=off). */
  readonly cacheFolder: string | undefined;
  /** The folder where rows are that do not fit in memory; a file of a process has no name there. */
  readonly spoolFolder: string;
  /** How many bytes of such rows stay in memory. */
  readonly spoolMemory: string | undefined;
  /** 'wide' or 'rows': the shape of kernels, whatever the device's type. */
  readonly kernelShape: string | undefined;
  /** How many threads the CPU device uses. */
  readonly threads: string | undefined;
  /** The instruction-set level of the CPU device, for tests. */
  readonly cpuLevel: string | undefined;
  /** An upper bound of one OpenCL allocation, in bytes, for tests of data that needs several. */
  readonly maxAllocation: string | undefined;
  /** 'off': OpenCL devices compute as those that have no float64. */
  readonly float64: string | undefined;
  /** 'off': steps are launched one by one; 'on': as graphs wherever the driver has them. */
  readonly graphs: string | undefined;
  /** How many seconds a driver may take to answer in a process of its own. */
  readonly probeSeconds: string | undefined;
  /** A folder to look for /sys, /dev, /etc and /proc in, for tests of what machines show. */
  readonly systemRoot: string | undefined;
  /** Devices without which tests fail, for `thalweg/jest`. */
  readonly require: string | undefined;
}

/** An empty variable counts as unset. */
function variable(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

/** THALWEG_CACHE names a folder, or 'off'; else it is the one that the XDG base directory specification gives. */
function cacheFolder(): string | undefined {
  const named = variable('THALWEG_CACHE');
  if (named === 'off') return undefined;
  if (named !== undefined) return path.resolve(named);
  // The specification has relative paths ignored.
  const absolute = (name: string): string | undefined => {
    const folder = variable(name);
    return folder !== undefined && path.isAbsolute(folder) ? folder : undefined;
  };
  const caches = absolute('XDG_CACHE_HOME');
  if (caches !== undefined) return path.join(caches, 'thalweg');
  const home = absolute('HOME');
  return home === undefined ? undefined : path.join(home, '.cache', 'thalweg');
}

/** THALWEG_SPOOL names it; else it is beside what is kept, or where large files of a while belong: /tmp is often memory. */
function spoolFolder(): string {
  const named = variable('THALWEG_SPOOL');
  if (named !== undefined) return path.resolve(named);
  const kept = cacheFolder();
  return kept === undefined ? '/var/tmp' : path.join(kept, 'spool');
}

export function environment(): Environment {
  return {
    device: variable('THALWEG_DEVICE'),
    openclLibrary: variable('THALWEG_OPENCL_LIBRARY'),
    hipLibrary: variable('THALWEG_HIP_LIBRARY'),
    mpi: variable('THALWEG_MPI'),
    cacheFolder: cacheFolder(),
    spoolFolder: spoolFolder(),
    spoolMemory: variable('THALWEG_SPOOL_MEMORY'),
    kernelShape: variable('THALWEG_KERNEL_SHAPE'),
    threads: variable('THALWEG_THREADS'),
    cpuLevel: variable('THALWEG_CPU_LEVEL'),
    maxAllocation: variable('THALWEG_MAX_ALLOCATION'),
    float64: variable('THALWEG_FLOAT64'),
    graphs: variable('THALWEG_GRAPHS'),
    probeSeconds: variable('THALWEG_PROBE_SECONDS'),
    systemRoot: variable('THALWEG_SYSTEM_ROOT'),
    require: variable('THALWEG_REQUIRE'),
  };
}
