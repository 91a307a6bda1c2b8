#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

/* The context of libcrypto, under a name of ours. */
static EVP_MD_CTX *context_of(struct sha256 *digest)
{
    return (EVP_MD_CTX *)digest;
}

struct sha256 *sha256_begin(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1)
        return (struct sha256 *)context;
    EVP_MD_CTX_free(context);
    return NULL;
}

void sha256_update(struct sha256 *digest, const void *bytes, size_t length)
{
    EVP_DigestUpdate(context_of(digest), bytes, length);
}

void sha256_finish(struct sha256 *digest, char hex[SHA256_HEX_SIZE])
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned length;
    if (!digest)
        return;
    EVP_DigestFinal_ex(context_of(digest), bytes, &length);
    EVP_MD_CTX_free(context_of(digest));
    for (size_t i = 0; hex && i < length; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

void sha256_text(const char *text, char hex[SHA256_HEX_SIZE])
{
    struct sha256 *digest = sha256_begin();
    hex[0] = '\0';
    if (digest)
        sha256_update(digest, text, strlen(text));
    sha256_finish(digest, hex);
}
