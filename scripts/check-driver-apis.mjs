/**
 * Holds every constant and function that native/device/drivers/opencl/api.h and native/device/drivers/hip/api.h declare against the
 * official headers (Debian: opencl-headers, libamdhip64-dev), by compiling assertions:
 * `node scripts/check-driver-apis.mjs [opencl] [hip]`. Fails where one differs.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureTool } from './system-packages.mjs';
import { fail, root } from './tools.mjs';

/** C++ that compares two types, `Plain` making official ones comparable with ours. */
const exact = `
template <typename T> using Plain = T;
`;
// HIP's enumerations are int here, and its properties a layout of our own, which is compared below.
const hipPlain = `
template <typename T> struct PlainOf { using type = std::conditional_t<std::is_enum_v<T>, int, T>; };
template <> struct PlainOf<hipDeviceProp_t*> { using type = thalweg::hip::PropertiesR0000*; };
template <typename R, typename... A> struct PlainOf<R (*)(A...)> {
  using type = typename PlainOf<R>::type (*)(typename PlainOf<A>::type...);
};
template <typename T> using Plain = typename PlainOf<T>::type;
`;
const fields = ['name', 'totalGlobalMem', 'sharedMemPerBlock', 'warpSize', 'maxThreadsPerBlock'];
const layout = [...fields, 'multiProcessorCount', 'gcnArchName'].map(
  (field) =>
    `static_assert(offsetof(ours::PropertiesR0000, ${field}) == offsetof(hipDeviceProp_t, ${field}), "${field}");`,
);
layout.push('static_assert(sizeof(ours::PropertiesR0000) >= sizeof(hipDeviceProp_t));');

const apis = {
  opencl: {
    tool: 'opencl-headers',
    file: 'native/device/drivers/opencl/api.h',
    constants: /^inline constexpr \w+ (CL_\w+) =/gm,
    functions: /^ {2}\w+ \(\*(cl\w+)\)\(/gm,
    before: '#define CL_TARGET_OPENCL_VERSION 120\n#include <CL/cl.h>\n#include <CL/cl_ext.h>',
    plain: exact,
    plainValue: (value) => value,
    after: [],
  },
  hip: {
    tool: 'hip-headers',
    file: 'native/device/drivers/hip/api.h',
    constants: /^inline constexpr [\w ]+? (hip\w+|HIPRTC_\w+) =/gm,
    // Since ROCm 6 only, and Debian's headers are older.
    functions: /^ {2}\w+ \(\*(hip(?!GetDevicePropertiesR0600)\w+)\)\(/gm,
    before:
      '#define __HIP_PLATFORM_AMD__\n#define __HIP_DISABLE_CPP_FUNCTIONS__\n' +
      '#include <hip/hip_runtime_api.h>\n#include <hip/hiprtc.h>',
    plain: hipPlain,
    plainValue: (value) => `static_cast<int>(${value})`,
    after: layout,
  },
};

function sourceFor(name, { file, constants, functions, before, plain, plainValue, after }) {
  const header = readFileSync(path.join(root, file), 'utf8');
  const matches = (pattern) => [...header.matchAll(pattern)].map((match) => match[1]);
  const values = matches(constants);
  const signatures = matches(functions);
  if (values.length === 0 || signatures.length === 0) fail(`${file} declares nothing that was understood`);
  // The official macros are read into v_… and undefined before api.h gives their names to constants.
  const lines = [
    before,
    '#include <cstddef>',
    '#include <type_traits>',
    'namespace official {',
    ...values.map((value) => `constexpr auto v_${value} = ${value};\n#undef ${value}`),
    '}',
    `#include "device/drivers/${name}/api.h"`,
    `namespace ours = thalweg::${name};`,
    plain,
    ...values.map(
      (value) => `static_assert(ours::${value} == ${plainValue(`official::v_${value}`)}, "${value}");`,
    ),
    ...signatures.map(
      (signature) =>
        `static_assert(std::is_same_v<decltype(ours::Api::${signature}), Plain<decltype(&::${signature})>>, "${signature}");`,
    ),
    ...after,
  ];
  return { text: lines.join('\n'), count: values.length + signatures.length + after.length };
}

/** Whether a declaration differs; prints what the compiler says. */
function check(name) {
  const api = apis[name] ?? fail(`no driver is known as ${name}`, 2);
  ensureTool(api.tool);
  const { text, count } = sourceFor(name, api);
  const folder = mkdtempSync(path.join(tmpdir(), 'thalweg-api-'));
  try {
    const file = path.join(folder, 'check.cc');
    writeFileSync(file, text);
    const options = ['-std=c++20', '-Wall', '-Werror', '-fsyntax-only', `-I${path.join(root, 'native')}`];
    execFileSync(process.env.CXX ?? 'c++', [...options, file], { stdio: 'inherit' });
    console.log(`${name}: ${count} passed, 0 failed`);
    return false;
  } catch {
    console.error(`${api.file} and the official headers disagree`);
    return true;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(apis);
if (chosen.map(check).includes(true)) process.exitCode = 1;
