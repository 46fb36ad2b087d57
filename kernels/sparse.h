// Rows of X with sparse columns: of columns of codes, each of which stands for as many columns of 0
// and 1 as it has levels, the code of each row; of compressed rows (CSR) the entries from
// begins[row] to begins[row + 1], a column and a value each. Columns are counted among the sparse
// ones; `places` says which column of X each of the dense and then of the sparse ones is. Where
// they are scaled, `scaling` holds a mean of each sparse column and then a factor of each.

// In `places`: of a level that no column of X stands for.
#define NOWHERE 0xffffffffu

typedef struct {
  GLOBAL const unsigned char* codes;
  GLOBAL const HeldCodes* codeColumns;
  GLOBAL const ulong* begins;
  GLOBAL const uint* columns;
  GLOBAL const real* values;
} SparseRows;

INLINE SparseRows sparse_rows(GLOBAL const unsigned char* codes,
                              GLOBAL const HeldCodes* codeColumns, GLOBAL const ulong* begins,
                              GLOBAL const uint* columns, GLOBAL const real* values) {
  SparseRows rows;
  rows.codes = codes;
  rows.codeColumns = codeColumns;
  rows.begins = begins;
  rows.columns = columns;
  rows.values = values;
  return rows;
}

// The sparse column in which row `row` has a 1 by its code number c.
INLINE uint column_of_code(const SparseRows* rows, uint c, ulong row) {
  const HeldCodes column = rows->codeColumns[c];
  GLOBAL const unsigned char* codes = rows->codes + column.at;
  if (column.bytes == 1) return column.first + codes[row];
  if (column.bytes == 2) return column.first + ((GLOBAL const unsigned short*)codes)[row];
  return column.first + ((GLOBAL const uint*)codes)[row];
}

// What a sparse column stands for where it holds x.
INLINE real scaled_value(const SparseShape* shape, GLOBAL const real* scaling, uint column,
                         real x) {
  return shape->isScaled ? (x - scaling[column]) * scaling[shape->sparse + column] : x;
}
