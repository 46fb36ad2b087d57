import { SPACES_AROUND } from '../../base/trimmed';
import type { ModelJSON } from '../../model/format';
import type { Form } from '../../tables/columns/form';
import { HEXADECIMAL, MONTHS, PIVOT, TIME, dateSteps, numberSteps } from '../../tables/columns/form-steps';
import { ISO_DATE } from '../../tables/files/iso-date';
import { type AnyPart, sumOf } from './parts';

/**
 * A model as one JavaScript function without an import: `predict(row)`, with the values and the answers of `thalweg/model`.
 *
 * @param format how it is handed over: as an ES module, or as a CommonJS one
 */
export function javascriptOf(model: ModelJSON, format: 'module' | 'commonjs' = 'module'): string {
  const sum = sumOf(model);
  const { activation, parameters, labels, classes, missing, unknownIsError, isSparse, nulls = [] } = sum;
  const head =
    format === 'module' ? 'export function predict(row) {' : 'module.exports = function predict(row) {';
  const constants = {
    columns: sum.parts.map((part) => columnOf(part)),
    z: [...parameters.intercepts],
    nulls,
    labels: labels === undefined ? null : (classes ?? labels.map(Number)),
    missingIsError: missing === 'error',
    unknownIsError,
    sparse: isSparse,
  };
  const declarations = Object.entries(constants).map(
    ([name, value]) => `  const ${name} = ${JSON.stringify(value)};`,
  );
  return [
    '// Written by thalweg: what its model says of a row, an object with the columns as properties.',
    head,
    ...declarations,
    ...(sum.parts.some(hasForm) ? [OF_FORM] : ['  const ofForm = undefined;']),
    READ,
    `  const activated = ${phi[activation]};`,
    ANSWER,
    format === 'module' ? '}' : '};',
    '',
  ].join('\n');
}

const hasForm = ({ feature }: AnyPart): boolean => feature.kind !== 'category' && feature.form !== undefined;

function columnOf(part: AnyPart): object {
  const { name, absent = null, feature } = part;
  if ('weights' in part) {
    const form = part.feature.form === undefined ? null : stepsOf(part.feature.form);
    return { name, kind: feature.kind, weights: part.weights, absent, form, gone: part.gone };
  }
  const { levels, unknown = null } = part;
  const words = feature.kind === 'category' && feature.keepsWords === true;
  return { name, kind: 'category', levels, absent, unknown, words };
}

/** What `ofForm` does with a text of a form. */
function stepsOf(form: Form): object {
  switch (form.read) {
    case 'number':
      return { read: 'number', ...numberSteps(form) };
    case 'hexadecimal':
      return { read: 'hexadecimal', pattern: HEXADECIMAL };
    case 'time':
      return { read: 'time', pattern: TIME };
    case 'date':
      return { read: 'date', ...dateSteps(form) };
  }
}

/** As in lib/tables/columns/forms.ts, step by step, so that the numbers are the same. */
const OF_FORM = `  const ofForm = (text, form) => {
    const found = new RegExp('^(?:' + form.pattern + ')$', 'u').exec(text);
    if (found === null) return NaN;
    if (form.read === 'hexadecimal') return Number(text);
    if (form.read === 'number') {
      const bare = form.removed.reduce((left, gone) => left.replaceAll(gone, ''), text);
      const from = Array.from(form.from);
      const turned = (character) => (from.includes(character) ? form.to[from.indexOf(character)] ?? '' : character);
      return Number(Array.from(bare, turned).join('')) / form.divisor;
    }
    const secondsFrom = (first) => {
      const [hours = '', minutes = '', seconds = '', half = ''] = found.slice(first, first + 4);
      const hour = half === '' ? Number(hours) : (Number(hours) % 12) + (/p/i.test(half) ? 12 : 0);
      return hour * 3600 + (Number(minutes) * 60 + Number(seconds.replace(',', '.')));
    };
    if (form.read === 'time') return secondsFrom(1) / 3600;
    const group = (places) => places.map((at) => found[at] ?? '').join('');
    const [year, month] = [group(form.year), group(form.month)];
    const day = form.day.length === 0 ? 1 : Number(group(form.day));
    const full = year.length > 2 ? Number(year) : Number(year) + (Number(year) < ${PIVOT} ? 2000 : 1900);
    const named = '${MONTHS}'.indexOf(month.toLowerCase()) / 3 + 1;
    const at = month.length === 3 ? named : Number(month) || 3 * Number(month.slice(1)) - 2;
    const midnight = new Date(0);
    midnight.setUTCFullYear(full, at - 1, day);
    if (midnight.getUTCMonth() !== at - 1 || midnight.getUTCDate() !== day) return NaN;
    const zone = found[form.time + 4] ?? 'Z';
    const digits = zone.slice(1).replace(':', '');
    const away = /^[-+]/.test(zone) ? Number(zone[0] + 1) * (digits.slice(0, 2) * 60 + Number(digits.slice(2))) : 0;
    return (midnight.getTime() * 1000 + Math.round(secondsFrom(form.time) * 1e6) - away * 6e7) / 864e8;
  };`;

