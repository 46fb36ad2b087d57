#ifndef THALWEG_MPI_BRIDGE_H
#define THALWEG_MPI_BRIDGE_H

/* What the addon needs of an MPI library, in plain C. Implementations of MPI differ in their binary
   interface, so that mpi_bridge.c is compiled by the mpicc of the machine and loaded when a program
   asks for its ranks. Calls come from one thread at a time. Those that return a status return 0, or
   what `describe` makes a text of. */

#ifdef __cplusplus
extern "C" {
#endif

#define THALWEG_MPI_BRIDGE_VERSION 1

struct thalweg_mpi {
  int version; /* THALWEG_MPI_BRIDGE_VERSION of who compiled it */
  /* Initialises MPI. */
  int (*start)(int* rank, int* size);
  /* What the library says of itself, with '\0' at the end. */
  void (*library)(char* text, int room);
  void (*describe)(int status, char* text, int room);
  /* Begins to give all ranks the `bytes` of each, in the order of ranks. */
  int (*gather)(const void* mine, int bytes, void* all);
  /* Begins to give rank r the r-th `bytes` of mine; theirs come in the order of ranks. */
  int (*exchange)(const void* mine, int bytes, void* theirs);
  /* Whether what was begun is done. */
  int (*test)(int* done);
  /* Ends the processes of all ranks. */
  void (*abort)(int code);
  /* Waits for all ranks to call it. */
  int (*finish)(void); /* NOLINT(modernize-redundant-void-arg): the same in C */
};

__attribute__((visibility("default"))) const struct thalweg_mpi* thalweg_mpi_bridge(void);

#ifdef __cplusplus
}
#endif

#endif
