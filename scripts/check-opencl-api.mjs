/**
 * Holds every constant and function that native/device/opencl/api.h declares against the official OpenCL headers
 * (Debian: opencl-headers), by compiling assertions: `node scripts/check-opencl-api.mjs`. Fails where one differs.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const header = readFileSync(join(root, 'native/device/opencl/api.h'), 'utf8');
const matches = (pattern) => [...header.matchAll(pattern)].map((match) => match[1]);
const constants = matches(/^inline constexpr \w+ (CL_\w+) =/gm);
const functions = matches(/^ {2}\w+ \(\*(cl\w+)\)\(/gm);
if (constants.length === 0 || functions.length === 0)
  throw new Error('api.h declares nothing that was understood');

// The official macros are read into v_… and undefined before api.h gives their names to constants.
const source = `
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <CL/cl_ext.h>
#include <type_traits>
namespace official {
${constants.map((name) => `constexpr auto v_${name} = ${name};\n#undef ${name}`).join('\n')}
}
#include "device/opencl/api.h"
namespace ours = thalweg::opencl;
${constants.map((name) => `static_assert(ours::${name} == official::v_${name}, "${name}");`).join('\n')}
${functions.map((name) => `static_assert(std::is_same_v<decltype(ours::Api::${name}), decltype(&::${name})>);`).join('\n')}
`;

const folder = mkdtempSync(join(tmpdir(), 'thalweg-api-'));
try {
  const file = join(folder, 'check.cc');
  writeFileSync(file, source);
  const compiler = process.env.CXX ?? 'c++';
  execFileSync(
    compiler,
    ['-std=c++20', '-Wall', '-Werror', '-fsyntax-only', `-I${join(root, 'native')}`, file],
    {
      stdio: 'inherit',
    },
  );
  console.log(`${constants.length + functions.length} passed, 0 failed`);
} catch {
  console.error(
    'native/device/opencl/api.h and the official headers disagree (or opencl-headers is not installed)',
  );
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
