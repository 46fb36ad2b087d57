// What is minimised: a table of the activations φ and the losses ℓ, and what one row adds for each
// of their pairs. From z = xᵀθ + b and the label y that is the loss ℓ(φ(z), y) and the residual
// δ = ℓ'(φ(z), y)·φ'(z), so that the gradient is Xᵀδ.
//
// Every device compiles this text, through a prelude: a `value` belongs to one row on GPUs, and to
// as many rows as a vector has lanes on CPUs. Host code takes codes and rules from the tables, and
// scripts/objective-tables.mjs makes lib/objective/tables.ts of them. A new loss is a line of a
// table and a function NAME_loss or NAME_of_pair; a new activation is a line and a function
// NAME_activated. What they have no line for in curvature_bound is bounded as the squared loss.
//
// Sources: the losses as in Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning",
// 2nd ed., §10.6. The forms are those that neither cancel nor overflow.

// clang-format off

// ROW(name, code, default loss, outputs): outputs are any, positive, or unit, between 0 and 1.
#define EACH_ACTIVATION(ROW)                                 \
  ROW(linear, 0, squared, any)        /* z */                \
  ROW(sigmoid, 1, log, unit)          /* 1 / (1 + e⁻ᶻ) */    \
  ROW(tanh, 2, squared, any)          /* tanh z */           \
  ROW(relu, 3, squared, any)          /* max(0, z) */        \
  ROW(softplus, 4, squared, positive) /* log(1 + eᶻ) */      \
  ROW(exp, 5, poisson, positive)      /* eᶻ */

// ROW(name, code, labels, outputs that it needs, largest ∂²ℓ/∂ŷ²): labels are any, zeroOrOne,
// plusMinusOne or notNegative. absolute and hinge have no curvature: that of huber keeps their
// steps bounded. Losses that are functions of the output alone:
#define EACH_LOSS_OF_OUTPUT(ROW)                                                          \
  ROW(squared, 0, any, any, 2)        /* (ŷ − y)² */                                      \
  ROW(absolute, 2, any, any, 1)       /* |ŷ − y| */                                       \
  ROW(huber, 3, any, any, 1)          /* ½(ŷ − y)² up to |ŷ − y| = 1, then |ŷ − y| − ½ */ \
  ROW(hinge, 4, plusMinusOne, any, 1) /* max(0, 1 − y·ŷ), for labels −1 and 1 */
// and those that have a form of their own with each activation, and so a curvature:
#define EACH_LOSS_OF_PAIR(ROW)                                                                       \
  ROW(log, 1, zeroOrOne, unit, 0)           /* −(y log ŷ + (1 − y) log(1 − ŷ)), for labels 0 and 1 */ \
  ROW(poisson, 5, notNegative, positive, 0) /* ŷ − y log ŷ, for y ≥ 0 */

// clang-format on

#define EACH_LOSS(ROW)     \
  EACH_LOSS_OF_OUTPUT(ROW) \
  EACH_LOSS_OF_PAIR(ROW)

// Of the K outputs of a row together: pₖ = eᶻᵏ / Σⱼ eᶻʲ and, for a label y from 0 to K − 1, −log
// p_y, whose δₖ is pₖ − [k = y].
#define SOFTMAX_CODE 6
#define CROSS_ENTROPY_CODE 6

#ifndef TABLES_ONLY

enum { ACTIVATION_softmax = SOFTMAX_CODE, LOSS_crossEntropy = CROSS_ENTROPY_CODE };

#define ACTIVATION_CODE(name, code, partner, outputs) ACTIVATION_##name = code,
#define LOSS_CODE(name, code, labels, needs, curvature) LOSS_##name = code,
enum { EACH_ACTIVATION(ACTIVATION_CODE) EACH_LOSS(LOSS_CODE) };

// φ at z.
typedef struct {
  value output;  // φ(z)
  value slope;   // φ'(z)
} Activated;

typedef struct {
  value loss;
  value residual;
} Outcome;

// That of the log loss, ℓ = loss + log(1 + odds): one logarithm does for the odds of many rows.
typedef struct {
  value loss;
  value residual;
  value odds;  // from 0 to 1
} LogOutcome;

INLINE Activated activated_by(value output, value slope) {
  Activated result;
  result.output = output;
  result.slope = slope;
  return result;
}

INLINE Outcome outcome(value loss, value residual) {
  Outcome result;
  result.loss = loss;
  result.residual = residual;
  return result;
}

INLINE LogOutcome log_outcome(value loss, value residual, value odds) {
  LogOutcome result;
  result.loss = loss;
  result.residual = residual;
  result.odds = odds;
  return result;
}

// σ(z), from odds = e^−|z|; σ(−z) is 1 − σ(z) without its rounding.
INLINE value logistic(value z, value odds) {
  return (is_negative(z) ? odds : VALUE(1)) / (VALUE(1) + odds);
}

