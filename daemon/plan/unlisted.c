/* SPDX-License-Identifier: Apache-2.0 */
/* Unlisted: entries of principals the charter does not list, on or below owned artefacts. */
#include <ctype.h>
#include <string.h>

#include "daemon/plan/planner.h"

/* Lines of findings of one project, gathered by what they are about. */
typedef struct Line {
        const void *about; /* a spot; a team */
        Index who;         /* INDEX_NONE: lines of a spot */
        NameList names;
        Place place;
} Line;

typedef struct Lines {
        Line *items;
        size_t n;
} Lines;

typedef struct Handling {
        Draft *draft;
        Lines unlisted;   /* by spot */
        Lines below;      /* by spot */
        Lines denies;     /* by spot */
        Lines exempt;     /* by confined team and principal */
        Lines creators;   /* by spot */
        Lines unresolved; /* by spot */
} Handling;

static NameList *line_of(Handling *handling, Lines *lines, const void *about, Index who,
                         Place place) {
        Mem *scratch = handling->draft->planner->scratch;
        Line *line;

        /* Entries come in the order of tokens: what is about one thing comes together, or nearly
         * so. */
        for (size_t i = lines->n; i-- > 0;)
                if (lines->items[i].about == about && lines->items[i].who == who)
                        return &lines->items[i].names;
        line = mem_push(scratch, lines->items, lines->n);
        *line = (Line){.about = about, .who = who, .place = place};
        name_list_init(&line->names, scratch);
        return &line->names;
}

static const char *words_of(const Draft *draft, int space, uint32_t bits) {
        const PermissionNamespace *permissions = &draft->planner->live->permissions.items[space];
        Mem *scratch = draft->planner->scratch;
        NameList words;

        name_list_init(&words, scratch);
        for (; bits; bits &= bits - 1)
                name_list_add(&words, permission_word(scratch, permissions, bits & -bits));
        return name_list_end(&words);
}

static const char *display_of(const Draft *draft, Index identity) {
        return actor_of_identity(draft->planner, identity).principal.display;
}

/* `cleo@contoso.com (Read, Contribute)`, `ana@contoso.com (role User)` */
static const char *tell_stranger(const Draft *draft, const Stranger *stranger, uint32_t bits) {
        const char *who = display_of(draft, stranger->entry.identity);
        RoleTable roles = draft_roles_at(draft, stranger->spot->kind, stranger->spot->is_root);
        const RoleDefinition *role =
                role_of_masks(roles, stranger->entry.allow, stranger->entry.deny);

        if (role && !stranger->is_below)
                return mem_printf(draft->planner->scratch, "%s (role %s)", who, role->name);
        return mem_printf(draft->planner->scratch, "%s (%s%s)", who,
                          words_of(draft, stranger->spot->space, bits),
                          roles.n > 0 && !stranger->is_below ? ", which is no role" : "");
}

/* --- who is left alone ------------------------------------------------------------------------ */

static bool is_of_pipeline(const char *token) {
        const char *slash = strrchr(token, '/');

        return slash && slash[1] && slash[1 + strspn(slash + 1, "0123456789")] == '\0';
}

/* A person's entry within what the service gives to whoever made a branch or a pipeline. */
static bool is_creators(const Draft *draft, const Stranger *stranger) {
        const Organisation *live = draft->planner->live;
        const AccessControlList *list = &live->acls[stranger->acl];
        const Identity *identity = &live->identities[stranger->entry.identity];

        if (!stranger->is_below || stranger->entry.deny || identity->kind != IDENTITY_USER)
                return false;
        if (list->namespace == NAMESPACE_GIT)
                return (stranger->entry.allow & ~(uint32_t)GIT_BRANCH_CREATOR_BITS) == 0;
        return list->namespace == NAMESPACE_BUILD && is_of_pipeline(list->token);
}

