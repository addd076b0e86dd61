/* SPDX-License-Identifier: Apache-2.0 */
/* Undo: the reverse of a recorded change, against what is live. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/organization_permission.h"
#include "common/model/token.h"
#include "daemon/plan/planner.h"

UndoMasks undo_masks(UndoMasks before, UndoMasks after, UndoMasks live, uint32_t never) {
        uint32_t turned = (before.allow ^ after.allow) | (before.deny ^ after.deny);
        uint32_t others = (live.allow ^ after.allow) | (live.deny ^ after.deny);
        uint32_t back = turned & ~others & ~never;

        return (UndoMasks){(live.allow & ~back) | (before.allow & back), (live.deny & ~back) | (before.deny & back)};
}

typedef struct Undoing {
        Draft *draft;
        const UndoRecord *record;
        const char *cause;
        Actor principal;
        Actor container;
} Undoing;

static const char *refuse(const Undoing *undoing, const char *format, ...) __attribute__((format(printf, 2, 3)));

static const char *refuse(const Undoing *undoing, const char *format, ...) {
        Arena *arena = undoing->draft->planner->arena;
        va_list arguments;
        const char *kept;
        char *text;

        va_start(arguments, format);
        text = mem_vprintf(NULL, format, arguments);
        va_end(arguments);
        kept = arena_printf(arena, "%s is not undone: %s", undoing->record->change_id, text);
        mem_free(text);
        return kept;
}

static const Organisation *live_of(const Undoing *undoing) {
        return undoing->draft->planner->live;
}

/* --- what is left to do ------------------------------------------------------------------------ */

static void tell(const Undoing *undoing, const char *words) {
        Draft *draft = undoing->draft;

        planner_add_finding(draft->planner, "undo", FINDING_INFO, draft->desired->name, (Place){0}, "%s", words);
}

static void tell_nothing(const Undoing *undoing, const char *why) {
        tell(undoing, arena_printf(undoing->draft->planner->arena, "nothing is left to undo: %s", why));
}

/* A change of which only the service knows whether it was done. */
static const char *refuse_uncertain(const Undoing *undoing, bool is_as_left) {
        if (undoing->record->end == UNDO_DONE || is_as_left)
                return NULL;
        return refuse(undoing, "whether it was done was never confirmed, and what is live is not what it was to leave; "
                               "compare both by hand");
}

/* What a person set apart is not written, whoever asks for it. */
static void restrain(const Undoing *undoing, Step *step, const DesiredPrincipal *principal) {
        const Draft *draft = undoing->draft;
        const Spot *spot = step->name && step->name[0] ? draft_find_spot(draft, step->kind, step->name) : NULL;

        if (step->token && (!spot || !spot->owned))
                spot = draft_find_owned_above(draft, (uint8_t)step->space, step->token);
        draft_restrain(draft, step, &draft->desired->policies);
        draft_restrain(draft, step, principal ? &principal->policies : NULL);
        draft_restrain(draft, step, spot && spot->owned ? &spot->owned->policies : NULL);
}

static Step begin(const Undoing *undoing, StepVerb verb, Rank rank) {
        Step step = step_begin(undoing->draft, verb, rank);

        step.undoes = undoing->record->change_id;
        step.cause = undoing->cause;
        return step;
}

/* --- who ---------------------------------------------------------------------------------------- */

static const char *find_actor(const Undoing *undoing, Guid key, const char *name, Actor *actor) {
        const Organisation *live = live_of(undoing);
        Index found = guid_is_null(key) ? INDEX_NONE : organisation_find_identity(live, key);

        if (found == INDEX_NONE || live->identities[found].kind == IDENTITY_UNKNOWN)
                return refuse(undoing,
                              "%s is not in the organisation any more, or nobody can tell who that is; charterd "
                              "brings nobody back",
                              name ? name : "whoever it was about");
        *actor = actor_of_identity(undoing->draft->planner, found);
        return NULL;
}

