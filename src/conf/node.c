/* Looking at the values of a document. */
#include "doc.h"

#include <stdio.h>
#include <string.h>

nn_json_type nn_node_type(nn_node n)
{
    if (n.item == NULL)
        return NN_JSON_NONE;
    switch (n.item->type & 0xff) {
    case cJSON_False:
    case cJSON_True:
        return NN_JSON_BOOL;
    case cJSON_Number:
        return NN_JSON_NUMBER;
    case cJSON_String:
        return NN_JSON_TEXT;
    case cJSON_Array:
        return NN_JSON_ARRAY;
    case cJSON_Object:
        return NN_JSON_OBJECT;
    default:
        return NN_JSON_NULL;
    }
}

bool nn_node_is(nn_node n, nn_json_type type)
{
    return nn_node_type(n) == type;
}

nn_node nn_node_get(nn_node object, const char *key)
{
    nn_node member = {object.doc, NULL};

    if (nn_node_is(object, NN_JSON_OBJECT))
        member.item = cJSON_GetObjectItemCaseSensitive(object.item, key);
    return member;
}

nn_node nn_node_at(nn_node array, int i)
{
    nn_node element = {array.doc, NULL};

    if (nn_node_is(array, NN_JSON_ARRAY))
        element.item = cJSON_GetArrayItem(array.item, i);
    return element;
}

nn_node nn_node_first(nn_node parent)
{
    return (nn_node){parent.doc, parent.item == NULL ? NULL : parent.item->child};
}

nn_node nn_node_next(nn_node n)
{
    return (nn_node){n.doc, n.item == NULL ? NULL : n.item->next};
}

int nn_node_count(nn_node parent)
{
    int count = 0;

    for (nn_node n = nn_node_first(parent); n.item != NULL; n = nn_node_next(n))
        count++;
    return count;
}

const char *nn_node_key(nn_node member)
{
    return member.item == NULL || member.item->string == NULL ? "" : member.item->string;
}

double nn_node_number(nn_node n)
{
    return nn_node_is(n, NN_JSON_NUMBER) ? n.item->valuedouble : 0;
}

bool nn_node_bool(nn_node n)
{
    return cJSON_IsTrue(n.item) != 0;
}

const char *nn_node_text(nn_node n)
{
    return nn_node_is(n, NN_JSON_TEXT) ? n.item->valuestring : "";
}

const nn_spot *nn_node_spot(nn_node n)
{
    return &n.doc->spots[n.item->valueint];
}

const char *nn_node_digits(nn_node n, size_t *len)
{
    const nn_spot *spot = nn_node_spot(n);
    const char *text = n.doc->origins[spot->origin].text;

    *len = nn_scan_number_len(text, spot->begin);
    return text + spot->begin;
}

/* What there is only one word for. */
static const char *word_for(nn_node n)
{
    switch (nn_node_type(n)) {
    case NN_JSON_NONE:
        return "nothing";
    case NN_JSON_NULL:
        return "null";
    case NN_JSON_BOOL:
        return nn_node_bool(n) ? "true" : "false";
    case NN_JSON_ARRAY:
        return n.item->child == NULL ? "an empty list" : "a list";
    default:
        return n.item->child == NULL ? "an empty object" : "an object";
    }
}

const char *nn_node_show(nn_node n, char *dst)
{
    size_t len = 0;
    const char *digits = NULL;

    switch (nn_node_type(n)) {
    case NN_JSON_NUMBER:
        digits = nn_node_digits(n, &len);
        return nn_text_show(dst, NN_SHOWN, digits, len, 40);
    case NN_JSON_TEXT:
        (void)nn_text_show(dst + 1, NN_SHOWN - 2, n.item->valuestring, strlen(n.item->valuestring),
                           40);
        *dst = '"';
        len = strlen(dst);
        memcpy(dst + len, "\"", 2);
        return dst;
    default:
        (void)snprintf(dst, NN_SHOWN, "%s", word_for(n));
        return dst;
    }
}

void nn_node_write(nn_node n, nn_buf *out)
{
    const bool is_object = nn_node_is(n, NN_JSON_OBJECT);
    char shown[NN_SHOWN];
    const char *digits = NULL;
    size_t len = 0;

    if (nn_node_is(n, NN_JSON_NUMBER)) { /* as it was written: the same number to every reader */
        digits = nn_node_digits(n, &len);
        nn_buf_add(out, digits, len);
    } else if (nn_node_is(n, NN_JSON_TEXT)) {
        nn_buf_json(out, n.item->valuestring);
    } else if (is_object || nn_node_is(n, NN_JSON_ARRAY)) {
        nn_buf_char(out, is_object ? '{' : '[');
        for (nn_node child = nn_node_first(n); child.item != NULL; child = nn_node_next(child)) {
            if (child.item->prev->next != NULL) /* the first one's prev is the last */
                nn_buf_char(out, ',');
            if (is_object) {
                nn_buf_json(out, child.item->string);
                nn_buf_char(out, ':');
            }
            nn_node_write(child, out);
        }
        nn_buf_char(out, is_object ? '}' : ']');
    } else {
        nn_buf_put(out, n.item == NULL ? "null" : nn_node_show(n, shown));
    }
}
