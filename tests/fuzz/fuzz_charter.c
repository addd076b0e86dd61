/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzCharter: any bytes are a charter in order or are refused with the place of each mistake. */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "config/charter.h"
#include "tests/fuzz/target.h"

static void check_principal(const DesiredProject *project, const DesiredPrincipal *principal) {
        assert(principal->name && principal->place.line > 0);
        assert(desired_find_principal(project, principal->name) == principal);
        for (size_t i = 0; i < principal->n_owns; i++) {
                assert(principal->is_team);
                assert(kind_has(principal->owns[i].kind, KIND_CAN_BE_OWNED | KIND_IS_BUILT));
                assert(strcmp(principal->owns[i].name, "/") == 0 ||
                       desired_find_owner(project, principal->owns[i].kind, principal->owns[i].name, NULL) == principal);
        }
        for (size_t i = 0; i < principal->n_rules; i++) {
                const Rule *rule = &principal->rules[i];

                assert(rule->n_allow > 0 || rule->n_deny > 0 || rule->same_as);
                assert(rule->place.line > 0 && rule->at.place.line > 0);
        }
        assert(principal->grants_mentioned || principal->n_rules == 0);
        assert(principal->members.mentioned || principal->members.n == 0);
}

static void check_project(const DesiredProject *project) {
        for (size_t i = 0; i < project->n_principals; i++) {
                assert(i == 0 || text_compare(project->principals[i - 1].name, project->principals[i].name) < 0);
                check_principal(project, &project->principals[i]);
        }
        for (size_t i = 0; i < project->n_artefacts; i++)
                assert(!desired_find_owner(project, project->artefacts[i].kind, project->artefacts[i].name, NULL));
        for (size_t i = 0; i < project->n_asserts; i++)
                assert(project->asserts[i].name && project->asserts[i].permission.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        static const MaySettings may = {.create = true};
        const CharterSpec spec = {.organization = "https://dev.azure.com/contoso", .may = n % 2 ? &may : NULL};
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        Desired *desired = NULL;
        DiagList diags;
        int r;

        diag_list_init(&diags, mem);
        r = charter_parse(mem, (const char *)bytes, n, "charter.yaml", &spec, &diags, &desired);
        assert((r == 0) == (desired != NULL));
        assert((r == 0) == (diags.n_errors == 0));
        diag_list_sort(&diags);
        for (size_t i = 0; i < diags.n; i++) {
                assert(diags.items[i].place.line > 0 && diags.items[i].place.column > 0);
                assert(text_is_utf8(diags.items[i].message, strlen(diags.items[i].message)));
        }
        for (size_t i = 0; desired && i < desired->n_projects; i++)
                check_project(&desired->projects[i]);
        mem_free(mem);
        return 0;
}