/* What the settings let nobody give through charterd. */
static const char *settings_refusal(const Undoing *undoing, Index group, bool is_at_organization) {
        const PlanSpec *spec = undoing->draft->planner->spec;

        if (group != INDEX_NONE && identity_is_administrators(&live_of(undoing)->identities[group]) &&
            !spec->may_administrators)
                return "`may: { administrators: true }` in the settings";
        if (is_at_organization && !spec->may_organization)
                return "`may: { organization: true }` in the settings";
        return NULL;
}

/* --- entries ------------------------------------------------------------------------------------ */

/* A team by the storage key of its group. */
static Index find_team(const Organisation *live, Guid key) {
        for (Index i = 0; i < live->n_entities; i++) {
                const Entity *entity = &live->entities[i];

                if (entity->kind == KIND_TEAM && entity->identity != INDEX_NONE &&
                    guid_compare(live->identities[entity->identity].storage_key, key) == 0)
                        return i;
        }
        return INDEX_NONE;
}

static const char *find_team_at(const Undoing *undoing, Step *step) {
        const Organisation *live = live_of(undoing);
        const char *id = strrchr(step->token, '\\');
        Guid key;
        Index team = id && guid_parse(&key, id + 1) == 0 ? find_team(live, key) : INDEX_NONE;

        if (team == INDEX_NONE)
                return refuse(undoing, "team %s is not there any more", undoing->record->name);
        step->kind = KIND_TEAM;
        step->entity = team;
        step->name = live->entities[team].name;
        return NULL;
}

/* By its token: a thing may have another name now. */
static const char *find_place(const Undoing *undoing, Step *step) {
        const UndoRecord *record = undoing->record;
        const Spot *spot;

        if (record->space < 0 || !record->token)
                return refuse(undoing, "the ledger does not say where it was");
        step->space = record->space;
        step->token = record->token;
        if (record->verb == STEP_SET_ADMIN || record->verb == STEP_REMOVE_ADMIN)
                return find_team_at(undoing, step);
        if (record->kind == KIND_ORGANIZATION) {
                step->kind = KIND_ORGANIZATION;
                step->at_root = true;
                return NULL;
        }
        spot = draft_find_spot_at(undoing->draft, (uint8_t)step->space, step->token);
        if (spot) {
                step->kind = spot->kind;
                step->name = spot->name;
                step->at_root = spot->is_root;
                step->entity = spot->entity;
        } else {
                draft_describe_token(undoing->draft, (uint8_t)step->space, step->token, step);
        }
        if (record->name[0] && step->at_root && kind_has(record->kind, KIND_IS_EXPERIMENTAL)) {
                step->kind = record->kind; /* such things are not listed: all that is known of them is what names them */
                step->name = record->name;
                step->at_root = false;
                step->below = NULL;
        }
        if (record->name[0] && step->at_root)
                return refuse(undoing, "%s %s is not there any more", kind_row(record->kind)->noun, record->name);
        if (kind_has(step->kind, KIND_HAS_ROLES) &&
            draft_roles_at(undoing->draft, step->kind, step->at_root).n == 0)
                return refuse(undoing, "the service tells no roles of %s", kind_row(step->kind)->key);
        return NULL;
}

static Masks live_masks(const Undoing *undoing, const Step *step) {
        const Organisation *live = live_of(undoing);
        Index acl = organisation_find_acl(live, (uint8_t)step->space, step->token);
        const AccessControlEntry *entry =
                acl == INDEX_NONE ? NULL : acl_find_entry(&live->acls[acl], step->principal.identity);

        return entry ? (Masks){entry->allow, entry->deny} : (Masks){0};
}

static bool masks_are(Masks masks, UndoMasks other) {
        return masks.allow == other.allow && masks.deny == other.deny;
}

