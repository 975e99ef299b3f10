/* Exit statuses. */
#include "cli/status.h"

/* The codes come first, in the order of nn_code: nn_status_of counts on it. */
const nn_status nn_statuses[] = {
    [NN_OK] = {0, "done; early stopping is success"},
    [NN_EUSAGE] = {2, "the command line is wrong"},
    [NN_ECONFIG] = {3, "the config is wrong: JSON, key, type, range, graph or shapes"},
    [NN_EDATA] = {4, "the contents of a data file are wrong"},
    [NN_EMODEL] = {5, "a model file is wrong, or does not fit"},
    [NN_EFILE] = {6, "the file system: missing file, permission, full disk, output exists"},
    [NN_ELIMIT] = {7, "memory, threads, or a documented limit"},
    [NN_EDIVERGED] = {8, "training met NaN or Inf; the last good model is kept"},
    [NN_ESTOPPED] = {75, "stopped by --max-time or SIGUSR1 with the last model written"},
    [NN_EBUG] = {9, "a bug in nnctl"},
    {NN_STATUS_UNMET, "ran to the end, but the condition of --fail-if holds"},
    {129, "stopped by SIGHUP with the last model written"},
    {130, "stopped by SIGINT with the last model written; a second SIGINT stops at once"},
    {143, "stopped by SIGTERM with the last model written"},
    {0, 0},
};

int nn_status_of(nn_code code)
{
    return nn_statuses[code].status;
}
