// Optimisers: how the gradient of a step becomes the direction in which θ moves, in the definitions
// of PyTorch (torch.optim), whose papers are named below. Each keeps up to three numbers of a
// weight from step to step, its moments, zeros at first; the l2 term is part of the gradient g.
//
//   momentum  v ← μv + (1 − τ)g, g in the first step     θ ← θ − rate·v    (Polyak, 1964)
//   nesterov  v likewise, τ = 0                          θ ← θ − rate·(g + μv)
//                               (Sutskever, Martens, Dahl, Hinton, "On the importance of
//                               initialization and momentum in deep learning", 2013)
//   adagrad   s ← s + g²        θ ← θ − rate/(1 + (t − 1)·rateDecay)·g / (√s + ε)
//                               (Duchi, Hazan, Singer, "Adaptive Subgradient Methods", 2011)
//   rmsprop   s ← αs + (1 − α)g²          θ ← θ − rate·v,  v ← μv + g / (√s + ε); where it is
//             centered, √(s − a²), a ← αa + (1 − α)g    (Hinton, "Lecture 6e", 2012; Graves,
//                               "Generating Sequences with Recurrent Neural Networks", 2013)
//   adam      v ← β₁v + (1 − β₁)g,  s ← β₂s + (1 − β₂)g²
//             θ ← θ − rate·v̂ / (√ŝ + ε),  v̂ = v/(1 − β₁ᵗ), ŝ = s/(1 − β₂ᵗ); where it is amsgrad,
//             with the largest s so far (Kingma, Ba, "Adam", 2015; Reddi, Kale, Kumar, "On the
//             Convergence of Adam and Beyond", 2018)
//   adamw     θ ← θ·(1 − rate·weightDecay) before that  (Loshchilov, Hutter, "Decoupled Weight
//   Decay
//                               Regularization", 2019)
//
// t counts steps from 1. sgd is the plain step of step.h. The columns: the name, its code.
#define EACH_OPTIMIZER(ROW) \
  ROW(sgd, 0)               \
  ROW(momentum, 1)          \
  ROW(nesterov, 2)          \
  ROW(adagrad, 3)           \
  ROW(rmsprop, 4)           \
  ROW(adam, 5)              \
  ROW(adamw, 6)

#ifndef TABLES_ONLY

enum {
#define ENUMERATOR(name, code) OPTIMIZER_##name = (code),
  EACH_OPTIMIZER(ENUMERATOR)
#undef ENUMERATOR
};

// At most so many moments of a weight.
enum { MOST_MOMENTS = 3 };

// What is kept of a weight.
typedef struct {
  value velocity;
  value square;
  value third;  // a of rmsprop, the largest s of adam
} Moments;

// What a step has of its number.
typedef struct {
  real rate;         // what the direction is multiplied with
  real squareScale;  // 1 / (1 − β₂ᵗ)
  int isFirst;
} Tempo;

// How many moments an optimiser keeps of a weight: the first so many of the struct.
INLINE uint moments_of(Optimizer by) {
  if (by.name == OPTIMIZER_sgd) return 0;
  if (by.name == OPTIMIZER_momentum || by.name == OPTIMIZER_nesterov) return 1;
  return by.centered || by.amsgrad ? MOST_MOMENTS : 2;
}

// The tempo of the step that comes after `taken` others.
INLINE Tempo tempo_of(Optimizer by, real rate, ulong taken) {
  const real t = (real)taken + 1;
  Tempo tempo;
  tempo.rate = rate;
  tempo.squareScale = 1;
  tempo.isFirst = taken == 0;
  if (by.name == OPTIMIZER_adagrad) tempo.rate = rate / (1 + (real)taken * by.rateDecay);
  if (by.name == OPTIMIZER_adam || by.name == OPTIMIZER_adamw) {
    // 1 − βᵗ, to the last digits where β is near 1
    tempo.rate = rate / -expm1(t * by.logBeta1);
    tempo.squareScale = -1 / expm1(t * by.logBeta2);
  }
  return tempo;
}

// (1 − rest)·average + rest·next
INLINE value moving_average(value average, value next, real rest) {
  return average + (next - average) * rest;
}

INLINE value larger_of(value a, value b) { return a < b ? b : a; }

// What a weight loses in the step, for its gradient g with the l2 term; NaN stays NaN.
INLINE value direction(value g, Moments* kept, Optimizer by, Tempo tempo) {
  if (by.name == OPTIMIZER_momentum || by.name == OPTIMIZER_nesterov) {
    kept->velocity = tempo.isFirst ? g : kept->velocity * by.momentum + g * by.undamped;
    const value along =
        by.name == OPTIMIZER_nesterov ? g + kept->velocity * by.momentum : kept->velocity;
    return along * tempo.rate;
  }
  if (by.name == OPTIMIZER_adagrad) {
    kept->square = kept->square + g * g;
    return g * tempo.rate / (sqrt(kept->square) + by.epsilon);
  }
  kept->square = moving_average(kept->square, g * g, by.restOfBeta2);
  if (by.name == OPTIMIZER_rmsprop) {
    value spread = kept->square;
    if (by.centered) {
      kept->third = moving_average(kept->third, g, by.restOfBeta2);
      spread = positive_part(spread - kept->third * kept->third);  // rounding can leave it below 0
    }
    const value scaled = g / (sqrt(spread) + by.epsilon);
    kept->velocity = kept->velocity * by.momentum + scaled;
    return kept->velocity * tempo.rate;
  }
  kept->velocity = moving_average(kept->velocity, g, by.restOfBeta1);
  value square = kept->square;
  if (by.amsgrad) {
    kept->third = larger_of(kept->third, square);
    square = kept->third;
  }
  return kept->velocity * tempo.rate / (sqrt(square * tempo.squareScale) + by.epsilon);
}

#endif