/* Bits that somebody changed since are named. */
static void tell_changed_since(const Undoing *undoing, const Step *step, Masks live) {
        const UndoRecord *record = undoing->record;
        Planner *planner = undoing->draft->planner;
        const PermissionNamespace *space = &planner->live->permissions.items[step->space];
        uint32_t turned = (record->before.allow ^ record->after.allow) | (record->before.deny ^ record->after.deny);
        uint32_t others = (live.allow ^ record->after.allow) | (live.deny ^ record->after.deny);
        uint32_t differs = (live.allow ^ record->before.allow) | (live.deny ^ record->before.deny);
        NameList words;

        name_list_init(&words, planner->scratch);
        for (uint32_t bits = turned & others & differs; bits; bits &= bits - 1)
                name_list_add(&words, permission_word(planner->scratch, space, bits & -bits));
        if (words.n > 0)
                tell(undoing, arena_printf(planner->arena, "changed by others since, and left as it is: %s",
                                           name_list_end(&words)));
}

static void add_admin_step(const Undoing *undoing, Step step, Masks before, Masks after) {
        bool gives = (after.allow & ~before.allow) != 0;

        step.verb = gives ? STEP_SET_ADMIN : STEP_REMOVE_ADMIN;
        step.rank = gives ? RANK_ADD_MEMBER : RANK_REMOVE_MEMBER;
        step.allow_before = before.allow;
        step.deny_before = before.deny;
        step.allow_after = after.allow;
        step.deny_after = after.deny;
        step.entry_before_exists = before.allow | before.deny;
        step.entry_after_exists = after.allow | after.deny;
        draft_add_step(undoing->draft, &step);
}

static void add_entry_steps(const Undoing *undoing, Step step, Masks before, Masks after) {
        const Reason reason = {undoing->cause, {0}};
        const EntryReasons reasons = {reason, reason, reason};
        Draft *draft = undoing->draft;
        bool is_at_organization = step.kind == KIND_ORGANIZATION;

        step.waits_for = is_at_organization ? draft_missing_organization_right(draft, step.space)
                                            : draft_missing_right(draft, draft->project, step.space);
        if (!step.waits_for && (after.allow & ~before.allow))
                step.waits_for = settings_refusal(undoing, step.principal.identity, is_at_organization);
        if (undoing->record->verb == STEP_SET_ADMIN || undoing->record->verb == STEP_REMOVE_ADMIN)
                add_admin_step(undoing, step, before, after);
        else
                draft_add_entry_steps(draft, &step, before, after, &reasons);
        access_view_set_entry(draft->planner->wanted_view, (uint8_t)step.space, step.token,
                              (AccessControlEntry){undoing->principal.index, after.allow, after.deny});
}

static const char *undo_entry(Undoing *undoing) {
        const UndoRecord *record = undoing->record;
        Planner *planner = undoing->draft->planner;
        Step step = begin(undoing, STEP_SET_ENTRY, RANK_GIVE);
        const char *refusal = find_actor(undoing, record->principal_key, record->principal, &undoing->principal);
        Masks live;
        UndoMasks back;

        if (!refusal)
                refusal = find_place(undoing, &step);
        if (refusal)
                return refusal;
        step.principal = undoing->principal.principal;
        live = live_masks(undoing, &step);
        refusal = refuse_uncertain(undoing, masks_are(live, record->after));
        if (refusal)
                return refusal;
        tell_changed_since(undoing, &step, live);
        back = undo_masks(record->before, record->after, (UndoMasks){live.allow, live.deny},
                          planner->live->permissions.items[step.space].system_mask);
        if (masks_are(live, back)) {
                tell_nothing(undoing, "what it changed of the entry is as it was before, or was changed since");
                return NULL;
        }
        restrain(undoing, &step, planner_find_listed(planner, undoing->principal.index));
        add_entry_steps(undoing, step, live, (Masks){back.allow, back.deny});
        return NULL;
}

/* --- memberships -------------------------------------------------------------------------------- */

