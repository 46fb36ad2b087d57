import { withDevice } from '../harness/ours.mjs';

/** Measures what `partsOf` gives of a case on the case's device, one after the other. */
export function onDevice(partsOf, measurePart) {
  return async (one, context) => {
    const device = await context.deviceFor(one);
    if (device === undefined) return [];
    return await withDevice(device.id, async (opened) => {
      const results = [];
      for (const part of partsOf(one, context)) results.push(await measurePart(one, part, opened, context));
      return results;
    });
  };
}

/** By its sizes. */
export const bySize = (measureSize) => onDevice((one, context) => context.sizes(one), measureSize);

/** By its shapes. */
export const byShape = (measureShape) => onDevice(({ shapes }) => shapes, measureShape);
