/* SPDX-License-Identifier: Apache-2.0 */
/* Names: what the charter's names stand for in a plan, how live things are called for people. */
#include <string.h>

#include "common/model/branch.h"
#include "common/model/organisation_lookup.h"
#include "common/model/token.h"
#include "daemon/plan/planner.h"

/* --- places ----------------------------------------------------------------------------------- */

static bool is_root_name(Kind kind, const char *name) {
        return name[0] == '\0' || (kind_has(kind, KIND_IS_NESTED) && strcmp(name, "/") == 0);
}

/* Branches differ in case too. */
static bool is_same_name(Kind kind, const char *a, const char *b) {
        return kind == KIND_BRANCH ? strcmp(a, b) == 0 : text_equal(a, b);
}

Spot *draft_find_spot(const Draft *draft, Kind kind, const char *name) {
        const char *key = is_root_name(kind, name) ? "" : name;
        TableCursor cursor;
        uint32_t row;

        if (!*key)
                kind = kind_at_root(kind);
        cursor = table_find(&draft->spot_names, lookup_hash_scoped(0, kind, key));
        while ((row = table_next(&draft->spot_names, &cursor)) != TABLE_NONE)
                if (draft->spots[row]->kind == kind &&
                    is_same_name(kind, draft->spots[row]->name, key))
                        return draft->spots[row];
        return NULL;
}

static char separator_of(const Draft *draft, uint8_t space) {
        return draft->planner->live->permissions.items[space].separator;
}

Spot *draft_find_spot_at(const Draft *draft, uint8_t space, const char *token) {
        char separator = separator_of(draft, space);
        TableCursor cursor = table_find(&draft->spot_tokens, token_hash(token, separator) ^ space);
        uint32_t row;

        while ((row = table_next(&draft->spot_tokens, &cursor)) != TABLE_NONE)
                if (draft->spots[row]->space == space &&
                    token_compare(draft->spots[row]->token, token, separator) == 0)
                        return draft->spots[row];
        return NULL;
}

/* Cuts the token's last part off; false: nothing is above. */
static bool climb(char *token, char separator) {
        ssize_t n = token_parent_length(token, strlen(token), separator);

        if (n <= 0)
                return false;
        token[n] = '\0';
        return true;
}

const Spot *draft_find_owned_above(const Draft *draft, uint8_t space, const char *token) {
        char *at = mem_strdup(draft->planner->scratch, token);
        const Spot *found = NULL;

        do {
                const Spot *spot = draft_find_spot_at(draft, space, at);

                if (spot && spot->owned && !spot->is_root)
                        found = spot;
        } while (!found && climb(at, separator_of(draft, space)));
        mem_free(at);
        return found;
}

/* --- tokens for people ------------------------------------------------------------------------ */

static Index find_entity_at(const Draft *draft, uint8_t space, const char *token) {
        const Organisation *live = draft->planner->live;
        char separator = separator_of(draft, space);
        TableCursor cursor =
                table_find(&draft->entity_tokens, token_hash(token, separator) ^ space);
        uint32_t row;

        while ((row = table_next(&draft->entity_tokens, &cursor)) != TABLE_NONE)
                if (kind_namespace(live->entities[row].kind) == space &&
                    token_compare(live->entities[row].token, token, separator) == 0)
                        return row;
        return INDEX_NONE;
}

/* Above a project's root its lists hold what stands beside that too: private queries beside the shared ones. */
static bool describe_beside_root(const Draft *draft, uint8_t space, const char *token, Step *step) {
        const char *root = draft->row->root_token[space];

        if (!root || token_is_within(token, root, separator_of(draft, space)))
                return false;
        step->kind = kind_of_namespace(space);
        step->entity = INDEX_NONE;
        step->at_root = token_is_within(root, token, separator_of(draft, space));
        step->name = step->at_root ? "" : "folders that are not shared";
        step->below = step->at_root ? "shared and private ones" : NULL;
        return true;
}

