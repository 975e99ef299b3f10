/* What every test program begins with: cmocka, and a main that runs one test by pattern. */
#ifndef NN_TEST_H
#define NN_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"

/* Fails the test with the error's own words. */
#define assert_ok(call, err)                                                                       \
    do {                                                                                           \
        const nn_code got_ = (call);                                                               \
        if (got_ != NN_OK)                                                                         \
            fail_msg("%s: code %d: %s: %s", #call, (int)got_, (err).where, (err).msg);             \
    } while (0)

/* int main: `nn_test_main(argc, argv, tests)`; argv[1] is a pattern such as '*leaky*'. */
#define nn_test_main(argc, argv, tests)                                                            \
    ((argc) > 1 ? cmocka_set_test_filter((argv)[1]) : (void)0,                                     \
     cmocka_run_group_tests_name((argv)[0], tests, NULL, NULL))

#endif
