/* The checksum that a model file carries over itself. */
#include "tensor_file.h"

#include <stdio.h>
#include <string.h>

#include "base/gz.h"
#include "doc.h"

nn_code nn_tensors_check_crc(const nn_tensors *t, bool required, nn_err *err)
{
    static const char zeros[] = "00000000";
    const nn_node kept = nn_node_get(t->meta, NN_TENSOR_CRC);
    char right[sizeof(zeros)];
    uint32_t crc = 0;
    size_t at = 0;

    if (kept.item == NULL)
        return !required ? NN_OK
                         : nn_err_set(err, NN_EMODEL, t->name,
                                      "expected \"%s\" in the metadata, got none", NN_TENSOR_CRC);
    at = nn_node_spot(kept)->begin + 1; /* after its double quote */
    if (strlen(nn_node_text(kept)) != sizeof(zeros) - 1 ||
        memcmp(t->header + at, nn_node_text(kept), sizeof(zeros) - 1) != 0)
        return nn_err_set(err, NN_EMODEL, t->name, "%s: expected 8 hexadecimal digits",
                          NN_TENSOR_CRC);
    crc = nn_crc32(0, t->header, at);
    crc = nn_crc32(crc, zeros, sizeof(zeros) - 1);
    crc = nn_crc32(crc, t->header + at + sizeof(zeros) - 1, t->header_len - at - sizeof(zeros) + 1);
    crc = nn_crc32(crc, t->data, t->data_len);
    (void)snprintf(right, sizeof(right), "%08x", (unsigned)crc);
    if (strcmp(right, nn_node_text(kept)) == 0)
        return NN_OK;
    return nn_err_set(
        err, NN_EMODEL, t->name,
        "the file is damaged: its contents have the checksum %s, its header says %.8s", right,
        t->header + at);
}
