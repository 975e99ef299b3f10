/* From argv to an exit status. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/environment.h"
#include "cli/help.h"
#include "cli/live.h"
#include "cli/nearest.h"
#include "cli/session.h"
#include "cli/status.h"
#include "math/pool.h"
#include "view/format.h"

enum { LONG = 1 /* seconds of silence */ };

/*
 * A descriptor 0 to 2 that was closed at the start would be given to the next file opened, and
 * results would land in it. /dev/null takes its place, opened the wrong way round, so that using it
 * is an error.
 */
static void open_closed_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
                return;
}

static nn_code go_to(const char *directory, nn_err *err)
{
    if (directory != NULL && chdir(directory) != 0)
        return nn_err_sys(err, directory, "cannot go there");
    return NN_OK;
}

/* In a group (NULL: at the top). */
static nn_code find_command(nn_session *s, const nn_command *group, const char *name, nn_err *err)
{
    const nn_command *const *commands = group == NULL ? nn_commands : group->members;
    nn_nearest nearest = {name, "", NULL, 0};
    char otherwise[64];

    s->command = nn_command_find(commands, name);
    if (s->command != NULL)
        return NN_OK;
    for (int i = 0; commands[i] != NULL; i++)
        nn_nearest_try(&nearest, nn_command_word(commands[i]));
    snprintf(otherwise, sizeof otherwise, "see \"nnctl %s%s--help\"",
             group == NULL ? "" : group->name, group == NULL ? "" : " ");
    return nn_nearest_refuse(&nearest, group == NULL ? NULL : group->name, "command", otherwise,
                             err);
}

static bool may_repeat(const nn_argument *a)
{
    const size_t len = strlen(a->name);

    return len > 3 && strcmp(a->name + len - 3, "...") == 0;
}

static nn_code refuse_extra(const char *where, const char *extra, nn_err *err)
{
    char shown[NN_SHOWN];

    return nn_err_set(err, NN_EUSAGE, where, "one argument too many: \"%s\"",
                      nn_text_show(shown, sizeof shown, extra, strlen(extra), 40));
}

static nn_code check_words(const nn_session *s, nn_err *err)
{
    const char *name = s->command->name;
    int i = 0;

    for (const nn_argument *a = s->command->arguments; a != NULL && a->name != NULL; a++, i++) {
        if (!a->optional && i >= s->words.count)
            return nn_err_set(err, NN_EUSAGE, name, "expected %s; see \"nnctl %s --help\"", a->name,
                              name);
        if (may_repeat(a))
            return NN_OK;
    }
    if (s->words.count <= i)
        return NN_OK;
    return refuse_extra(name, s->words.list[i], err);
}

/* Somebody may be typing there. */
static bool reads_stdin(const nn_session *s)
{
    for (int i = 0; i < s->words.count; i++)
        if (strcmp(s->words.list[i], "-") == 0)
            return true;
    return false;
}

/* The command's own options, arguments, and what the environment adds. */
static nn_code run_command(nn_session *s, int argc, char *const *argv, nn_err *err)
{
    const nn_option_set sets[] = {{s->command->options, s->conf},
                                  {nn_common_options, &s->common},
                                  {s->command->takes_set ? nn_set_options : NULL, &s->common}};
    const nn_parse parse = {sets, sizeof sets / sizeof sets[0], &s->common.sets, s->command->name,
                            false};
    int used;

    NN_TRY(nn_options_parse(&parse, argc, argv, &s->words, &used, err));
    if (s->common.help) {
        nn_help_command(s->command, &s->out);
        return NN_OK;
    }
    NN_TRY(check_words(s, err));
    NN_TRY(nn_environment_read(s, err));
    if (s->command->busy != NULL && !reads_stdin(s))
        nn_live_start(s, s->command->busy, LONG);
    return s->command->run(s, err);
}

/*
 * Steps from a group into the member that argv names, past options of every command. *argc and
 * *argv then begin behind it; without a member, after --help, they are left with nothing.
 */
