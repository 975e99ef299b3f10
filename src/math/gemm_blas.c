/*
 * OpenBLAS, loaded on first use. Linked the usual way it would start a thread per core before main;
 * those spin for 0.1 s and take the cores from ours. It would also pick its kernels by a list of
 * CPUs, and takes a CPU that is newer than itself for one without AVX; or it would follow the
 * environment, on which no bit of a result may depend. All of it is settled by variables that it
 * reads while it is loaded, and only then.
 */
#include "math/gemm_blas.h"

#include "math/isa.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>

typedef void gemm_fn(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb,
                     blasint m, blasint n, blasint k, nn_real alpha, const nn_real *a, blasint lda,
                     const nn_real *b, blasint ldb, nn_real beta, nn_real *c, blasint ldc);
typedef char *config_fn(void);
typedef void threads_fn(int threads);

#if NN_REAL_IS_DOUBLE
static const char gemm_name[] = "cblas_dgemm";
_Static_assert(_Generic(&cblas_dgemm, gemm_fn * : 1, default : 0), "cblas_dgemm has another type");
#else
static const char gemm_name[] = "cblas_sgemm";
_Static_assert(_Generic(&cblas_sgemm, gemm_fn * : 1, default : 0), "cblas_sgemm has another type");
#endif

/* The one state of this floor: written once, by load. */
static struct {
    gemm_fn *gemm; /* NULL: there is none */
    config_fn *config;
    char reason[200]; /* why there is none; "": there is, or it was not asked for yet */
} blas;

/* Its kernels for the instruction set that was found here, whatever CPU it takes this one for. */
static void settle_environment(void)
{
    const char *isa = nn_cpu_isa();

    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    if (strcmp(isa, "avx512") == 0)
        setenv("OPENBLAS_CORETYPE", "SkylakeX", 1);
    else if (strcmp(isa, "avx2") == 0)
        setenv("OPENBLAS_CORETYPE", "Haswell", 1);
    else
        unsetenv("OPENBLAS_CORETYPE");
}

static void note_failure(void)
{
    const char *const reason = dlerror();

    (void)snprintf(blas.reason, sizeof blas.reason, "%s",
                   reason != NULL ? reason : "the system does not say why");
}

static void load(void)
{
    void *library;
    threads_fn *set_threads;

    settle_environment();
    if ((library = dlopen(NN_BLAS_FILE, RTLD_NOW | RTLD_LOCAL)) == NULL) {
        note_failure();
        return;
    }
    if ((set_threads = (threads_fn *)dlsym(library, "openblas_set_num_threads")) != NULL)
        set_threads(1);
    blas.config = (config_fn *)dlsym(library, "openblas_get_config");
    blas.gemm = (gemm_fn *)dlsym(library, gemm_name);
    if (blas.gemm == NULL)
        note_failure();
}

static void load_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
}

static void tile(const nn_gemm *g, int row, int rows, int col, int cols)
{
    const nn_real *a = g->a + (g->ta ? row : (ptrdiff_t)row * g->lda);
    const nn_real *b = g->b + (g->tb ? (ptrdiff_t)col * g->ldb : col);

    blas.gemm(CblasRowMajor, g->ta ? CblasTrans : CblasNoTrans, g->tb ? CblasTrans : CblasNoTrans,
              rows, cols, g->k, 1, a, g->lda, b, g->ldb, g->add ? 1 : 0,
              g->c + (ptrdiff_t)row * g->ldc + col, g->ldc);
}

nn_blas_tile_fn *nn_blas_tile(void)
{
    load_once();
    return blas.gemm != NULL ? tile : NULL;
}

const char *nn_blas_name(void)
{
    load_once();
    return blas.config != NULL ? blas.config() : "none";
}

nn_code nn_blas_require(nn_err *err)
{
    load_once();
    if (blas.gemm != NULL)
        return NN_OK;
    if (strstr(blas.reason, "cannot map") != NULL || strstr(blas.reason, "failed to map") != NULL)
        return nn_err_set(err, NN_ELIMIT, NN_BLAS_FILE,
                          "not enough memory to load it: %s; see ulimit -v", blas.reason);
    return nn_err_set(err, NN_ELIMIT, NN_BLAS_FILE,
                      "cannot be loaded: %s; install OpenBLAS (apt-get install libopenblas0, dnf "
                      "install openblas, brew install openblas), or mend LD_LIBRARY_PATH",
                      blas.reason);
}

const char *nn_blas_trouble(void)
{
    return blas.reason[0] != '\0' ? blas.reason : NULL;
}
