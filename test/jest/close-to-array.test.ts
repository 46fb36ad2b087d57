import '../../lib/jest';
import { expect as importedExpect } from '@jest/globals';
import { expectThrow } from '../support/expectations';

/** What the matcher says where an expectation fails; fails itself where that holds. */
function failureOf(expectation: () => unknown): string {
  try {
    expectation();
  } catch (error) {
    // Without the colours that a terminal gets.
    // eslint-disable-next-line no-control-regex
    return (error as Error).message.replace(/\u001b\[\d+m/g, '');
  }
  throw new Error('the expectation holds');
}

describe('toBeCloseToArray', () => {
  it('takes what is within the relative tolerance of each element, and nothing beyond it', () => {
    expect([1.001, -2000]).toBeCloseToArray([1, -2001], { relative: 1.1e-3 });
    expect([1.002, -2000]).not.toBeCloseToArray([1, -2001], { relative: 1.1e-3 });
    // A share of what is expected, not of what is received.
    expect([2]).toBeCloseToArray([4], { relative: 0.5 });
    expect([4]).not.toBeCloseToArray([2], { relative: 0.5 });
  });

  it('takes what is within the absolute tolerance, at the bound too', () => {
    expect([0.25, 1000.25]).toBeCloseToArray([0, 1000], { absolute: 0.25 });
    expect([0.3, 1000]).not.toBeCloseToArray([0, 1000], { absolute: 0.25 });
  });

  it('adds the two tolerances', () => {
    expect([11.5]).toBeCloseToArray([10], { relative: 0.1, absolute: 0.5 });
    expect([11.75]).not.toBeCloseToArray([10], { relative: 0.1, absolute: 0.5 });
  });

  it('has a relative tolerance of 1e-7 where none is given, and 0 beside an absolute one', () => {
    expect([1 + 0.9e-7]).toBeCloseToArray([1]);
    expect([1 + 1.1e-7]).not.toBeCloseToArray([1]);
    expect([1e6 + 0.05]).toBeCloseToArray([1e6]);
    expect([1e6 + 0.05]).not.toBeCloseToArray([1e6], { absolute: 0.01 });
    expect([1e-9]).not.toBeCloseToArray([0]);
  });

  it('compares typed arrays and arrays, of whatever kind', () => {
    expect(Float32Array.of(0.1, 0.2)).toBeCloseToArray([0.1, 0.2], { relative: 1e-7 });
    expect([0.1]).toBeCloseToArray(Float64Array.of(0.1), { relative: 0 });
    expect(new Float32Array(0)).toBeCloseToArray([]);
  });

  it('takes NaN and infinities for close to the same only', () => {
    expect([NaN, Infinity, -Infinity]).toBeCloseToArray([NaN, Infinity, -Infinity]);
    expect([NaN]).not.toBeCloseToArray([1], { absolute: 1e300 });
    expect([1]).not.toBeCloseToArray([NaN], { absolute: 1e300 });
    expect([1e300]).not.toBeCloseToArray([Infinity], { relative: 1 });
    expect([-Infinity]).not.toBeCloseToArray([Infinity], { relative: 1 });
  });

  it('names the worst element: that which is farthest for what it is allowed', () => {
    // 100 is off by more than 1 is, but by a smaller share.
    const message = failureOf(() => {
      expect([1.5, 0, 102]).toBeCloseToArray([1, 0, 100], { relative: 0.01 });
    });
    expect(message).toContain('expect(received).toBeCloseToArray(expected)');
    expect(message).toContain('2 of 3 elements are too far, worst is [0]');
    expect(message).toContain('Expected: 1\nReceived: 1.5\nDifference: 0.5, allowed 0.01');
  });

  it('says which two lengths differ', () => {
    const message = failureOf(() => {
      expect([1, 2]).toBeCloseToArray([1]);
    });
    expect(message).toMatch(/Expected length: 1\nReceived length: 2/);
  });

  it('says what is no array of numbers, with not as without', () => {
    const theta: unknown = ['1', '2'];
    const rule = 'received has to be an array of numbers';
    expect(
      failureOf(() => {
        expect(theta).toBeCloseToArray([1, 2]);
      }),
    ).toContain(rule);
    expect(
      failureOf(() => {
        expect(theta).not.toBeCloseToArray([1, 2]);
      }),
    ).toContain(rule);
    expect(
      failureOf(() => {
        expect(undefined).not.toBeCloseToArray([1, 2]);
      }),
    ).toContain(rule);
    expect(
      failureOf(() => {
        expect(BigInt64Array.of(1n)).toBeCloseToArray([1]);
      }),
    ).toContain(rule);
  });

  it('says with not how close the arrays are', () => {
    const message = failureOf(() => {
      expect([1, 2.5]).not.toBeCloseToArray([1, 2], { absolute: 1 });
    });
    expect(message).toContain('expect(received).not.toBeCloseToArray(expected)');
    expect(message).toContain('No element is too far; the farthest is [1]');
  });

  it.each([{ relative: -1 }, { absolute: NaN }, { relative: '1e-3' }, { decimals: 3 }])(
    'refuses a tolerance that is none: %p',
    (tolerance) => {
      expectThrow(
        () => {
          expect([1]).toBeCloseToArray([1], tolerance as { relative: number });
        },
        {
          code: 'ERR_INVALID_ARGUMENT',
          option: Object.keys(tolerance)[0] as string,
          message: Object.keys(tolerance)[0] as string,
        },
      );
    },
  );

  it('is there for the imported expect as well, and for promises', async () => {
    importedExpect([1]).toBeCloseToArray([1]);
    await importedExpect(Promise.resolve([1])).resolves.toBeCloseToArray([1]);
    await expect(Promise.resolve([1])).resolves.not.toBeCloseToArray([2]);
  });
});
