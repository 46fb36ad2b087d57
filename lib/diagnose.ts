import type { Diagnosis } from './doctor';
import { lazy } from './lazy';

/**
 * Looks at everything that training needs, from the platform to a small fit on each device, and says what was found,
 * what was not, and what to do about it. What is missing or broken is a finding, never an error. Drivers are asked in
 * processes of their own, so that one that crashes or hangs is a finding, too, and this process loads none.
 */
export async function diagnose(): Promise<Diagnosis> {
  return await lazy.doctor.diagnoseUntil();
}
