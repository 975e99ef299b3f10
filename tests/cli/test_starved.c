/*
 * Memory that runs out: in each command below, every allocation fails once, alone or with all that
 * come after it. The command then ends with status 7 and says so; or all that it missed was a line
 * for somebody who looks on, and it says that, and gives what it would have given. Either way it
 * holds nothing any more, leaves every file as it was, and nothing half-written.
 *
 * The test run fails only some of them; all of them with NN_STARVE=all in the environment, and
 * with NN_STARVE=281 that one. A new command or option gets a line in the list.
 *
 * A command that dies or hangs takes this process with it, and its stderr is a file by then: a
 * parent looks on and tells which allocation it was.
 */
#if defined(__linux__) && !defined(_DEFAULT_SOURCE)
#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS */
#endif
#include "support/nn_test.h"
#include "support/nn_temp.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/gz.h"
#include "base/text.h"
#include "cli/cli.h"
#include "data/array.h"

/*
 * Words are parted by spaces. What they write is called out*; "run", "pictures" and "tale" are
 * there already, trained.
 */
static const char *const commands[] = {
    "train flowers.json -o out --epochs 2",
    "train mixed.json -o out --json",
    "train image.json -o out -q",
    "train tale.json -o out --set logging.tensorboard=true",
    "train flowers.json --dry-run -v",
    "train flowers.json -o out -q --epochs 1 --init-weights run/model.safetensors --limit 8",
    "train flowers.json -o out --epochs 1 --overfit-batch --fail-if loss<0",
    "eval run",
    "eval run --json --errors 3",
    "eval run/model.safetensors --csv flowers.csv --confusion out.csv",
    "eval two-outputs.json",
    "eval pictures --x images.idx --y labels.idx",
    "predict run new.csv",
    "predict run new.csv --proba --format jsonl",
    "predict run new.csv -o out.npy",
    "predict classes.json --top 2",
    "predict pixels.json x.npy --json -o out.csv",
    "generate tale -n 20 --prompt so",
    "generate tale -n 20 --top-k 3 --json",
    "explain run new.csv --limit 2",
    "explain run flowers.csv --method permutation --repeats 2 --json",
    "explain pictures images.idx --method occlusion -o out.png",
    "explain pictures images.idx --method gradient -o out.svg",
    "report run -o out.html",
    "report run run -o out.html --svg out",
    "report tale -o -",
    "show run",
    "show run --json",
    "show image.json",
    "show tale.json --dot",
    "check flowers.json",
    "check mixed.json --json",
    "init",
    "init csv",
    "init mlp -o out.json",
    "init --from flowers.csv --target kind -o out.json",
    "data info flowers.csv flowers.csv --target kind",
    "data info images.idx --json",
    "data info images.idx --samples 2 -o out.png --augment image.json",
    "data convert flowers.csv --target kind --y out.npy -o out.idx",
    "data convert images.idx -o out.csv",
    "data split flowers.csv --fractions 0.5,0.5 --target kind -o out",
    "help train",
    "help config",
    "help --schema",
    "help --man",
    "completion bash",
    "completion zsh",
    "completion fish",
    "--version --json",
};

/* It measures times, which takes time and gives other numbers every time. */
static const char bench[] = "bench flowers.json --seconds 0.001s";

static const char mixed[] =
    "{\"data\": {\"train\": {\"path\": \"mixed.csv\"}, \"target\": \"price\", \"id\": \"no\",\n"
    "          \"target_scale\": \"standard\",\n"
    "          \"columns\": {\"area\": {\"impute\": \"median\", \"indicator\": true}}},\n"
    " \"validation\": 0.25, \"loss\": \"huber\", \"metrics\": [\"r2\"],\n"
    " \"optimizer\": {\"type\": \"sgd\", \"momentum\": 0.9},\n"
    " \"schedule\": {\"type\": \"reduce_on_plateau\"}, \"early_stopping\": {\"patience\": 1},\n"
    " \"model\": {\"layers\": [{\"type\": \"Dense\", \"units\": 2, \"name\": \"a\"},\n"
    "   {\"type\": \"Dense\", \"units\": 2, \"name\": \"b\", \"inputs\": [\"input\"]},\n"
    "   {\"type\": \"Concatenate\", \"inputs\": [\"a\", \"b\"]},\n"
    "   {\"type\": \"Dense\", \"units\": 1}]},\n"
    " \"training\": {\"epochs\": 2, \"batch_size\": 3, \"clip_norm\": 1}}\n";