void draft_describe_token(const Draft *draft, uint8_t space, const char *token, Step *step) {
        const Organisation *live = draft->planner->live;
        char separator = separator_of(draft, space);
        const char *root = draft->row->root_token[space];
        char *at = mem_strdup(draft->planner->scratch, token);
        Index entity = INDEX_NONE;
        const char *rest = token;
        Text text;

        if (describe_beside_root(draft, space, token, step)) {
                mem_free(at);
                return;
        }
        rest += root ? token_length(root, separator) : 0;
        while ((entity = find_entity_at(draft, space, at)) == INDEX_NONE && climb(at, separator))
                continue;
        step->kind = kind_of_namespace(space);
        step->name = "";
        step->entity = entity;
        step->at_root = entity == INDEX_NONE || strcmp(live->entities[entity].name, "/") == 0;
        if (!step->at_root) {
                step->kind = live->entities[entity].kind;
                step->name = live->entities[entity].name;
                rest = token + strlen(at);
        }
        rest += *rest == separator;
        mem_free(at);
        if (!*rest)
                return;
        text_init(&text, draft->planner->scratch);
        if (space == NAMESPACE_GIT && !step->at_root)
                branch_append_ref(&text, rest);
        else
                text_append(&text, rest);
        step->below = arena_strdup(draft->planner->arena, text.data);
        text_deinit(&text);
}

/* --- principals ------------------------------------------------------------------------------- */

Party *draft_find_party(const Draft *draft, const char *name) {
        const DesiredPrincipal *found = desired_find_principal(draft->desired, name);

        return found ? &draft->parties[found - draft->desired->principals] : NULL;
}

Actor actor_of_identity(const Planner *planner, Index identity) {
        const Identity *row = &planner->live->identities[identity];
        const char *display = row->display ? row->display : row->name ? row->name : row->descriptor;

        return (Actor){
                .index = identity,
                .principal = {.identity = identity,
                              .name = row->name ? row->name : display,
                              .display = display ? display : "somebody without a name"},
        };
}

Actor planner_add_actor(Planner *planner, Index project, const char *name, const char *display) {
        Actor actor = {
                .index = access_view_add_principal(planner->wanted_view, project, name, display),
                .principal = {.identity = INDEX_NONE, .name = name, .display = display},
        };

        *mem_push(planner->scratch, planner->news, planner->n_news) = actor;
        return actor;
}

const Party *planner_find_new_group(const Planner *planner, const char *name) {
        const Desired *desired = planner->spec->desired;
        const Draft *draft = desired->n_groups > 0 ? planner->plan->drafts[0] : NULL;
        const Party *party = draft ? draft_find_party(draft, name) : NULL;

        return party && party->is_new ? party : NULL;
}

static const Actor nobody = {.index = INDEX_NONE, .principal = {.identity = INDEX_NONE}};

/* A group of the organisation that this plan makes, or that the next one of the organisation makes. */
static Actor find_new_group(Planner *planner, const char *name) {
        const Party *party = planner_find_new_group(planner, name);
        const DesiredProject *organization = desired_find_project(planner->spec->desired, DESIRED_ORGANIZATION);
        const DesiredPrincipal *group = organization ? desired_find_principal(organization, name) : NULL;
        Actor *actor;

        if (party)
                return party->actor;
        if (!group || planner->plan->drafts[0] || !planner->spec->may_create || !group->policies.create ||
            group_is_builtin_of_organisation(name))
                return nobody;
        for (size_t i = 0; i < planner->n_later_groups; i++)
                if (text_equal(planner->later_groups[i].principal.name, name))
                        return planner->later_groups[i];
        actor = mem_push(planner->scratch, planner->later_groups, planner->n_later_groups);
        *actor = planner_add_actor(planner, INDEX_NONE, group->name,
                                   arena_printf(planner->arena, "[%s]\\%s", planner->live->name, group->name));
        return *actor;
}

