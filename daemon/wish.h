/* SPDX-License-Identifier: Apache-2.0 */
/* Wish: what somebody asks of the running daemon over its socket. */
#pragma once

#include "daemon/net/serve.h"
#include "daemon/report.h"

typedef enum WishStage {
        WISH_RELEASE, /* held steps are let go, where the plan id is theirs */
        WISH_APPLY,   /* passes until in sync or nothing moves any more */
        WISH_UNDO,    /* the reverse of a change, in the organisation that it was made in; a release comes first */
} WishStage;

/* Each organisation does its part when it is idle; the answer goes out after the last. */
typedef struct Wish {
        ServeAnswer *answer;
        WishStage stage;
        bool is_applied; /* apply: WISH_APPLY follows a release */
        const char *project;
        const char *change_id; /* WISH_UNDO */
        const UndoRecord *undo; /* that change, once it was found */
        const char *plan_id; /* or NULL */
        const char *reason;
        ReportSpec report;
        bool is_released;  /* an organisation had that plan */
        bool is_unwritten; /* the ledger refused */
        size_t n_left;     /* organisations that have not done their part */
        int exit_code;
        Text text;
        char *error; /* what could not be done, or NULL */
} Wish;

/* Reads `{"command":"apply"|"release"|"undo",…}`; NULL with *reasonp (constant), then the answer stays the caller's. */
Wish *wish_new(Mem *parent, ServeAnswer *answer, const JsonNode *request, const char **reasonp);
/* Part of it cannot be done: told apart from the text, and exit code 1. */
void wish_fail(Wish *wish, const char *reason);
/* Sends the text, the error and the exit code, and frees. */
void wish_end(Wish *wish);
/* The line of a request, for the other side; below parent. */
char *wish_request(Mem *parent, const Cli *cli, PrintColour colour);
