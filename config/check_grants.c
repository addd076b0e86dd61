/* SPDX-License-Identifier: Apache-2.0 */
/* Check: what the rules of one principal say of one permission, and that what they name is there. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/model/branch.h"
#include "common/model/organization_permission.h"
#include "common/model/permission.h"
#include "common/model/role.h"
#include "config/loading.h"

/* One bit that an explicit rule gives or denies on one thing. */
typedef struct Claim {
        Kind kind;
        const char *name; /* "" the kind's root or the project */
        uint32_t bit;
        bool is_deny;
        const Word *word;
} Claim;

typedef struct Claims {
        Mem *frame;
        Claim *items;
        size_t n;
} Claims;

/* A role that a rule gives on one thing. */
typedef struct RoleClaim {
        Kind kind;
        const char *name; /* "" the kind's root */
        const Word *role;
} RoleClaim;

typedef struct RoleClaims {
        Mem *frame;
        RoleClaim *items;
        size_t n;
} RoleClaims;

/* The kind that has such a permission, where another was meant; _KIND_N: none has. */
static Kind kind_with_word(const char *word) {
        for (Kind kind = 0; kind < _KIND_N; kind++) {
                const PermissionNamespace *space = kind_has(kind, KIND_HAS_PERMISSIONS) ? kind_permissions(kind) : NULL;

                if (space && permission_bit(space, word))
                        return kind;
        }
        return _KIND_N;
}

static void tell_unknown_word(Binder *binder, const PermissionNamespace *space, const Word *word) {
        const char *nearest = permission_nearest(space, word->text);
        Kind other = kind_with_word(word->text);

        if (other != _KIND_N) {
                diag_add(binder->diags, word->place, DIAG_UNKNOWN_WORD,
                         "no permission `%s` in %s; it is one of `%s`", word->text, space->name,
                         kind_row(other)->key);
                return;
        }
        diag_add(binder->diags, word->place, DIAG_UNKNOWN_WORD,
                 nearest ? "no permission `%s` in %s; did you mean `%s`?" : "no permission `%s` in %s", word->text,
                 space->name, nearest);
}

/* --- the things a rule is about ------------------------------------------------------------------------------------- */

typedef struct Target {
        Kind kind;
        const char *name; /* NULL: nothing of that kind, its words are looked at all the same */
} Target;

typedef struct Targets {
        Mem *frame;
        Target *items;
        size_t n;
} Targets;

static void add_target(Targets *targets, Kind kind, const char *name) {
        *mem_push(targets->frame, targets->items, targets->n) = (Target){kind, name};
}

/* kind _KIND_N: every kind with permissions. */
static void add_owned(Targets *targets, const DesiredPrincipal *owner, Kind kind) {
        for (size_t i = 0; i < owner->n_owns; i++)
                if ((kind == _KIND_N ? kind_has(owner->owns[i].kind, KIND_HAS_PERMISSIONS)
                                     : owner->owns[i].kind == kind) &&
                    strcmp(owner->owns[i].name, "/") != 0)
                        add_target(targets, owner->owns[i].kind, owner->owns[i].name);
}

static const DesiredPrincipal *find_team(Binder *binder, const DesiredProject *project, const char *name, Place place) {
        const DesiredPrincipal *found = desired_find_principal(project, name);
        const char **names;
        size_t n = 0;

        if (found && found->is_team)
                return found;
        names = mem_new_array(NULL, const char *, project->n_principals + 1);
        for (size_t i = 0; i < project->n_principals; i++)
                if (project->principals[i].is_team)
                        names[n++] = project->principals[i].name;
        bind_unknown(binder, place, "no such team in this project of the charter", name, names, n);
        mem_free(names);
        return NULL;
}

