// One row's part of what is minimised: from z = xᵀθ + b and the label y, the loss ℓ(φ(z), y) and
// the residual δ = ℓ'(φ(z), y)·φ'(z), so that the gradient is Xᵀδ. The numbers are those of
// native/device/objective.h; they are the same for every work-item, so that the branches cost no
// divergence.
//
// Pairs whose δ simplifies are computed in the simple form, which neither cancels nor overflows:
//   sigmoid and log:  δ = σ(z) − y,  ℓ = max(z, 0) − y·z + log(1 + e^−|z|)
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

// φ at z. Where both are formed, each transcendental function is written once.
typedef struct {
  real output;  // φ(z)
  real slope;   // φ'(z)
  real tail;    // log(1 + e^−|z|), for sigmoid and softplus
} Activated;

INLINE Activated activated_by(real output, real slope, real tail) {
  Activated result;
  result.output = output;
  result.slope = slope;
  result.tail = tail;
  return result;
}

INLINE Activated activated(real z, int activation) {
  if (activation == ACTIVATION_LINEAR) return activated_by(z, (real)1, (real)0);
  if (activation == ACTIVATION_RELU) {
    // NaN stays NaN.
    return activated_by(z < 0 ? (real)0 : z, z > 0 ? (real)1 : (real)0, (real)0);
  }
  if (activation == ACTIVATION_TANH) {
    const real t = tanh(z);
    return activated_by(t, (1 - t) * (1 + t), (real)0);
  }
  const real e = exp(activation == ACTIVATION_EXP ? z : -fabs(z));
  if (activation == ACTIVATION_EXP) return activated_by(e, e, (real)0);
  const real sigmoid = (z >= 0 ? (real)1 : e) / (1 + e);
  const real complement = (z >= 0 ? e : (real)1) / (1 + e);
  const real tail = log1p(e);
  return activation == ACTIVATION_SIGMOID ? activated_by(sigmoid, sigmoid * complement, tail)
                                          : activated_by(fmax(z, (real)0) + tail, sigmoid, tail);
}

// A call, as row_outcome below: of the constants of exp, log and the like a compiler makes scalars
// that live through the rows' loop, in float64 more than AMD GPUs have registers for.
NOT_INLINE real activate(real z, int activation) { return activated(z, activation).output; }

// ℓ and ∂ℓ/∂ŷ for the losses that need only the output.
INLINE Outcome loss_at(real output, real y, int loss) {
  const real r = output - y;
  const real size = fabs(r);
  const real sign = r > 0 ? (real)1 : r < 0 ? (real)-1 : r;
  if (loss == LOSS_ABSOLUTE) return outcome(size, sign);
  if (loss == LOSS_HUBER) {
    return size <= 1 ? outcome((real)0.5f * r * r, r) : outcome(size - (real)0.5f, sign);
  }
  if (loss == LOSS_HINGE) {
    const real margin = 1 - y * output;
    return margin <= 0 ? outcome((real)0, (real)0) : outcome(margin, -y);
  }
  return outcome(r * r, 2 * r);
}

// ℓ = ŷ − y log ŷ and δ = φ' − y·φ'/φ, the logarithm and the ratio taken before ŷ underflows.
INLINE Outcome poisson(Activated at, real z, real y, int activation) {
  if (activation == ACTIVATION_EXP) return outcome(fma(-y, z, at.output), at.output - y);
  if (activation == ACTIVATION_SIGMOID) {
    const real logarithm = -(fmax(-z, (real)0) + at.tail);
    return outcome(fma(-y, logarithm, at.output), (at.output - y) * (1 - at.output));
  }
  // softplus(z) → eᶻ as z → −∞
  const int tiny = at.slope < (real)EPSILON;
  const real logarithm = tiny ? z : log(at.output);
  const real ratio = tiny ? (real)1 : at.slope / at.output;
  return outcome(fma(-y, logarithm, at.output), fma(-y, ratio, at.slope));
}

NOT_INLINE Outcome row_outcome(real z, real y, int activation, int loss) {
  const Activated at = activated(z, activation);
  if (loss == LOSS_LOG) {
    return outcome(fma(-y, z, fmax(z, (real)0)) + at.tail, at.output - y);
  }
  if (loss == LOSS_POISSON) return poisson(at, z, y, activation);
  const Outcome result = loss_at(at.output, y, loss);
  return outcome(result.loss, result.residual * at.slope);
}
