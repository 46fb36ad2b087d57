import type { Backend } from '../addon/device-info';
import { type NativeDeviceSettings, type NativeSurvey, addon } from '../addon/native';
import { integer, oneOf } from '../base/arguments';
import type * as Environment from '../base/environment';
import { translated } from '../base/native-errors';
import { lazily } from '../base/lazily';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const environment = lazily(() => require('../base/environment') as typeof Environment);

const kernelShapes = ['wide', 'rows'] as const;

/** What the environment variables ask of every device. */
export function commonSettings(): NativeDeviceSettings {
  const {
    threads,
    cpuLevel,
    hipLibrary,
    openclLibrary,
    cacheFolder,
    kernelShape,
    maxAllocation,
    float64,
    graphs,
  } = environment().environment();
  return {
    ...(threads === undefined ? {} : { threads: integer('THALWEG_THREADS', Number(threads), 1, 1024) }),
    ...(cpuLevel === undefined ? {} : { cpuLevel }),
    ...(hipLibrary === undefined ? {} : { hipLibrary }),
    ...(openclLibrary === undefined ? {} : { openclLibrary }),
    ...(cacheFolder === undefined ? {} : { cacheFolder }),
    ...(kernelShape === undefined
      ? {}
      : { kernelShape: oneOf('THALWEG_KERNEL_SHAPE', kernelShape, kernelShapes) }),
    ...(float64 === undefined ? {} : { float64: oneOf('THALWEG_FLOAT64', float64, ['on', 'off'] as const) }),
    ...(graphs === undefined ? {} : { graphs: oneOf('THALWEG_GRAPHS', graphs, ['on', 'off'] as const) }),
    ...(maxAllocation === undefined
      ? {}
      : {
          maxAllocationBytes: integer(
            'THALWEG_MAX_ALLOCATION',
            Number(maxAllocation),
            4096,
            Number.MAX_SAFE_INTEGER,
          ),
        }),
  };
}

/** What the drivers of this machine offer, or those of one backend; asks them anew. */
export async function survey(backend?: Backend): Promise<NativeSurvey> {
  const settings = commonSettings();
  return await translated(addon().listDevices(backend === undefined ? settings : { ...settings, backend }));
}
