/* SPDX-License-Identifier: Apache-2.0 */
/* Unlisted: entries of others on what teams own (charter.md, unlisted_grants, below). */
#include "common/base/text.h"
#include "common/model/token.h"
#include "daemon/plan/draft.h"

enum {
        /* What the service gives the person who makes a branch: Contribute, Force push, Manage permissions, Remove
         * others' locks (facts §3.9). */
        BRANCH_CREATOR_BITS = 4 | 8 | 8192 | 4096,
};

bool draft_is_exempt(const Draft *draft, Index index) {
        const Identity *identity = &draft->live->identities[index];

        if (identity->kind == IDENTITY_UNKNOWN || identity->kind == IDENTITY_SERVICE)
                return true;
        switch (identity->role) {
        case IDENTITY_ROLE_ADMINISTRATORS:
        case IDENTITY_ROLE_KIND_ADMINISTRATORS:
        case IDENTITY_ROLE_SERVICE_ACCOUNTS:
        case IDENTITY_ROLE_VALID_USERS:
        case IDENTITY_ROLE_SECURITY_SERVICE:
        case IDENTITY_ROLE_PROJECT_SCOPED_USERS:
                return true;
        case IDENTITY_ROLE_OTHER_BUILTIN:
                return identity->project == INDEX_NONE; /* the organisation's service groups */
        case IDENTITY_ROLE_NONE:
                return false;
        }
        return false;
}

bool draft_self_keeps_rights(const Draft *draft, int space, const char *token, Index without) {
        AccessView *view = access_view_new(draft->mem, draft->live);
        uint32_t needed = draft_space(draft, space)->write_permission | draft_space(draft, space)->read_permission;
        AccessSubject *self;
        AccessMasks masks;

        access_view_set_entry(view, (uint8_t)space, token, (AccessControlEntry){.identity = without});
        self = access_subject_new(view, view, draft->live->self_identity);
        masks = access_evaluate(view, self, (uint8_t)space, token);
        mem_free(view);
        return (masks.allow & needed) == needed;
}

/* The owner's own grants on the thing are there: then what the service gave charterd for making it may go. */
static bool owner_is_served(const Draft *draft, const Spot *spot, const DesiredPrincipal *owner) {
        for (size_t i = 0; owner && i < draft->n_wants; i++) {
                const Want *want = &draft->wants[i];
                const AccessControlEntry *entry;
                Index acl;

                if (draft->holders[want->holder].desired != owner || want->spot.space != spot->space ||
                    want->spot.entity != spot->entity || spot->entity == INDEX_NONE)
                        continue;
                acl = organisation_find_acl(draft->live, (uint8_t)spot->space, spot->token);
                entry = acl == INDEX_NONE ? NULL
                                          : acl_find_entry(&draft->live->acls[acl], draft->holders[want->holder].identity);
                if (want->waits_for || !entry || (entry->allow & want->allow) != want->allow)
                        return false;
        }
        return true;
}

typedef struct Policing {
        Draft *draft;
        const OwnedArtefact *owned;
        const DesiredPrincipal *owner; /* NULL: the project's own */
        Spot spot;                     /* of the artefact */
} Policing;

static void take_away(Policing *policing, const Spot *spot, const AccessControlEntry *entry, const char *cause,
                      bool is_own_trace) {
        Draft *draft = policing->draft;
        const PermissionNamespace *space = draft_space(draft, spot->space);
        uint32_t foreign = space->system_mask | ~space->all_bits;

        draft_change_entry(draft, &(EntryChange){
                                          .spot = *spot,
                                          .viewed = entry->identity,
                                          .exists = true,
                                          .allow_before = entry->allow,
                                          .deny_before = entry->deny,
                                          .allow_after = entry->allow & foreign,
                                          .deny_after = entry->deny,
                                          .why = policing->owned->place,
                                          .cause = cause,
                                          .is_own_trace = is_own_trace,
                                          .frees_leak = policing->owner && policing->owner->confined,
                                  });
}

static const char *thing(const Policing *policing, const Spot *spot) {
        return mem_printf(policing->draft->mem, "%s %s%s%s", kind_row(policing->owned->kind)->noun,
                          policing->owned->name, spot->below ? ", below it: " : "", spot->below ? spot->below : "");
}

static void report(Policing *policing, const Spot *spot, const AccessControlEntry *entry, const char *kind,
                   const char *what) {
        Draft *draft = policing->draft;
        uint32_t bits = entry->allow ? entry->allow : entry->deny;

        draft_find(draft, kind, kind[0] == 'e' ? FINDING_INFO : FINDING_WARNING, policing->owned->place,
                   "%s has an entry on %s, %s: %s%s", access_view_display(draft->wanted, entry->identity),
                   thing(policing, spot), what, entry->allow ? "" : "Deny ", draft_words(draft, spot->space, bits));
}

