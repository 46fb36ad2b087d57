// What host code hands to the kernels of sparse.cl and written.cl besides buffers, as
// math/arguments.h has it of the others.

// A column of codes among those of all such columns.
typedef struct {
  ulong at;    // its first byte
  uint bytes;  // of a code: 1, 2 or 4
  uint first;  // of the columns that it stands for, among the sparse ones
} HeldCodes;

// Of X with sparse columns, see sparse.h.
typedef struct {
  uint n;       // columns of X
  uint dense;   // columns as they are held: dense ones,
  uint sparse;  // and sparse ones
  uint codeColumns;
  int isCompressed;  // whether some are compressed rows
  int isScaled;      // whether the sparse ones stand for (x − mean)·factor
} SparseShape;

// Of such rows that are to be written out, of those in one part of the dense columns.
typedef struct {
  SparseShape shape;
  ulong firstX;    // row of the buffer where the part begins
  ulong firstRow;  // of the matrix in this part
  ulong partRows;
  ulong first;  // row of the matrix; where byIndex, of the indexes
  ulong count;
  int byIndex;
} WriteOutArguments;

// Of a pass over such rows, see sparse.cl.
typedef struct {
  SparseShape shape;
  ulong first;  // row of the matrix
  ulong count;
  ulong codeEntries;  // by columns, those of codes
  ulong segments;
  uint outputs;
  uint shifts;  // sums that sparse_weights leaves of each output,
  uint groups;  // and sparse_residuals
  uint densePartials;
  uint denseStride;  // reals from one of these to the next
  int activation;
  int loss;
} SparseArguments;
