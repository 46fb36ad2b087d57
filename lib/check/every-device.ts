import { type DriverBackend, type Outcome, probe } from '../drivers/probe';
import type { DeviceReport } from './report';

const backends: readonly DriverBackend[] = ['hip', 'opencl'];

/** The ids of the devices of this machine, and the drivers that end, or never answer, the process that asks them. */
export async function everyDevice(
  signal?: AbortSignal,
): Promise<{ readonly ids: readonly string[]; readonly failed: readonly DeviceReport[] }> {
  const ids = ['cpu'];
  const failed: DeviceReport[] = [];
  for (const backend of backends) {
    const outcome = await probe({ ask: 'survey', backend }, {}, signal);
    if (outcome.state === 'answered')
      ids.push(...outcome.answer.devices.filter((each) => each.backend === backend).map(({ id }) => id));
    else failed.push(unanswered(backend, outcome));
  }
  return { ids, failed };
}

function unanswered(
  backend: DriverBackend,
  outcome: Exclude<Outcome<unknown>, { state: 'answered' }>,
): DeviceReport {
  const how =
    outcome.state === 'failed'
      ? outcome.failure.message
      : outcome.state === 'crashed'
        ? `the process ended (${outcome.how})`
        : `no answer in ${outcome.seconds} s`;
  const failure = { what: `asked for its devices, its driver fails: ${how}`, command: 'thalweg doctor' };
  return { id: backend, ok: false, groups: [], failure, seconds: 0 };
}
