/** A device made wrong on purpose. */
export interface Mutation {
  readonly what: string;
  /** The group that has to find it. */
  readonly group: string;
  /** Part of the text that says what was off. */
  readonly says?: RegExp;
  /** The case that is enough; default the quick group. */
  readonly case?: string;
  /** Text of a file of kernels/, and what takes its place. */
  readonly edit?: { readonly file: string; readonly from: string; readonly to: string };
  /** A device that is emulated, or one of PoCL in this shape. */
  readonly on: 'hip' | 'wide' | 'rows';
  readonly environment?: Readonly<Record<string, string>>;
}

const objectives = 'math/objectives.h';
const step = 'math/step.h';
const rows = 'math/rows.h';
const sum = 'math/sum.h';
const float32 = { THALWEG_FLOAT64: 'off' };

export const mutations: readonly Mutation[] = [
  {
    what: 'an average of squares is not freed of its start',
    group: 'optimizers',
    on: 'rows',
    case: 'optimizers optimizer=adam',
    edit: { file: 'math/optimizers.h', from: '-1 / expm1(t * by.logBeta2)', to: '1' },
  },
  {
    what: 'a barrier is left out',
    group: 'gradient',
    on: 'hip',
    case: 'gradient values=integers m=1031 n=3',
    edit: {
      file: 'gradient.narrow.wide.cl',
      from: 'sums are there before others add them up.\n    LOCAL_BARRIER();',
      to: '',
    },
  },
  {
    what: 'a reduction takes the wrong lane',
    group: 'gradient',
    on: 'wide',
    case: 'gradient values=integers m=1031 n=3',
    edit: {
      file: 'group.h',
      from: 'sum_join(scratch[LOCAL_ID], scratch[LOCAL_ID + reach])',
      to: 'sum_join(scratch[LOCAL_ID], scratch[LOCAL_ID + reach - 1])',
    },
  },
  {
    what: 'partial sums have another stride',
    group: 'gradient',
    on: 'rows',
    edit: {
      file: 'gradient.rows.cl',
      from: '(ulong)GROUP_ID * pass.stride',
      to: '(ulong)GROUP_ID * pass.rows.n',
    },
  },
  {
    what: 'the last columns count twice',
    group: 'gradient',
    on: 'rows',
    edit: { file: 'tile.rows.h', from: 'LANES - n % LANES, LANES)', to: 'LANES - n % LANES - 1, LANES)' },
  },
  {
    what: 'a derivative is another',
    group: 'objectives',
    on: 'rows',
    says: /activation=tanh/,
    edit: {
      file: objectives,
      from: '(VALUE(1) - output) * (VALUE(1) + output)',
      to: '(VALUE(1) - output * output * output)',
    },
  },
  {
    what: 'a penalty has the wrong sign',
    group: 'steps',
    on: 'rows',
    edit: { file: step, from: 'fabs(v) - t', to: 'fabs(v) + t' },
  },
  {
    what: 'the intercept takes no step',
    group: 'steps',
    on: 'rows',
    edit: { file: step, from: 'return fma(-rate, g, intercept);', to: 'return intercept;' },
  },
  {
    what: 'sums are kept in float32',
    group: 'sums',
    on: 'rows',
    says: /the loss is/,
    edit: { file: sum, from: 'return s + (double)x;', to: 'return (double)((float)s + (float)x);' },
  },
  {
    what: 'a compiler is free with sums',
    group: 'sums',
    on: 'rows',
    environment: { ...float32, OPENCL_FAULTS_OPTIONS: '-cl-fast-relaxed-math' },
  },
  {
    what: 'a product that is to be fused is rounded first',
    group: 'sums',
    on: 'rows',
    environment: float32,
    edit: {
      file: sum,
      from: 'product.low = fma(a, b, -product.high);',
      to: 'product.low = a * b - product.high;',
    },
  },
  {
    what: 'exp is approximated',
    group: 'predict',
    on: 'rows',
    says: /activation=(exp|sigmoid|softplus)/,
    edit: {
      file: objectives,
      from: 'const value output = exp(z);',
      to: 'const value output = exp(z) * VALUE(1.00001);',
    },
  },
  {
    what: 'the labels of rows by index are those of their place',
    group: 'stochastic',
    on: 'rows',
    edit: { file: rows, from: 'return span->byIndex ? row :', to: 'return span->byIndex ? at :' },
  },
  {
    what: 'the weights of rows by index are those of their place',
    group: 'weights',
    on: 'rows',
    case: 'weights part=batches m=37 n=33',
    edit: {
      file: rows,
      from: 'return span->byIndex ? row : span->firstWeight + at;',
      to: 'return span->byIndex ? at : span->firstWeight + at;',
    },
  },
  {
    what: 'what rows count is left out of XᵀX',
    group: 'weights',
    on: 'wide',
    case: 'weights part=gram m=129 n=5',
    edit: { file: 'gram.cl', from: 'sum_scale(sum_of(u[a]), weight)', to: 'sum_of(u[a])' },
  },
  {
    what: 'the last batch is cut one row too short',
    group: 'mini-batch',
    on: 'rows',
    edit: {
      file: rows,
      from: 'part.count = min(most, span->count - at);',
      to: 'part.count = min(most, span->count - at); if (part.count < most && part.count > 1) --part.count;',
    },
  },
  {
    what: 'a diagonal block of XᵀX is left out',
    group: 'gram',
    on: 'rows',
    edit: { file: 'gram.cl', from: '|| left > right) return;', to: '|| left >= right) return;' },
  },
  {
    what: 'rows are gathered from their neighbour',
    group: 'blocks',
    on: 'rows',
    says: /stochastic|mini-batch/,
    edit: {
      file: 'gather.cl',
      from: 'y + (part.firstY + row - part.firstRow) * part.targets;',
      to: 'y + (part.firstY + (row - part.firstRow) / 2) * part.targets;',
    },
  },
  {
    what: 'an offset overflows',
    group: 'large',
    on: 'rows',
    case: 'large mebibytes=68 n=129',
    edit: { file: rows, from: 'return X + row * span->n;', to: 'return X + row * span->n % (1 << 24);' },
  },
  {
    what: 'a write is lost',
    group: 'upload',
    on: 'rows',
    environment: { OPENCL_FAULTS_TRANSFERS: 'lost 3' },
  },
  {
    what: 'a write ends early',
    group: 'upload',
    on: 'rows',
    environment: { OPENCL_FAULTS_TRANSFERS: 'short 3' },
  },
  {
    what: 'a write lands late',
    group: 'upload',
    on: 'rows',
    environment: { OPENCL_FAULTS_TRANSFERS: 'late 3' },
  },
  {
    what: 'a result has another last bit now and then',
    group: 'repeats',
    on: 'rows',
    says: /to the bit/,
    environment: { OPENCL_FAULTS_TRANSFERS: 'bit 7' },
  },
  {
    what: 'a graph lacks a launch',
    group: 'graphs',
    on: 'hip',
    case: 'graphs iterations=101 m=257 n=3',
    environment: { HIP_EMULATOR_SHORT_GRAPHS: '1' },
  },
];