// log(1 + eᶻ)
INLINE value log_of_sum(value z, value odds) { return positive_part(z) + log1p(odds); }

INLINE Activated linear_activated(value z) { return activated_by(z, VALUE(1)); }

INLINE Activated sigmoid_activated(value z) {
  const value odds = exp(negative_magnitude(z));
  const value output = logistic(z, odds);
  return activated_by(output, output * logistic(-z, odds));
}

INLINE Activated tanh_activated(value z) {
  const value output = tanh(z);
  return activated_by(output, (VALUE(1) - output) * (VALUE(1) + output));
}

// 0 is taken as the slope at 0.
INLINE Activated relu_activated(value z) {
  return activated_by(positive_part(z), z > VALUE(0) ? VALUE(1) : VALUE(0));
}

INLINE Activated softplus_activated(value z) {
  const value odds = exp(negative_magnitude(z));
  return activated_by(log_of_sum(z, odds), logistic(z, odds));
}

INLINE Activated exp_activated(value z) {
  const value output = exp(z);
  return activated_by(output, output);
}

INLINE Activated activated(value z, int activation) {
#define ACTIVATED_CASE(name, code, partner, outputs) \
  if (activation == ACTIVATION_##name) return name##_activated(z);
  EACH_ACTIVATION(ACTIVATED_CASE)
  return linear_activated(z);
}

// ℓ and ∂ℓ/∂ŷ of the losses that need only the output; 0 is the derivative at a kink.

INLINE value sign_of(value r) {
  return r > VALUE(0) ? VALUE(1) : (r < VALUE(0) ? VALUE(-1) : r);  // NaN stays NaN
}

INLINE Outcome squared_loss(value output, value y) {
  const value r = output - y;
  return outcome(r * r, r + r);
}

INLINE Outcome absolute_loss(value output, value y) {
  const value r = output - y;
  return outcome(fabs(r), sign_of(r));
}

// ½r² up to |r| = 1, |r| − ½ beyond.
INLINE Outcome huber_loss(value output, value y) {
  const value r = output - y;
  const value size = fabs(r);
  return outcome(size <= VALUE(1) ? r * r * VALUE(0.5) : size - VALUE(0.5),
                 size <= VALUE(1) ? r : sign_of(r));
}

INLINE Outcome hinge_loss(value output, value y) {
  const value margin = VALUE(1) - y * output;
  return outcome(margin <= VALUE(0) ? VALUE(0) : margin, margin <= VALUE(0) ? VALUE(0) : -y);
}

// The pairs whose δ simplifies.

// −(y log σ(z) + (1 − y) log(1 − σ(z))) = log(1 + eᶻ) − y·z;  δ = σ(z) − y
INLINE LogOutcome sigmoid_log_outcome(value z, value y) {
  const value odds = exp_of_negative(negative_magnitude(z));
  return log_outcome(fma(-y, z, positive_part(z)), logistic(z, odds) - y, odds);
}

// ℓ = ŷ − y log ŷ and δ = φ' − y·φ'/φ, the logarithm and the ratio taken before ŷ underflows.

INLINE Outcome exp_poisson_outcome(value z, value y) {
  const value output = exp(z);
  return outcome(fma(-y, z, output), output - y);
}

// Of sigmoid and softplus together: each exp and log1p that is written out once more takes scalars
// for its constants, until AMD's compiler has to spill some.
INLINE Outcome logistic_poisson_outcome(value z, value y, int activation) {
  const value odds = exp(negative_magnitude(z));
  const value tail = log1p(odds);
  const value slope = logistic(z, odds);
  if (activation == ACTIVATION_sigmoid) {
    return outcome(fma(y, positive_part(-z) + tail, slope), (slope - y) * (VALUE(1) - slope));
  }
  const value output = positive_part(z) + tail;
  // Below this z the output is eᶻ to the last bit: its logarithm is z, and slope / output is 1.
  const value ratio = z < VALUE(SOFTPLUS_IS_EXP) ? VALUE(1) : slope / output;
  const value logarithm = z < VALUE(SOFTPLUS_IS_EXP) ? z : log(output);
  return outcome(fma(-y, logarithm, output), fma(-y, ratio, slope));
}

INLINE Outcome log_of_pair(value z, value y, int activation) {
  (void)activation;  // always sigmoid
  const LogOutcome result = sigmoid_log_outcome(z, y);
  return outcome(result.loss + log1p(result.odds), result.residual);
}

INLINE Outcome poisson_of_pair(value z, value y, int activation) {
  if (activation == ACTIVATION_exp) return exp_poisson_outcome(z, y);
  return logistic_poisson_outcome(z, y, activation);
}

// Softmax, from the exponentials eᶻᵏ⁻ᵐ of a row, m its largest z: the sum of all of them is 1 +
// rest, without the 1 of the largest, so that what is far below 1 is not rounded away.

INLINE value softmax_share(value part, value rest) { return part / (VALUE(1) + rest); }

// −log p of the output whose z is so much below the largest.
INLINE value cross_entropy(value rest, value below) { return below + log1p_of_any(rest); }

INLINE Outcome outcome_of(value z, value y, int activation, int loss) {
#define PAIR_CASE(name, code, labels, needs, curvature) \
  if (loss == LOSS_##name) return name##_of_pair(z, y, activation);
  EACH_LOSS_OF_PAIR(PAIR_CASE)
  const Activated at = activated(z, activation);
  Outcome result = outcome(VALUE(0), VALUE(0));
#define OUTPUT_CASE(name, code, labels, needs, curvature) \
  if (loss == LOSS_##name) result = name##_loss(at.output, y);
  EACH_LOSS_OF_OUTPUT(OUTPUT_CASE)
  return outcome(result.loss, result.residual * at.slope);
}

// That of a row that counts `weight` times, 0 or more. Of one that counts 0 times nothing is left,
// whatever it was.
INLINE Outcome weighted_outcome(Outcome at, value weight) {
  return outcome(weight > VALUE(0) ? at.loss * weight : VALUE(0),
                 weight > VALUE(0) ? at.residual * weight : VALUE(0));
}

#ifdef HOST

// A bound of ∂²ℓ(φ(z), y)/∂z² over z, for |y| up to `most`; where none exists (see below), its
// value around the targets. |∂²ℓ| ≤ max ℓ''·max φ'² + max |ℓ'|·max |φ''|, of which φ' of sigmoid is
// at most 1/4 and |φ''| at most 1/(6√3), those of tanh 1 and 4/(3√3), those of softplus 1 and 1/4.
INLINE double curvature_bound(int activation, int loss, double most) {
  const double rootOf3 = 1.7320508075688772;
  const double scale = most > 1 ? most : 1;
  // The steps of the absolute loss are as long for targets near 0 as for others: where φ(0) is 0
  // they shall not go beyond the largest.
  const double kink = loss == LOSS_absolute && most > 0 && most < 1 ? most : 1;
  if (loss == LOSS_log) return 0.25;
  // diag(p) − ppᵀ is at most ½ (Böhning, "Multinomial logistic regression algorithm", 1992).
  if (loss == LOSS_crossEntropy) return 0.5;
  if (loss == LOSS_poisson) {
    if (activation == ACTIVATION_sigmoid) return 0.25 * (1 + most);
    return activation == ACTIVATION_softplus ? 0.25 * (2 + most) : scale;
  }
  // The squared loss bends the most of those that are left.
  if (activation == ACTIVATION_sigmoid) return 2 * (0.0625 + (1 + most) / (6 * rootOf3));
  if (activation == ACTIVATION_tanh) return 2 * (1 + (1 + most) * 4 / (3 * rootOf3)) / kink;
  if (activation == ACTIVATION_softplus) return 2 * (1 + (1 + most) / 4);
  if (activation == ACTIVATION_exp) return 2 * scale * (scale + most);
#define CURVATURE_CASE(name, code, labels, needs, curvature) \
  if (loss == LOSS_##name) return curvature / kink;
  EACH_LOSS_OF_OUTPUT(CURVATURE_CASE)
  return 2;
}

// Whether that is a bound.
INLINE bool curvature_is_bounded(int activation, int loss) {
  return activation != ACTIVATION_exp &&
         (activation != ACTIVATION_softplus || loss != LOSS_squared);
}

// Whether ∂ℓ(φ(z), y)/∂z is continuous.
INLINE bool is_smooth(int activation, int loss) {
  return activation != ACTIVATION_relu && loss != LOSS_absolute && loss != LOSS_hinge;
}

// The power of c > 0 in ℓ(φ(cz), cy) = cᵖ·ℓ(φ(z), y), where φ(cz) = c·φ(z); 0 where there is none.
INLINE int degree_of_scaling(int activation, int loss) {
  if (activation != ACTIVATION_linear && activation != ACTIVATION_relu) return 0;
  return loss == LOSS_squared ? 2 : (loss == LOSS_absolute ? 1 : 0);
}
#else
// Calls: of the constants of exp, log and the like a compiler makes scalars that live through the
// rows' loop, in float64 more than AMD GPUs have registers for.
NOT_INLINE value activate(value z, int activation) { return activated(z, activation).output; }
NOT_INLINE Outcome row_outcome(value z, value y, int activation, int loss) {
  return outcome_of(z, y, activation, loss);
}

// The same of a row that counts `weight` times, where rows have weights.
INLINE Outcome label_outcome(value z, value y, value weight, int activation, int loss) {
  const Outcome at = row_outcome(z, y, activation, loss);
  return WEIGHTED ? weighted_outcome(at, weight) : at;
}
#endif

#endif
