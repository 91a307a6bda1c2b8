#include "report/page/page.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/utf8.h"
#include "labctl/cleanup.h"

/* What stands for {{NAME}} in page.html. */
struct page_parts {
    const struct answer *headline;
    FILE *data;
};

/* --- the parts ------------------------------------------------------------ */

/* Text of an element, or of an attribute in double quotes. */
static void put_escaped(FILE *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    while (*s) {
        size_t length = utf8_length(s);
        if (length == 0 || (*s < 0x20 && *s != '\n') || *s == 0x7f)
            fputc('?', out);
        else if (strchr("<>&\"'", *s))
            fprintf(out, "&#%d;", *s);
        else
            fwrite(s, 1, length, out);
        s += length ? length : 1;
    }
}

static void put_title(FILE *out, const struct page_parts *parts)
{
    put_escaped(out, parts->headline->title);
}

static void put_answer(FILE *out, const struct page_parts *parts)
{
    put_escaped(out, parts->headline->answer);
}

static void put_style(FILE *out, const struct page_parts *parts)
{
    (void)parts;
    fputs(page_css, out);
}

static void put_script(FILE *out, const struct page_parts *parts)
{
    (void)parts;
    fputs(page_js, out);
}

static void put_data(FILE *out, const struct page_parts *parts)
{
    char buffer[65536];
    size_t got;
    rewind(parts->data);
    while ((got = fread(buffer, 1, sizeof(buffer), parts->data)) > 0)
        fwrite(buffer, 1, got, out);
}

static void put_hash(FILE *out, const char *text)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    unsigned char base64[4 * ((SHA256_DIGEST_LENGTH + 2) / 3) + 1];
    SHA256((const unsigned char *)text, strlen(text), digest);
    EVP_EncodeBlock(base64, digest, sizeof(digest));
    fprintf(out, "'sha256-%s'", (const char *)base64);
}

/* Only this style and this script may be used, and nothing may be fetched. */
static void put_policy(FILE *out, const struct page_parts *parts)
{
    (void)parts;
    fputs("default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src ",
          out);
    put_hash(out, page_css);
    fputs("; script-src ", out);
    put_hash(out, page_js);
}

static const struct {
    const char *name;
    void (*put)(FILE *out, const struct page_parts *parts);
} parts_by_name[] = {
    { "{{POLICY}}", put_policy }, { "{{TITLE}}", put_title },   { "{{ANSWER}}", put_answer },
    { "{{STYLE}}", put_style },   { "{{SCRIPT}}", put_script }, { "{{DATA}}", put_data },
};

/* --- the whole ------------------------------------------------------------- */

static void put_page(FILE *out, const struct page_parts *parts)
{
    const char *rest = page_html;
    for (const char *at; (at = strstr(rest, "{{")) != NULL;) {
        fwrite(rest, 1, (size_t)(at - rest), out);
        rest = strstr(at, "}}") + 2;
        for (size_t i = 0; i < ARRAY_LENGTH(parts_by_name); i++)
            if (strncmp(at, parts_by_name[i].name, (size_t)(rest - at)) == 0)
                parts_by_name[i].put(out, parts);
    }
    fputs(rest, out);
}

int page_write(const char *path, const struct answer *headline, FILE *data, struct lab_error *err)
{
    cleanup_free char *aside = fs_path("%s.new", path);
    FILE *out = fopen(aside, "we");
    if (!out)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot create %s", aside);
    put_page(out, &(struct page_parts){ headline, data });
    bool failed = ferror(out) != 0;
    failed |= fclose(out) != 0;
    if (failed || rename(aside, path) < 0) {
        lab_error_errno(err, LAB_ERR_IO, errno, "cannot write %s", path);
        unlink(aside);
        return -1;
    }
    return 0;
}
