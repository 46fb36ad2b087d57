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

/** A case of the group sparse. */
function ofSparse(values: string): Pick<Mutation, 'group' | 'case'> {
  return { group: 'sparse', case: `sparse ${values}` };
}

const passOverSparse = 'sparse.cl';
const writtenRows = 'written.cl';
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
    what: 'a sum of a column takes the wrong work-item',
    ...ofSparse('part=pass values=integers filling=hot m=1031 n=3'),
    on: 'hip',
    edit: {
      file: passOverSparse,
      from: 'if (LOCAL_ID % TEAM < reach)\n      scratch[LOCAL_ID] = sum_join(scratch[LOCAL_ID], scratch[LOCAL_ID + reach]);',
      to: 'if (LOCAL_ID % TEAM < reach)\n      scratch[LOCAL_ID] = sum_join(scratch[LOCAL_ID], scratch[LOCAL_ID + reach - 1]);',
    },
  },
  {
    what: 'of the segments of a column those past the first few are left out',
    ...ofSparse('part=pass values=integers filling=hot m=37003 n=2'),
    on: 'wide',
    edit: {
      file: passOverSparse,
      from: 'const ulong end = segmentsOf[column - dense + 1];',
      to: 'const ulong end = min(segmentsOf[column - dense + 1], segmentsOf[column - dense] + TEAM);',
    },
  },
  {
    what: 'the rows of the last groups are left out',
    ...ofSparse('part=pass values=integers m=1031 n=5'),
    on: 'rows',
    edit: {
      file: passOverSparse,
      from: 'own.end = min((ulong)(GROUP_ID + 1) * each, count);',
      to: 'own.end = min(own.first + each - 1, count);',
    },
  },
  {
    what: 'codes of two bytes are read as one',
    ...ofSparse('part=predict m=33 n=600'),
    on: 'wide',
    edit: {
      file: 'sparse.h',
      from: 'if (column.bytes == 1) return column.first + codes[row];',
      to: 'if (column.bytes <= 2) return column.first + codes[row];',
    },
  },
  {
    what: 'a mean is taken off the gradient the wrong way',
    ...ofSparse('part=pass scaled=1'),
    on: 'rows',
    edit: {
      file: passOverSparse,
      from: 'sum_add_scaled(sum, all, -scaling[j])',
      to: 'sum_add_scaled(sum, all, scaling[j])',
    },
  },
  {
    what: 'of the means of many columns the first alone are taken off',
    ...ofSparse('part=predict held=compressed scaled=1 m=3 n=2100'),
    on: 'rows',
    edit: {
      file: passOverSparse,
      from: 'for (uint p = 0; p < pass->shifts; ++p)',
      to: 'for (uint p = 0; p < min(pass->shifts, 1u); ++p)',
    },
  },
  {
    what: 'an entry has the value of the one after it',
    ...ofSparse('part=pass held=both'),
    on: 'rows',
    edit: {
      file: passOverSparse,
      from: 'values[e - pass.codeEntries]',
      to: 'values[e > pass.codeEntries ? e - pass.codeEntries - 1 : 0]',
    },
  },
  {
    what: 'what rows with codes count is left out',
    ...ofSparse('part=weighted'),
    on: 'rows',
    edit: {
      file: passOverSparse,
      from: 'const real weight = WEIGHTED ? weights[at] : (real)1;',
      to: 'const real weight = 1;',
    },
  },
  {
    what: 'the last of several outputs is another',
    ...ofSparse('part=outputs outputs=5 held=compressed'),
    on: 'wide',
    edit: {
      file: passOverSparse,
      from: 'at[i] = min(first + i, outputs - 1);',
      to: 'at[i] = min(i, outputs - 1);',
    },
  },
  {
    what: 'rows that are named are written out by their place',
    ...ofSparse('part=stochastic m=41'),
    on: 'rows',
    edit: {
      file: writtenRows,
      from: 'part.byIndex ? (ulong)indexes[part.first + i] : part.first + i;',
      to: 'part.first + i;',
    },
  },
  {
    what: 'what is written out of a row comes before what clears it',
    ...ofSparse('part=gram held=compressed m=300'),
    on: 'hip',
    edit: {
      file: writtenRows,
      from: 'to[places[j]] = x[j];\n    MEET_GROUP();',
      to: 'to[places[j]] = x[j];',
    },
  },
  {
    what: 'a scaled column is 0 where it holds nothing',
    ...ofSparse('part=gram scaled=1'),
    on: 'rows',
    edit: { file: writtenRows, from: 'scaled_value(shape, scaling, j, (real)0)', to: '(real)0' },
  },
  {
    what: 'of dense columns in several allocations the first rows are written out again',
    ...ofSparse('part=gram split=1 m=1031 n=13 dense=33'),
    on: 'rows',
    edit: {
      file: writtenRows,
      from: 'X + (part.firstX + at - part.firstRow) * shape->dense;',
      to: 'X + (at - part.firstRow) / 2 * shape->dense;',
    },
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
