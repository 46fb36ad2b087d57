import { systemText } from './files';

/** The version of the ROCm that AMD's own packages installed, as '6.2.4'; undefined where they left no word of it. */
export async function rocmVersion(): Promise<string | undefined> {
  const text = await systemText('/opt/rocm/.info/version');
  return text === undefined ? undefined : /^\d+(\.\d+)+/.exec(text)?.[0];
}
