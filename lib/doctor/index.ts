import { lazily } from '../base/lazily';
import type * as DiagnosisModule from './diagnosis';
import type { Diagnosis } from './finding';

export type { Diagnosis, Finding } from './finding';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
const diagnosis = lazily(() => require('./diagnosis') as typeof DiagnosisModule);

/**
 * Looks at everything that training needs, from the platform to a small fit on each device, and says what was found,
 * what was not, and what to do about it. What is missing or broken is a finding, never an error. Drivers are asked in
 * processes of their own, so that one that crashes or hangs is a finding, too, and this process loads none. It takes some
 * seconds.
 *
 * @example
 * ```ts
 * import { diagnose } from 'thalweg';
 *
 * const { ok, findings } = await diagnose();
 * const problems = findings.filter(({ level }) => level === 'problem');
 * const remedies = problems.flatMap(({ what, fix = [] }) => [what, ...fix]);
 * console.log(ok, remedies.join(' ')); // …
 * ```
 */
export async function diagnose(): Promise<Diagnosis> {
  return await diagnosis().diagnoseUntil();
}
