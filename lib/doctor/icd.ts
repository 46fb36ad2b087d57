import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemFolder, systemPath, systemText } from '../drivers/system/files';
import { type Finding, ok, problem, warning } from './finding';

const DEFAULT = '/etc/OpenCL/vendors';

/** A driver that is registered with OpenCL's loader. */
export interface Icd {
  /** The registering file, as /etc/OpenCL/vendors/amdocl64.icd. */
  readonly file: string;
  /** What it names: a path, or a name that the dynamic linker looks for. */
  readonly library: string;
}

/** The drivers that the loader knows of, where OCL_ICD_VENDORS does not name another place. */
export async function readIcds(): Promise<Icd[]> {
  const place = vendors();
  const files = place.endsWith('.icd')
    ? [place]
    : ((await systemFolder(place)) ?? [])
        .filter((name) => name.endsWith('.icd'))
        .map((name) => path.join(place, name));
  return await Promise.all(
    files.map(async (file) => ({ file, library: (await systemText(file))?.split('\n')[0]?.trim() ?? '' })),
  );
}

function vendors(): string {
  const named = process.env['OCL_ICD_VENDORS'];
  return named === undefined || named === '' ? DEFAULT : named;
}

/** Whether drivers are registered, and whether the libraries that they name are there. */
export async function icdFindings(icds: readonly Icd[]): Promise<Finding[]> {
  const place = vendors();
  const broken = await Promise.all(icds.map(async (icd) => ((await isThere(icd.library)) ? [] : [icd])));
  const list = icds.map(({ file, library }) => `${path.basename(file)} (${library})`).join(', ');
  return [
    ...(place === DEFAULT
      ? []
      : [
          warning(
            'OPENCL_ICD_ELSEWHERE',
            `OCL_ICD_VENDORS=${place}: drivers that ${DEFAULT} registers are left out.`,
            'unset OCL_ICD_VENDORS',
          ),
        ]),
    icds.length === 0
      ? problem('OPENCL_ICD_NONE', `No OpenCL driver is registered: ${place} has no .icd file.`)
      : ok('OPENCL_ICD_FOUND', `OpenCL drivers in ${place}: ${list}.`),
    ...broken
      .flat()
      .map(({ file, library }) =>
        warning(
          'OPENCL_ICD_BROKEN',
          library === ''
            ? `${file} cannot be read, or names no library.`
            : `${file} names ${library}, and there is no such library.`,
        ),
      ),
  ];
}

/** Whether the dynamic linker finds it; true where its cache, by which that is told, cannot be read. */
async function isThere(library: string): Promise<boolean> {
  if (library === '') return false;
  if (path.isAbsolute(library)) return await exists(systemPath(library));
  const cache = await readFile(systemPath('/etc/ld.so.cache'), 'latin1').catch(() => undefined);
  if (cache === undefined) return true;
  const folders = new Set([...cache.matchAll(/\/[^\0]*(?=\/)/g)].map(([folder]) => folder));
  const named = (process.env['LD_LIBRARY_PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const files = [...named, ...[...folders].map(systemPath)].map((folder) => path.join(folder, library));
  return (await Promise.all(files.map(exists))).includes(true);
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