static const char *undo_membership(Undoing *undoing) {
        const UndoRecord *record = undoing->record;
        Draft *draft = undoing->draft;
        const Organisation *live = live_of(undoing);
        bool was_added = record->verb == STEP_ADD_MEMBER, is_member;
        const char *refusal = find_actor(undoing, record->principal_key, record->principal, &undoing->principal);
        Step step;

        if (!refusal)
                refusal = find_actor(undoing, record->container_key, record->container, &undoing->container);
        if (refusal)
                return refusal;
        is_member = organisation_is_member(live, undoing->container.index, undoing->principal.index);
        if (!is_member && !live->identities[undoing->container.index].members_known &&
            !live->identities[undoing->principal.index].containers_known)
                return refuse(undoing, "not all members of %s could be read", undoing->container.principal.display);
        refusal = refuse_uncertain(undoing, is_member == was_added);
        if (refusal)
                return refusal;
        if (is_member != was_added) {
                tell_nothing(undoing, was_added ? "it is not a member any more" : "it is a member again");
                return NULL;
        }
        step = draft_membership_step(draft, was_added ? STEP_REMOVE_MEMBER : STEP_ADD_MEMBER, &undoing->container,
                                     &undoing->principal);
        step.undoes = record->change_id;
        step.cause = undoing->cause;
        draft_restrain(draft, &step, &draft->desired->policies);
        if (!step.waits_for && !was_added)
                step.waits_for = draft_refuse_member(draft, &undoing->container);
        draft_add_step(draft, &step);
        if (was_added)
                access_view_remove_member(draft->planner->wanted_view, undoing->container.index,
                                          undoing->principal.index);
        else
                access_view_add_member(draft->planner->wanted_view, undoing->container.index,
                                       undoing->principal.index);
        return NULL;
}

/* --- inheritance -------------------------------------------------------------------------------- */

static const char *undo_inherit(Undoing *undoing) {
        const UndoRecord *record = undoing->record;
        Draft *draft = undoing->draft;
        const Organisation *live = live_of(undoing);
        Step step = begin(undoing, STEP_SET_INHERIT, record->inherit_before ? RANK_GIVE : RANK_TAKE);
        const char *refusal = find_place(undoing, &step);
        Index acl;
        bool now;

        if (refusal)
                return refusal;
        if (step.at_root)
                return refuse(undoing, "the inheritance of a project-level root is never switched");
        acl = organisation_find_acl(live, (uint8_t)step.space, step.token);
        now = acl == INDEX_NONE || live->acls[acl].inherit;
        refusal = refuse_uncertain(undoing, now != record->inherit_before);
        if (refusal)
                return refusal;
        if (now == record->inherit_before) {
                tell_nothing(undoing, "the switch stands as it did before");
                return NULL;
        }
        step.inherit_before = now;
        step.inherit_after = record->inherit_before;
        restrain(undoing, &step, NULL);
        step.waits_for = draft_missing_right(draft, draft->project, step.space);
        if (!step.waits_for)
                step.waits_for = draft_inherit_obstacle(draft, step.kind, step.space, acl);
        draft_add_step(draft, &step);
        access_view_set_inherit(draft->planner->wanted_view, (uint8_t)step.space, step.token, step.inherit_after);
        return NULL;
}

/* --- settings ----------------------------------------------------------------------------------- */

static const char *refuse_unrecorded(const Undoing *undoing) {
        return refuse(undoing, "the ledger does not say what was there before; set it by hand");
}

static bool areas_are(const TeamAreas *live, UndoAreas areas) {
        bool is_default = areas.n == 0 || (live->default_path && text_equal(live->default_path, areas.items[0].path));

        for (size_t i = 0; i < areas.n; i++) {
                bool is_found = false;

                for (size_t k = 0; k < live->n_areas; k++)
                        is_found |= text_equal(live->areas[k].path, areas.items[i].path) &&
                                    live->areas[k].include_children == areas.items[i].include_children;
                if (!is_found)
                        return false;
        }
        return is_default && areas.n == live->n_areas;
}