/* principal: whose `own` is meant; NULL: there is none. */
static void find_own(Binder *binder, const DesiredPrincipal *principal, const At *at, Targets *targets) {
        Kind kind = at->form == AT_OWN ? _KIND_N : at->kind;

        if (!principal) {
                bind_error(binder, at->place, "`own` is what a team owns: name it, or { owned_by: TEAM }");
                return;
        }
        add_owned(targets, principal, kind);
        if (targets->n == 0)
                bind_error(binder, at->place, "`own` is nothing here: %s owns nothing %s", principal->name,
                           kind == _KIND_N ? "with permissions" : "of that kind");
}

/* `own`: of each repository owned. */
static void find_branches(Binder *binder, const DesiredPrincipal *principal, const At *at, Targets *targets) {
        Targets repositories = {.frame = targets->frame};

        if (at->repository)
                add_target(&repositories, KIND_REPOSITORY, at->repository);
        else
                find_own(binder, principal, &(At){.form = AT_KIND_OWN, .kind = KIND_REPOSITORY, .place = at->place},
                         &repositories);
        for (size_t i = 0; i < repositories.n; i++)
                for (size_t k = 0; k < at->n_names; k++)
                        add_target(targets, KIND_BRANCH,
                                   mem_printf(targets->frame, BRANCH_NAME_FORMAT, repositories.items[i].name,
                                              at->names[k].text));
}

static void find_targets(Binder *binder, const DesiredProject *project, const DesiredPrincipal *principal, const At *at,
                         Targets *targets) {
        const DesiredPrincipal *owner;

        switch (at->form) {
        case AT_PROJECT:
                add_target(targets, KIND_PROJECT, "");
                return;
        case AT_KIND_ROOT:
                add_target(targets, at->kind, "");
                return;
        case AT_KIND_NAMES:
                for (size_t i = 0; i < at->n_names; i++)
                        add_target(targets, at->kind, at->names[i].text);
                return;
        case AT_KIND_OWNED_BY:
                owner = find_team(binder, project, at->team, at->place);
                if (owner)
                        add_owned(targets, owner, at->kind);
                if (targets->n == 0)
                        add_target(targets, at->kind, NULL);
                return;
        case AT_OWN:
        case AT_KIND_OWN:
                find_own(binder, principal, at, targets);
                return;
        case AT_ORGANIZATION:
                add_target(targets, KIND_ORGANIZATION, "");
                return;
        case AT_BRANCHES:
                find_branches(binder, principal, at, targets);
                return;
        }
}

/* --- words ---------------------------------------------------------------------------------------------------------- */

static void tell_ambiguous_word(Binder *binder, const Word *word, const OrganizationPermission *found, size_t n) {
        Mem *frame = mem_new(NULL, char);
        Text names;

        text_init(&names, frame);
        for (size_t i = 0; i < n; i++)
                text_appendf(&names, "%s`%s/%s`", i == 0 ? "" : i + 1 < n ? ", " : " or ",
                             permission_table_builtin()->items[found[i].space].name, word->text);
        bind_error(binder, word->place, "`%s` is a permission of several namespaces; write %s", word->text,
                   names.data);
        mem_free(frame);
}

/* A word of the organisation stands in one of several namespaces. */
static void claim_organization_word(Binder *binder, const Word *word, bool is_deny, Claims *claims) {
        const PermissionTable *table = permission_table_builtin();
        OrganizationPermission found[_NAMESPACE_N];
        size_t n = organization_permission_find(table, word->text, found);

        if (n > 1) {
                tell_ambiguous_word(binder, word, found, n);
        } else if (n == 0) {
                const char *nearest = organization_permission_nearest(table, word->text);

                diag_add(binder->diags, word->place, DIAG_UNKNOWN_WORD,
                         nearest ? "no permission `%s` of the organization; did you mean `%s`?"
                                 : "no permission `%s` of the organization",
                         word->text, nearest);
        } else if (found[0].bit & table->items[found[0].space].system_mask) {
                bind_error(binder, word->place, "the service reserves `%s`: nobody can set it", word->text);
        } else if (claims) {
                *mem_push(claims->frame, claims->items, claims->n) = (Claim){
                        KIND_ORGANIZATION, table->items[found[0].space].name, found[0].bit, is_deny, word};
        }
}