static nn_code enter_group(nn_session *s, int *argc, char *const **argv, nn_err *err)
{
    const nn_command *group = s->command;
    const nn_option_set sets[] = {{nn_common_options, &s->common}};
    const nn_parse parse = {sets, 1, NULL, group->name, true};
    int used;

    NN_TRY(nn_options_parse(&parse, *argc, *argv, &s->words, &used, err));
    if (s->common.help && used == *argc) {
        nn_help_command(group, &s->out);
        return NN_OK;
    }
    if (used == *argc)
        return nn_err_set(err, NN_EUSAGE, group->name,
                          "expected a command after it; see \"nnctl %s --help\"", group->name);
    NN_TRY(find_command(s, group, (*argv)[used], err));
    *argc -= used + 1;
    *argv += used + 1;
    return NN_OK;
}

static nn_code make_conf(nn_session *s, nn_err *err)
{
    if (s->command->conf_size > 0 && (s->conf = nn_alloc(1, s->command->conf_size)) == NULL)
        return nn_err_memory(err, "the options", s->command->conf_size);
    return NN_OK;
}

/* Without a command: the overview, as an error. */
static nn_code tell_usage(nn_session *s, nn_err *err)
{
    nn_buf usage = {0};
    nn_code rc;

    nn_help_overview(&usage);
    if ((rc = nn_buf_check(&usage, err)) == NN_OK &&
        (rc = nn_fd_write(STDERR_FILENO, "stderr", usage.data, usage.len, err)) == NN_OK)
        rc = nn_err_set(err, NN_EUSAGE, NULL, "expected a command");
    nn_buf_free(&usage);
    s->told = true;
    return rc;
}

static nn_code run(nn_session *s, nn_err *err)
{
    nn_leading leading = {0};
    const nn_option_set sets[] = {{nn_leading_options, &leading}, {nn_common_options, &s->common}};
    const nn_parse parse = {sets, sizeof sets / sizeof sets[0], NULL, NULL, true};
    int argc = s->argc > 0 ? s->argc - 1 : 0;
    char *const *argv = s->argv + 1;
    int used;

    NN_TRY(nn_options_parse(&parse, argc, argv, &s->words, &used, err));
    if (s->common.help)
        nn_help_overview(&s->out);
    else if (leading.version && used < argc)
        return refuse_extra(NULL, argv[used], err);
    else if (leading.version)
        nn_help_version(s->common.json, &s->out);
    if (s->common.help || leading.version)
        return NN_OK;
    if (used == argc)
        return tell_usage(s, err);
    NN_TRY(find_command(s, NULL, argv[used], err));
    NN_TRY(go_to(leading.directory, err));
    argc -= used + 1;
    argv += used + 1;
    if (s->command->members != NULL)
        NN_TRY(enter_group(s, &argc, &argv, err));
    if (s->command->members != NULL) /* its help was all that was asked for */
        return NN_OK;
    NN_TRY(make_conf(s, err));
    return run_command(s, argc, argv, err);
}

static void tell_cost(const nn_session *s)
{
    char seconds[NN_FORMAT_TEXT];
    char memory[NN_FORMAT_TEXT];

    if (s->common.verbose)
        nn_session_note(s, "%s, %s of memory at most",
                        nn_format_seconds(seconds, nn_clock_now() - s->start),
                        nn_format_bytes(memory, nn_mem_read().peak));
}

int nn_cli_main(int argc, char **argv)
{
    nn_session s = {.runs = "runs", .argc = argc, .argv = argv, .start = nn_clock_now()};
    nn_err err = {0};
    nn_err late = {0};

    open_closed_descriptors();
    signal(SIGXFSZ, SIG_IGN); /* a file over the limit is an error of write, not a death */
    nn_code rc = run(&s, &err);
    nn_live_stop(&s);
    nn_code written = nn_session_flush(&s, &late);
    if (written == NN_OK && s.out_err.code != NN_OK) {
        late = s.out_err;
        written = late.code;
    }
    if (rc == NN_OK && nn_blas_trouble() != NULL)
        nn_session_warn(&s,
                        "there is no OpenBLAS (%s): it took longer, and the last bits may differ "
                        "from those on other machines",
                        nn_blas_trouble());
    if (rc != NN_OK && !s.told)
        nn_session_error(&s, &err);
    if (written != NN_OK)
        nn_session_error(&s, &late);
    tell_cost(&s);
    if (rc == NN_OK)
        rc = written;
    nn_texts_free(&s.words);
    nn_texts_free(&s.common.sets);
    nn_free(s.conf);
    nn_buf_free(&s.out);
    if (rc == NN_OK || (rc == NN_ESTOPPED && s.status != 0))
        return s.status;
    return nn_status_of(rc);
}
