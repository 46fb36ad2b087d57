/**
 * Where a machine's drivers are, and the environment in which thalweg finds them: a loader for OpenCL where there is
 * none, a driver that no .icd file names, and HIP on NVIDIA's driver.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './step.mjs';

const tryToLoad = `try { process.dlopen({ exports: {} }, process.argv[1]); } catch (error) { console.log(error.message); }`;

/** Undefined where the dynamic linker loads that library, else its words; in a process that may crash of it. */
async function whyNotLoaded(library, env) {
  const { stdout, stderr } = await run(process.execPath, ['-e', tryToLoad, library], { env, seconds: 60 });
  // Node loads it first, and then misses what an addon has.
  return stdout.includes('did not self-register') ? undefined : (stdout || stderr).trim();
}

async function firstLoaded(libraries, env) {
  for (const library of libraries) {
    if ((await whyNotLoaded(library, env)) === undefined) return library;
  }
  return undefined;
}

const icdFolder = '/etc/OpenCL/vendors';

/** Drivers that the machine's own .icd files name, by file. */
function namedDrivers() {
  if (!existsSync(icdFolder)) return {};
  const files = readdirSync(icdFolder).filter((name) => name.endsWith('.icd'));
  return Object.fromEntries(
    files.map((name) => [name, readFileSync(path.join(icdFolder, name), 'utf8').trim()]),
  );
}

const openclDrivers = {
  'thalweg-nvidia.icd': { known: /nvidia/, libraries: ['libnvidia-opencl.so.1'] },
  'thalweg-amd.icd': {
    known: /amdocl/,
    libraries: [
      'libamdocl64.so',
      '/opt/rocm/lib/libamdocl64.so',
      '/opt/amdgpu-pro/lib/x86_64-linux-gnu/libamdocl64.so',
    ],
  },
};

/** Containers often get a driver without the file that names it: a folder beside, with all of them. */
async function openclSettings(folder, env, notes) {
  const settings = {};
  if (env.THALWEG_OPENCL_LIBRARY === undefined && (await whyNotLoaded('libOpenCL.so.1', env)) !== undefined) {
    settings.THALWEG_OPENCL_LIBRARY = path.join(folder, 'lib', 'libOpenCL.so.1');
    notes.push('There is no OpenCL loader here; the one in lib/ is taken.');
  }
  if (env.OCL_ICD_VENDORS !== undefined) return settings;
  const named = namedDrivers();
  const added = {};
  for (const [file, { known, libraries }] of Object.entries(openclDrivers)) {
    if (Object.values(named).some((library) => known.test(library))) continue;
    const library = await firstLoaded(libraries, env);
    if (library === undefined) continue;
    added[file] = library;
    notes.push(`No file in ${icdFolder} names ${library}, which is here; it is named for this run.`);
  }
  if (Object.keys(added).length === 0) return settings;
  const vendors = path.join(env.TMPDIR, 'vendors');
  mkdirSync(vendors);
  for (const [file, library] of Object.entries({ ...named, ...added })) {
    writeFileSync(path.join(vendors, file), `${library}\n`);
  }
  return { ...settings, OCL_ICD_VENDORS: vendors };
}

const sitePackages = `import glob, os, sys
for folder in sys.path:
    for part in ("cuda_nvrtc", "cu13", "cu12"):
        print("\\n".join(glob.glob(os.path.join(folder, "nvidia", part, "lib", "libnvrtc.so.*"))))`;

/** NVRTC, which is no part of a driver: of the system, of CUDA's toolkit, or of a PyTorch. */
async function nvrtc(env) {
  const known = ['libnvrtc.so', 'libnvrtc.so.13', 'libnvrtc.so.12', 'libnvrtc.so.11.2'];
  const toolkits = existsSync('/usr/local')
    ? readdirSync('/usr/local').filter((name) => name.startsWith('cuda'))
    : [];
  const { stdout } = await run('python3', ['-c', sitePackages], { env, seconds: 30 });
  const files = [
    ...toolkits.map((name) => `/usr/local/${name}/lib64/libnvrtc.so`),
    ...stdout.split('\n').filter((file) => file !== '' && !file.includes('builtins')),
  ];
  return await firstLoaded([...known, ...files.filter((file) => existsSync(file))], env);
}

async function hipSettings(folder, env, notes) {
  if (env.THALWEG_HIP_LIBRARY !== undefined || existsSync('/dev/kfd')) return {};
  if ((await whyNotLoaded('libcuda.so.1', env)) !== undefined) return {};
  const compiler = await nvrtc(env);
  if (compiler === undefined) {
    notes.push(
      'The HIP kernels are left out: NVRTC, their compiler on this card, is not here. It comes with CUDA’s toolkit.',
    );
    return {};
  }
  notes.push(`The HIP kernels run on NVIDIA’s driver, compiled by ${compiler}.`);
  return { THALWEG_HIP_LIBRARY: path.join(folder, 'lib', 'hip-on-cuda.so'), CUDA_SHIM_NVRTC: compiler };
}

/** @returns { env, about }: the environment of the steps to come, and what is told of it */
export async function drivers(folder, env) {
  const notes = [];
  const settings = {
    ...(await openclSettings(folder, env, notes)),
    ...(await hipSettings(folder, env, notes)),
  };
  return { env: { ...env, ...settings }, about: { icd: namedDrivers(), settings, notes } };
}
