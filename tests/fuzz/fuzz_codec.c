/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzCodec: answers of every other kind are taken or refused with a sentence. */
#include <assert.h>
#include <string.h>

#include "daemon/azdo/codec.h"
#include "daemon/azdo/connection.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/team.h"
#include "tests/fuzz/target.h"

#define PROJECT "11111111-2222-4333-8444-555555555555"
#define TEAM "22222222-2222-4333-8444-555555555555"

static Organisation *world_new(Mem *mem) {
        Organisation *organisation = organisation_new(mem, "https://dev.azure.com/contoso");
        Project project = {.name = "MLOps"};

        assert(guid_parse(&project.id, PROJECT) == 0);
        (void)organisation_add_project(organisation, &project);
        project_set_tokens(organisation, 0);
        return organisation;
}

/* The sentence's place, not the sentence: it is written while the first argument is made. */
static void check_result(int r, const char **reasonp) {
        assert(r >= 0 || *reasonp);
        assert(r < 0 || r <= 1);
        *reasonp = NULL;
}

static void run_kind(Kind kind, const Reply *reply) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        Organisation *organisation = world_new(mem);
        const Codec *codec = codec_of(kind);
        const char *reason = NULL;
        Index entity = INDEX_NONE;
        size_t n = 0;

        check_result(codec->take_list(organisation, 0, reply, &reason, &n), &reason);
        check_result(codec->take_get(organisation, 0, "A/B", reply, &reason), &reason);
        if (codec->take_create) {
                int r = codec->take_create(organisation, 0, "A/B", reply, &entity, &reason);

                check_result(r, &reason);
                assert(r < 0 || entity < organisation->n_entities);
        }
        if (codec->take_before)
                check_result(codec->take_before(mem, "A", reply, &reason), &reason);
        organisation_seal(organisation);
        for (size_t i = 0; i < organisation->n_entities; i++)
                assert(organisation->entities[i].name && organisation->entities[i].project == 0);
        mem_free(mem);
}

static void run_others(const Reply *reply) {
        static const Index projects[] = {0};
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        Organisation *organisation = world_new(mem);
        Index team = organisation_add_entity(
                organisation,
                &(Entity){.kind = KIND_TEAM, .name = "A", .id = TEAM, .identity = INDEX_NONE});
        const char *reason = NULL;
        const char *text = NULL;
        size_t n = 0;

        check_result(project_list_take(organisation, reply, &reason, &n), &reason);
        check_result(project_get_take(organisation, reply, &reason), &reason);
        check_result(project_operation_take(mem, reply, &reason), &reason);
        text = project_create_take(mem, reply, &reason);
        assert(text || reason);
        check_result(team_areas_take(organisation, team, reply, &reason), &reason);
        check_result(team_iteration_root_take(mem, reply, &text, &reason), &reason);
        check_result(connection_areas_take(mem, reply, &text, &reason), &reason);
        if (text)
                (void)connection_base_is_trusted("https://dev.azure.com/contoso", text);
        check_result(connection_rights_take(organisation, projects, 1, UINT32_MAX, reply, &reason),
                     &reason);
        check_result(connection_namespaces_take(organisation, reply, &reason), &reason);
        mem_free(mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        char *text = mem_strndup(mem, (const char *)bytes, n);
        Reply reply = {.status = 200,
                       .content_type = "application/json",
                       .body = text,
                       .n_body = strlen(text)};

        for (Kind kind = 0; kind < _KIND_N; kind++)
                if (codec_of(kind) && kind != KIND_GROUP)
                        run_kind(kind, &reply);
        run_others(&reply);
        mem_free(mem);
        return 0;
}
