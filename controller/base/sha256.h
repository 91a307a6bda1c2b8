/* SHA-256 of bytes that come piece by piece. */
#ifndef LABCTL_SHA256_H
#define LABCTL_SHA256_H

#include <stddef.h>

#define SHA256_HEX_SIZE 65 /* 64 digits and the NUL */

struct sha256;

/* Begin a digest; NULL when out of memory. The caller ends it with sha256_finish(). */
struct sha256 *sha256_begin(void);

void sha256_update(struct sha256 *digest, const void *bytes, size_t length);

/* The digest of what came, in lower-case hex, and release. Does nothing to NULL; `hex` may be
 * NULL. */
void sha256_finish(struct sha256 *digest, char hex[SHA256_HEX_SIZE]);

/* The digest of a text at once; "" when out of memory. */
void sha256_text(const char *text, char hex[SHA256_HEX_SIZE]);

#endif
