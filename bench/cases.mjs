/**
 * What is measured against whom, and what is to be reached. `against` is a contender of the case, a share or ratio of
 * speeds: how many times faster than it thalweg is. `value` is a figure of its own, in its own unit.
 */
const wide = [16, 32, 64, 100, 256, 1000, 1024, 4096, 16384, 65536];
const narrow = [1, 2, 3, 4, 8, 10];

const softmaxPass = {
  what: 'softmax pass',
  kind: 'outputs',
  loss: 'cross-entropy',
  sizes: [16, 64, 256],
  peers: ['read', 'torch'],
};

const ofSparse = { kind: 'sparse', dtypes: ['float32'] };
const sparsePass = { ...ofSparse, work: 'pass', peers: ['read', 'scipy'] };
const sparseEpoch = {
  ...{ ...ofSparse, work: 'epoch', peers: ['scipy'] },
  targets: [{ against: 'scipy', atLeast: 3 }],
};
const sparseOptimum = {
  ...{ ...ofSparse, work: 'optimum', peers: ['scipy', 'liblinear', 'scipy-saga'] },
  targets: [
    { against: 'scipy', atLeast: 3 },
    { against: 'liblinear', atLeast: 3 },
    { against: 'scipy-saga', atLeast: 3 },
  ],
};
/** As RCV1 is. */
const documents = { columns: 47_000, each: 73 };
const hashedText = { columns: 2 ** 20, each: 60 };
/** Eight numbers beside columns of codes, as of a table of orders. */
const levels = [2, 7, 12, 31, 366, 5000, 60_000];
const tableOfCodes = { numbers: 8, levels, columns: levels.reduce((sum, count) => sum + count, 8) };

/** The work that is done over a set of sparse rows: a pass over many, and fits of as many as these take their time for. */
function sparseWork(
  id,
  rowsAre,
  shape,
  { pass, fit, passTargets = [{ against: 'read' }, { against: 'scipy' }] },
) {
  const logistic = `logistic regression over ${rowsAre}`;
  const of = (rows) => [{ ...shape, rows }];
  return [
    {
      id: `${id}-pass`,
      what: `batch iteration over ${rowsAre}`,
      ...sparsePass,
      shapes: of(pass),
      targets: passTargets,
    },
    {
      id: `${id}-epoch`,
      what: `${logistic}, an epoch of steps over single rows`,
      ...sparseEpoch,
      shapes: of(fit),
    },
    { id: `${id}-optimum`, what: `${logistic} to its optimum`, ...sparseOptimum, shapes: of(fit) },
  ];
}

