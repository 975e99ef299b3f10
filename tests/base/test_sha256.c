/* SHA-256: the examples of FIPS 180-4, and bytes that come in pieces. */
#include "support/nn_test.h"

#include "../src/base/sha256_blocks.h"
#include "base/sha256.h"

static const char *hash(const void *bytes, size_t len, char *text)
{
    nn_sha256 s;
    uint8_t digest[NN_SHA256_SIZE];

    nn_sha256_start(&s);
    nn_sha256_add(&s, bytes, len);
    nn_sha256_end(&s, digest);
    return nn_sha256_text(text, digest);
}

static void test_published_digests(void **state)
{
    static const char *const known[][2] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrl"
         "m"
         "nopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    char text[NN_SHA256_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_string_equal(hash(known[i][0], strlen(known[i][0]), text), known[i][1]);
}

static void test_a_million_letters(void **state)
{
    enum { N = 1000000 };
    char text[NN_SHA256_TEXT];
    char *const letters = malloc(N);

    (void)state;
    assert_non_null(letters);
    memset(letters, 'a', N);
    assert_string_equal(hash(letters, N, text),
                        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(letters);
}

static void test_pieces_of_any_size_give_the_same_digest(void **state)
{
    unsigned char bytes[300];
    char whole[NN_SHA256_TEXT], pieces[NN_SHA256_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    for (size_t len = 0; len <= sizeof bytes; len += 13)
        for (size_t piece = 1; piece < 150; piece += 3) {
            nn_sha256 s;
            uint8_t digest[NN_SHA256_SIZE];

            nn_sha256_start(&s);
            for (size_t at = 0; at < len; at += piece)
                nn_sha256_add(&s, bytes + at, len - at < piece ? len - at : piece);
            nn_sha256_end(&s, digest);
            assert_string_equal(nn_sha256_text(pieces, digest), hash(bytes, len, whole));
        }
}

static void test_both_ways_to_digest_blocks_agree(void **state)
{
    uint32_t plain[8] = {1, 2, 3, 4, 5, 6, 7, 8}, fast[8];
    uint8_t bytes[640];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i + 3 * i);
    memcpy(fast, plain, sizeof fast);
    nn_sha256_plain(plain, bytes, sizeof bytes / 64);
    if (!nn_sha256_x86(fast, bytes, sizeof bytes / 64))
        skip(); /* this CPU knows the plain way alone */
    assert_memory_equal(plain, fast, sizeof plain);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_digests),
        cmocka_unit_test(test_both_ways_to_digest_blocks_agree),
        cmocka_unit_test(test_a_million_letters),
        cmocka_unit_test(test_pieces_of_any_size_give_the_same_digest),
    };

    return nn_test_main(argc, argv, tests);
}
