/* Puts the layers into an order in which each comes after its inputs: the list's, where that is
 * one. */
#include "draft.h"

#include "base/mem.h"

#include <string.h>

typedef enum mark { NEW, OPEN, DONE } mark;

/* A walk from each layer to its inputs, depth first, with a stack of its own: lists may be long. */
typedef struct walk {
    nn_drafts *d;
    int *mark;  /* [count] */
    int *next;  /* [count] the input to look at next */
    int *stack; /* [count] each one takes the one above it */
    int depth;
    int done;
} walk;

enum { CYCLE_NAMES = 6 };

/* The layers on the stack from `from` up form a cycle; data flows down the stack. */
static void report_cycle(const walk *w, int from, nn_buf *text)
{
    const nn_draft *first = &w->d->list[w->stack[from]];

    nn_buf_put(text, first->name);
    for (int i = w->depth - 1, names = 0; i >= from; i--, names++) {
        nn_draft *draft = &w->d->list[w->stack[i]];

        draft->sound = false;
        if (names < CYCLE_NAMES)
            nn_buf_printf(text, " -> %s", draft->name);
        else if (names == CYCLE_NAMES)
            nn_buf_put(text, " -> ...");
    }
    nn_node_fault(nn_node_get(first->node, "inputs"), NULL, "the inputs form a cycle: %s",
                  text->failed ? first->name : text->data);
}

static void push(walk *w, int place)
{
    w->mark[place] = OPEN;
    w->stack[w->depth++] = place;
}

static void meet_open(const walk *w, int place)
{
    nn_buf text = {0};
    int from = w->depth - 1;

    while (w->stack[from] != place)
        from--;
    report_cycle(w, from, &text);
    nn_buf_free(&text);
}

static void visit(walk *w, int start)
{
    push(w, start);
    while (w->depth > 0) {
        const int top = w->stack[w->depth - 1];
        const nn_draft *draft = &w->d->list[top];

        if (w->next[top] == draft->inputs) {
            w->mark[top] = DONE;
            w->d->order[w->done++] = top;
            w->depth--;
            continue;
        }
        const int from = draft->from[w->next[top]++];
        if (from >= 0 && w->mark[from] == NEW)
            push(w, from);
        else if (from >= 0 && w->mark[from] == OPEN)
            meet_open(w, from);
    }
}

/* The output is the last layer that nobody takes; every other such layer is for nothing. */
static void report_unused(const nn_drafts *d, int *uses)
{
    int last = d->count - 1;

    memset(uses, 0, (size_t)d->count * sizeof(*uses));
    for (int i = 0; i < d->count; i++) {
        for (int k = 0; k < d->list[i].inputs; k++) {
            if (d->list[i].from[k] >= 0)
                uses[d->list[i].from[k]]++;
        }
    }
    while (last >= 0 && uses[last] > 0)
        last--;
    for (int i = 0; i < last; i++) {
        if (uses[i] == 0)
            nn_node_fault(d->list[i].node, NULL, "no layer takes the output of \"%s\"",
                          d->list[i].name);
    }
}

nn_code nn_drafts_sort(nn_drafts *d, nn_err *err)
{
    const size_t count = (size_t)d->count;
    int *memory = nn_alloc(3 * count, sizeof(*memory));

    if (memory == NULL)
        return nn_err_memory(err, "the order of layers", 3 * count * sizeof(*memory));
    walk w = {.d = d, .mark = memory, .next = memory + count, .stack = memory + 2 * count};
    for (int i = 0; i < d->count; i++) {
        if (w.mark[i] == NEW)
            visit(&w, i);
    }
    if (!d->loose)
        report_unused(d, w.next);
    nn_free(memory);
    return NN_OK;
}