export const cases = [
  {
    id: 'pass',
    what: 'fused pass',
    kind: 'pass',
    sizes: [...narrow, ...wide],
    peers: ['read', 'numpy', 'torch'],
    targets: [
      { against: 'read', atLeast: 0.75, sizes: narrow },
      { against: 'read', atLeast: 0.85, sizes: wide },
      { against: 'numpy', atLeast: 3 },
      { against: 'torch', atLeast: 3, sizes: wide },
      { against: 'torch', sizes: narrow },
      { against: 'thalweg', of: 'logistic', atLeast: 0.85 },
    ],
  },
  {
    id: 'pass-optimizers',
    what: 'fused pass',
    kind: 'pass',
    sizes: [64],
    optimizers: ['momentum', 'adam'],
    peers: [],
    targets: [
      { against: 'thalweg', of: 'momentum', atLeast: 0.97 },
      { against: 'thalweg', of: 'adam', atLeast: 0.97 },
    ],
  },
  {
    id: 'softmax-pass',
    ...softmaxPass,
    outputs: 3,
    targets: [
      { against: 'read', atLeast: 0.8, sizes: [64, 256] },
      { against: 'read', sizes: [16] },
      { against: 'torch', atLeast: 4 },
    ],
  },
  {
    id: 'softmax-pass-10',
    ...softmaxPass,
    outputs: 10,
    targets: [{ against: 'read' }, { against: 'torch', atLeast: 3 }],
  },
  {
    id: 'outputs-pass',
    what: 'squared pass',
    kind: 'outputs',
    loss: 'squared',
    sizes: [16, 64, 256],
    outputs: 4,
    peers: ['read', 'numpy', 'torch'],
    targets: [
      { against: 'read', atLeast: 0.8, sizes: [64, 256] },
      { against: 'read', sizes: [16] },
      { against: 'numpy', atLeast: 4 },
      { against: 'torch' },
    ],
  },
  {
    id: 'opencl',
    what: 'fused pass on the OpenCL device',
    kind: 'pass',
    device: 'opencl',
    sizes: wide.filter((n) => n >= 64),
    dtypes: ['float32'],
    peers: ['clblast', 'numpy'],
    targets: [
      { against: 'clblast', atLeast: 8 },
      { against: 'numpy', atLeast: 1.5 },
    ],
  },
  {
    id: 'gram',
    what: 'batch, 1000 iterations',
    kind: 'gram',
    shapes: [{ rows: 1_000_000, columns: 64 }],
    iterations: 1000,
    peers: ['numpy'],
    targets: [
      { against: 'numpy', atLeast: 100 },
      { value: 'thetaDifference', unit: 'from the fused plan, float64', atMost: 1e-9 },
    ],
  },
  {
    id: 'logistic-optimum',
    what: 'logistic regression to its optimum',
    kind: 'optimum',
    model: 'logistic',
    shapes: [{ rows: 1_000_000, columns: 64 }],
    peers: ['sklearn', 'saga'],
    targets: [
      { against: 'sklearn', atLeast: 8 },
      { against: 'saga', atLeast: 8 },
    ],
  },
  {
    id: 'softmax-optimum',
    what: 'softmax regression to its optimum',
    kind: 'optimum',
    model: 'softmax',
    shapes: [{ rows: 200_000, columns: 64, outputs: 10 }],
    peers: ['sklearn'],
    targets: [{ against: 'sklearn', atLeast: 5 }],
  },
  {
    id: 'poisson-optimum',
    what: 'Poisson regression to its optimum',
    kind: 'optimum',
    model: 'poisson',
    shapes: [{ rows: 500_000, columns: 32 }],
    peers: ['sklearn'],
    targets: [{ against: 'sklearn', atLeast: 5 }],
  },
  {
    id: 'cv-ridge',
    what: 'ridge regression, cross-validated',
    kind: 'cross-validation',
    model: 'ridge',
    shapes: [{ rows: 200_000, columns: 64 }],
    peers: ['sklearn'],
    targets: [{ against: 'sklearn', atLeast: 10 }],
  },
  {
    id: 'cv-logistic',
    what: 'logistic regression, cross-validated',
    kind: 'cross-validation',
    model: 'logistic',
    shapes: [{ rows: 200_000, columns: 64 }],
    peers: ['sklearn'],
    targets: [{ against: 'sklearn', atLeast: 10 }],
  },
  ...sparseWork('csr', 'CSR', documents, {
    ...{ pass: 800_000, fit: 200_000 },
    passTargets: [
      { against: 'read', atLeast: 0.6 },
      { against: 'scipy', atLeast: 4 },
    ],
  }),
  ...sparseWork('text', 'hashed text', { set: 'text', ...hashedText }, { pass: 200_000, fit: 50_000 }),
  ...sparseWork(
    'codes',
    'columns of codes',
    { set: 'codes', ...tableOfCodes },
    { pass: 2_000_000, fit: 200_000 },
  ),
  {
    id: 'stochastic',
    what: 'stochastic epoch',
    kind: 'stochastic',
    shapes: [
      { rows: 200_000, columns: 8 },
      { rows: 200_000, columns: 64 },
      { rows: 200_000, columns: 256 },
    ],
    peers: ['sklearn', 'numpy'],
    targets: [
      { against: 'sklearn', atLeast: 8 },
      { against: 'numpy', atLeast: 100 },
    ],
  },
  {
    id: 'stochastic-wide',
    what: 'stochastic epoch',
    kind: 'stochastic',
    shapes: [{ rows: 60_000, columns: 1024 }],
    peers: ['sklearn', 'numpy'],
    targets: [
      { against: 'sklearn', atLeast: 8 },
      { against: 'numpy' },
      { value: 'gigabytesPerSecond', unit: 'GB/s of rows', atLeast: 12 },
    ],
  },
  {
    id: 'stochastic-logistic',
    what: 'stochastic epoch, log loss',
    kind: 'stochastic',
    activation: 'sigmoid',
    shapes: [{ rows: 200_000, columns: 64 }],
    peers: ['sklearn'],
    targets: [{ against: 'sklearn' }],
  },
  {
    id: 'mini-batch',
    what: 'mini-batch epoch',
    kind: 'mini-batch',
    shapes: [
      { rows: 200_000, columns: 8 },
      { rows: 200_000, columns: 64 },
    ],
    batchSizes: [32, 256],
    peers: ['numpy', 'torch'],
    targets: [
      { against: 'numpy', atLeast: 8 },
      { against: 'torch', atLeast: 15 },
    ],
  },
  {
    id: 'mini-batch-adam',
    what: 'mini-batch epoch, Adam',
    kind: 'mini-batch',
    optimizer: 'adam',
    shapes: [{ rows: 200_000, columns: 64 }],
    batchSizes: [32, 256],
    peers: ['torch'],
    targets: [
      { against: 'torch', atLeast: 20, batchSizes: [32] },
      { against: 'torch', atLeast: 6, batchSizes: [256] },
      { against: 'plain', atLeast: 0.77 },
    ],
  },
  {
    id: 'mini-batch-wide',
    what: 'mini-batch epoch',
    kind: 'mini-batch',
    shapes: [{ rows: 60_000, columns: 1024 }],
    batchSizes: [32, 256],
    peers: ['numpy', 'torch'],
    targets: [
      { against: 'numpy', atLeast: 3 },
      { against: 'torch', atLeast: 3 },
    ],
  },
  {
    id: 'javascript',
    what: 'fused pass',
    kind: 'pass',
    mebibytes: 64,
    sizes: [64, 1024],
    dtypes: ['float32'],
    peers: ['tfjs-wasm', 'tfjs-cpu', 'ml-matrix', 'javascript'],
    targets: [
      { against: 'tfjs-wasm' },
      { against: 'tfjs-cpu' },
      { against: 'ml-matrix' },
      { against: 'javascript' },
    ],
  },
  {
    id: 'table-csv',
    what: 'from a CSV file to a model, whole processes',
    kind: 'table',
    rows: 600_000,
    peers: ['pandas', 'duckdb'],
    targets: [
      { against: 'pandas', atLeast: 2 },
      { against: 'duckdb', atLeast: 0.5 },
    ],
  },
  {
    id: 'table-parquet',
    what: 'from a Parquet file to a model, whole processes',
    kind: 'table',
    parquet: 'flights-3m.parquet',
    target: 'delay',
    features: ['date', 'distance'],
    peers: ['pandas', 'duckdb'],
    targets: [
      { against: 'pandas', atLeast: 3 },
      { against: 'duckdb', atLeast: 0.5 },
    ],
  },
  {
    id: 'table-columns',
    what: 'from a CSV file of many columns to a model, whole processes',
    kind: 'table',
    rows: 1000,
    columns: [1000, 2000, 4000],
    peers: [],
    targets: [
      { value: 'columnsGrowth', unit: 'times as long a column where there are twice as many', atMost: 1.15 },
    ],
  },
  {
    id: 'startup',
    what: 'a fresh process',
    kind: 'startup',
    processes: 15,
    peers: [],
    targets: [
      { value: 'requireMilliseconds', unit: "ms for require('thalweg')", atMost: 15 },
      { value: 'devicesMilliseconds', unit: 'ms for devices()', atMost: 150 },
    ],
  },
  {
    id: 'disk-pass',
    what: 'batch iteration over rows on disk',
    kind: 'disk',
    dtypes: ['float32'],
    shapes: [{ rows: 4_194_304, columns: 256 }],
    peers: [],
    targets: [{ against: 'dd', atLeast: 0.9 }],
  },
  {
    id: 'memory',
    what: 'memory of a fit above X',
    kind: 'memory',
    shapes: [{ rows: 4_194_304, columns: 32 }],
    peers: [],
    targets: [
      { value: 'chunksMebibytes', unit: 'MiB above X, X in chunks', atMost: 64 },
      { value: 'typedArrayCopies', unit: 'copies of X, X a typed array', atMost: 1.125 },
    ],
  },
  {
    id: 'growth',
    what: 'time against size',
    kind: 'growth',
    rowsAt: { columns: 64, rows: [4096, 16384, 65536, 131072, 262144, 524288, 1048576, 2097152, 4194304] },
    columnsAt: { rows: 4096, columns: [64, 256, 1024, 2048, 4096, 8192, 16384, 32768, 65536] },
    peers: [],
    targets: [
      { value: 'rowsDeviation', unit: 'from a straight line in m', atMost: 0.15 },
      { value: 'columnsDeviation', unit: 'from a straight line in n', atMost: 0.15 },
    ],
  },
];

