import { readdirSync } from 'node:fs';
import path from 'node:path';
import { environment } from '../base/environment';
import { ThalwegError } from '../base/errors';
import { listed } from '../base/listed';
import { packageFolder } from '../base/package-folder';

/** What joins the addon to the MPI library of this machine is built here: `thalweg build --mpi`. */
const folder = path.join(packageFolder, 'build', 'mpi');
const buildIt = 'Build it with the mpicc of the MPI that starts the program: npx thalweg build --mpi';

/** How this process was started. */
export interface Launch {
  /** Whether by anything that starts ranks. */
  readonly isOfMany: boolean;
  /** Of which MPI the launcher is, where it says so. */
  readonly library: 'open-mpi' | 'mpich' | undefined;
  /** How many processes it has started; undefined where it started this one alone, or does not say. */
  readonly size: number | undefined;
  /** Which of them this is, where it says so. */
  readonly rank: number | undefined;
}

/** What THALWEG_MPI says where processes are alone, whatever has started them. */
const off = 'off';

function number(names: readonly string[]): number | undefined {
  const values = names.map((name) => Number(process.env[name] || NaN));
  return values.find((value) => Number.isInteger(value) && value >= 0);
}

/** One of these is set in each process that such a launcher starts, whichever it is: which of them this is. */
const marks = [
  ...[
    'OMPI_COMM_WORLD_RANK',
    'PMIX_RANK',
    'PMI_RANK',
    'MV2_COMM_WORLD_RANK',
    'PALS_RANKID',
    'FLUX_TASK_RANK',
  ],
  ...['JSM_NAMESPACE_RANK', 'MPI_LOCALRANKID'],
];

/** What launchers tell the processes that they start: Open MPI's, those of MPICH and its kin, and Slurm's srun. */
export function launch(): Launch {
  const alone = { isOfMany: false, library: undefined, size: undefined, rank: undefined };
  if (environment().mpi === off) return alone;
  const isMarked = marks.some((name) => process.env[name] !== undefined);
  const rank = number(marks.slice(0, -1));
  const openMpi = number(['OMPI_COMM_WORLD_SIZE']);
  if (openMpi !== undefined) return { isOfMany: true, library: 'open-mpi', size: openMpi, rank };
  // A batch script itself is a step of one task.
  const task = number(['SLURM_PROCID']);
  const step = task === undefined ? undefined : number(['SLURM_STEP_NUM_TASKS']);
  if (step !== undefined)
    return { isOfMany: isMarked || step > 1, library: undefined, size: step, rank: rank ?? task };
  const mpich = number(['PMI_SIZE']);
  return { isOfMany: isMarked, library: mpich === undefined ? undefined : 'mpich', size: mpich, rank };
}

/** The names of what is built: 'open-mpi-4.1', 'mpich-4.0'. */
function builtBridges(): string[] {
  try {
    const files = readdirSync(folder).filter((file) => file.endsWith('.so'));
    return files.map((file) => file.slice(0, -'.so'.length)).sort();
  } catch {
    return [];
  }
}

function missing(message: string): ThalwegError {
  return new ThalwegError('ERR_DRIVER_MISSING', `${message}. ${buildIt}`, { option: 'world' });
}

/**
 * The file that joins this process to MPI: what THALWEG_MPI names, or the one that is of the launcher's MPI, or the only one.
 *
 * @throws ThalwegError ERR_DRIVER_MISSING where there is none, or no telling which
 */
export function bridgeFile(): string {
  const built = builtBridges();
  if (built.length === 0) throw missing('Nothing joins thalweg to MPI here yet');
  const { mpi } = environment();
  const { library } = launch();
  const wanted = mpi ?? library;
  const fitting = wanted === undefined ? built : built.filter((name) => name.startsWith(wanted));
  if (fitting.length === 0) {
    const who = mpi === undefined ? `The program was started by ${wanted}` : `THALWEG_MPI is '${mpi}'`;
    throw missing(`${who}, and thalweg is joined to ${listed(built)}`);
  }
  if (fitting.length > 1 && wanted === undefined)
    throw missing(`thalweg is joined to ${listed(built)}: name one in THALWEG_MPI`);
  // The latest of one library's.
  return path.join(folder, `${fitting.at(-1) ?? ''}.so`);
}
