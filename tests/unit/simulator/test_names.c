/* SPDX-License-Identifier: Apache-2.0 */
/* Which names the service accepts. */
#include <string.h>

#include "tests/simulator/names.h"
#include "tests/unit/simulator/scene.h"

#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16
#define X256 X64 X64 X64 X64

static void test_rules(void **state) {
        static const struct {
                NameKind kind;
                const char *name;
                const char *refusal; /* a part of it; NULL: accepted */
        } ROWS[] = {
                {NAME_PROJECT, "MLOps", NULL},
                {NAME_PROJECT, "ML Ops (new)", NULL},
                {NAME_PROJECT, X64, NULL},
                {NAME_PROJECT, X64 "x", "longer than 64"},
                {NAME_PROJECT, "", "empty"},
                {NAME_PROJECT, "  ", "empty"},
                {NAME_PROJECT, NULL, "empty"},
                {NAME_PROJECT, "_ops", "begins"},
                {NAME_PROJECT, ".ops", "begins"},
                {NAME_PROJECT, "ops.", "ends"},
                {NAME_PROJECT, "a/b", "not allowed"},
                {NAME_PROJECT, "a&b", "not allowed"},
                {NAME_PROJECT, "a\tb", "control"},
                {NAME_PROJECT, "defaultcollection", "reserved"},
                {NAME_PROJECT, "com10", "reserved"},
                {NAME_PROJECT, "a\xf0\x9f\x98\x80", "surrogate"},
                {NAME_PROJECT, "a\xff", "Unicode"},
                {NAME_REPOSITORY, "com1", NULL},
                {NAME_REPOSITORY, "data_science-a", NULL},
                {NAME_REPOSITORY, "a..b", NULL},
                {NAME_REPOSITORY, "a~b", "not allowed"},
                {NAME_TEAM, "Data Science A", NULL},
                {NAME_TEAM, "a..b", "ellipsis"},
                {NAME_TEAM, "a\xe2\x80\xa6", "ellipsis"},
                {NAME_TEAM, "nul", "reserved"},
                {NAME_GROUP, "_group & more", NULL},
                {NAME_GROUP, "a,b", "not allowed"},
                {NAME_GROUP, "a.", "ends"},
                {NAME_GROUP, X256, NULL},
                {NAME_GROUP, X256 "x", "longer than 256"},
                {NAME_GROUP, "$namespace", "reserved"},
                {NAME_NODE, "Sprint 1.", NULL},
                {NAME_NODE, "..", "reserved"},
                {NAME_NODE, "a+b", "not allowed"},
                {NAME_NODE, "a\\b", "not allowed"},
                {NAME_NODE, X256, "longer than 255"},
        };

        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                const char *refusal = name_refusal(ROWS[i].kind, ROWS[i].name);

                if (!ROWS[i].refusal != !refusal || (refusal && !strstr(refusal, ROWS[i].refusal)))
                        fail_msg("row %zu: \"%s\": %s", i, ROWS[i].name ? ROWS[i].name : "(null)",
                                 refusal ? refusal : "accepted");
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_rules)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