Actor draft_find_group(Draft *draft, GroupScope scope, const char *name) {
        const Organisation *live = draft->planner->live;
        bool of_organization = scope == GROUP_OF_ORGANIZATION;
        const Party *party = of_organization ? NULL : draft_find_party(draft, name);
        Index found = INDEX_NONE;

        if (party)
                return party->actor;
        if (of_organization || draft->project != INDEX_NONE)
                found = organisation_find_group(live, of_organization ? INDEX_NONE : draft->project,
                                                name);
        if (found != INDEX_NONE)
                return actor_of_identity(draft->planner, found);
        if (of_organization)
                return find_new_group(draft->planner, name);
        for (size_t i = 0; i < draft->n_extras && !of_organization; i++)
                if (text_equal(draft->extras[i].principal.name, name))
                        return draft->extras[i];
        return nobody;
}

const char *draft_nearest_group(const Draft *draft, GroupScope scope, const char *name) {
        const Organisation *live = draft->planner->live;
        Index project = scope == GROUP_OF_ORGANIZATION ? INDEX_NONE : draft->project;
        const char **names = NULL, *nearest;
        size_t n = 0;

        for (Index i = 0; i < (Index)live->n_identities; i++) {
                const Identity *identity = &live->identities[i];

                if (identity->kind == IDENTITY_GROUP && identity->project == project && identity->name)
                        *mem_push(draft->planner->scratch, names, n) = identity->name;
        }
        nearest = text_nearest(name, names, n);
        mem_free(names);
        return nearest;
}

/* A group of Entra becomes an identity of the organisation when its object id is all that is known.
 */
static Actor bring_in(Draft *draft, const PrincipalName *name) {
        Planner *planner = draft->planner;
        Actor *actor;
        Step step;

        for (size_t i = 0; i < planner->n_entra; i++)
                if (text_equal(planner->entra[i].principal.name, name->name))
                        return planner->entra[i];
        actor = mem_push(planner->scratch, planner->entra, planner->n_entra);
        *actor = planner_add_actor(planner, INDEX_NONE, name->name,
                                   arena_printf(planner->arena, "Entra group %s", name->name));
        step = step_begin(draft, STEP_CREATE, RANK_CREATE);
        step.kind = KIND_GROUP;
        step.name = name->name;
        step.principal = actor->principal;
        step.why = name->place;
        step.cause = "the organisation has not met this group of Entra yet";
        draft_add_step(draft, &step);
        return *actor;
}

static Actor find_person(Draft *draft, const PrincipalName *name) {
        Planner *planner = draft->planner;
        Index found = organisation_find_person(planner->live, name->name);
        Guid id;

        if (found != INDEX_NONE)
                return actor_of_identity(planner, found);
        if (name->form != PRINCIPAL_ENTRA_GROUP || guid_parse(&id, name->name) < 0 || planner->live->is_server)
                return nobody;
        return planner->spec->may_create ? bring_in(draft, name) : nobody;
}

typedef struct MissingRow {
        const char *noun;
        const char *advice;
} MissingRow;

static const MissingRow missing[] = {
        [PRINCIPAL_USER] = {"user", "charterd adds nobody to an organisation"},
        [PRINCIPAL_GROUP] = {"group", "neither the project nor the charter has it"},
        [PRINCIPAL_ORGANIZATION_GROUP] = {"group of the organisation",
                                          "the organisation has none of that name"},
        [PRINCIPAL_ENTRA_GROUP] = {"group of Entra",
                                   "write its object id, or let the organisation meet it first"},
        [PRINCIPAL_SERVICE_PRINCIPAL] = {"service principal",
                                         "charterd adds nobody to an organisation"},
};

/* What somebody can do who misses it there. */
static const char *advice_on(const Draft *draft, PrincipalForm form) {
        if (form == PRINCIPAL_ENTRA_GROUP && draft->planner->live->is_server)
                return "an Azure DevOps Server has groups of Active Directory; write { entra_group: NAME } as the "
                       "server shows its name, once it has it";
        return missing[form].advice;
}