static const char mixed_csv[] =
    "no,city,area,garden,price\n1,Bonn,40,yes,100.5\n2,Kiel,,no,90\n3,Bonn,60,no,130\n"
    "4,Ulm,80,yes,170\n5,Kiel,70,yes,150\n6,Ulm,30,no,80\n7,Bonn,55,yes,120\n8,Ulm,90,no,180\n";

static const char image[] =
    "{\"data\": {\"train\": {\"x\": \"images.idx\", \"y\": \"labels.idx\"}, \"shape\": [6, 6, 1],\n"
    "          \"augment\": {\"shift\": 0.1, \"noise\": 0.1}},\n"
    " \"validation\": 0, \"schedule\": {\"type\": \"cosine\", \"warmup\": 1},\n"
    " \"model\": {\"layers\": [\n"
    "   {\"type\": \"Conv2D\", \"filters\": 2, \"kernel_size\": 3, \"padding\": \"same\"},\n"
    "   {\"type\": \"BatchNormalization\"}, {\"type\": \"Activation\", \"activation\": \"relu\"},\n"
    "   {\"type\": \"MaxPooling2D\"}, {\"type\": \"Reshape\", \"target_shape\": [3, 6]},\n"
    "   {\"type\": \"Bidirectional\", \"layer\": {\"type\": \"GRU\", \"units\": 2}},\n"
    "   {\"type\": \"Dropout\", \"rate\": 0.5},\n"
    "   {\"type\": \"Dense\", \"units\": 2, \"activation\": \"softmax\"}]},\n"
    " \"training\": {\"epochs\": 2, \"batch_size\": 4}}\n";

static const char tale[] =
    "{\"data\": {\"train\": {\"path\": \"tale.txt\"}, \"format\": \"text\",\n"
    "          \"text\": {\"tokens\": \"char\", \"length\": 4}},\n"
    " \"validation\": 0.25,\n"
    " \"model\": {\"layers\": [{\"type\": \"Embedding\", \"input_dim\": 15, \"output_dim\": 3},\n"
    "   {\"type\": \"LSTM\", \"units\": 3, \"return_sequences\": true},\n"
    "   {\"type\": \"Dense\", \"units\": 15, \"activation\": \"softmax\"}]},\n"
    " \"training\": {\"epochs\": 2, \"batch_size\": 4}}\n";

static const char tale_text[] = "so it goes and so it went\nand so on it will go\nto the end\n";

enum { MOST_WORDS = 24, IMAGES = 8, SIDE = 6 };

static char *home, *before; /* the directory around; what stands in it before every command */

static bool takes_all(void)
{
    const char *const how = getenv("NN_STARVE");

    return how != NULL && strcmp(how, "all") == 0;
}

/* NN_STARVE=281: this one alone, for a debugger. */
static uint64_t first(void)
{
    const char *const how = getenv("NN_STARVE");
    const uint64_t n = how != NULL ? strtoull(how, NULL, 10) : 0;

    return n > 0 ? n : 1;
}

/* ---- running a command in this process ---- */

typedef struct outcome {
    int status;
    uint64_t calls;    /* allocations that were asked for */
    int64_t leaked;    /* bytes */
    char out[1 << 16]; /* the end of stdout and of stderr */
    char err[1 << 12];
} outcome;

typedef enum lack { ONCE, FROM_THERE } lack;

enum { MOST_SECONDS = 300 }; /* for one command, on a machine that is busy or stands still */

/* What runs now, in memory that the parent shares. */
typedef struct moment {
    bool runs;
    char home[128];
    char words[256];
    uint64_t n;
    lack how;
} moment;

static moment *now;

static void begin_moment(const char *words, uint64_t n, lack how)
{
    static const int ends[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};

    snprintf(now->home, sizeof now->home, "%s", home);
    snprintf(now->words, sizeof now->words, "%s", words);
    now->n = n;
    now->how = how;
    now->runs = true;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        (void)signal(ends[i], SIG_DFL); /* cmocka would go on in the middle of it */
    (void)alarm(MOST_SECONDS);
}

static void end_moment(void)
{
    (void)alarm(0);
    now->runs = false;
}

static void put_file(const char *name, const void *bytes, size_t len)
{
    nn_err err = {0};

    assert_ok(nn_file_write(name, bytes, len, NN_REPLACE_EXISTING, &err), err);
}

/* In the place of a descriptor, a file above the directory. */
static int divert(int place, const char *name)
{
    const int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600), kept = dup(place);

    assert_true(fd >= 0 && kept >= 0 && dup2(fd, place) == place);
    close(fd);
    return kept;
}

