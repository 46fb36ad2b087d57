import { kFold, stratifiedKFold } from '../../lib/model-selection';
import { expectThrow } from '../support/expectations';

describe('what names no class', () => {
  test.each([undefined, null, NaN, Infinity, {}, 1n])('%p is refused with its row', (label) => {
    expectThrow(() => stratifiedKFold(['a', 'b', label as string, 'b'], { folds: 2 }), {
      code: 'ERR_INVALID_ARGUMENT',
      option: 'y',
      row: 2,
      message: /y\[2\] is .*: classes are texts, booleans or finite numbers/,
    });
  });

  test('holes are refused', () => {
    expectThrow(() => stratifiedKFold(new Array<string>(4), { folds: 2 }), {
      code: 'ERR_INVALID_ARGUMENT',
      row: 0,
      message: 'y[0] is undefined',
    });
  });
});

test('options that have no names are refused', () => {
  expectThrow(() => kFold(4, Promise.resolve({ folds: 2 }) as never), {
    code: 'ERR_INVALID_ARGUMENT',
    option: 'options',
    message: 'options must be an object; it is a Promise',
  });
});
