/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzCodec: answers of every other kind are taken or refused with a sentence. */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "common/model/branch.h"
#include "daemon/azdo/codec.h"
#include "daemon/azdo/connection.h"
#include "daemon/azdo/pipeline_users.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/role.h"
#include "daemon/azdo/team.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/world.h"

/* What an answer leaves out, asked for in turn and answered by the same. */
static void take_rest(Mem *mem, Organisation *organisation, const Codec *codec, const Reply *reply) {
        const char **ids = NULL;
        const char *reason = NULL;
        size_t n = codec->rest(mem, reply, &ids);

        for (size_t i = 0; i < n && i < 8; i++) {
                const Request request = codec->list_rest(mem, organisation, 0, ids[i]);

                world_check_request(mem, &request);
                world_check_taken(codec->take_rest(organisation, 0, ids[i], reply, &reason), &reason);
        }
}

/* A branch's name comes back from its token. */
static void run_branch(const char *name) {
        Text token, ref, back;

        text_init(&token, NULL);
        text_init(&ref, NULL);
        text_init(&back, NULL);
        branch_append_token(&token, name);
        branch_append_ref(&ref, token.data + 1);
        if (branch_append_name(&back, token.data + 1))
                assert(strstr(ref.data, back.data));
        branch_append_ref(&ref, name);
        (void)branch_append_name(&back, name);
        text_deinit(&token);
        text_deinit(&ref);
        text_deinit(&back);
}

static void run_kind(Kind kind, const Reply *reply) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        Organisation *organisation = world_new(mem);
        const Codec *codec = codec_of(kind);
        const char *reason = NULL;
        Index entity = INDEX_NONE;
        size_t n = 0;

        world_check_taken(codec->take_list(organisation, 0, reply, &reason, &n), &reason);
        world_check_taken(codec->take_get(organisation, 0, "A/B", reply, &reason), &reason);
        if (codec->take_create) {
                int r = codec->take_create(organisation, 0, "A/B", reply, &entity, &reason);

                world_check_taken(r, &reason);
                assert(r < 0 || entity < organisation->n_entities);
        }
        if (codec->take_before)
                world_check_taken(codec->take_before(mem, "A", reply, &reason), &reason);
        if (codec->rest)
                take_rest(mem, organisation, codec, reply);
        if (codec->take_id)
                world_check_taken(codec->take_id(organisation, 0, WORLD_TEAM, reply, &reason),
                                  &reason);
        organisation_seal(organisation);
        for (size_t i = 0; i < organisation->n_entities; i++)
                assert(organisation->entities[i].name && organisation->entities[i].project == 0);
        mem_free(mem);
}

/* Something on which roles are and which pipelines use. */
static Index add_environment(Organisation *organisation, const char *id) {
        return organisation_add_entity(organisation, &(Entity){.kind = KIND_ENVIRONMENT,
                                                               .name = "A",
                                                               .id = id,
                                                               .identity = INDEX_NONE});
}

static void run_roles(Mem *mem, Organisation *organisation, const Reply *reply) {
        Index entity = add_environment(organisation, "1");
        const char *reason = NULL;

        world_check_taken(role_definitions_take(organisation, KIND_ENVIRONMENT, ROLE_OF_ARTEFACT,
                                                reply, &reason),
                          &reason);
        (void)role_nearest(organisation->roles[KIND_ENVIRONMENT][ROLE_OF_ARTEFACT], "Reder");
        world_check_taken(role_set_take(mem, "User", reply, &reason), &reason);
        world_check_taken(pipeline_users_take(organisation, entity, reply, &reason), &reason);
}