/* Back again; what came in the meantime, its end at least, is in `text`. */
static void collect(int place, int kept, char *text, size_t size)
{
    const off_t len = lseek(place, 0, SEEK_END), room = (off_t)size - 1;

    const ssize_t got = pread(place, text, size - 1, len > room ? len - room : 0);
    assert_true(got >= 0);
    text[got] = '\0';
    dup2(kept, place);
    close(kept);
}

/* "nnctl" with these words while the n-th allocation fails; 0: none does. */
static void run_starved(const char *words, uint64_t n, lack how, outcome *result)
{
    char text[256], *argv[MOST_WORDS + 1] = {NULL};
    int argc = 0;

    snprintf(text, sizeof text, "nnctl %s", words);
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    fflush(stdout);
    const int out = divert(STDOUT_FILENO, "../stdout"), err = divert(STDERR_FILENO, "../stderr");
    const nn_mem_stats start = nn_mem_read();
    if (how == ONCE)
        nn_mem_fail_at(n);
    else
        nn_mem_fail_from(n);
    begin_moment(words, n, how);
    result->status = nn_cli_main(argc, argv);
    end_moment();
    nn_mem_fail_at(0);
    const nn_mem_stats end = nn_mem_read();
    collect(STDOUT_FILENO, out, result->out, sizeof result->out);
    collect(STDERR_FILENO, err, result->err, sizeof result->err);
    result->calls = end.calls - start.calls;
    result->leaked = (int64_t)(end.live - start.live);
}

static int run(const char *words)
{
    static outcome result;

    run_starved(words, 0, ONCE, &result);
    return result.status;
}

/* ---- what stands in the directory ---- */

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What holds times, or the length of what does, is only looked for. */
static bool has_times(const char *path)
{
    static const char *const names[] = {"run.json", "timing.jsonl", "report.html",
                                        "events.out.tfevents.nnctl", "state.safetensors"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(nn_path_base(path), names[i]) == 0)
            return true;
    return false;
}

/* Every file below `dir` with the checksum of its bytes, in the order of the names. */
static void list(const char *dir, nn_buf *out)
{
    const struct dirent *entry;
    char *name[64];
    int count = 0;
    DIR *d = opendir(dir);

    assert_non_null(d);
    while ((entry = readdir(d)) != NULL && count < 64)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            strcmp(entry->d_name, "state.previous.safetensors") != 0) /* as time has it */
            name[count++] = nn_path_join(dir, entry->d_name);
    closedir(d);
    qsort(name, (size_t)count, sizeof *name, compare);
    for (int i = 0; i < count; i++) {
        char *bytes = NULL;
        size_t len = 0;
        nn_err err = {0};

        if (nn_path_is_dir(name[i])) {
            nn_buf_printf(out, "%s/\n", name[i]);
            list(name[i], out);
        } else if (has_times(name[i])) {
            nn_buf_printf(out, "%s\n", name[i]);
        } else {
            assert_ok(nn_file_read(&bytes, &len, name[i], 1 << 24, &err), err);
            nn_buf_printf(out, "%s %zu %08x\n", name[i], len, nn_crc32(0, bytes, len));
        }
        nn_free(bytes);
        nn_free(name[i]);
    }
}

static char *listing(const char *dir)
{
    nn_buf out = {0};

    list(dir, &out);
    return out.data;
}

static void remove_outputs(void)
{
    const struct dirent *entry;
    DIR *d = opendir(".");

    assert_non_null(d);
    while ((entry = readdir(d)) != NULL)
        if (strncmp(entry->d_name, "out", 3) == 0) {
            nn_temp_empty(entry->d_name);
            (void)remove(entry->d_name);
        }
    closedir(d);
}

/* ---- every failing allocation ---- */

/* A command, what it gives when all goes well, and what was found wrong. */
typedef struct trial {
    const char *words;
    bool trains, measures;
    outcome good, now;
    char *files; /* with its outputs */
    int faults;
} trial;

static void fault(trial *t, uint64_t n, lack how, const char *what)
{
    t->faults++;
    print_error("nnctl %s: allocation %d%s failed: %s: status %d, %d bytes leaked, \"%s\"\n",
                t->words, (int)n, how == ONCE ? "" : " and all after it", what, t->now.status,
                (int)t->now.leaked, t->now.err);
}

/* Times are not for comparing. */
static void drop_seconds(char *text)
{
    static const char key[] = "\"seconds\":";

    for (char *at = text; (at = strstr(at, key)) != NULL;) {
        char *const begin = at + strlen(key), *const end = begin + strspn(begin, "0123456789.e-+");

        memmove(begin, end, strlen(end) + 1);
        at = begin;
    }
}

