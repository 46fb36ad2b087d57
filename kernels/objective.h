// One row's part of what is minimised: from z = xᵀθ + b and the label y, the loss ℓ(φ(z), y) and
// the residual δ = ℓ'(φ(z), y)·φ'(z), so that the gradient is Xᵀδ. The numbers are those of
// native/device/objective.h; they are the same for every work-item, so that the branches cost no
// divergence.
//
// Pairs whose δ simplifies are computed in the simple form, which neither cancels nor overflows:
//   sigmoid and log:  δ = σ(z) − y,  ℓ = softplus(z) − y·z = max(z, 0) − y·z + log(1 + e⁻|ᶻ|)
//   exp and poisson:  δ = eᶻ − y,    ℓ = eᶻ − y·z

#define ACTIVATION_LINEAR 0
#define ACTIVATION_SIGMOID 1
#define ACTIVATION_TANH 2
#define ACTIVATION_RELU 3
#define ACTIVATION_SOFTPLUS 4
#define ACTIVATION_EXP 5

#define LOSS_SQUARED 0
#define LOSS_LOG 1
#define LOSS_ABSOLUTE 2
#define LOSS_HUBER 3
#define LOSS_HINGE 4
#define LOSS_POISSON 5

typedef struct {
  real loss;
  real residual;
} Outcome;

INLINE Outcome outcome(real loss, real residual) {
  Outcome result;
  result.loss = loss;
  result.residual = residual;
  return result;
}

INLINE real sigmoid(real z) {
  const real e = exp(-fabs(z));
  return (z >= 0 ? (real)1 : e) / (1 + e);
}

INLINE real softplus(real z) { return fmax(z, (real)0) + log1p(exp(-fabs(z))); }

INLINE real activate(real z, int activation) {
  switch (activation) {
    case ACTIVATION_SIGMOID: return sigmoid(z);
    case ACTIVATION_TANH: return tanh(z);
    case ACTIVATION_RELU: return z < 0 ? (real)0 : z;  // NaN stays NaN
    case ACTIVATION_SOFTPLUS: return softplus(z);
    case ACTIVATION_EXP: return exp(z);
    default: return z;
  }
}

// φ'(z), with the output φ(z) at hand.
INLINE real activation_slope(real z, real output, int activation) {
  switch (activation) {
    case ACTIVATION_SIGMOID: return output * sigmoid(-z);
    case ACTIVATION_TANH: return (1 - output) * (1 + output);
    case ACTIVATION_RELU: return z > 0 ? (real)1 : (real)0;
    case ACTIVATION_SOFTPLUS: return sigmoid(z);
    case ACTIVATION_EXP: return output;
    default: return (real)1;
  }
}

// ℓ and ∂ℓ/∂ŷ for the losses that need only the output.
INLINE Outcome loss_at(real output, real y, int loss) {
  const real r = output - y;
  const real size = fabs(r);
  switch (loss) {
    case LOSS_ABSOLUTE: return outcome(size, r > 0 ? (real)1 : r < 0 ? (real)-1 : r);
    case LOSS_HUBER:
      return size <= 1 ? outcome((real)0.5f * r * r, r)
                       : outcome(size - (real)0.5f, r > 0 ? (real)1 : (real)-1);
    case LOSS_HINGE: {
      const real margin = 1 - y * output;
      return margin <= 0 ? outcome((real)0, (real)0) : outcome(margin, -y);
    }
    default: return outcome(r * r, 2 * r);
  }
}

// ŷ − y log ŷ for an output of softplus or sigmoid, whose logarithm and whose φ'/φ are taken before
// they underflow.
INLINE Outcome poisson(real z, real y, int activation) {
  const real output = activate(z, activation);
  if (activation == ACTIVATION_SIGMOID) {
    return outcome(fma(y, softplus(-z), output), (output - y) * sigmoid(-z));
  }
  // softplus(z) → eᶻ as z → −∞
  const int tiny = exp(z) < (real)EPSILON;
  const real logarithm = tiny ? z : log(output);
  const real ratio = tiny ? (real)1 : sigmoid(z) / output;
  return outcome(fma(-y, logarithm, output), fma(-y, ratio, sigmoid(z)));
}

INLINE Outcome row_outcome(real z, real y, int activation, int loss) {
  if (loss == LOSS_LOG) {
    return outcome(fma(-y, z, fmax(z, (real)0)) + log1p(exp(-fabs(z))), sigmoid(z) - y);
  }
  if (loss == LOSS_POISSON) {
    if (activation != ACTIVATION_EXP) return poisson(z, y, activation);
    const real output = exp(z);
    return outcome(fma(-y, z, output), output - y);
  }
  const real output = activate(z, activation);
  const Outcome at = loss_at(output, y, loss);
  return activation == ACTIVATION_LINEAR
             ? at
             : outcome(at.loss, at.residual * activation_slope(z, output, activation));
}