/* What stays on things of a confined team is a finding (charter.md, except). */
static void note_exempt(Handling *handling, const Stranger *stranger) {
        const DesiredPrincipal *owner = stranger->spot->owner;

        if (!owner || !owner->confined || stranger->is_below || stranger->entry.allow == 0)
                return;
        name_list_add(
                line_of(handling, &handling->exempt, owner, stranger->entry.identity, owner->place),
                mem_printf(handling->draft->planner->scratch, "%s %s",
                           kind_row(stranger->spot->kind)->noun, stranger->spot->name));
}

/* Every entry on an artefact that somebody owns is accounted for: these stay, and this is why. */
static void account_for(const Draft *draft, const Stranger *stranger, const char *why) {
        Plan *plan = draft->planner->plan;

        if (!stranger->is_below)
                *mem_push(plan, plan->exempt, plan->n_exempt) =
                        (ExemptEntry){draft, stranger->spot, stranger->entry, why};
}

AccessRemarks plan_tell_exempt(Mem *parent, const Plan *plan) {
        AccessRemarks remarks = {0};

        for (size_t i = 0; i < plan->n_exempt; i++) {
                const ExemptEntry *exempt = &plan->exempt[i];
                const Spot *spot = exempt->spot;
                const Identity *identity = &plan->live->identities[exempt->entry.identity];
                const char *who = identity->display ? identity->display : identity->descriptor;
                Text words;

                text_init(&words, parent);
                for (uint32_t bits = exempt->entry.allow | exempt->entry.deny; bits; bits &= bits - 1)
                        text_appendf(&words, "%s%s%s", words.n ? ", " : "",
                                     exempt->entry.deny & (bits & -bits) ? "no " : "",
                                     permission_word(parent, &plan->permissions.items[spot->space],
                                                     bits & -bits));
                *mem_push(parent, remarks.items, remarks.n) = (AccessRemark){
                        .project = exempt->draft->desired->name,
                        .verdict = {
                                .answer = exempt->entry.allow ? ACCESS_OPEN : ACCESS_CLOSED,
                                .principal = who,
                                .kind = spot->kind,
                                .name = spot->name,
                                .permission = words.data,
                                .message = mem_printf(parent, "[%s] %s %s: %s (%s): %s",
                                                      exempt->draft->desired->name,
                                                      kind_row(spot->kind)->noun, spot->name, who,
                                                      words.data, exempt->why),
                                .place = spot->owned->place,
                        },
                };
        }
        return remarks;
}

/* --- what is taken ---------------------------------------------------------------------------- */

static void take(Handling *handling, const Stranger *stranger, uint32_t kept) {
        Draft *draft = handling->draft;
        const AccessControlList *list = &draft->planner->live->acls[stranger->acl];
        Masks before = {stranger->entry.allow, stranger->entry.deny};
        Masks after = {before.allow & kept, before.deny};
        EntryReasons reasons = {.takes = {"not in the charter", stranger->spot->owned->place}};
        Step step = step_begin(draft, STEP_SET_ENTRY, RANK_TAKE);

        if (before.allow == after.allow)
                return;
        step.principal = actor_of_identity(draft->planner, stranger->entry.identity).principal;
        step.kind = stranger->spot->kind;
        step.name = stranger->spot->name;
        step.entity = stranger->spot->entity;
        step.space = list->namespace;
        step.token = list->token;
        if (stranger->is_below)
                draft_describe_token(draft, list->namespace, list->token, &step);
        draft_restrain(draft, &step, &stranger->spot->owned->policies);
        step.waits_for = draft_missing_right(draft, draft->project, list->namespace);
        draft_add_entry_steps(draft, &step, before, after, &reasons);
        access_view_set_entry(
                draft->planner->wanted_view, list->namespace, list->token,
                (AccessControlEntry){stranger->entry.identity, after.allow, after.deny});
}

/* What the service may have given charterd for making the thing; what charterd makes not, it was given by somebody. */
static bool is_trace(const Draft *draft, const Stranger *stranger) {
        return stranger->entry.identity == draft->planner->live->self_identity &&
               !stranger->is_below && kind_has(stranger->spot->kind, KIND_IS_CREATED);
}