/* It went on without the memory. */
static void check_survivor(trial *t, uint64_t n, lack how)
{
    char *const files = listing(".");

    drop_seconds(t->now.out);
    if (strstr(t->now.err, "warning: not enough memory") == NULL)
        fault(t, n, how, "done without a word");
    if (!t->measures && strcmp(t->now.out, t->good.out) != 0)
        fault(t, n, how, "done, but says something else");
    if (strcmp(files, t->files) != 0)
        fault(t, n, how, "done, but writes something else");
    nn_free(files);
}

/* What a training that failed has left can be gone on with. */
static void check_going_on(trial *t, uint64_t n, lack how)
{
    if (!t->trains || !nn_path_is_dir("out"))
        return;
    char *files = NULL;
    if (run("train --resume out -q") != t->good.status)
        fault(t, n, how, "cannot be gone on with");
    else if (files = listing("."), strcmp(files, t->files) != 0 &&
                                       strstr(t->now.err, "no more events") == NULL) /* lost */
        fault(t, n, how, "goes on to something else");
    nn_free(files);
    remove_outputs();
}

static void check_failure(trial *t, uint64_t n, lack how)
{
    if (t->now.status != 7 || (strstr(t->now.err, "not enough memory") == NULL &&
                               strstr(t->now.out, "not enough memory") == NULL)) /* as JSON */
        fault(t, n, how, "not told");
    check_going_on(t, n, how);
    char *const files = listing(".");
    if (strcmp(files, before) != 0)
        fault(t, n, how, "other files are there");
    nn_free(files);
}

/*
 * The next allocation to fail: the first ones, then fewer and fewer unless all are asked for, and
 * the two before the end at `last`, when outputs have got their names.
 */
static uint64_t next(uint64_t n, uint64_t last)
{
    const uint64_t step = n + 1 + n / 2;

    if (takes_all() || n + 1 == last)
        return n + 1;
    if (first() > 1)
        return UINT64_MAX / 2;
    return n + 1 < last && step >= last ? last - 1 : step;
}

static void try_all(trial *t, lack how)
{
    for (uint64_t n = first();; n = next(n, how == ONCE ? t->good.calls : 0)) {
        run_starved(t->words, n, how, &t->now);
        if (t->now.calls < n)
            break;
        if (t->now.leaked != 0)
            fault(t, n, how, "leaks");
        if (t->now.status == t->good.status)
            check_survivor(t, n, how);
        else
            check_failure(t, n, how);
        remove_outputs();
    }
    remove_outputs();
}

static void test_command(void **state)
{
    static trial t;

    t = (trial){.words = *state};
    t.trains = strncmp(t.words, "train", 5) == 0;
    t.measures = strcmp(t.words, bench) == 0;
    run_starved(t.words, 0, ONCE, &t.good);
    drop_seconds(t.good.out);
    t.files = listing(".");
    remove_outputs();
    if (t.good.status > 1 || t.good.leaked != 0)
        fail_msg("nnctl %s: status %d, %d bytes leaked: %s", t.words, t.good.status,
                 (int)t.good.leaked, t.good.err);
    try_all(&t, ONCE);
    try_all(&t, FROM_THERE);
    nn_free(t.files);
    if (takes_all())
        print_message("%d allocations, each alone and with all after it\n", (int)t.good.calls);
    assert_int_equal(t.faults, 0);
}

static bool same_file(const char *a, const char *b)
{
    char *x = NULL, *y = NULL;
    size_t m = 0, n = 0;
    nn_err err = {0};

    assert_ok(nn_file_read(&x, &m, a, 1 << 24, &err), err);
    assert_ok(nn_file_read(&y, &n, b, 1 << 24, &err), err);
    const bool same = m == n && memcmp(x, y, m) == 0;
    nn_free(x);
    nn_free(y);
    return same;
}

/* However often a resume is starved, one that is not ends where it should. */
static void test_resume(void **state)
{
    static const char resume[] = "train --resume out -q --set training.epochs=4";
    static outcome result;

    (void)state;
    assert_int_equal(run("train flowers.json -q -o out-whole --epochs 4"), 0);
    assert_int_equal(run("train flowers.json -q -o out --epochs 2"), 0);
    for (uint64_t n = 1;; n = next(n, 0)) {
        run_starved(resume, n, ONCE, &result);
        if (result.calls < n)
            break;
        if (result.status != 7 || result.leaked != 0)
            fail_msg("allocation %d failed: status %d, %d bytes leaked, \"%s\"", (int)n,
                     result.status, (int)result.leaked, result.err);
    }
    assert_int_equal(result.status, 0);
    assert_true(same_file("out/model.safetensors", "out-whole/model.safetensors"));
    assert_true(same_file("out/metrics.jsonl", "out-whole/metrics.jsonl"));
    remove_outputs();
}