static void run_others(const Reply *reply) {
        static const Index projects[] = {0};
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        Organisation *organisation = world_new(mem);
        Index team = world_add_team(organisation);
        const char *reason = NULL;
        const char *text = NULL;
        const char *bases[_BASE_N] = {0};
        size_t n = 0;

        world_check_taken(project_list_take(organisation, reply, &reason, &n), &reason);
        world_check_taken(project_get_take(organisation, reply, &reason), &reason);
        world_check_taken(project_operation_take(mem, reply, &reason), &reason);
        text = project_create_take(mem, reply, &reason);
        assert(text || reason);
        world_check_taken(team_areas_take(organisation, team, reply, &reason), &reason);
        world_check_taken(team_iteration_root_take(mem, reply, &text, &reason), &reason);
        world_check_taken(connection_data_take(organisation, reply, &reason), &reason);
        world_check_taken(connection_areas_take(mem, reply, bases, &reason), &reason);
        for (int base = BASE_GRAPH; base < _BASE_N; base++)
                if (bases[base])
                        (void)connection_base_is_trusted(WORLD_URL, (Base)base, bases[base]);
        world_check_taken(
                connection_rights_take(organisation, projects, 1, RIGHTS_OF_ENTRIES, reply, &reason),
                &reason);
        world_check_taken(connection_namespaces_take(organisation, reply, &reason), &reason);
        run_roles(mem, organisation, reply);
        mem_free(mem);
}

/* --- the text itself as a name --- */

static void check_kind_requests(Mem *mem, const Organisation *organisation, const Codec *codec,
                                const char *name) {
        const Request list = codec->list(mem, organisation, 0);
        const Request get = codec->get(mem, organisation, 0, name);
        Request one;

        world_check_request(mem, &list);
        world_check_request(mem, &get);
        if (codec->create) {
                one = codec->create(mem, organisation, 0, name);
                world_check_request(mem, &one);
        }
        if (codec->before) {
                one = codec->before(mem, organisation, 0);
                world_check_request(mem, &one);
        }
        if (codec->list_rest) {
                one = codec->list_rest(mem, organisation, 0, name);
                world_check_request(mem, &one);
        }
        if (codec->get_id) {
                one = codec->get_id(mem, organisation, 0, name);
                world_check_request(mem, &one);
        }
}

static void check_role_requests(Mem *mem, Organisation *organisation, const char *name) {
        const RoleResource resource = {KIND_ENVIRONMENT, 0, add_environment(organisation, name)};
        const uint32_t id = 7;
        Index team = world_add_team(organisation);
        Index identity = organisation->entities[team].identity;
        const Request requests[] = {
                role_set_request(mem, organisation, &resource, identity, name),
                role_remove_request(mem, organisation, &resource, identity),
                role_inherit_request(mem, organisation, &resource, /* inherit= */ false),
                pipeline_users_request(mem, organisation, resource.entity),
                pipeline_users_change_request(mem, organisation,
                                              &(PipelineUsersChange){.entity = resource.entity,
                                                                     .all = true,
                                                                     .ids = &id,
                                                                     .n_ids = 1}),
        };

        for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
                world_check_request(mem, &requests[i]);
}

static void check_other_requests(Mem *mem, Organisation *organisation, const char *name) {
        static const Index projects[] = {0};
        const TeamArea area = {.path = name, .include_children = true};
        const TeamAreas areas = {.default_path = name, .areas = (TeamArea *)&area, .n_areas = 1};
        Index team = world_add_team(organisation);
        const Request requests[] = {
                project_list_request(mem),
                project_get_request(mem, name),
                project_create_request(mem, name, name, NULL),
                project_operation_request(mem, name),
                project_processes_request(mem),
                team_areas_request(mem, organisation, team),
                team_set_areas_request(mem, organisation, team, &areas),
                team_set_backlog_request(mem, organisation, team, name),
                team_iteration_root_request(mem, organisation, 0),
                connection_data_request(mem),
                connection_areas_request(mem),
                connection_namespaces_request(mem),
                connection_rights_request(mem, organisation, projects, 1, RIGHTS_OF_ENTRIES),
        };

        for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
                world_check_request(mem, &requests[i]);
        assert(strstr(team_admin_token(mem, organisation, team), WORLD_TEAM));
}

static void run_name(const char *name) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        Organisation *organisation = world_new(mem);

        for (Kind kind = 0; kind < _KIND_N; kind++)
                if (codec_of(kind))
                        check_kind_requests(mem, organisation, codec_of(kind), name);
        check_other_requests(mem, organisation, name);
        check_role_requests(mem, organisation, name);
        run_branch(name);
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
        /* Names come from JSON or YAML: they are text. */
        if (n <= WORLD_NAME_MAX && text_is_utf8(text, strlen(text)))
                run_name(text);
        mem_free(mem);
        return 0;
}
