import type { DeviceInfo } from '../addon/device-info';
import { addon } from '../addon/native';
import { storedTuning, tuningFile } from '../devices/tuning/store';
import { type Finding, ok, warning } from './finding';

/** For which devices `thalweg tune` has stored what suits them. */
export async function tuningFindings(devices: readonly DeviceInfo[]): Promise<Finding[]> {
  const states = await Promise.all(
    devices.map(async (info) => ({ info, stored: await storedTuning(info, addon()) })),
  );
  const ids = (wanted: (stored: (typeof states)[number]['stored']) => boolean): string =>
    states
      .filter(({ stored }) => wanted(stored))
      .map(({ info }) => info.id)
      .join(', ');
  const measured = ids((stored) => typeof stored !== 'string');
  const none = ids((stored) => stored === 'none');
  const broken = states.filter(({ stored }) => stored === 'broken');
  return [
    ...(measured === '' ? [] : [ok('TUNING_READY', `Measured by thalweg tune: ${measured}.`)]),
    ...(none === ''
      ? []
      : [
          ok(
            'TUNING_NONE',
            `Not measured, with defaults for their class: ${none}. npx thalweg tune measures.`,
          ),
        ]),
    ...broken.map(({ info }) =>
      warning(
        'TUNING_BROKEN',
        `What is stored for ${info.id} is none of thalweg tune's files, or another user may have written it, and is ignored: ${tuningFile(info) ?? ''}.`,
        `npx thalweg tune --device ${info.id}`,
      ),
    ),
  ];
}