/* ---- the directory that all of them work in ---- */

static void put_idx(const char *name, bool images)
{
    unsigned char bytes[16 + IMAGES * SIDE * SIDE] = {0, 0, 8, images ? 3 : 1};
    size_t len = images ? 16 : 8;

    bytes[7] = IMAGES;
    if (images)
        bytes[11] = bytes[15] = SIDE;
    for (int i = 0; i < IMAGES * (images ? SIDE * SIDE : 1); i++)
        bytes[len++] = (unsigned char)(images ? 37 * i % 251 : i % 2);
    put_file(name, bytes, len);
}

static void copy_in(const char *name)
{
    char *bytes = NULL, *const from = nn_path_join(NN_TESTS "/cli/data", name);
    size_t len = 0;
    nn_err err = {0};

    assert_ok(nn_file_read(&bytes, &len, from, 1 << 20, &err), err);
    put_file(name, bytes, len);
    nn_free(bytes);
    nn_free(from);
}

static void put_files(void)
{
    static const char *const given[] = {"flowers.csv", "flowers.json", "new.csv",
                                        "pixels.json", "classes.json", "two-outputs.json"};
    nn_buf npy = {0};

    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        copy_in(given[i]);
    put_file("mixed.json", mixed, sizeof mixed - 1);
    put_file("mixed.csv", mixed_csv, sizeof mixed_csv - 1);
    put_file("image.json", image, sizeof image - 1);
    put_file("tale.json", tale, sizeof tale - 1);
    put_file("tale.txt", tale_text, sizeof tale_text - 1);
    put_idx("images.idx", true);
    put_idx("labels.idx", false);
    nn_npy_write(&npy, (const float[]){1, 2, 3, 4, 5, 6, 7, 8}, 2, 4);
    put_file("x.npy", npy.data, npy.len);
    nn_buf_free(&npy);
}

static int setup(void **state)
{
    (void)state;
    home = nn_temp_dir_in_memory();
    assert_int_equal(chdir(home), 0);
    assert_int_equal(mkdir("work", 0700), 0);
    assert_int_equal(chdir("work"), 0);
    setenv("NNCTL_THREADS", "2", 1);
    put_files();
    assert_int_equal(run("train flowers.json -q -o run --epochs 2"), 0);
    assert_int_equal(run("train image.json -q -o pictures --epochs 1"), 0);
    assert_int_equal(run("train tale.json -q -o tale --epochs 1"), 0);
    before = listing(".");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nn_free(before);
    if (chdir("/") != 0)
        return 1;
    nn_temp_remove(home);
    return 0;
}

enum { COMMANDS = sizeof commands / sizeof *commands };

static struct CMUnitTest test_of(const char *words)
{
    void *state;

    memcpy(&state, &words, sizeof state); /* cmocka's state is not const */
    return (struct CMUnitTest){words, test_command, NULL, NULL, state};
}

static int test_all(int argc, char **argv)
{
    struct CMUnitTest tests[COMMANDS + 2];
    size_t count = 0;

    for (int i = 0; i < COMMANDS; i++)
        tests[count++] = test_of(commands[i]);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_resume);
    if (takes_all())
        tests[count++] = test_of(bench);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return _cmocka_run_group_tests("starved", tests, count, setup, teardown);
}

/* What a command that took its process with it had said. */
static void tell_death(int status)
{
    char path[256], text[1 << 12] = "";

    snprintf(path, sizeof path, "%s/stderr", now->home);
    const int fd = open(path, O_RDONLY);
    if (fd >= 0 && read(fd, text, sizeof text - 1) < 0)
        text[0] = '\0';
    if (fd >= 0)
        close(fd);
    fprintf(stderr, "nnctl %s: allocation %d%s failed: %s %d, \"%s\"\n", now->words, (int)now->n,
            now->how == ONCE ? "" : " and all after it",
            WIFSIGNALED(status) ? "died of signal" : "ended the process with status",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), text);
    nn_temp_remove(nn_strdup(now->home));
}

int main(int argc, char **argv)
{
    int status = 0;

    now = mmap(NULL, sizeof *now, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (now == MAP_FAILED)
        return 1;
    if (first() > 1)
        return test_all(argc, argv); /* a debugger stays with it */
    const pid_t child = fork();
    if (child == 0)
        exit(test_all(argc, argv));
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 1;
    if (now->runs)
        tell_death(status);
    return status == 0 ? 0 : 1;
}
