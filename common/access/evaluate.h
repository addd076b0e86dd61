/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluate: what a principal effectively may do at a token (facts §3.7), with the path that makes
 * it so. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/access/view.h"
#include "common/base/text.h"

enum {
        ACCESS_GROUPS_MAX = 100000, /* groups of one principal; beyond them nothing is known */
        ACCESS_LEVELS_MAX = 64,  /* tokens from one up to its root; beyond them nothing is known */
        ACCESS_TOKEN_MAX = 4096, /* bytes of a token; beyond them nothing is known */
};

/* A principal with every group it is transitively in, overlays included. */
typedef struct AccessSubject {
        Index principal;
        Index *items; /* sorted, the principal itself included */
        size_t n;
        /* Why the groups may be more than these (a group whose containers are not known; a person
         * in an Entra group whose members are not known), for people; NULL: they are all. */
        const char *unknown;
        Index *via; /* for each item the place in `items` through which it was reached; itself at
                       the principal */
        /* Groups it may be in, and unresolved identities that may be it or a group of its; sorted,
         * none of them in items. Empty when `unknown` is NULL and every unresolved identity is
         * surely somebody else. */
        Index *maybe;
        size_t n_maybe;
        bool maybe_anything; /* nothing at all is known of its groups */
        /* In the organisation's administrators, who keep most permissions in spite of a Deny (facts
         * §3.7, 4): what a Deny closes is not known. */
        bool is_administrator;
} AccessSubject;

AccessSubject *access_subject_new(Mem *parent, AccessView *view, Index principal);
/* True for the principal itself and each of its groups, not for those it may be in. */
bool access_subject_has(const AccessSubject *subject, Index identity);

typedef struct AccessMasks {
        uint32_t allow;   /* open */
        uint32_t deny;    /* closed by a Deny */
        uint32_t unknown; /* neither, because not everything about the subject or the token is known
                           */
} AccessMasks;

/* Walks from the token up while inheritance is on: at each level a Deny of any of the subject's
 * identities wins over an Allow, and what is found nearer wins over what is found above. Bits in no
 * mask are not set, which is closed. */
AccessMasks access_evaluate(AccessView *view, const AccessSubject *subject, uint8_t space,
                            const char *token);

typedef enum AccessAnswer {
        ACCESS_CLOSED,
        ACCESS_OPEN,
        ACCESS_UNKNOWN, /* never shown as closed */
} AccessAnswer;

/* One bit, with the path: the subject group by group, then the entry that decides (its token for
 * people, the permission's word, Allow or Deny, inherited from where). */
typedef struct AccessExplanation {
        AccessAnswer answer;
        Index holder;      /* whose entry decides; INDEX_NONE when none does */
        const char *token; /* where that entry stands; NULL when none does */
        const char **path; /* for people; n_path may be 0 */
        size_t n_path;
        const Index *chain; /* the same: the subject, group by group, the holder; n_chain may be 0 */
        size_t n_chain;
        const char *reason; /* ACCESS_UNKNOWN: why; else a sentence for people */
        /* The path behind the subject, in words: `member of [MLOps]\Contributors -> Allow Read on all
         * repositories of MLOps`; NULL when no entry decides. */
        const char *because;
} AccessExplanation;

AccessExplanation *access_explain(Mem *parent, AccessView *view, const AccessSubject *subject,
                                  uint8_t space, const char *token, uint32_t bit);
/* What a token is, or is below of; nothing of it when nobody knows. */
typedef struct AccessLocation {
        const char *name; /* of one that does not exist yet, as access_view_name_token() was told; or NULL */
        Index project;    /* INDEX_NONE: none, or it does not exist yet */
        Index entity;
        bool is_root;         /* of a kind in the project; `entity` may be its row */
        bool is_organization; /* above all projects */
        const char *below;    /* what goes beyond: within the token; or NULL */
} AccessLocation;
AccessLocation access_locate(AccessView *view, uint8_t space, const char *token);
/* `, below it refs/heads/main` */
void access_describe_below(uint8_t space, const char *below, Text *text);
/* `[MLOps] repository data-science-a`, `the root of Git Repositories in MLOps`: a token for people.
 */
void access_describe_token(AccessView *view, uint8_t space, const char *token, Text *text);
/* What an entry there is about: `all repositories of MLOps` at the root of them, else as above. */
void access_describe_extent(AccessView *view, uint8_t space, const char *token, Text *text);
