import {
  checkObject,
  flag,
  integer,
  invalid,
  notNegative,
  oneOf,
  positive,
  refuseUnknown,
} from '../base/arguments';
import type { OptimizerName } from './tables';

export type { OptimizerName };

/** @internal Those whose steps are along the gradient. */
export type StepName = Exclude<OptimizerName, 'lbfgs'>;

/**
 * An optimiser by name, with its constants: PyTorch's (torch.optim) by PyTorch's names and with PyTorch's defaults, but for
 * `momentum`, which is 0.9. Steps, t from 1, with the gradient g of the mean loss and of the l2 term:
 * - `sgd`: θ ← θ − learningRate·g
 * - `momentum`: v ← momentum·v + (1 − dampening)·g, g at first; θ ← θ − learningRate·v
 * - `nesterov`: v ← momentum·v + g; θ ← θ − learningRate·(g + momentum·v)
 * - `adagrad`: s ← s + g²; θ ← θ − learningRate/(1 + (t − 1)·lrDecay)·g/(√s + eps)
 * - `rmsprop`: s ← alpha·s + (1 − alpha)·g²; v ← momentum·v + g/(√s + eps), with √(s − a²) where it is centered, a the same
 *   average of g; θ ← θ − learningRate·v
 * - `adam`: v and s averages of g and g² by betas, each over 1 − betaᵗ; θ ← θ − learningRate·v/(√s + eps); with amsgrad the
 *   largest s so far
 * - `adamw`: the same after θ ← θ·(1 − learningRate·weightDecay), which spares the intercept
 * - `lbfgs`, which is for batch descents and has no learning rate: steps along −Hg, H the inverse curvature as the last few
 *   steps have shown it, to where the strong Wolfe conditions hold (Liu and Nocedal, 1989); with l1 by OWL-QN (Andrew and
 *   Gao, 2007)
 *
 * Papers: kernels/math/optimizers.h, native/descent/lbfgs.h.
 */
export type OptimizerOptions =
  | {
      /** Plain steps. */
      readonly name: 'sgd';
    }
  | {
      /** A gradient goes on in the steps after it. */
      readonly name: 'momentum';
      /** 0 to below 1; default 0.9. */
      readonly momentum?: number;
      /** 0 to below 1; default 0. */
      readonly dampening?: number;
    }
  | {
      /** The gradient is that of where momentum leads. */
      readonly name: 'nesterov';
      /** 0 to below 1; default 0.9. */
      readonly momentum?: number;
    }
  | {
      /** A rate for each weight, by all its gradients. */
      readonly name: 'adagrad';
      /** 0 or more; default 0. */
      readonly lrDecay?: number;
      /** s before the first step, 0 or more; default 0. */
      readonly initialAccumulatorValue?: number;
      /** Above 0; default 1e-10. */
      readonly eps?: number;
    }
  | {
      /** A rate for each weight, by its gradients of late. */
      readonly name: 'rmsprop';
      /** 0 to below 1; default 0.99. */
      readonly alpha?: number;
      /** Above 0; default 1e-8. */
      readonly eps?: number;
      /** 0 to below 1; default 0. */
      readonly momentum?: number;
      /** Default false. */
      readonly centered?: boolean;
    }
  | ({
      /** Averages of gradients, at a rate for each weight. */
      readonly name: 'adam';
    } & AdamConstants)
  | ({
      /** The same, with weights that decay by themselves. */
      readonly name: 'adamw';
      /** 0 or more; default 0.01. */
      readonly weightDecay?: number;
    } & AdamConstants)
  | {
      /** To the optimum by the curvature that steps have shown. */
      readonly name: 'lbfgs';
      /** How many steps are remembered, 1 to 1000; default 10. */
      readonly history?: number;
    };

/** The constants that `adam` and `adamw` share. */
interface AdamConstants {
  /** Each 0 to below 1; default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Above 0; default 1e-8. */
  readonly eps?: number;
  /** Default false. */
  readonly amsgrad?: boolean;
}

/** @internal An optimiser as the addon takes it: the constants of steps by the names of kernels/math/optimizers.h. */
export interface Optimizer {
  readonly name: OptimizerName;
  readonly momentum?: number;
  readonly dampening?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly rateDecay?: number;
  readonly initialSquare?: number;
  readonly weightDecay?: number;
  readonly centered?: boolean;
  readonly amsgrad?: boolean;
  readonly history?: number;
}

