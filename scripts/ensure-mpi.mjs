/**
 * Makes sure of MPI for the suites in test/mpi: `node scripts/ensure-mpi.mjs`, which `npm test` does first.
 *
 * Where Open MPI or MPICH is missing, it is installed if this is root on a machine with apt; what joins thalweg to each of them
 * is compiled. One that is still missing is told of: the suites do not run on it, and say so. With CI=true that is a failure.
 */
import { buildMpi } from './build-mpi.mjs';
import { findProgram } from './tools.mjs';
import { findTool, installAsRoot, installCommand } from './system-packages.mjs';

/** A compiler of Debian's name, or the only one. */
const compilers = { 'open-mpi': ['mpicc.openmpi', 'mpicc'], mpich: ['mpicc.mpich', 'mpicc'] };

const missing = [];
for (const [tool, names] of Object.entries(compilers)) {
  const found = findTool(tool) ?? (installAsRoot(tool) ? findTool(tool) : undefined);
  const compiler = found === undefined ? undefined : findProgram(...names);
  if (compiler === undefined) missing.push(tool);
  else console.error(`MPI tests run on ${tool}: ${buildMpi(compiler)}`);
}
for (const tool of missing)
  console.error(`\n${tool} is not here: ${installCommand(tool)}\nThe MPI suites are NOT RUN on it.\n`);
if (missing.length > 0 && process.env.CI === 'true') process.exitCode = 1;