static const char *undo_areas(Undoing *undoing) {
        const UndoRecord *record = undoing->record;
        Draft *draft = undoing->draft;
        Step step = begin(undoing, STEP_SET_AREAS, RANK_TEAM_SETTINGS);
        const char *refusal = record->has_areas
                                      ? find_actor(undoing, record->principal_key, record->principal, &undoing->principal)
                                      : refuse_unrecorded(undoing);
        const TeamAreas *live;
        const char *reason = NULL;
        int r;

        if (refusal)
                return refusal;
        step.entity = find_team(live_of(undoing), record->principal_key);
        live = step.entity == INDEX_NONE ? NULL : organisation_find_team_areas(live_of(undoing), step.entity);
        if (!live || !live->known)
                return refuse(undoing, "team %s is not there any more, or its areas cannot be read", record->name);
        refusal = refuse_uncertain(undoing, areas_are(live, record->areas_after));
        if (refusal)
                return refusal;
        step.kind = KIND_TEAM;
        step.name = live_of(undoing)->entities[step.entity].name;
        step.principal = undoing->principal.principal;
        restrain(undoing, &step, planner_find_listed(draft->planner, undoing->principal.index));
        r = draft_undo_areas(draft, step, record, live, &reason);
        if (r > 0)
                tell_nothing(undoing, "the areas that it turned are as they were before, or were changed since");
        return r < 0 ? refuse(undoing, "%s", reason) : NULL;
}

static bool are_as_left(const UndoRecord *record, const PipelineUsers *live) {
        if (record->all_pipelines && live->all != record->is_opening)
                return false;
        for (size_t i = 0; i < record->n_pipelines; i++) {
                bool is_in = false;

                for (size_t k = 0; k < live->n_ids; k++)
                        is_in |= live->ids[k] == record->pipelines[i];
                if (is_in != record->is_opening)
                        return false;
        }
        return true;
}

static const char *undo_pipelines(Undoing *undoing) {
        const UndoRecord *record = undoing->record;
        Draft *draft = undoing->draft;
        const Organisation *live = live_of(undoing);
        Step step = begin(undoing, STEP_SET_PIPELINES, RANK_GIVE);
        const PipelineUsers *users;
        const char *refusal;

        if (!record->has_pipelines)
                return refuse_unrecorded(undoing);
        step.entity = organisation_find_entity(live, draft->project, record->kind, record->name);
        users = step.entity == INDEX_NONE ? NULL : organisation_find_pipeline_users(live, step.entity);
        if (!users)
                return refuse(undoing, "%s %s is not there any more, or who may use it cannot be read",
                              kind_row(record->kind)->noun, record->name);
        refusal = refuse_uncertain(undoing, are_as_left(record, users));
        if (refusal)
                return refusal;
        step.kind = record->kind;
        step.name = live->entities[step.entity].name;
        restrain(undoing, &step, NULL);
        step.waits_for = draft_missing_right(draft, draft->project, kind_namespace(step.kind));
        if (draft_undo_pipelines(draft, step, record, users) > 0)
                tell_nothing(undoing, "those that it let in or shut out are as they were before");
        return NULL;
}

/* --- what cannot be undone ---------------------------------------------------------------------- */

static const char *undo_creation(Undoing *undoing) {
        const UndoRecord *record = undoing->record;

        if (record->principal)
                return refuse(undoing,
                              "it brought %s into the organisation, and charterd takes nobody out of one; take it out by "
                              "hand, in the organisation settings",
                              record->principal);
        return refuse(undoing,
                      "it made %s %s, and charterd deletes nothing; take the line out of the charter, which would make "
                      "it again, and delete it by hand",
                      kind_row(record->kind)->noun,
                      record->kind == KIND_PROJECT ? record->project : record->name);
}

/* --- all ---------------------------------------------------------------------------------------- */

static const char *(*const undo_rows[])(Undoing *undoing) = {
        [STEP_CREATE] = undo_creation,        [STEP_ADD_MEMBER] = undo_membership,
        [STEP_REMOVE_MEMBER] = undo_membership, [STEP_SET_ENTRY] = undo_entry,
        [STEP_REMOVE_ENTRY] = undo_entry,     [STEP_SET_INHERIT] = undo_inherit,
        [STEP_SET_ROLE] = undo_entry,         [STEP_REMOVE_ROLE] = undo_entry,
        [STEP_SET_AREAS] = undo_areas,        [STEP_SET_ADMIN] = undo_entry,
        [STEP_REMOVE_ADMIN] = undo_entry,     [STEP_SET_PIPELINES] = undo_pipelines,
};

