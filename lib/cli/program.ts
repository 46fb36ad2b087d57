import { Command, Option } from 'commander';
import { dtypes } from '../base/data-types';
import { packageVersion } from '../base/package-version';
import { residencies } from '../devices/residency';
import { optimizerNames } from '../method/optimizers';
import { strategies } from '../method/strategy';
import { exportFormats } from '../model-files/exports/formats';
import { missingPolicies } from '../tables/encoder/encoding';
import type { BuildOptions } from './commands/build';
import type { BenchOptions } from './commands/bench';
import type { CheckOptions } from './commands/check';
import type { ExportOptions } from './commands/export';
import type { EvaluateOptions } from './commands/evaluate';
import { type CvOptions, refuseCvConflicts, takeFitOptions } from './cv/cv-options';
import { type FitOptions, refuseConflicts } from './fit/fit-options';
import {
  batchSize,
  columnCounts,
  folds,
  fraction,
  hsaOverrideOption,
  integer,
  learningRate,
  names,
  notNegative,
  passes,
  patience,
  penalties,
  positive,
  probability,
  repeated,
  schedule,
  seed,
  share,
  words,
} from './terminal/options';
import {
  DATA,
  type DataOptions,
  addDataOptions,
  requireTarget,
  sourceOptions,
  startReading,
} from './terminal/data-options';
import { dateReadings, numberReadings } from './terminal/column-readings';
import { namedWeights } from './terminal/named-weights';
import type { PredictOptions } from './commands/predict';
import { run } from './run';
import { writeError, writeOut } from './terminal/standard-output';
import { suggesting } from './terminal/suggestions';
import type { TuneOptions } from './commands/tune';
import { shownText } from './terminal/visible';

const DEVICE = 'auto, cpu, gpu, opencl, hip, or an id such as opencl:1';

/** The command line; a command's own code is loaded when it runs, so that --help is quick. */
export function createProgram(): Command {
  const program = new Command('thalweg')
    .description('Train neurons by gradient descent, on a GPU or on the CPU.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      // Where that fails, the end of the program tells.
      writeOut: (text) => void writeOut(shownText(text)).catch(() => undefined),
      writeErr: (text) => {
        writeError(shownText(text));
      },
      outputError: (text, write) => {
        write(suggesting(text));
      },
    })
    .showHelpAfterError('(add --help to see what there is)')
    .addHelpText(
      'after',
      '\nFor example:\n' +
        '  thalweg fit houses.csv --target price --output model.json\n' +
        '  thalweg predict model.json new-houses.csv --output prices.csv\n',
    );
  const fit = addFit(program);
  addCv(program, fit);
  addPredict(program);
  addEvaluate(program);
  addExport(program);
  addDevices(program);
  addDoctor(program);
  addCheck(program);
  addBench(program);
  addTune(program);
  addBuild(program);
  program.commands.forEach(refuseOtherData);
  return program;
}

/** Of other options the last counts, as anywhere; data would be lost without a word. */
const ofData: readonly string[] = ['database', 'sql'];

/** Has an option that names data end in wrong usage where it is given others a second time. */
function refuseOtherData(command: Command): void {
  for (const name of ofData) {
    let before: string | undefined;
    command.on(`option:${name}`, (given: string) => {
      if (before !== undefined && before !== given)
        command.error(`error: --${name} is given twice, as ${before} and as ${given}. Give it once.`);
      before = given;
    });
  }
}

