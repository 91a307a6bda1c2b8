#include "testing.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "output.h"
#include "report/page/json_out.h"
#include "report/page/page.h"
#include "report/plots.h"
#include "report/report.h"

static void report(unsigned parts)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct report_outcome outcome;
    cleanup_fclose FILE *notes = fopen("/dev/null", "we");
    const char *roots[] = { fixture_root };
    if (report_write(roots, 1, output, parts, notes, &outcome, &err) < 0)
        fail_msg("%s", err.message);
}

static char *read_output(const char *name)
{
    struct lab_error err;
    cleanup_free char *path = fs_path("%s/%s", output, name);
    return fs_read_file(path, 64u << 20, NULL, &err);
}

static const cJSON *get(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!item)
        fail_msg("no \"%s\"", key);
    return item;
}

/* --- writing JSON ---------------------------------------------------------- */

static void no_text_ends_the_element_that_it_stands_in(void **state)
{
    (void)state;
    char *text;
    size_t length;
    struct json_out json = { .out = open_memstream(&text, &length) };
    json_out_open(&json, '[');
    json_out_string(&json, "</script><!-- & \"\\\n\x7f \xe2\x80\xa8 \xff \xc3\xa9");
    json_out_string(&json, NULL);
    json_out_close(&json, ']');
    fclose(json.out);
    assert_string_equal(text, "[\"\\u003c/script\\u003e\\u003c!-- \\u0026 \\\"\\\\\\u000a\\u007f "
                              "\\u2028 ? \xc3\xa9\",null]");
    free(text);
}

static void numbers_are_short_and_always_json(void **state)
{
    (void)state;
    char *text;
    size_t length;
    struct json_out json = { .out = open_memstream(&text, &length) };
    const double values[] = { 0, -0.0, 1.5, 100, 0.1234567, -1e-9, 1e21, NAN, INFINITY };
    json_out_open(&json, '[');
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++)
        json_out_number(&json, values[i], 6);
    json_out_close(&json, ']');
    fclose(json.out);
    assert_string_equal(text, "[0,0,1.5,100,0.123457,0,1000000000000000000000,null,null]");
    free(text);
}

/* --- the files --------------------------------------------------------------- */

static void only_what_is_asked_for_is_written(void **state)
{
    (void)state;
    static const struct {
        unsigned part;
        const char *file;
    } parts[] = { { REPORT_CSV, "transfers.csv" },
                  { REPORT_HTML, "index.html" },
                  { REPORT_JSON, "report.json" },
                  { REPORT_LATEX, "table.tex" } };
    fixture_make_below("a/1", &(struct fixture){ 0 });
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        struct lab_error err;
        report(parts[i].part);
        for (size_t k = 0; k < ARRAY_LENGTH(parts); k++) {
            cleanup_free char *text = read_output(parts[k].file);
            assert_true((text != NULL) == (i == k));
        }
        fs_remove_tree(output, &err);
    }
}

static void the_data_tells_what_the_logs_do(void **state)
{
    (void)state;
    fixture_make_below("p/1",
                       &(struct fixture){ .name = "p", .model = "p2p", .block_size = 16384 });
    report(REPORT_JSON);
    cleanup_free char *text = read_output("report.json");
    cJSON *data = cJSON_Parse(text);
    assert_non_null(data);
    const cJSON *run = cJSON_GetArrayItem(get(data, "runs"), 0);
    assert_string_equal(get(run, "name")->valuestring, "p");
    assert_string_equal(get(run, "href")->valuestring, "./../p/1");
    assert_float_equal(get(get(run, "figures"), "median_s")->valuedouble, 1, 1e-9);
    const cJSON *detail = get(run, "detail");
    const cJSON *blocks = get(detail, "blocks");
    assert_int_equal(get(blocks, "stride")->valueint, 1);
    const cJSON *client = cJSON_GetArrayItem(get(blocks, "clients"), 1);
    assert_int_equal(cJSON_GetArraySize(get(client, "block")), 10);
    assert_int_equal(cJSON_GetArraySize(get(client, "took_us")), 10);
    assert_int_equal(cJSON_GetArrayItem(get(client, "at_us"), 9)->valueint, 1000000);
    double sum = 0;
    const cJSON *bytes;
    cJSON_ArrayForEach(bytes, cJSON_GetArrayItem(get(detail, "matrix"), 1)) sum +=
        bytes->valuedouble;
    assert_float_equal(sum, 155700, 0);
    cJSON_Delete(data);
}

/* So many faults in a run's only trial; the odd ones did not happen. */
static void add_faults(const char *run, unsigned count)
{
    cleanup_free char *path = fs_path("%s/%s/trials/001/logs/labctl.jsonl", fixture_root, run);
    cleanup_fclose FILE *log = fopen(path, "ae");
    assert_non_null(log);
    for (unsigned i = 0; i < count; i++)
        fprintf(log,
                "{\"t\":%" PRIu64 ",\"event\":\"fault\",\"kind\":\"kill\",\"node\":\"h%u\","
                "\"fault\":%u,\"planned\":\"50%%\",\"reached\":%s}\n",
                FIXTURE_ORIGIN + 500000000u, i % 6 + 1, i + 1,
                i % 2 ? "false,\"reason\":\"the program was over\"" : "true");
}

