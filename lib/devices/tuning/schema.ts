import * as v from 'valibot';
import { settingRanges } from '../../addon/settings';

/** The version of the format; a reader takes every other for broken. */
const TUNING_VERSION = 1;

const text = v.pipe(v.string(), v.maxLength(1000));
const rate = v.pipe(v.number(), v.finite(), v.gtValue(0));

const range = ({ least, most, powerOfTwo }: (typeof settingRanges)[keyof typeof settingRanges]) =>
  v.exactOptional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(least),
      v.maxValue(most),
      v.check((value) => !powerOfTwo || Number.isInteger(Math.log2(value))),
    ),
  );

/** What was measured on a device, field by field. */
export const tuningSchema = v.strictObject({
  format: v.literal('thalweg-tuning'),
  version: v.literal(TUNING_VERSION),
  created: v.pipe(text, v.isoTimestamp()),
  /** Another device, driver or version of thalweg takes none of it. */
  device: v.strictObject({
    thalweg: text,
    backend: v.picklist(['cpu', 'hip', 'opencl']),
    name: text,
    driver: text,
    computeUnits: v.pipe(v.number(), v.safeInteger()),
    isa: v.nullable(text),
    shape: v.nullable(v.picklist(['wide', 'rows'])),
  }),
  settings: v.strictObject({
    groupSize: range(settingRanges.groupSize),
    groupsPerUnit: range(settingRanges.groupsPerUnit),
    elementsPerGroup: range(settingRanges.elementsPerGroup),
    narrowFloats: range(settingRanges.narrowFloats),
    rowRegisters: range(settingRanges.rowRegisters),
    tileRegisters: range(settingRanges.tileRegisters),
    sweepRows: range(settingRanges.sweepRows),
    cacheKibibytes: range(settingRanges.cacheKibibytes),
    tileRows: range(settingRanges.tileRows),
  }),
  costs: v.strictObject({
    uploadRate: rate,
    passRate: rate,
    launchSeconds: rate,
    stepSeconds: rate,
    stepRate: rate,
  }),
});

export type StoredTuning = v.InferOutput<typeof tuningSchema>;