function addFit(program: Command): Command {
  const fit = program.command('fit').description('train a neuron on data files and show what it learned');
  return addDataOptions(fit)
    .option(
      '-t, --target <column>',
      'the column to learn: numbers, or levels as classes (SVMlight: the label)',
    )
    .option(
      '--features <columns>',
      'the columns to learn from, with commas between (default: all others)',
      names,
    )
    .option('--exclude <columns>', 'columns not to learn from', names)
    .option('--categories <columns>', 'columns that are names even where they look like numbers', names)
    .option(
      '--numbers <columns>',
      'columns that are numbers, as A,B=decimal-comma or B=decimal-point',
      numberReadings,
    )
    .option(
      '--dates <columns>',
      'columns that are dates, as A=day-first, month-first, year-first, month-name, compact, year-month or quarter',
      dateReadings,
    )
    .option('--weight <column>', 'a column that says how much each row counts: 0 or more')
    .option(
      '--class-weight <weights>',
      'balanced, or how much rows of each class count, as a=1,b=5 (default: 1)',
      namedWeights,
    )
    .addOption(
      new Option('--missing <policy>', 'what a missing value does')
        .choices(missingPolicies)
        .default('drop', 'drop the row and count it'),
    )
    .option(
      '--null <words>',
      'the words that are missing values, with commas between (default: NA, N/A, NaN, null, None, #N/A)',
      words,
    )
    .option(
      '--max-levels <n>',
      'of a category at most so many levels, the rare ones together as (other)',
      integer(2, 2 ** 23),
    )
    .addOption(
      new Option(
        '--unknown <policy>',
        'what a level does that training did not see (default: it counts as missing)',
      ).choices(['error', 'other']),
    )
    .addOption(new Option('--strategy <name>', 'how to descend').choices(strategies).default('batch'))
    .addOption(
      new Option('--activation <name>', 'what the neuron puts its sum through').choices([
        'linear',
        'sigmoid',
        'exp',
        'softmax',
      ]),
    )
    .addOption(new Option('--optimizer <name>', 'how a gradient becomes a step').choices(optimizerNames))
    .option('--learning-rate <rate>', 'auto, or the size of a step (default: none is needed)', learningRate)
    .option(
      '--schedule <name>',
      'how the rate changes: inverse-scaling, step, exponential or cosine, with constants as in step,stepSize=10',
      schedule,
    )
    .option('--iterations <n>', 'at most so many steps of a batch descent (default: 10000)', passes)
    .option('--epochs <n>', 'passes over the rows of the other two (default: 20)', passes)
    .option('--max-seconds <s>', 'ends training after so many seconds', positive)
    .option('--batch-size <n>', 'rows of a mini-batch (default: 32)', batchSize)
    .option(
      '--average-every <n>',
      'processes take so many steps each for itself before their weights are averaged: approximate',
      batchSize,
    )
    .option('--seed <n>', 'draws rows, and rows to hold out, by this seed', seed, 0)
    .option('--l1 <strength>', 'penalty on the size of the weights: drives some to 0', notNegative, 0)
    .option('--l2 <strength>', 'penalty on the squares of the weights', notNegative, 0)
    .option('--standardize', 'scale features while training', true)
    .option('--no-standardize', 'train on the features as they are')
    .option('--holdout <share>', 'keep this share of the rows out of training, to score on', fraction, 0)
    .option('--validation <share>', 'keep this share out to validate training with', share)
    .option('--patience <n>', 'end after so many validations without a lower loss, at the lowest', patience)
    .option('--warm-start <model>', 'begin at the weights of a model of the same columns (default: at zeros)')
    .option('-d, --device <device>', DEVICE, 'auto')
    .addOption(
      new Option('--residency <place>', 'where the rows are meanwhile (default: where they fit)').choices(
        residencies,
      ),
    )
    .addOption(hsaOverrideOption())
    .option('-o, --output <file>', 'write the model here')
    .option('--report <file>', 'write a page about the fit here, with pictures')
    .option('--json', 'print one JSON object')
    .option('-q, --quiet', 'print the result alone')
    .action((data: string[], options: FitOptions & DataOptions, command: Command) => {
      refuseConflicts(options, command);
      const from = { data, options: sourceOptions(data, options, command) };
      requireTarget(from, options, command);
      startReading(from);
      return run(options, async (context) => (await import('./fit/fit.js')).fit(from, options, context));
    });
}

function addCv(program: Command, fit: Command): void {
  const cv = program
    .command('cv')
    .description('say which penalties do best on rows that were not trained on')
    .argument('[data...]', DATA);
  takeFitOptions(cv, fit);
  cv.option('--folds <k>', 'puts rows into so many folds, and holds out one after the other', folds, 5)
    .option('--l1 <list>', 'penalties on the size of the weights, with commas between', penalties)
    .option('--l2 <list>', 'penalties on their squares (default: 0 and 0.0001 to 1)', penalties)
    .addOption(
      new Option('--by <what>', 'chooses the best by the largest score, or the lowest loss')
        .choices(['score', 'loss'])
        .default('score'),
    )
    .action((data: string[], options: CvOptions & DataOptions, command: Command) => {
      refuseCvConflicts(options, command);
      const from = { data, options: sourceOptions(data, options, command) };
      requireTarget(from, options, command);
      startReading(from);
      return run(options, async (context) => (await import('./cv/cv.js')).cv(from, options, context));
    });
}

function addPredict(program: Command): void {
  addDataOptions(
    program
      .command('predict')
      .description('print a prediction for each row of data files, as CSV')
      .argument('<model>', 'a file that fit --output wrote'),
  )
    .option('-d, --device <device>', DEVICE, 'auto')
    .addOption(hsaOverrideOption())
    .option('--threshold <p>', 'how probable the second of two classes has to be (default: 0.5)', probability)
    .option('--proba', 'a column of the probability of each class')
    .option('--keep <columns>', 'columns of the data to write before the predictions', names)
    .option('--strict', 'fail at the first row without a prediction')
    .option('-o, --output <file>', 'write the predictions here')
    .option('--json', 'write JSON lines')
    .option('-q, --quiet', 'print the predictions alone')
    .action((model: string, data: string[], options: PredictOptions & DataOptions, command: Command) => {
      const from = { data, options: sourceOptions(data, options, command) };
      startReading(from);
      return run(options, async (context) =>
        (await import('./commands/predict.js')).predict(model, from, options, context),
      );
    });
}