static void the_data_has_faults_and_why_one_did_not_happen(void **state)
{
    (void)state;
    fixture_make_below("a/1", &(struct fixture){ .name = "a" });
    fixture_make_below("b/1", &(struct fixture){ .name = "b" });
    fixture_make_below("c/1", &(struct fixture){ .name = "c" });
    add_faults("a/1", 2);
    add_faults("b/1", 300);
    report(REPORT_JSON);
    cleanup_free char *text = read_output("report.json");
    cJSON *data = cJSON_Parse(text);
    assert_non_null(data);
    const cJSON *runs = get(data, "runs");
    const cJSON *few = get(get(cJSON_GetArrayItem(runs, 0), "detail"), "faults");
    const cJSON *fault = cJSON_GetArrayItem(get(few, "shown"), 1);
    assert_int_equal(cJSON_GetArraySize(get(few, "shown")), 2);
    assert_int_equal(get(few, "left")->valueint, 0);
    assert_string_equal(get(fault, "node")->valuestring, "h2");
    assert_string_equal(get(fault, "planned")->valuestring, "50%");
    assert_string_equal(get(fault, "reason")->valuestring, "the program was over");
    assert_true(cJSON_IsFalse(get(fault, "reached")) && cJSON_IsNull(get(fault, "at_s")));
    const cJSON *many = get(get(cJSON_GetArrayItem(runs, 1), "detail"), "faults");
    assert_int_equal(cJSON_GetArraySize(get(many, "shown")), 256);
    assert_int_equal(get(many, "left")->valueint, 44);
    const cJSON *trial = cJSON_GetArrayItem(get(cJSON_GetArrayItem(runs, 1), "trials"), 0);
    assert_int_equal(cJSON_GetArraySize(get(get(trial, "unreached"), "shown")), 4);
    assert_int_equal(get(get(trial, "unreached"), "left")->valueint, 146);
    assert_null(cJSON_GetObjectItem(get(cJSON_GetArrayItem(runs, 2), "detail"), "faults"));
    cJSON_Delete(data);
}

static void a_hostile_title_stays_text(void **state)
{
    (void)state;
    fixture_make_below("x/1",
                       &(struct fixture){ .title = "</title><script>alert(1)</script><b>&amp;" });
    report(REPORT_HTML);
    cleanup_free char *page = read_output("index.html");
    assert_null(strstr(page, "<script>alert"));
    assert_null(strstr(page, "</title><script"));
    assert_non_null(strstr(page, "&#60;script&#62;alert(1)&#60;/script&#62;&#60;b&#62;&#38;amp;"));
    assert_null(strstr(page, "{{"));
}

static void the_page_asks_nothing_of_a_network(void **state)
{
    (void)state;
    fixture_make_below("x/1", &(struct fixture){ 0 });
    report(REPORT_HTML);
    cleanup_free char *page = read_output("index.html");
    assert_non_null(strstr(page, "default-src 'none'"));
    assert_null(strstr(page, "unsafe-inline"));
    assert_null(strstr(page, "src=\"http"));
    assert_null(strstr(page, "@import"));
}

/* --- the look -------------------------------------------------------------------- */

static void page_and_plots_give_a_model_the_same_colours(void **state)
{
    (void)state;
    for (int model = 0; model < PLOT_MODELS; model++)
        for (size_t variant = 0; variant < 3; variant++) {
            cleanup_free char *rule =
                fs_path("--%s-%zu: %s;", model_name((enum model_kind)model), variant,
                        plot_style((enum model_kind)model, variant).colour);
            if (!strstr(page_css, rule))
                fail_msg("page.css has no \"%s\"", rule);
        }
}

/* Orange to brown, blue, green. */
static void a_model_keeps_to_its_family_of_colours(void **state)
{
    (void)state;
    for (int model = 0; model < PLOT_MODELS; model++)
        for (size_t variant = 0; variant < 12; variant++) {
            unsigned r, g, b;
            const char *colour = plot_style((enum model_kind)model, variant).colour;
            assert_int_equal(sscanf(colour, "#%2x%2x%2x", &r, &g, &b), 3);
            assert_true(model == MODEL_CS    ? r > g && g > b
                        : model == MODEL_P2P ? b > g && g > r
                                             : g > r && g > b);
        }
}

/* Any two of colour, symbol and dashes. */
static void twelve_of_a_model_differ_in_two_ways(void **state)
{
    (void)state;
    for (int model = 0; model < PLOT_MODELS; model++)
        for (size_t i = 0; i < 12; i++)
            for (size_t k = 0; k < i; k++) {
                struct plot_style a = plot_style((enum model_kind)model, i);
                struct plot_style b = plot_style((enum model_kind)model, k);
                int same =
                    (strcmp(a.colour, b.colour) == 0) + (a.point == b.point) + (a.dash == b.dash);
                assert_true(same <= 1);
            }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_text_ends_the_element_that_it_stands_in),
        TEST(numbers_are_short_and_always_json),
        TEST(only_what_is_asked_for_is_written),
        TEST(the_data_tells_what_the_logs_do),
        TEST(the_data_has_faults_and_why_one_did_not_happen),
        TEST(a_hostile_title_stays_text),
        TEST(the_page_asks_nothing_of_a_network),
        TEST(page_and_plots_give_a_model_the_same_colours),
        TEST(a_model_keeps_to_its_family_of_colours),
        TEST(twelve_of_a_model_differ_in_two_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