/* A word of `own` need not be one of each kind owned, only of one. Adds the claims. */
static void claim_word(Binder *binder, const Targets *targets, const Word *word, bool is_deny, Claims *claims) {
        const PermissionNamespace *unknown_in = NULL;
        bool is_known = false;

        if (targets->n > 0 && targets->items[0].kind == KIND_ORGANIZATION) {
                claim_organization_word(binder, word, is_deny, claims);
                return;
        }
        for (size_t i = 0; i < targets->n; i++) {
                const PermissionNamespace *space = kind_permissions(targets->items[i].kind);
                uint32_t bit = space ? permission_bit(space, word->text) : 0;

                if (!bit) {
                        unknown_in = space ? space : unknown_in;
                        continue;
                }
                is_known = true;
                if (bit & space->system_mask)
                        bind_error(binder, word->place, "the service reserves `%s`: nobody can set it", word->text);
                else if (claims && targets->items[i].name)
                        *mem_push(claims->frame, claims->items, claims->n) =
                                (Claim){targets->items[i].kind, targets->items[i].name, bit, is_deny, word};
        }
        if (!is_known && unknown_in)
                tell_unknown_word(binder, unknown_in, word);
}

/* --- roles ---------------------------------------------------------------------------------------------------------- */

static void tell_unknown_role(Binder *binder, const Targets *targets, RoleTable table, const Word *role) {
        const char *key = kind_row(targets->items[0].kind)->key;
        const char *nearest = role_nearest(table, role->text);

        diag_add(binder->diags, role->place, DIAG_UNKNOWN_WORD,
                 nearest ? "no role `%s` of %s; did you mean `%s`?" : "no role `%s` of %s", role->text, key, nearest);
}

/* The names come from the service, and the program's own table knows those of its day. */
static void claim_role(Binder *binder, const Targets *targets, const Word *role, RoleClaims *claims) {
        RoleTable table;

        if (targets->n == 0)
                return;
        table = role_table_builtin(targets->items[0].kind,
                                   targets->items[0].name && !targets->items[0].name[0] ? ROLE_OF_ROOT : ROLE_OF_ARTEFACT);
        if (!role_find(table, role->text))
                tell_unknown_role(binder, targets, table, role);
        for (size_t i = 0; i < targets->n; i++)
                if (targets->items[i].name)
                        *mem_push(claims->frame, claims->items, claims->n) =
                                (RoleClaim){targets->items[i].kind, targets->items[i].name, role};
}

static int compare_role_claims(const void *x, const void *y) {
        const RoleClaim *a = x, *b = y;
        int r = a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : text_compare(a->name, b->name);

        if (r == 0)
                r = strcmp(a->role->place.file, b->role->place.file);
        if (r == 0 && a->role->place.line != b->role->place.line)
                r = a->role->place.line < b->role->place.line ? -1 : 1;
        return r != 0 ? r : (int)a->role->place.column - (int)b->role->place.column;
}

/* Nobody has two roles on one thing. */
static void check_role_claims(Binder *binder, RoleClaims *claims) {
        if (claims->n > 1)
                qsort(claims->items, claims->n, sizeof *claims->items, compare_role_claims);
        for (size_t i = 1; i < claims->n; i++) {
                const RoleClaim *first = &claims->items[i - 1], *other = &claims->items[i];

                if (first->kind != other->kind || !text_equal(first->name, other->name) ||
                    text_equal(first->role->text, other->role->text))
                        continue;
                bind_error(binder, other->role->place, "the role on %s %s is `%s` here and `%s` at %s:%u:%u",
                           other->name[0] ? kind_row(other->kind)->noun : "the root of",
                           other->name[0] ? other->name : kind_row(other->kind)->key, other->role->text,
                           first->role->text, first->role->place.file, first->role->place.line,
                           first->role->place.column);
        }
}

static void claim_words(Binder *binder, const Targets *targets, const Word *words, size_t n, bool is_deny,
                        Claims *claims) {
        for (size_t i = 0; i < n; i++)
                claim_word(binder, targets, &words[i], is_deny, claims);
}