Actor draft_find_actor(Draft *draft, const PrincipalName *name) {
        bool of_organization = name->form == PRINCIPAL_ORGANIZATION_GROUP;
        const Party *party =
                name->form == PRINCIPAL_GROUP ? draft_find_party(draft, name->name) : NULL;
        Actor actor;

        if (name->form == PRINCIPAL_GROUP || of_organization)
                actor = draft_find_group(draft,
                                         of_organization ? GROUP_OF_ORGANIZATION : GROUP_OF_PROJECT,
                                         name->name);
        else
                actor = find_person(draft, name);
        /* A declared one that is neither there nor made has a finding of its own; for the sake of a project to be made
         * nobody was looked for yet. */
        if (actor.index == INDEX_NONE && !party && draft->row)
                planner_add_finding(
                        draft->planner, "missing", FINDING_WARNING, draft->desired->name,
                        name->place, "%s %s is not in the organisation: %s",
                        missing[name->form].noun, name->name, advice_on(draft, name->form));
        return actor;
}

const DesiredPrincipal *planner_find_listed(const Planner *planner, Index identity) {
        const Identity *row = &planner->live->identities[identity];
        const Desired *desired = planner->spec->desired;
        const DesiredProject *project;

        if (row->kind != IDENTITY_GROUP || !row->name)
                return NULL;
        if (row->project == INDEX_NONE) {
                for (size_t i = 0; i < desired->n_groups; i++)
                        if (text_equal(desired->groups[i].name, row->name))
                                return &desired->groups[i];
                return NULL;
        }
        project = desired_find_project(desired, planner->live->projects[row->project].name);
        return project ? desired_find_principal(project, row->name) : NULL;
}

/* --- what is remembered ----------------------------------------------------------------------- */

static uint64_t hash_thing(Kind kind, const char *project, const char *name) {
        return lookup_hash_scoped(0, kind, name) ^ (text_hash(project) * 31);
}

void planner_index_known(Planner *planner) {
        const PlanSpec *spec = planner->spec;

        table_init(&planner->known, planner->scratch);
        for (size_t i = 0; i < spec->n_known; i++)
                table_add(&planner->known,
                          hash_thing(spec->known[i].kind,
                                     spec->known[i].project ? spec->known[i].project : "",
                                     spec->known[i].name),
                          (uint32_t)i);
}

const KnownThing *planner_find_known(const Planner *planner, Kind kind, const char *project,
                                     const char *name) {
        const KnownThing *things = planner->spec->known;
        TableCursor cursor = table_find(&planner->known, hash_thing(kind, project, name));
        uint32_t row;

        while ((row = table_next(&planner->known, &cursor)) != TABLE_NONE)
                if (things[row].kind == kind && text_equal(things[row].name, name) &&
                    text_equal(things[row].project ? things[row].project : "", project))
                        return &things[row];
        return NULL;
}

/* --- who is never touched --------------------------------------------------------------------- */

/* `user@domain`, or `[Scope]\\Name`; a group of Entra has no project. NULL: neither. */
static const char *pattern_name(const Planner *planner, const Identity *row) {
        const char *scope = planner->live->name;

        if (row->kind == IDENTITY_USER || !row->name)
                return row->name;
        if (row->kind == IDENTITY_ENTRA_GROUP)
                scope = "TEAM FOUNDATION";
        else if (row->kind != IDENTITY_GROUP)
                return NULL;
        else if (row->project != INDEX_NONE)
                scope = planner->live->projects[row->project].name;
        return mem_printf(planner->scratch, "[%s]\\%s", scope, row->name);
}

static bool matches(const Planner *planner, const Except *except, const Identity *row) {
        const char *name = except->n > 0 ? pattern_name(planner, row) : NULL;
        char key[GUID_TEXT_SIZE];

        guid_format(row->storage_key, key);
        for (size_t i = 0; i < except->n; i++)
                if ((name && text_matches(except->items[i].text, name)) || text_matches(except->items[i].text, key))
                        return true;
        return false;
}

bool draft_is_excepted(const Draft *draft, const DesiredPrincipal *principal, Index identity) {
        const Planner *planner = draft->planner;
        const Identity *row = &planner->live->identities[identity];

        return matches(planner, &draft->desired->except, row) ||
               (principal && matches(planner, &principal->except, row));
}

const char *draft_exemption(const Draft *draft, const DesiredPrincipal *principal, Index identity) {
        const char *exemption = identity_exemption(&draft->planner->live->identities[identity]);

        if (exemption)
                return exemption;
        return draft_is_excepted(draft, principal, identity) ? "`except` in the charter" : NULL;
}
