/* A sheet of samples: the file's data, scaled and augmented as the config says, into a PNG file. */
#include "cli/contact.h"

#include "run/config.h"
#include "view/contact.h"

enum { EPOCHS = 9 };

static nn_code draw(nn_buf *png, const nn_contact_order *o, const nn_dataset *d,
                    const nn_data_conf *conf, uint64_t seed, nn_err *err)
{
    const nn_view all = {.data = d, .count = d->rows};
    nn_problems unsaid = {0}; /* warnings about the scaling have their place in training */
    nn_prep *prep = NULL;
    nn_code rc = nn_prep_fit(&prep, &all, NULL, conf, NN_TASK_REGRESSION, &unsaid, err);

    if (rc == NN_OK) {
        const nn_contact c = {d,
                              prep,
                              &conf->augment,
                              seed,
                              (size_t)o->samples < d->rows ? o->samples : (int)d->rows,
                              nn_augment_is_none(&conf->augment) ? 0 : EPOCHS};
        rc = nn_contact_write(&c, png, err);
    }
    nn_prep_free(prep);
    nn_problems_free(&unsaid);
    return rc;
}

static nn_code save(const nn_contact_order *o, const nn_data_conf *conf, uint64_t seed, nn_err *err)
{
    const nn_load how = {
        .conf = conf, .task = NN_TASK_REGRESSION, .targets_optional = true, .plain = true};
    nn_dataset *d = NULL;
    nn_buf png = {0};
    nn_code rc = nn_dataset_load_input(&d, o->file, -1, &how, err);

    if (rc == NN_OK && (rc = draw(&png, o, d, conf, seed, err)) == NN_OK)
        rc = nn_file_write(o->out, png.data, png.len, o->exists, err);
    nn_buf_free(&png);
    nn_dataset_free(d);
    return rc;
}

nn_code nn_contact_save(nn_session *s, const nn_contact_order *o, nn_err *err)
{
    const nn_texts *sets = &s->common.sets;
    const nn_data_conf plain = {.format = 0};
    nn_config *config = NULL;
    nn_code rc;

    if (o->config == NULL)
        return save(o, &plain, 0, err);
    rc = nn_config_load(&config, o->config, (const char *const *)sets->list, sets->count, err);
    if (rc != NN_OK && config != NULL)
        nn_session_problems(s, &config->problems);
    if (rc == NN_OK)
        rc = save(o, &config->data, config->seed, err);
    nn_config_free(config);
    return rc;
}