const char *draft_plan_undo(Draft *draft, const UndoRecord *record) {
        Undoing undoing = {
                .draft = draft,
                .record = record,
                .cause = arena_printf(draft->planner->arena, "undo of %s", record->change_id),
        };

        return undo_rows[record->verb](&undoing);
}

/* --- what the charter makes of it --------------------------------------------------------------- */

static AccessControlList copy_list(Mem *scratch, const Organisation *live, const Step *step) {
        Index row = organisation_find_acl(live, (uint8_t)step->space, step->token);
        AccessControlList list = {.namespace = (uint8_t)step->space,
                                  .inherit = true,
                                  .project = step->kind == KIND_ORGANIZATION ? INDEX_NONE : step->project,
                                  .entity = INDEX_NONE,
                                  .token = step->token};

        if (row == INDEX_NONE)
                return list;
        list = live->acls[row];
        list.entries = NULL;
        list.n_entries = 0;
        for (size_t i = 0; i < live->acls[row].n_entries; i++)
                *mem_push(scratch, list.entries, list.n_entries) = live->acls[row].entries[i];
        return list;
}

static void fold_entry(Mem *scratch, Organisation *live, const Step *step) {
        AccessControlList list = copy_list(scratch, live, step);
        AccessControlEntry entry = {step->principal.identity, step->allow_after, step->deny_after};
        size_t at = 0;

        while (at < list.n_entries && list.entries[at].identity != entry.identity)
                at++;
        if (at < list.n_entries)
                list.entries[at] = entry;
        else
                *mem_push(scratch, list.entries, list.n_entries) = entry;
        organisation_set_acl(live, &list);
}

static void fold_flag(Mem *scratch, Organisation *live, const Step *step) {
        AccessControlList list = copy_list(scratch, live, step);

        list.inherit = step->inherit_after;
        organisation_set_acl(live, &list);
}

static void fold_leaving(Mem *scratch, Organisation *live, const Step *step) {
        size_t n;
        const Membership *members = organisation_members(live, step->container.identity, &n);
        Membership *stay = n > 0 ? mem_memdup(scratch, members, n * sizeof *stay) : NULL;
        bool was_known = live->identities[step->container.identity].members_known;

        organisation_clear_members(live, step->container.identity);
        for (size_t i = 0; i < n; i++)
                if (stay[i].member != step->principal.identity)
                        organisation_add_membership(live, stay[i].container, stay[i].member);
        live->identities[step->container.identity].members_known = was_known;
}

static void fold_areas(Organisation *live, const Step *step) {
        TeamAreas areas = {.team = step->entity,
                           .known = true,
                           .default_path = step->areas[0].path,
                           .areas = (TeamArea *)step->areas,
                           .n_areas = step->n_areas};

        organisation_set_team_areas(live, &areas);
}

static void fold_pipelines(Mem *scratch, Organisation *live, const Step *step) {
        const PipelineUsers *now = organisation_find_pipeline_users(live, step->entity);
        bool gives = step->rank == RANK_GIVE;
        PipelineUsers users = {.entity = step->entity, .all = step->all_pipelines ? gives : now->all};

        for (size_t i = 0; i < now->n_ids; i++) {
                bool is_turned = false;

                for (size_t k = 0; k < step->n_pipelines; k++)
                        is_turned |= step->pipelines[k] == now->ids[i];
                if (!is_turned)
                        *mem_push(scratch, users.ids, users.n_ids) = now->ids[i];
        }
        for (size_t k = 0; gives && k < step->n_pipelines; k++)
                *mem_push(scratch, users.ids, users.n_ids) = step->pipelines[k];
        organisation_set_pipeline_users(live, &users);
}