static void handle(Handling *handling, const Stranger *stranger) {
        Draft *draft = handling->draft;
        const Organisation *live = draft->planner->live;
        const PermissionNamespace *space = &live->permissions.items[stranger->spot->space];
        uint32_t kept = ~space->all_bits | space->system_mask;
        const OwnedArtefact *owned = stranger->spot->owned;
        Policy policy =
                stranger->is_below ? owned->policies.below : owned->policies.unlisted_grants;
        const char *exemption;

        if (is_trace(draft, stranger))
                return; /* trace.c */
        if (live->identities[stranger->entry.identity].kind == IDENTITY_UNKNOWN) {
                account_for(draft, stranger, "nobody can tell who that is");
                if (policy != POLICY_IGNORE)
                        name_list_add(line_of(handling, &handling->unresolved, stranger->spot,
                                              INDEX_NONE, owned->place),
                                      display_of(draft, stranger->entry.identity));
                return;
        }
        exemption = draft_exemption(draft, stranger->spot->owner, stranger->entry.identity);
        if (exemption) {
                account_for(draft, stranger, exemption);
                note_exempt(handling, stranger);
                return;
        }
        if (policy == POLICY_IGNORE)
                return;
        if (is_creators(draft, stranger)) {
                name_list_add(line_of(handling, &handling->creators, stranger->spot, INDEX_NONE,
                                      owned->place),
                              tell_stranger(draft, stranger, stranger->entry.allow));
                return;
        }
        if (stranger->entry.deny)
                name_list_add(line_of(handling, &handling->denies, stranger->spot, INDEX_NONE,
                                      owned->place),
                              tell_stranger(draft, stranger, stranger->entry.deny));
        if (policy == POLICY_REMOVE)
                take(handling, stranger, kept);
        else if (stranger->entry.allow)
                name_list_add(line_of(handling,
                                      stranger->is_below ? &handling->below : &handling->unlisted,
                                      stranger->spot, INDEX_NONE, owned->place),
                              tell_stranger(draft, stranger, stranger->entry.allow));
}

/* --- what is told ----------------------------------------------------------------------------- */

static void tell_lines(Handling *handling, Lines *lines, FindingLevel level, const char *kind,
                       const char *what) {
        Draft *draft = handling->draft;

        for (size_t i = 0; i < lines->n; i++) {
                const Spot *spot = lines->items[i].about;

                planner_add_finding(draft->planner, kind, level, draft->desired->name,
                                    lines->items[i].place, "%s %s: %s: %s",
                                    kind_row(spot->kind)->noun, spot->name, what,
                                    name_list_end(&lines->items[i].names));
        }
}

static void tell_exempt(Handling *handling) {
        Draft *draft = handling->draft;

        for (size_t i = 0; i < handling->exempt.n; i++) {
                Line *line = &handling->exempt.items[i];
                const DesiredPrincipal *team = line->about;

                planner_add_finding(
                        draft->planner, "exempt", FINDING_WARNING, draft->desired->name,
                        line->place,
                        "%s, which charterd never changes, has entries of its own on what %s owns: %s",
                        display_of(draft, line->who), team->name, name_list_end(&line->names));
        }
}

void draft_plan_strangers(Draft *draft) {
        Handling handling = {.draft = draft};

        for (size_t i = 0; i < draft->n_strangers; i++)
                handle(&handling, &draft->strangers[i]);
        tell_lines(&handling, &handling.unlisted, FINDING_WARNING, "unlisted",
                   "entries the charter does not list");
        tell_lines(&handling, &handling.below, FINDING_WARNING, "unlisted",
                   "entries below it that the charter does not list");
        tell_lines(&handling, &handling.denies, FINDING_WARNING, "unlisted",
                   "denies of principals the charter does not list, which are never removed");
        tell_lines(&handling, &handling.creators, FINDING_INFO, "creator",
                   "entries below it that the service gave to whoever made a branch or pipeline");
        tell_lines(&handling, &handling.unresolved, FINDING_WARNING, "identity",
                   "entries of somebody who cannot be told, which stay");
        tell_exempt(&handling);
}
