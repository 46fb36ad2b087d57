import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { Declarations, complaints, isExported, strictest } from '../support/declarations';
import { output, root } from './support';
import { packedFiles, tarballPath } from './tarball';

/** What the package offers. A name that is new here is a promise: docs/api.md and CHANGELOG.md tell of it, too. */
const names = {
  thalweg: [
    ...[
      'Activation',
      'ActivationName',
      'LayerActivationName',
      'exp',
      'linear',
      'relu',
      'sigmoid',
      'softplus',
      'tanh',
    ],
    ...['LayerLossName', 'LossName', 'error', 'GradientDescentOptions', 'gradient', 'gradientDescent'],
    ...['Dtype', 'HostMatrix', 'MatrixChunks', 'MatrixLike', 'NumericArray', 'VectorLike'],
    ...['BlockRows', 'CodeColumn', 'CodedRows', 'CompressedRows'],
    ...['Backend', 'DeviceInfo', 'devices', 'isGpuAvailable', 'Versions', 'versions'],
    ...['Device', 'DeviceOptions', 'HsaOverride', 'Matrix', 'openDevice', 'PlaceOfRows', 'Residency'],
    ...['Diagnosis', 'Finding', 'diagnose'],
    ...['batchGradientDescent', 'miniBatchGradientDescent', 'stochasticGradientDescent', 'Descent'],
    ...['readCheckpoint'],
    ...['BatchOptions', 'MiniBatchOptions', 'ObjectiveOptions', 'PredictOptions', 'StochasticOptions'],
    ...['ValidationOptions'],
    ...[
      'BatchProgress',
      'EpochProgress',
      'OptimizerName',
      'OptimizerOptions',
      'LearningRateSchedule',
      'ScheduleName',
      'StateProblem',
      'StateRank',
      'TrainingState',
      'Strategy',
    ],
    ...['LossGradient', 'LossGradientOptions', 'lossGradient'],
    ...['Classes', 'FitOptions', 'Label', 'Neuron', 'NeuronJSON', 'NeuronOptions', 'Targets'],
    ...['Layer', 'LayerJSON', 'LayerOptions', 'LayerTargets', 'LayerWeights', 'Outputs'],
    ...['ClassWeight', 'ScoreOptions', 'WeightOptions'],
    ...['LoadedModel', 'PredictTableOptions', 'SaveOptions', 'exportModel', 'loadModel', 'saveModel'],
    ...[
      'Explanation',
      'LabelPrediction',
      'Model',
      'Prediction',
      'Row',
      'ValuePrediction',
      'ValuesPrediction',
    ],
    ...['ErrorCode', 'ErrorDetails', 'ThalwegError'],
  ],
  'thalweg/model-selection': [
    ...[
      'Candidate',
      'CrossValidateOptions',
      'CrossValidation',
      'Penalties',
      'TrialProgress',
      'crossValidate',
    ],
    ...['Split', 'SplitOptions', 'kFold', 'stratifiedKFold'],
  ],
  'thalweg/mpi': ['World', 'world'],
  'thalweg/metrics': [
    ...['accuracyScore', 'averagePrecision', 'calibrationCurve', 'confusionMatrix', 'logLoss'],
    ...['meanAbsoluteError', 'meanPoissonDeviance', 'meanSquaredError', 'precisionRecallF1', 'r2Score'],
    ...['rocAuc', 'rocCurve', 'AccuracyOptions', 'AveragedFigures', 'CalibrationCurve', 'CalibrationOptions'],
    ...[
      'ClassAverage',
      'ClassFigures',
      'ConfusionMatrix',
      'ConfusionOptions',
      'HostMatrix',
      'Label',
      'Labels',
    ],
    ...['LogLossOptions', 'MetricOptions', 'NumericArray', 'PositiveOptions', 'PrecisionOptions'],
    ...['RankingOptions', 'RegressionOptions', 'RocCurve', 'RocCurveOptions', 'VectorLike'],
  ],
  'thalweg/model': [
    ...['ActivationName', 'LayerActivationName', 'Label', 'ErrorCode', 'ErrorDetails', 'ThalwegError'],
    ...[
      'Explanation',
      'LabelPrediction',
      'Model',
      'Prediction',
      'Row',
      'ValuePrediction',
      'ValuesPrediction',
    ],
    'loadModel',
  ],
  'thalweg/jest': [
    ...['Closeness', 'DeviceUnderTest', 'ThalwegMatchers', 'describeOnEachDevice', 'toBeCloseToArray'],
  ],
};

/** What can be asked of an object of each class. */
const members = {
  Device: ['[Symbol.asyncDispose]', 'close', 'id', 'info', 'matrix'],
  DeviceUnderTest: ['device', 'id', 'info', 'open'],
  Layer: [
    ...['activation', 'biases', 'classes', 'constructor', 'fit', 'fromJSON', 'inputs', 'output', 'outputs'],
    ...['partialFit', 'predict', 'predictLabels', 'score', 'toJSON', 'weights'],
  ],
  LoadedModel: ['constructor', 'predictTable'],
  Matrix: ['[Symbol.dispose]', 'device', 'dispose', 'dtype', 'residency', 'shape'],
  Model: ['activation', 'classes', 'columns', 'constructor', 'explain', 'predict', 'target', 'toJSON'],
  Neuron: [
    ...[
      'activation',
      'bias',
      'classes',
      'constructor',
      'fit',
      'fromJSON',
      'output',
      'partialFit',
      'phi',
      'predict',
      'predictLabels',
      'score',
    ],
    ...['toJSON', 'weights'],
  ],
  ThalwegError: [
    ...[
      'code',
      'column',
      'constructor',
      'device',
      'iteration',
      'largestStableLearningRate',
      'lastLoss',
      'log',
    ],
    ...['name', 'option', 'path', 'rank', 'row'],
  ],
  World: ['barrier', 'library', 'rank', 'size', 'sum'],
};

