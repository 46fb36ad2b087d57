import * as v from 'valibot';
import { type Form, dateOrders } from './form';

const LONGEST_UNIT = 100;
const MOST_UNITS = 100;

const units = v.pipe(
  v.array(
    v.pipe(v.string('must be a text'), v.minLength(1, 'is empty'), v.maxLength(LONGEST_UNIT, 'is too long')),
    'must be an array of texts',
  ),
  v.maxLength(MOST_UNITS, `must have at most ${MOST_UNITS} texts`),
);

/** A form in a model's file. */
export const formSchema: v.GenericSchema<Form> = v.variant(
  'read',
  [
    v.strictObject({
      read: v.literal('number'),
      decimal: v.optional(v.literal(',', 'must be ","')),
      thousands: v.optional(v.picklist([',', '.', "'", ' ', '_'], 'must be a mark between thousands')),
      before: v.optional(units),
      after: v.optional(units),
      percent: v.optional(v.literal(true, 'must be true')),
    }),
    v.strictObject({ read: v.literal('hexadecimal') }),
    v.strictObject({ read: v.literal('time') }),
    v.strictObject({
      read: v.literal('date'),
      order: v.picklist(dateOrders, `must be one of ${dateOrders.join(', ')}`),
    }),
  ],
  'must be number, hexadecimal, time or date',
);
