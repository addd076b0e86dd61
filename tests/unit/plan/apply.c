/* SPDX-License-Identifier: Apache-2.0 */
/* Apply: steps on the model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "tests/unit/live/live.h"
#include "tests/unit/plan/apply.h"

enum {
        TEAM_ADMINISTRATOR_BITS = 31, /* facts §3.4 */
        CREATOR_BITS_OF_GIT = 32382,  /* facts §3.9 */
};

typedef struct Applying {
        Organisation *live;
        PlanSpec *spec;
        Mem *mem;
} Applying;

/* --- entries
 * --------------------------------------------------------------------------------------------------------
 */

/* A list with its entries copied, to be changed and set again; none yet is an empty one. */
static AccessControlList copy_of(const Applying *applying, uint8_t space, const char *token,
                                 Index project) {
        Index row = organisation_find_acl(applying->live, space, token);
        AccessControlList list = {.namespace = space,
                                  .inherit = true,
                                  .project = project,
                                  .entity = INDEX_NONE,
                                  .token = token};

        if (row == INDEX_NONE)
                return list;
        list = applying->live->acls[row];
        list.entries = NULL;
        list.n_entries = 0;
        for (size_t i = 0; i < applying->live->acls[row].n_entries; i++)
                *mem_push(applying->mem, list.entries, list.n_entries) =
                        applying->live->acls[row].entries[i];
        return list;
}

static void set_entry(const Applying *applying, uint8_t space, const char *token, Index project,
                      AccessControlEntry entry) {
        AccessControlList list = copy_of(applying, space, token, project);
        size_t at = 0;

        while (at < list.n_entries && list.entries[at].identity != entry.identity)
                at++;
        if (at == list.n_entries)
                *mem_push(applying->mem, list.entries, list.n_entries) = entry;
        else if (entry.allow || entry.deny)
                list.entries[at] = entry;
        else
                list.entries[at] = list.entries[--list.n_entries];
        organisation_set_acl(applying->live, &list);
}

static void carry_out_entry(const Applying *applying, const Step *step) {
        Index row = organisation_find_acl(applying->live, (uint8_t)step->space, step->token);
        const AccessControlEntry *before =
                row == INDEX_NONE
                        ? NULL
                        : acl_find_entry(&applying->live->acls[row], step->principal.identity);

        assert_int_equal(before ? before->allow : 0, step->allow_before);
        assert_int_equal(before ? before->deny : 0, step->deny_before);
        set_entry(applying, (uint8_t)step->space, step->token, step->project,
                  (AccessControlEntry){step->principal.identity, step->allow_after,
                                       step->deny_after});
}

static void carry_out_flag(const Applying *applying, const Step *step) {
        AccessControlList list =
                copy_of(applying, (uint8_t)step->space, step->token, step->project);

        assert_int_equal(list.inherit, step->inherit_before);
        list.inherit = step->inherit_after;
        organisation_set_acl(applying->live, &list);
}

/* --- memberships
 * ----------------------------------------------------------------------------------------------------
 */

static void carry_out_leaving(const Applying *applying, const Step *step) {
        Organisation *live = applying->live;
        Index *stay = NULL;
        size_t n = 0, n_members = 0;
        const Membership *members =
                organisation_members(live, step->container.identity, &n_members);

        assert_true(
                organisation_is_member(live, step->container.identity, step->principal.identity));
        for (size_t i = 0; i < n_members; i++)
                if (members[i].member != step->principal.identity)
                        *mem_push(applying->mem, stay, n) = members[i].member;
        organisation_clear_members(live, step->container.identity);
        for (size_t i = 0; i < n; i++)
                organisation_add_membership(live, step->container.identity, stay[i]);
        organisation_seal(live);
}

/* --- creations
 * ------------------------------------------------------------------------------------------------------
 */

static const char *id_of(const Applying *applying, const Step *step) {
        char text[GUID_TEXT_SIZE];

        return mem_strdup(
                applying->mem,
                guid_format(live_guid(mem_printf(applying->mem, "made|%s|%d|%s", step->project_name,
                                                 step->kind, step->name)),
                            text));
}

static const char *parent_token(const Applying *applying, const Step *step, const char *root) {
        const char *slash = strrchr(step->name, '/');
        Index above;

        if (!slash)
                return root;
        above = organisation_find_entity(
                applying->live, step->project, step->kind,
                mem_strndup(applying->mem, step->name, (size_t)(slash - step->name)));
        assert_int_not_equal(above, INDEX_NONE);
        return applying->live->entities[above].token;
}