function addEvaluate(program: Command): void {
  addDataOptions(
    program
      .command('evaluate')
      .description('score a model on a data file that has the target')
      .argument('<model>', 'a file that fit --output wrote'),
  )
    .option('-d, --device <device>', DEVICE, 'auto')
    .addOption(hsaOverrideOption())
    .option('--weight <column>', 'a column that says how much each row counts: 0 or more')
    .option('--json', 'print one JSON object')
    .option('-q, --quiet', 'print the result alone')
    .action((model: string, data: string[], options: EvaluateOptions & DataOptions, command: Command) => {
      const from = { data, options: sourceOptions(data, options, command) };
      startReading(from);
      return run(options, async (context) =>
        (await import('./commands/evaluate.js')).evaluate(model, from, options, context),
      );
    });
}

function addExport(program: Command): void {
  program
    .command('export')
    .description('write a model for others to use: ONNX, safetensors, JavaScript, SQL or PMML')
    .argument('<model>', 'a file that fit --output wrote')
    .addOption(
      new Option('--to <format>', 'as what (default: what the ending of --output says)').choices(
        exportFormats,
      ),
    )
    .option('-o, --output <file>', 'write it here (default: print it, where it is text)')
    .action((model: string, options: ExportOptions) =>
      run(options, async (context) =>
        (await import('./commands/export.js')).exportModel(model, options, context),
      ),
    );
}

function addDevices(program: Command): void {
  program
    .command('devices')
    .description('list the devices that neurons can be trained on')
    .option('--json', 'print a JSON array')
    .action((options: { json?: boolean }) =>
      run(options, async (context) => (await import('./commands/devices.js')).listDevices(context)),
    );
}

function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('say which devices were found, which were not, and why')
    .option('--json', 'print one JSON object')
    .action((options: { json?: boolean }) =>
      run(options, async (context) => (await import('./commands/doctor.js')).doctor(context)),
    );
}

function addCheck(program: Command): void {
  program
    .command('check')
    .description('see whether each device computes what it should')
    .option(
      '-d, --device <device>',
      `${DEVICE}; more than once for several (default: every device)`,
      repeated,
    )
    .addOption(hsaOverrideOption())
    .option('--quick', 'fewer cases: seconds, not minutes')
    .option(
      '--group <name>',
      'this group of cases alone; more than once for several (default: all)',
      repeated,
    )
    .option('--case <text>', 'one case alone, as a failure names it')
    .option('--json', 'print one JSON object')
    .action((options: CheckOptions) =>
      run(options, async (context) => (await import('./commands/check.js')).check(options, context)),
    );
}

function addBench(program: Command): void {
  program
    .command('bench')
    .description('measure how fast each device is, beside what its memory allows')
    .option(
      '-d, --device <device>',
      `${DEVICE}; more than once for several (default: every device)`,
      repeated,
    )
    .option('--columns <n,…>', 'of X, for gradients (default: 1, 4, 16 to 16384)', columnCounts)
    .option('--mebibytes <n>', 'size of X at most (default: 512, and an eighth of the memory)', positive)
    .option('--seconds <s>', 'length of a turn; each figure is the median of five (default: 0.15)', positive)
    .addOption(new Option('--dtype <name>', 'of the arithmetic').choices(dtypes).default('float32'))
    .addOption(hsaOverrideOption())
    .option('--quick', 'fewer figures, shorter turns')
    .option('--json', 'print one JSON object')
    .action((options: BenchOptions) =>
      run(options, async (context) => (await import('./commands/bench.js')).bench(options, context)),
    );
}

function addTune(program: Command): void {
  program
    .command('tune')
    .description('measure what suits the devices of this machine, and store it')
    .option('-d, --device <device>', `${DEVICE} (default: every device)`)
    .addOption(hsaOverrideOption())
    .option('--reset', 'forget what was stored')
    .option('--json', 'print one JSON object')
    .action((options: TuneOptions) =>
      run(options, async (context) => (await import('./commands/tune.js')).tune(options, context)),
    );
}

function addBuild(program: Command): void {
  program
    .command('build')
    .description('compile the addon on this machine, where no prebuilt one fits')
    .option(
      '--mpi',
      'compile what joins it to MPI, with the mpicc on PATH or in MPICC, for programs of several ranks',
    )
    .action((options: BuildOptions) =>
      run({}, async (context) => (await import('./commands/build.js')).build(options, context)),
    );
}
