import { freemem } from 'node:os';

/** How many processes a launcher has started on this machine: Open MPI's, those of MPICH and its kin, and Slurm's srun. */
const processesHere = [
  'OMPI_COMM_WORLD_LOCAL_SIZE',
  'MPI_LOCALNRANKS',
  'MV2_COMM_WORLD_LOCAL_SIZE',
  // As in 2(x3),1: the larger ones come first.
  'SLURM_STEP_TASKS_PER_NODE',
];

/**
 * The bytes of memory that this process can still have: Node's own answer, which knows of limits, from 20.13 on; of processes that a
 * launcher has started here each has its part.
 */
export function availableMemory(): number {
  const { availableMemory: ask } = process as { availableMemory?: () => number };
  const counts = processesHere.map((name) => Number.parseInt(process.env[name] ?? '', 10));
  return (ask === undefined ? freemem() : ask.call(process)) / (counts.find((count) => count > 0) ?? 1);
}

/** `1.5 GB`. */
export function gigabytes(bytes: number): string {
  return `${Number((bytes / 1e9).toPrecision(2)).toLocaleString('en-US')} GB`;
}