static Index make_group(const Applying *applying, const Step *step) {
        Organisation *live = applying->live;
        const char *sid =
                mem_printf(applying->mem, "Microsoft.TeamFoundation.Identity;S-1-9-1551374245-7-%s",
                           id_of(applying, step));
        Identity identity = {
                .kind = IDENTITY_GROUP,
                .project = organisation_scope_of(live, step->project),
                .name = step->name,
                .display = mem_printf(applying->mem, "[%s]\\%s",
                                      step->project_name[0] ? step->project_name : live->name, step->name),
                .descriptor = sid,
                .subject = mem_printf(applying->mem, "vssgp.%s", sid),
                .storage_key = live_guid(sid),
                .merged = INDEX_NONE,
                .members_known = true,
                .containers_known = true,
                .is_team = step->kind == KIND_TEAM,
        };
        Index made = organisation_add_identity(live, &identity);
        Index everybody = organisation_find_group(live, step->project, "Project Valid Users");

        if (everybody != INDEX_NONE)
                organisation_add_membership(live, everybody, made);
        return made;
}

/* The unkind service: who makes a team is its member and administrator, and it goes into
 * Contributors. */
static void make_team(const Applying *applying, const Step *step, Entity *entity) {
        Organisation *live = applying->live;
        const char *root = live->projects[step->project].root_token[NAMESPACE_IDENTITY];
        Index contributors = organisation_find_group(live, step->project, "Contributors");

        entity->identity = make_group(applying, step);
        if (contributors != INDEX_NONE)
                organisation_add_membership(live, contributors, entity->identity);
        if (live->self_identity == INDEX_NONE)
                return;
        organisation_add_membership(live, entity->identity, live->self_identity);
        set_entry(applying, NAMESPACE_IDENTITY,
                  mem_printf(applying->mem, "%s\\%s", root, entity->id), step->project,
                  (AccessControlEntry){live->self_identity, TEAM_ADMINISTRATOR_BITS, 0});
}

/* An Entra group, by its object id. */
static void bring_in(const Applying *applying, const Step *step) {
        const char *sid = mem_printf(applying->mem, "Microsoft.TeamFoundation.Identity;S-1-9-3-%s",
                                     step->name);

        organisation_add_identity(applying->live, &(Identity){.kind = IDENTITY_ENTRA_GROUP,
                                                              .project = INDEX_NONE,
                                                              .name = step->name,
                                                              .display = step->name,
                                                              .descriptor = sid,
                                                              .storage_key = live_guid(sid),
                                                              .origin_id = step->name,
                                                              .merged = INDEX_NONE,
                                                              .containers_known = true});
}

static void carry_out_creation(const Applying *applying, const Step *step) {
        Organisation *live = applying->live;
        int space = kind_namespace(step->kind);
        const char *root = space < 0 ? NULL : live->projects[step->project].root_token[space];
        Entity entity = {.kind = step->kind,
                         .project = step->project,
                         .name = step->name,
                         .id = id_of(applying, step),
                         .identity = INDEX_NONE};

        assert_int_equal(organisation_find_entity(live, step->project, step->kind, step->name),
                         INDEX_NONE);
        if (step->kind == KIND_REPOSITORY)
                entity.token = mem_printf(applying->mem, "%s/%s", root, entity.id);
        else if (step->kind == KIND_PIPELINE_FOLDER)
                entity.token = mem_printf(applying->mem, "%s/%s", root, step->name);
        else if (step->kind == KIND_QUERY)
                entity.token = mem_printf(applying->mem, "%s/%s", parent_token(applying, step, root),
                                          entity.id);
        else if (step->kind == KIND_AREA || step->kind == KIND_ITERATION)
                entity.token = mem_printf(applying->mem, "%s:vstfs:///Classification/Node/%s",
                                          parent_token(applying, step, root), entity.id);
        else if (step->kind == KIND_TEAM)
                make_team(applying, step, &entity);
        else if (step->kind == KIND_GROUP)
                make_group(applying, step);
        if (step->kind == KIND_PIPELINE_FOLDER)
                entity.id = NULL;
        if (step->kind != KIND_GROUP)
                organisation_add_entity(live, &entity);
        if (step->kind == KIND_REPOSITORY && live->self_identity != INDEX_NONE)
                set_entry(applying, NAMESPACE_GIT, entity.token, step->project,
                          (AccessControlEntry){live->self_identity, CREATOR_BITS_OF_GIT, 0});
}

static void note_made(const Applying *applying, const Step *step) {
        PlanSpec *spec = applying->spec;
        KnownThing *known = mem_new_array(applying->mem, KnownThing, spec->n_known + 1);
        size_t n = 0;

        for (size_t i = 0; i < spec->n_known; i++)
                if (spec->known[i].kind != step->kind ||
                    !text_equal(spec->known[i].name, step->name) ||
                    !text_equal(spec->known[i].project, step->project_name))
                        known[n++] = spec->known[i];
        known[n++] = (KnownThing){.kind = step->kind,
                                  .project = step->project_name,
                                  .name = step->name,
                                  .id = id_of(applying, step),
                                  .state = KNOWN_PRESENT,
                                  .is_made_by_us = true};
        spec->known = known;
        spec->n_known = n;
}

