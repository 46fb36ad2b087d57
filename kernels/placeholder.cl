// Holds the place of the kernels.