const READ = `  const missing = [];
  const refuse = (name, value, kind) => {
    throw new TypeError('the column ' + JSON.stringify(name) + ' is ' + String(value) + ', and no ' + kind);
  };
  const number = (value, kind, form) => {
    if (kind === 'number' && (typeof value === 'number' || typeof value === 'bigint')) return Number(value);
    if (kind === 'boolean' && typeof value === 'boolean') return value ? 1 : 0;
    if (kind === 'date' && value instanceof Date) return value.getTime() / 86400000;
    if (typeof value !== 'string') return NaN;
    if (form) {
      const read = ofForm(value, form);
      if (kind !== 'date' || !Number.isNaN(read)) return read;
    }
    if (kind === 'boolean') return { true: 1, false: 0 }[value.toLowerCase()] ?? NaN;
    if (kind === 'number')
      return /^[\\t-\\r ]*[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?[\\t-\\r ]*$/.test(value) ? Number(value) : NaN;
    const date = /^(?:${ISO_DATE})$/.exec(value);
    if (date === null) return NaN;
    const [, year, month, day, hours = 0, minutes = 0, seconds = '0', zone = 'Z'] = date;
    const time = hours * 3600 + (minutes * 60 + Number(seconds.replace(',', '.')));
    if (time > 86400) return NaN;
    const midnight = new Date(0);
    midnight.setUTCFullYear(year, month - 1, day);
    if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== Number(day)) return NaN;
    const away = /^[-+]/.test(zone) ? Number(zone[0] + 1) * (zone.slice(1, 3) * 60 + Number(zone.slice(3).replace(':', ''))) : 0;
    return (midnight.getTime() * 1000 + Math.round(time * 1e6) - away * 6e7) / 864e8;
  };
  for (const { name, kind, weights, levels, absent, unknown, words, form, gone } of columns) {
    if (!Object.hasOwn(row, name) && sparse) continue;
    if (!Object.hasOwn(row, name)) throw new TypeError('the column ' + JSON.stringify(name) + ' is not there');
    const value = typeof row[name] === 'string' ? row[name].replace(${String(SPACES_AROUND)}, '') : row[name];
    let part = absent;
    if (value === undefined || value === null || value === '' || Number.isNaN(value) || (!words && typeof value !== 'object' && nulls.includes(String(value)))) {
      if (part === null && missingIsError) refuse(name, value, 'value');
    } else if (levels) {
      if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value)) refuse(name, value, 'text');
      part = levels.find(([level]) => level === String(value))?.[1] ?? unknown;
      if (part === null && (missingIsError || unknownIsError)) refuse(name, value, 'level that training saw');
    } else {
      const read = number(value, kind, form);
      if (!Number.isFinite(read)) refuse(name, value, kind);
      if (gone.includes(read)) {
        if (part === null && missingIsError) refuse(name, value, 'value');
      } else part = weights.map((weight) => weight * read);
    }
    if (part === null) missing.push(name);
    else part.forEach((value, k) => { z[k] += value; });
  }`;

const each = (body: string): string => `(z) => z.map((z) => ${body})`;

const phi: Readonly<Record<string, string>> = {
  linear: '(z) => z',
  sigmoid: each('{ const e = Math.exp(-Math.abs(z)); return z < 0 ? e / (1 + e) : 1 / (1 + e); }'),
  tanh: each('Math.tanh(z)'),
  relu: each('(z > 0 ? z : 0)'),
  softplus: each('Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))'),
  exp: each('Math.exp(z)'),
  softmax:
    '(z) => { const most = Math.max(...z); const parts = z.map((z) => Math.exp(z - most)); ' +
    'const sum = parts.reduce((a, b) => a + b, 0); return parts.map((part) => part / sum); }',
};

const ANSWER = `  const outputs = missing.length > 0 ? undefined : activated(z);
  const is = outputs !== undefined && outputs.every(Number.isFinite);
  const about = missing.length > 0 ? { missing } : {};
  if (labels === null) {
    if (z.length > 1) return { values: is ? outputs : null, ...about };
    return { value: is ? outputs[0] : null, ...about };
  }
  if (!is) return { label: null, probabilities: null, ...about };
  const shares = outputs.length === 1 ? [1 - outputs[0], outputs[0]] : outputs;
  const label = outputs.length === 1 ? (outputs[0] >= 0.5 ? 1 : 0) : shares.indexOf(Math.max(...shares));
  return { label: labels[label], probabilities: Object.fromEntries(labels.map((name, k) => [String(name), shares[k]])) };`;
