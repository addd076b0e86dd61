/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzCharter: any bytes are a charter in order or are refused with the place of each mistake. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/text.h"
#include "config/charter.h"
#include "tests/fuzz/target.h"
#include "tests/unit/ledger/folder.h"

enum {
        PART_END = 0x1e, /* stands between the files of a folder; in YAML it is refused */
        PARTS_MAX = 4,
};

static void check_principal(const DesiredProject *project, const DesiredPrincipal *principal) {
        assert(principal->name && principal->place.line > 0);
        assert(desired_find_principal(project, principal->name) == principal);
        for (size_t i = 0; i < principal->n_owns; i++) {
                assert(principal->is_team);
                assert(kind_has(principal->owns[i].kind, KIND_CAN_BE_OWNED | KIND_IS_BUILT));
                assert(strcmp(principal->owns[i].name, "/") == 0 ||
                       desired_find_owner(project, principal->owns[i].kind, principal->owns[i].name,
                                          NULL) == principal);
        }
        for (size_t i = 0; i < principal->n_rules; i++) {
                const Rule *rule = &principal->rules[i];

                assert(rule->n_allow > 0 || rule->n_deny > 0 || rule->same_as || rule->role);
                assert(rule->place.line > 0 && rule->at.place.line > 0);
        }
        assert(principal->grants_mentioned || principal->n_rules == 0);
        assert(principal->members.mentioned || principal->members.n == 0);
}

static void check_project(const DesiredProject *project) {
        for (size_t i = 0; i < project->n_principals; i++) {
                assert(i == 0 || text_compare(project->principals[i - 1].name,
                                              project->principals[i].name) < 0);
                check_principal(project, &project->principals[i]);
        }
        for (size_t i = 0; i < project->n_artefacts; i++)
                assert(!desired_find_owner(project, project->artefacts[i].kind,
                                           project->artefacts[i].name, NULL));
        for (size_t i = 0; i < project->n_asserts; i++)
                assert(project->asserts[i].name && project->asserts[i].permission.text);
}

static void check_diags(DiagList *diags, const Desired *desired, int r) {
        assert((r == 0) == (desired != NULL));
        assert((r == 0) == (diags->n_errors == 0));
        diag_list_sort(diags);
        for (size_t i = 0; i < diags->n; i++)
                assert(text_is_utf8(diags->items[i].message, strlen(diags->items[i].message)));
        for (size_t i = 0; desired && i < desired->n_projects; i++)
                check_project(&desired->projects[i]);
}

static int parse(Mem *mem, const CharterSpec *spec, const uint8_t *bytes, size_t n) {
        Desired *desired = NULL;
        DiagList diags;
        int r;

        diag_list_init(&diags, mem);
        r = charter_parse(mem, (const char *)bytes, n, "charter.yaml", spec, &diags, &desired);
        check_diags(&diags, desired, r);
        for (size_t i = 0; i < diags.n; i++)
                assert(diags.items[i].place.line > 0 && diags.items[i].place.column > 0);
        return r;
}

/* --- the parts as files of a folder
 * --------------------------------------------------------------------------------- */

static char *folder;

static void remove_folder(void) {
        folder = mem_free(folder);
}

static size_t write_parts(const uint8_t *bytes, size_t n) {
        const uint8_t *end = bytes + n;
        size_t n_parts = 0;
        char name[32];

        for (; bytes < end && n_parts < PARTS_MAX; n_parts++) {
                const uint8_t *stop = memchr(bytes, PART_END, (size_t)(end - bytes));
                const uint8_t *part_end = stop ? stop : end;

                (void)snprintf(name, sizeof name, "%zu.yaml", n_parts);
                folder_write(folder, name, (const char *)bytes, (size_t)(part_end - bytes));
                bytes = part_end + (stop != NULL);
        }
        return n_parts;
}

static void remove_parts(Mem *mem, size_t n_parts) {
        for (size_t i = 0; i < n_parts; i++)
                (void)unlink(mem_printf(mem, "%s/%zu.yaml", folder, i));
}

static void load(Mem *mem, const CharterSpec *spec, const uint8_t *bytes, size_t n) {
        size_t n_parts = write_parts(bytes, n);
        ConfigKind kind = CONFIG_UNKNOWN;
        Desired *desired = NULL;
        DiagList diags, others;
        int r;

        diag_list_init(&diags, mem);
        diag_list_init(&others, mem);
        r = charter_load(mem, folder, spec, &diags, &desired);
        check_diags(&diags, desired, r);
        r = config_tell_kind(mem_printf(mem, "%s/0.yaml", folder), &others, &kind);
        assert((r == 0) == (kind != CONFIG_UNKNOWN) && (r == 0) == (others.n_errors == 0));
        remove_parts(mem, n_parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        static Word projects[] = {{.text = "MLOps"}};
        static const MaySettings may[] = {
                {.create = true},
                {.all_projects = true},
                {.projects = projects, .n_projects = 1, .administrators = true},
        };
        const size_t n_may = sizeof may / sizeof *may;
        const CharterSpec spec = {.organization = "https://dev.azure.com/contoso",
                                  .may = n % (n_may + 1) < n_may ? &may[n % (n_may + 1)] : NULL};
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");

        if (!folder) {
                folder = folder_new(NULL);
                atexit(remove_folder);
        }
        if (memchr(bytes, PART_END, n))
                load(mem, &spec, bytes, n);
        else
                (void)parse(mem, &spec, bytes, n);
        mem_free(mem);
        return 0;
}