const gpuPass = {
  kind: 'pass',
  reads: true,
  peers: ['torch-gpu', 'torch-compile'],
  targets: [
    { against: 'read', atLeast: 0.85, sizes: [8, 64, 256, 1024] },
    { against: 'read', atLeast: 0.6, sizes: [4100, 8192, 65536] },
    { against: 'torch-gpu', atLeast: 1.8 },
    { against: 'torch-compile' },
  ],
};
const gpuSparse = {
  ...{ kind: 'sparse', work: 'pass', reads: true, dtypes: ['float32'], peers: [] },
  targets: [{ against: 'read' }],
};
const gpuStep = {
  kind: 'step',
  sizes: [8, 64, 256, 1024],
  targets: [
    { value: 'stepShare', unit: 'of its pass, the step', atMost: 0.1 },
    { value: 'stepMicroseconds', unit: 'µs, the step' },
    { value: 'launchMicroseconds', unit: 'µs, an iteration over one row' },
  ],
};

/** For bench/gpu.mjs, all of them on the one device that it is told. */
export const gpuCases = [
  { id: 'gpu-pass', what: 'fused pass over 256 MiB', sizes: [8, 64, 256, 1024], mebibytes: 256, ...gpuPass },
  { id: 'gpu-step', what: 'step after a pass over 256 MiB', mebibytes: 256, ...gpuStep },
  { id: 'gpu-pass-16', what: 'fused pass over 16 MiB', sizes: [8, 64, 256, 1024], mebibytes: 16, ...gpuPass },
  { id: 'gpu-step-16', what: 'step after a pass over 16 MiB', mebibytes: 16, ...gpuStep },
  { id: 'gpu-wide', what: 'fused pass over 256 MiB', sizes: [4100, 8192, 65536], mebibytes: 256, ...gpuPass },
  {
    ...{ id: 'gpu-csr', what: 'batch iteration over 256 MiB of CSR', mebibytes: 256, ...gpuSparse },
    shapes: [{ rows: 450_000, ...documents }],
  },
  {
    ...{ id: 'gpu-csr-16', what: 'batch iteration over 16 MiB of CSR', mebibytes: 16, ...gpuSparse },
    shapes: [{ rows: 28_000, ...documents }],
  },
  {
    ...{ id: 'gpu-codes', what: 'batch iteration over 64 MiB of codes', mebibytes: 64, ...gpuSparse },
    shapes: [{ set: 'codes', rows: 1_400_000, ...tableOfCodes }],
  },
  {
    ...{ id: 'gpu-codes-16', what: 'batch iteration over 16 MiB of codes', mebibytes: 16, ...gpuSparse },
    shapes: [{ set: 'codes', rows: 350_000, ...tableOfCodes }],
  },
];

const shorter = {
  pass: { sizes: [8, 64, 1024] },
  opencl: { sizes: [64] },
  gram: { difference: false },
  stochastic: { shapes: [{ rows: 200_000, columns: 64 }] },
  'mini-batch': { shapes: [{ rows: 200_000, columns: 64 }], batchSizes: [32] },
  startup: { processes: 5 },
};

/** The main ones, for `npm run bench:quick`. */
export const quickCases = cases
  .filter(({ id }) => id in shorter)
  .map((one) => ({ ...one, ...shorter[one.id] }));
