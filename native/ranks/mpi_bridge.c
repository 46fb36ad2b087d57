#include "mpi_bridge.h"

#include <mpi.h>
#include <stdio.h>
#include <string.h>

static MPI_Comm ranks = MPI_COMM_NULL;
static MPI_Request pending = MPI_REQUEST_NULL;

static int start(int* rank, int* size) {
  int initialized = 0;
  int provided = MPI_THREAD_SINGLE;
  int status = MPI_Initialized(&initialized);
  if (status != MPI_SUCCESS) return status;
  if (initialized) {
    status = MPI_Query_thread(&provided);
  } else {
    status = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
  }
  if (status != MPI_SUCCESS) return status;
  /* The thread that descends is not the one that starts. */
  if (provided < MPI_THREAD_SERIALIZED) return MPI_ERR_UNSUPPORTED_OPERATION;
  /* Of our own, so that nobody else's messages come in between. */
  status = MPI_Comm_dup(MPI_COMM_WORLD, &ranks);
  if (status == MPI_SUCCESS) status = MPI_Comm_set_errhandler(ranks, MPI_ERRORS_RETURN);
  if (status == MPI_SUCCESS) status = MPI_Comm_rank(ranks, rank);
  if (status == MPI_SUCCESS) status = MPI_Comm_size(ranks, size);
  return status;
}

static void library(char* text, int room) {
  char version[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(version, &length);
  snprintf(text, (size_t)room, "%s", version);
}

static void describe(int status, char* text, int room) {
  char message[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(status, message, &length);
  snprintf(text, (size_t)room, "%s", message);
}

static int gather(const void* mine, int bytes, void* all) {
  return MPI_Iallgather(mine, bytes, MPI_BYTE, all, bytes, MPI_BYTE, ranks, &pending);
}

static int exchange(const void* mine, int bytes, void* theirs) {
  return MPI_Ialltoall(mine, bytes, MPI_BYTE, theirs, bytes, MPI_BYTE, ranks, &pending);
}

static int test(int* done) { return MPI_Test(&pending, done, MPI_STATUS_IGNORE); }

static void abort_all(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

static int finish(void) { return MPI_Finalize(); }

const struct thalweg_mpi* thalweg_mpi_bridge(void) {
  static const struct thalweg_mpi bridge = {THALWEG_MPI_BRIDGE_VERSION,
                                            start,
                                            library,
                                            describe,
                                            gather,
                                            exchange,
                                            test,
                                            abort_all,
                                            finish};
  return &bridge;
}