const sorted = (list: readonly string[]): string[] => [...list].sort();

describe('the packed declarations', () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'thalweg-types-')));
  const installed = path.join(folder, 'node_modules', 'thalweg');
  mkdirSync(installed, { recursive: true });
  output('tar', ['-xzf', tarballPath(), '-C', installed, '--strip-components=1']);
  const declarations = new Declarations(installed);
  const declared = declarations.declared();

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('offer these names and no others', () => {
    const offered = Object.entries(declarations.names).map(([entry, list]) => [entry, sorted(list)]);
    const promised = Object.entries(names).map(([entry, list]) => [entry, sorted(list)]);
    expect(Object.fromEntries(offered)).toEqual(Object.fromEntries(promised));
  });

  test('give classes these members and no others', () => {
    const classes = declared.filter(({ node }) => ts.isClassDeclaration(node));
    const found = classes.map(({ name, node }) => {
      const own = declared.filter((member) => member.node.parent === node);
      // Overloads are declared more than once.
      return [name, sorted([...new Set(own.map((member) => member.name.slice(name.length + 1)))])];
    });
    expect(Object.fromEntries(found)).toEqual(members);
  });

  test('hold nothing that cannot be imported', () => {
    const offered = Object.values(names).flat();
    const exported = declared.filter(isExported).map(({ name }) => name);
    expect(exported.length).toBeGreaterThan(40);
    expect(exported.filter((name) => !offered.includes(name))).toEqual([]);
    const reached = declarations.files.map(({ fileName }) => path.relative(installed, fileName));
    expect(sorted(packedFiles().filter((file) => file.endsWith('.d.ts')))).toEqual(sorted(reached));
  });

  test('leave nothing untyped', () => {
    const untyped = declarations.files.flatMap((file) => {
      const found: string[] = [];
      const visit = (node: ts.Node): void => {
        if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(node.parent.getText());
        ts.forEachChild(node, visit);
      };
      visit(file);
      return found;
    });
    expect(untyped).toEqual([]);
  });

  const { Node16, NodeNext, ESNext } = ts.ModuleKind;
  const node: ts.CompilerOptions = { types: ['node'], lib: ['lib.es2022.d.ts'] };
  const browser: ts.CompilerOptions = { types: [] };
  const cases: [string, string, string, ts.CompilerOptions][] = [
    ['node16', 'mts', 'of Node', { module: Node16, ...node }],
    ['node16', 'cts', 'of Node', { module: Node16, ...node }],
    ['nodenext', 'mts', 'of Node', { module: NodeNext, ...node }],
    ['nodenext', 'cts', 'of Node', { module: NodeNext, ...node }],
    [
      'bundler',
      'ts',
      'of Node',
      { module: ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, ...node },
    ],
    ['nodenext', 'mts', 'of browsers', { module: NodeNext, ...browser }],
  ];

  describe('serve a project that checks them', () => {
    const user = `
      import { type Descent, type Device, Neuron, batchGradientDescent, openDevice } from 'thalweg';
      import { type Closeness, toBeCloseToArray } from 'thalweg/jest';
      import { type Labels, r2Score, rocAuc } from 'thalweg/metrics';

      export async function train(device: Device): Promise<Descent> {
        using X = await device.matrix([[1], [2]]);
        // @ts-expect-error what the package itself does with a matrix is its own
        void X.native;
        // @ts-expect-error a device is opened, not made
        void new (device.constructor as typeof Device)();
        return await batchGradientDescent(X, [2, 4], { learningRate: 'auto', iterations: 10 });
      }
      export async function open(): Promise<number> {
        await using device = await openDevice('cpu');
        const { theta, seed } = await train(device);
        const neuron = new Neuron({ weights: theta });
        const found: number | undefined = seed;
        // @ts-expect-error an option that there is not
        await neuron.predict([[1]], { devise: device });
        return neuron.output([1]) + (found ?? 0);
      }
      const labels: Labels = ['a', 'b'];
      export const area: number = rocAuc(labels, [0, 1]);
      export const each: Float64Array = r2Score([[1], [2]], [[1], [2]], { multioutput: 'raw-values' });
      export const closeness: Closeness = { relative: 1e-3 };
      export const matcher = toBeCloseToArray;
    `;

    beforeAll(() => {
      mkdirSync(path.join(folder, 'node_modules', '@types'));
      for (const name of ['@types/node', 'undici-types'])
        symlinkSync(path.join(root, 'node_modules', name), path.join(folder, 'node_modules', name));
    });

    test.each(cases)('by %s, from .%s, with types %s', (_resolution, extension, _types, options) => {
      const file = path.join(folder, `user.${extension}`);
      writeFileSync(file, user);
      const host = ts.createCompilerHost(options);
      host.getCurrentDirectory = () => folder;
      const program = ts.createProgram([file], { ...strictest, ...options, noEmit: true }, host);
      expect(program.getSourceFiles().map(({ fileName }) => fileName)).toContain(
        path.join(installed, 'dist', 'index.d.ts'),
      );
      expect(complaints(program)).toEqual([]);
    });
  });
});