static void fold_step(Mem *scratch, Organisation *live, const Step *step) {
        switch (step->verb) {
        case STEP_SET_ENTRY:
        case STEP_REMOVE_ENTRY:
        case STEP_SET_ROLE:
        case STEP_REMOVE_ROLE:
        case STEP_SET_ADMIN:
        case STEP_REMOVE_ADMIN:
                fold_entry(scratch, live, step);
                break;
        case STEP_SET_INHERIT:
                fold_flag(scratch, live, step);
                break;
        case STEP_ADD_MEMBER:
                organisation_add_membership(live, step->container.identity, step->principal.identity);
                break;
        case STEP_REMOVE_MEMBER:
                fold_leaving(scratch, live, step);
                break;
        case STEP_SET_AREAS:
                fold_areas(live, step);
                break;
        case STEP_SET_PIPELINES:
                fold_pipelines(scratch, live, step);
                break;
        case STEP_CREATE:
                break;
        }
}

void undo_fold(const Plan *undo, Organisation *live) {
        Mem *scratch = mem_new(NULL, char);

        for (size_t i = 0; i < undo->n_steps; i++)
                if (!step_is_only_shown(&undo->steps[i]))
                        fold_step(scratch, live, &undo->steps[i]);
        organisation_seal(live);
        mem_free(scratch);
}

static uint32_t turned_bits(const Step *step) {
        return (step->allow_before ^ step->allow_after) | (step->deny_before ^ step->deny_after);
}

/* The charter's step takes back what the other one does. */
static bool is_reverse(const Step *undo, const Step *other) {
        if (undo->space >= 0 && other->space == undo->space && other->token && text_equal(other->token, undo->token)) {
                if (undo->verb == STEP_SET_INHERIT || other->verb == STEP_SET_INHERIT)
                        return undo->verb == other->verb;
                return other->principal.identity == undo->principal.identity &&
                       (turned_bits(undo) & turned_bits(other));
        }
        if (undo->space >= 0 || other->space >= 0)
                return false;
        if (undo->verb == STEP_ADD_MEMBER || undo->verb == STEP_REMOVE_MEMBER)
                return (other->verb == STEP_ADD_MEMBER || other->verb == STEP_REMOVE_MEMBER) &&
                       other->container.identity == undo->container.identity &&
                       other->principal.identity == undo->principal.identity;
        return undo->verb == other->verb && undo->entity == other->entity;
}

static const Step *find_reverse(const Plan *undo, const Plan *charter) {
        for (size_t i = 0; i < undo->n_steps; i++)
                for (size_t k = 0; k < charter->n_steps && !step_is_only_shown(&undo->steps[i]); k++)
                        if (!step_is_only_shown(&charter->steps[k]) &&
                            is_reverse(&undo->steps[i], &charter->steps[k]))
                                return &charter->steps[k];
        return NULL;
}

static const char *redo_when(const Step *step) {
        switch (step->state) {
        case STEP_PENDING:
                return "at the next pass";
        case STEP_HELD:
                return "once somebody releases it, for a brake will hold it";
        case STEP_WAITING:
                return "once what it waits for is there";
        }
        assert(!"a step without a state");
        return "";
}

static void add_finding(Plan *plan, const char *kind, FindingLevel level, const char *project, const char *message) {
        *mem_push(plan, plan->findings, plan->n_findings) =
                (Finding){.kind = kind, .level = level, .project = project, .message = message};
        plan_sort_findings(plan);
}

void undo_foresee(Plan *undo, const Plan *charter) {
        const Step *step = undo->mode == MODE_ENFORCE ? find_reverse(undo, charter) : NULL;
        Text words;

        if (!step)
                return;
        text_init(&words, undo);
        text_appendf(&words, "the charter will redo this %s: ", redo_when(step));
        if (step->why.line)
                text_appendf(&words, "%s:%u", step->why.file, step->why.line);
        text_appendf(&words, "%s%s; change that line, or set `suspend` or `mode: observe` there",
                     step->why.line && step->cause ? ", " : "", step->cause ? step->cause : "");
        add_finding(undo, "redo", FINDING_WARNING, step->project_name, words.data);
}
