/* SPDX-License-Identifier: Apache-2.0 */
/* Permissions changed by hand. */
#include "tests/simulator/directory.h"
#include "tests/simulator/hand.h"

/* Who gets what, where. */
typedef struct Grant {
        Place place;
        Identity *principal;
        uint32_t allow;
        uint32_t deny;
} Grant;

static AclTarget target_of(const HandJob *job, const Place *place) {
        return (AclTarget){job->hand->world, job->hand->organization, place->ns, place->token};
}

/* The place, when the person may write there. */
static int read_place(const HandJob *job, Place *placep) {
        const Hand *hand = job->hand;

        if (place_read(job->arena, hand->organization, hand->project, job->change, placep) < 0)
                return -1;
        return hand_may(job, placep->ns->index, placep->token, placep->ns->write_permission);
}

static int read_principal(const HandJob *job, Identity **principalp) {
        const Written *change = job->change;
        Written member;
        Project *project = job->hand->project;

        if (written_member(change, "project", &member))
                project = place_project(job->hand->organization, project, change);
        *principalp = place_principal(job->hand->organization, project, change, "principal");
        return *principalp ? 0 : -1;
}

static int read_grant(const HandJob *job, Grant *grant) {
        static const char *const KEYS[] = {"op", "principal", "allow", "deny", PLACE_KEYS, NULL};
        size_t n_mistakes = job->change->mistakes->n_mistakes;
        int result;

        written_check_keys(job->change, KEYS);
        result = read_place(job, &grant->place);
        if (result != 0 || read_principal(job, &grant->principal) < 0)
                return result != 0 ? result : -1;
        grant->allow = place_bits(grant->place.ns, job->change, "allow");
        grant->deny = place_bits(grant->place.ns, job->change, "deny");
        return job->change->mistakes->n_mistakes == n_mistakes ? 0 : -1;
}

/* Reserved bits are what the service itself gives: seeds may have them, so they are not refused
 * here. */
int hand_grant(const HandJob *job) {
        Grant grant;
        int result = read_grant(job, &grant);
        AclTarget target;

        if (result != 0)
                return result;
        target = target_of(job, &grant.place);
        acl_grant(&target, grant.principal, grant.allow, grant.deny);
        return 0;
}

int hand_replace(const HandJob *job) {
        Grant grant;
        int result = read_grant(job, &grant);
        AclTarget target;

        if (result != 0)
                return result;
        target = target_of(job, &grant.place);
        acl_remove_entries(&target, &grant.principal->descriptor, 1);
        acl_grant(&target, grant.principal, grant.allow, grant.deny);
        return 0;
}

int hand_revoke(const HandJob *job) {
        static const char *const KEYS[] = {"op", "principal", "permissions", PLACE_KEYS, NULL};
        size_t n_mistakes = job->change->mistakes->n_mistakes;
        Identity *principal;
        AclTarget target;
        Written list;
        Place place;
        uint32_t bits;
        int result;
        Ace after;

        written_check_keys(job->change, KEYS);
        result = read_place(job, &place);
        if (result != 0 || read_principal(job, &principal) < 0)
                return result != 0 ? result : -1;
        bits = place_bits(place.ns, job->change, "permissions");
        if (job->change->mistakes->n_mistakes != n_mistakes)
                return -1;
        target = target_of(job, &place);
        if (written_member(job->change, "permissions", &list))
                acl_clear_bits(&target, principal->descriptor, bits, &after);
        else
                acl_remove_entries(&target, &principal->descriptor, 1);
        return 0;
}

int hand_set_inherit(const HandJob *job) {
        static const char *const KEYS[] = {"op", "inherit", PLACE_KEYS, NULL};
        size_t n_mistakes = job->change->mistakes->n_mistakes;
        Place place;
        bool inherit;
        AclTarget target;
        int result;

        written_check_keys(job->change, KEYS);
        inherit = written_flag(job->change, "inherit", true);
        result = read_place(job, &place);
        if (result != 0 || job->change->mistakes->n_mistakes != n_mistakes)
                return result != 0 ? result : -1;
        target = target_of(job, &place);
        acl_set_inherit(&target, inherit ? ACL_INHERIT_ON : ACL_INHERIT_OFF);
        return 0;
}

int hand_remove_list(const HandJob *job) {
        static const char *const KEYS[] = {"op", PLACE_KEYS, NULL};
        Place place;
        AclTarget target;
        int result;

        written_check_keys(job->change, KEYS);
        result = read_place(job, &place);
        if (result != 0)
                return result;
        target = target_of(job, &place);
        acl_remove(&target, ACL_EXACT);
        return 0;
}
