import { nameOf } from './peers.mjs';

const isShare = ({ against, of, unit }) =>
  ['read', 'plain'].includes(against) || of !== undefined || /^from/.test(unit ?? '');

function number(value) {
  if (value === 0) return '0';
  if (Math.abs(value) < 0.001) return value.toExponential(0);
  return Number(value.toPrecision(3)).toString();
}

/** 0.853 → 85 %, 8.14 → 8.14×, and figures with their unit. */
export function quantity(target, value) {
  if (isShare(target) && target.value !== 'thetaDifference') return `${number(100 * value)} %`;
  if (target.against !== undefined) return `${number(value)}×`;
  return number(value);
}

export function label({ against, of, value, unit }) {
  if (value !== undefined) return unit;
  if (against === 'read') return 'of the read limit';
  if (against === 'plain') return 'of plain steps';
  if (of !== undefined) return `${of}, of the linear pass`;
  return nameOf(against);
}

/** What is to be reached, and whether it was. */
export function verdict(target) {
  const { atLeast, atMost, met } = target;
  if (met === undefined) return '';
  const bound = atLeast === undefined ? `≤ ${quantity(target, atMost)}` : `≥ ${quantity(target, atLeast)}`;
  return `${bound} ${met ? 'met' : 'MISSED'}`;
}

export function time(seconds) {
  if (seconds >= 1) return `${seconds.toPrecision(3)} s`;
  if (seconds >= 1e-3) return `${(seconds * 1e3).toPrecision(3)} ms`;
  return `${(seconds * 1e6).toPrecision(3)} µs`;
}

/** Lines of a result: who took how long, then each figure beside its target. */
export function lines({ contenders, ratios }) {
  const times = Object.entries(contenders).map(([id, { seconds, gigabytesPerSecond }]) => {
    const rate = gigabytesPerSecond === undefined ? '' : ` (${number(gigabytesPerSecond)} GB/s)`;
    return `${nameOf(id)} ${time(seconds)}${rate}`;
  });
  return [
    ...(times.length > 0 ? [`    ${times.join(', ')}`] : []),
    ...ratios.map(
      (one) => `    ${quantity(one, one.figure).padStart(9)}  ${label(one).padEnd(34)} ${verdict(one)}`,
    ),
  ];
}

/** What a figure is found by in another record. */
export function figureKey(result, ratio) {
  return [result.case, result.title, label(ratio)].join('|');
}