/* The names of branches differ in case too. */
static int compare_names(Kind kind, const char *a, const char *b) {
        return kind == KIND_BRANCH ? strcmp(a, b) : text_compare(a, b);
}

static int compare_claims(const void *x, const void *y) {
        const Claim *a = x, *b = y;
        int r = a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : compare_names(a->kind, a->name, b->name);

        if (r == 0 && a->bit != b->bit)
                r = a->bit < b->bit ? -1 : 1;
        return r != 0 ? r : (int)a->is_deny - (int)b->is_deny;
}

static void check_claims(Binder *binder, Claims *claims) {
        if (claims->n > 1)
                qsort(claims->items, claims->n, sizeof *claims->items, compare_claims);
        for (size_t i = 1; i < claims->n; i++) {
                const Claim *allow = &claims->items[i - 1], *deny = &claims->items[i];

                if (allow->kind != deny->kind || compare_names(allow->kind, allow->name, deny->name) != 0 || allow->bit != deny->bit ||
                    allow->is_deny == deny->is_deny)
                        continue;
                bind_error(binder, deny->word->place, "`%s` is denied here and allowed at %s:%u:%u", deny->word->text,
                           allow->word->place.file, allow->word->place.line, allow->word->place.column);
        }
}

static void check_principal(Binder *binder, const DesiredProject *project, const DesiredPrincipal *principal) {
        Mem *frame = mem_new(NULL, char);
        Claims claims = {.frame = frame};
        RoleClaims roles = {.frame = frame};

        for (size_t i = 0; i < principal->n_rules; i++) {
                const Rule *rule = &principal->rules[i];
                Targets targets = {.frame = frame};

                find_targets(binder, project, principal, &rule->at, &targets);
                claim_words(binder, &targets, rule->allow, rule->n_allow, /* is_deny= */ false, &claims);
                claim_words(binder, &targets, rule->deny, rule->n_deny, /* is_deny= */ true, &claims);
                if (rule->role)
                        claim_role(binder, &targets, rule->role, &roles);
                if (rule->same_as) {
                        claim_words(binder, &targets, rule->same_as->plus, rule->same_as->n_plus, false, NULL);
                        claim_words(binder, &targets, rule->same_as->minus, rule->same_as->n_minus, false, NULL);
                }
        }
        check_claims(binder, &claims);
        check_role_claims(binder, &roles);
        mem_free(frame);
}

/* `pipelines: own` opens a thing to what its owner has. */
static void check_own_pipelines(Binder *binder, const DesiredPrincipal *principal) {
        bool has_folder = false;

        for (size_t i = 0; i < principal->n_owns; i++)
                has_folder |= principal->owns[i].kind == KIND_PIPELINE_FOLDER;
        for (size_t i = 0; i < principal->n_owns && !has_folder; i++) {
                const DesiredPipelines *pipelines = principal->owns[i].pipelines;

                if (pipelines && pipelines->use == PIPELINE_USE_OWN)
                        bind_error(binder, pipelines->place, "`own` is nothing here: %s owns no folder of pipelines",
                                   principal->name);
        }
}

static void check_assert(Binder *binder, const DesiredProject *project, const DesiredAssert *assertion) {
        Mem *frame = mem_new(NULL, char);
        Targets targets = {.frame = frame};
        const DesiredPrincipal *subject = NULL;

        if (assertion->subject == ASSERT_TEAM)
                subject = find_team(binder, project, assertion->name, assertion->place);
        find_targets(binder, project, subject, &assertion->at, &targets);
        claim_word(binder, &targets, &assertion->permission, /* is_deny= */ false, NULL);
        mem_free(frame);
}

void check_grants(Binder *binder, const DesiredProject *project) {
        for (size_t i = 0; i < project->n_principals; i++) {
                check_principal(binder, project, &project->principals[i]);
                check_own_pipelines(binder, &project->principals[i]);
        }
        for (size_t i = 0; i < project->n_asserts; i++)
                check_assert(binder, project, &project->asserts[i]);
}