/* --- all of it
 * ------------------------------------------------------------------------------------------------------
 */

static bool is_symbolic(const Step *step) {
        if (step->project == INDEX_NONE)
                return true;
        switch (step->verb) {
        case STEP_CREATE:
                return false;
        case STEP_ADD_MEMBER:
        case STEP_REMOVE_MEMBER:
                return step->principal.identity == INDEX_NONE ||
                       step->container.identity == INDEX_NONE;
        case STEP_SET_INHERIT:
                return !step->token;
        case STEP_SET_AREAS:
        case STEP_SET_PIPELINES:
                return step->entity == INDEX_NONE;
        case STEP_SET_ENTRY:
        case STEP_REMOVE_ENTRY:
        case STEP_SET_ROLE:
        case STEP_REMOVE_ROLE:
        case STEP_SET_ADMIN:
        case STEP_REMOVE_ADMIN:
                return !step->token || step->principal.identity == INDEX_NONE;
        }
        return true;
}

static void carry_out_pipelines(const Applying *applying, const Step *step) {
        const PipelineUsers *now = organisation_find_pipeline_users(applying->live, step->entity);
        PipelineUsers users = {.entity = step->entity, .all = now->all};
        bool gives = step->rank == RANK_GIVE;

        if (step->all_pipelines)
                users.all = gives;
        for (size_t i = 0; i < now->n_ids; i++) {
                bool goes = false;

                for (size_t k = 0; k < step->n_pipelines; k++)
                        goes |= step->pipelines[k] == now->ids[i];
                assert_false(goes && gives);
                if (!goes)
                        *mem_push(applying->mem, users.ids, users.n_ids) = now->ids[i];
        }
        for (size_t k = 0; k < step->n_pipelines && gives; k++)
                *mem_push(applying->mem, users.ids, users.n_ids) = step->pipelines[k];
        organisation_set_pipeline_users(applying->live, &users);
}

/* The service is told a role's name alone. */
static void check_role(const Organisation *live, const Step *step) {
        const RoleDefinition *role =
                role_find(live->roles[step->kind][step->at_root ? ROLE_OF_ROOT : ROLE_OF_ARTEFACT],
                          step->role_after);

        assert_non_null(role);
        assert_int_equal(role->allow, step->allow_after);
        assert_int_equal(role->deny, step->deny_after);
        assert_true(step->at_root || step->entity != INDEX_NONE);
}

static void carry_out(const Applying *applying, const Step *step) {
        switch (step->verb) {
        case STEP_CREATE:
                if (step->principal.name) {
                        bring_in(applying, step);
                        break;
                }
                carry_out_creation(applying, step);
                note_made(applying, step);
                break;
        case STEP_ADD_MEMBER:
                organisation_add_membership(applying->live, step->container.identity,
                                            step->principal.identity);
                break;
        case STEP_REMOVE_MEMBER:
                carry_out_leaving(applying, step);
                break;
        case STEP_SET_INHERIT:
                carry_out_flag(applying, step);
                break;
        case STEP_SET_AREAS:
                organisation_set_team_areas(applying->live,
                                            &(TeamAreas){.team = step->entity,
                                                         .known = true,
                                                         .default_path = step->areas[0].path,
                                                         .areas = (TeamArea *)step->areas,
                                                         .n_areas = step->n_areas,
                                                         .has_backlog_iteration = true});
                break;
        case STEP_SET_PIPELINES:
                carry_out_pipelines(applying, step);
                break;
        case STEP_SET_ENTRY:
        case STEP_REMOVE_ENTRY:
        case STEP_SET_ADMIN:
        case STEP_REMOVE_ADMIN:
                carry_out_entry(applying, step);
                break;
        case STEP_SET_ROLE:
                check_role(applying->live, step);
                carry_out_entry(applying, step);
                break;
        case STEP_REMOVE_ROLE:
                assert_int_equal(step->allow_after | step->deny_after, 0);
                carry_out_entry(applying, step);
                break;
        }
}

size_t apply_plan(Organisation *live, const Plan *plan, PlanSpec *spec, Mem *mem,
                  ApplyWhich which) {
        Applying applying = {live, spec, mem};
        size_t n = 0;

        for (size_t i = 0; i < plan->n_steps; i++) {
                const Step *step = &plan->steps[i];

                if (step->state == STEP_WAITING ||
                    (step->state == STEP_HELD && which != APPLY_HELD_TOO) || is_symbolic(step))
                        continue;
                carry_out(&applying, step);
                organisation_seal(live);
                n++;
        }
        return n;
}