/** @internal */
const plainOptimizer: Optimizer = { name: 'sgd' };

/** A constant: the value where it is left out, and what it means for the addon once it is checked. */
interface Constant {
  readonly otherwise: unknown;
  readonly read: (option: string, value: unknown) => Partial<Optimizer>;
}

interface Entry {
  readonly constants: Readonly<Record<string, Constant>>;
  /** What 'auto' means for the learning rate; left out, a stable rate for the data. */
  readonly learningRate?: number;
  /** Whether it has steps for an l1 penalty. */
  readonly proximal?: boolean;
}

function share(option: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value < 1) return value;
  throw invalid(option, 'a number from 0 to below 1', value);
}

function constant<Value>(
  otherwise: Value,
  name: keyof Optimizer,
  check: (option: string, value: unknown) => Value,
): Constant {
  return { otherwise, read: (option, value) => ({ [name]: check(option, value) }) };
}

const betas: Constant = {
  otherwise: [0.9, 0.999],
  read: (option, value) => {
    if (!Array.isArray(value) || value.length !== 2) throw invalid(option, 'an array of two numbers', value);
    return { beta1: share(`${option}[0]`, value[0]), beta2: share(`${option}[1]`, value[1]) };
  },
};

const adam = {
  betas,
  eps: constant(1e-8, 'epsilon', positive),
  amsgrad: constant(false, 'amsgrad', flag),
};

// Each by the names of its options.
const optimizers: Readonly<Record<OptimizerName, Entry>> = {
  sgd: { constants: {}, proximal: true },
  momentum: {
    constants: {
      momentum: constant(0.9, 'momentum', share),
      dampening: constant(0, 'dampening', share),
    },
  },
  nesterov: { constants: { momentum: constant(0.9, 'momentum', share) } },
  adagrad: {
    constants: {
      lrDecay: constant(0, 'rateDecay', notNegative),
      initialAccumulatorValue: constant(0, 'initialSquare', notNegative),
      eps: constant(1e-10, 'epsilon', positive),
    },
    learningRate: 0.01,
    proximal: true,
  },
  rmsprop: {
    constants: {
      alpha: constant(0.99, 'beta2', share),
      eps: constant(1e-8, 'epsilon', positive),
      momentum: constant(0, 'momentum', share),
      centered: constant(false, 'centered', flag),
    },
    learningRate: 0.01,
  },
  adam: { constants: adam, learningRate: 0.001 },
  adamw: {
    constants: { ...adam, weightDecay: constant(0.01, 'weightDecay', notNegative) },
    learningRate: 0.001,
  },
  lbfgs: {
    constants: { history: constant(10, 'history', (option, value) => integer(option, value, 1, 1000)) },
    proximal: true,
  },
};

/** @internal */
export const optimizerNames = Object.keys(optimizers) as OptimizerName[];

/** @internal Whether its steps have a learning rate; the others are for batch descents. */
export function hasLearningRate({ name }: Pick<Optimizer, 'name'>): boolean {
  return name !== 'lbfgs';
}

/** @internal Those of them, for any strategy. */
export const stepNames = optimizerNames.filter((name): name is StepName => hasLearningRate({ name }));

/** @internal What 'auto' means for the learning rate of an optimiser; undefined: a stable rate for the data. */
export function ownLearningRate({ name }: Optimizer): number | undefined {
  return optimizers[name].learningRate;
}

/** @internal Whether a descent by it may have an l1 penalty. */
export function isProximal({ name }: Optimizer): boolean {
  return optimizers[name].proximal ?? false;
}

/**
 * @internal An optimiser from its name or its options, with the constants that are left out.
 *
 * @throws ThalwegError ERR_INVALID_ARGUMENT, naming the option
 */
export function checkOptimizer(value: unknown): Optimizer {
  if (value === undefined) return plainOptimizer;
  if (typeof value === 'string') return checkOptimizer({ name: oneOf('optimizer', value, optimizerNames) });
  checkObject('optimizer', value);
  const given = value as Readonly<Record<string, unknown>>;
  const name = oneOf('optimizer.name', given['name'], optimizerNames);
  const { constants } = optimizers[name];
  refuseUnknown(value, ['name', ...Object.keys(constants)], `optimizer '${name}'`);
  const read = Object.entries(constants).map(([option, { otherwise, read }]) =>
    read(`optimizer.${option}`, given[option] === undefined ? otherwise : given[option]),
  );
  return Object.assign({ name }, ...read) as Optimizer;
}