/* Deny bits are reported, never removed. */
static void police_allow(Policing *policing, const Spot *spot, const AccessControlEntry *entry, Policy policy) {
        if (policy == POLICY_IGNORE)
                return;
        if (entry->deny)
                report(policing, spot, &(AccessControlEntry){entry->identity, 0, entry->deny}, "unlisted",
                       "denied by somebody; Deny is never taken away");
        if (entry->allow && policy == POLICY_REPORT)
                report(policing, spot, entry, "unlisted", "not given by the charter");
        else if (entry->allow)
                take_away(policing, spot, entry, "not given by the charter", /* is_own_trace= */ false);
}

static void police_entry(Policing *policing, const Spot *spot, const AccessControlEntry *entry) {
        Draft *draft = policing->draft;
        const Identity *identity = &draft->live->identities[entry->identity];

        if (draft_holder_of(draft, entry->identity) != HOLDER_NONE)
                return;
        draft->n_base++;
        if (entry->identity == draft->live->self_identity) {
                if (entry->allow && owner_is_served(draft, &policing->spot, policing->owner) &&
                    draft_self_keeps_rights(draft, spot->space, spot->token, entry->identity))
                        take_away(policing, spot, entry, "given to charterd for making it", /* is_own_trace= */ true);
                return;
        }
        if (draft_is_exempt(draft, entry->identity)) {
                if (identity->kind == IDENTITY_UNKNOWN)
                        report(policing, spot, entry, "identity", "who that is cannot be told, so it stays");
                else if (policing->owner && policing->owner->confined && entry->allow)
                        report(policing, spot, entry, "exempt", "which is never changed");
                return;
        }
        police_allow(policing, spot, entry, policing->owned->policies.unlisted_grants);
}

/* --- below ---------------------------------------------------------------------------------------------------------- */

static bool is_creator_entry(const Draft *draft, const Spot *spot, const AccessControlEntry *entry) {
        IdentityKind kind = draft->live->identities[entry->identity].kind;

        return spot->space == NAMESPACE_GIT && (kind == IDENTITY_USER || kind == IDENTITY_SERVICE_PRINCIPAL) &&
               entry->deny == 0 && (entry->allow & ~(uint32_t)BRANCH_CREATOR_BITS) == 0;
}

/* Another artefact of its own: it has its own policy. */
static bool is_anothers(const Policing *policing, const Spot *spot) {
        const Draft *draft = policing->draft;
        const OwnedArtefact *owned;

        if (spot->entity == policing->spot.entity || spot->entity == INDEX_NONE)
                return false;
        return desired_find_owner(draft->project, policing->owned->kind, spot->name, &owned) ||
               desired_find_artefact(draft->project, policing->owned->kind, spot->name);
}

static void police_below(void *context, Index index) {
        Policing *policing = context;
        Draft *draft = policing->draft;
        const AccessControlList *acl = &draft->live->acls[index];
        Spot spot = draft_spot_of_acl(draft, acl);

        if (token_compare(acl->token, policing->spot.token, draft_space(draft, acl->namespace)->separator) == 0 ||
            is_anothers(policing, &spot))
                return;
        for (size_t i = 0; i < acl->n_entries; i++) {
                const AccessControlEntry *entry = &acl->entries[i];

                if (draft_holder_of(draft, entry->identity) != HOLDER_NONE ||
                    entry->identity == draft->live->self_identity || draft_is_exempt(draft, entry->identity) ||
                    is_creator_entry(draft, &spot, entry))
                        continue;
                draft->n_base++;
                police_allow(policing, &spot, entry, policing->owned->policies.below);
        }
}

/* --- each artefact -------------------------------------------------------------------------------------------------- */

static void police(Draft *draft, const OwnedArtefact *owned, const DesiredPrincipal *owner) {
        Policing policing = {.draft = draft, .owned = owned, .owner = owner};
        Index acl;

        if (!kind_has(owned->kind, KIND_HAS_PERMISSIONS) || text_equal(owned->name, "/") ||
            !draft_find_spot(draft, owned->kind, owned->name, &policing.spot) || policing.spot.is_new)
                return;
        acl = organisation_find_acl(draft->live, (uint8_t)policing.spot.space, policing.spot.token);
        for (size_t i = 0; acl != INDEX_NONE && i < draft->live->acls[acl].n_entries; i++)
                police_entry(&policing, &policing.spot, &draft->live->acls[acl].entries[i]);
        if (owned->policies.below != POLICY_IGNORE)
                organisation_walk_acls(draft->live, (uint8_t)policing.spot.space, policing.spot.token, police_below,
                                       &policing);
}

void draft_unlisted(Draft *draft) {
        for (size_t i = 0; i < draft->n_holders; i++)
                for (size_t k = 0; k < draft->holders[i].desired->n_owns; k++)
                        police(draft, &draft->holders[i].desired->owns[k], draft->holders[i].desired);
        for (size_t i = 0; i < draft->project->n_artefacts; i++)
                police(draft, &draft->project->artefacts[i], NULL);
}
