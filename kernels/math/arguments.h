// What host code hands to a kernel besides buffers: one struct, by value, that both sides compile.
// Every field has a natural size and alignment, so that both lay it out alike.

// Rows of X, and the labels and weights that go with them.
typedef struct {
  ulong first;        // of X; where byIndex, the first of `indexes`, which name rows of X
  ulong firstLabel;   // of y; rows by index have their labels in the same places
  ulong firstWeight;  // of the weights, where rows have some; the same holds
  ulong count;
  uint n;  // columns
  int byIndex;
} RowSpan;

// Of a pass over rows.
typedef struct {
  RowSpan rows;
  int activation;
  int loss;
  int accumulate;     // adds to what an earlier launch of the pass has left
  uint stride;        // reals from one group's partial to the next
  uint slices;        // of the columns: gradient.slices.wide.cl alone,
  uint sliceColumns;  // as this
  uint outputs;       // of each row
} PassArguments;

// Of gradient_slices, which makes the dots of the rows that come next as well.
typedef struct {
  PassArguments pass;
  RowSpan next;
  ulong firstDots;  // where in the buffer of dots those of pass.rows begin, in reals,
  ulong nextDots;   // and those of `next`
  uint dotGroups;   // a slice, for `next`; 0 where no rows are left
} SlicesArguments;

// What a loss is penalised by, see penalty.h.
typedef struct {
  real l1;
  real l2;
} Penalties;

// An optimiser and its constants, see optimizers.h.
typedef struct {
  int name;  // OPTIMIZER_…
  int centered;
  int amsgrad;
  real momentum;
  real undamped;     // 1 − τ
  real restOfBeta1;  // 1 − β₁
  real restOfBeta2;  // 1 − β₂, or 1 − α
  real logBeta1;
  real logBeta2;
  real epsilon;
  real rateDecay;
  real weightDecay;
} Optimizer;

// What a step is told, see step.h.
typedef struct {
  real rate;
  Penalties penalties;
  Optimizer optimizer;
} StepOptions;

// Of what follows a pass.
typedef struct {
  ulong taken;  // steps before; where settled, those before the first loss of the run
  StepOptions options;
  real weight;      // of the rows that the partials are sums over, their count without weights:
  real weightRest;  // the value is the sum of both
  real tolerance;
  uint n;         // weights, of all outputs
  uint outputs;   // and as many intercepts
  uint partials;  // one a group of the pass
  uint losses;    // partials of the loss
  uint stride;
  int fitIntercept;
  int settled;  // whether the loss recorded last decides on the step
} StepArguments;

// Of steps that follow each other without a pass between.
typedef struct {
  RowSpan rows;
  ulong taken;      // steps before
  ulong firstRate;  // of `rates`, where each step has its own
  StepOptions options;
  real weightScale;  // that weights are times
  uint batchSize;
  uint stride;  // reals from theta to its moments, see moments.h
  int fitIntercept;
  int activation;
  int loss;
  int scheduled;  // whether each step has a rate of its own
} StepsArguments;

// Of the copy of rows by index out of one part of a matrix.
typedef struct {
  ulong firstX;  // row of the buffer where the part begins, and of that of labels
  ulong firstY;
  ulong firstRow;  // of the matrix in this part
  ulong partRows;
  ulong first;  // of the indexes
  ulong count;
  uint n;
  uint targets;  // of each row
} GatherArguments;

typedef struct {
  RowSpan rows;
  uint targets;  // of each row
  uint slabs;
  int accumulate;
} GramArguments;

typedef struct {
  ulong first;  // pack of four words
  ulong count;
  uint rest;  // single words after those
  int accumulate;
} ReadArguments;
