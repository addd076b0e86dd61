/* SPDX-License-Identifier: Apache-2.0 */
/* Front: the page for people, made in slices when somebody asks for it. */
#pragma once

#include "daemon/net/listen.h"
#include "daemon/standing.h"

enum {
        FRONT_MS_MAX = 6 * 1000, /* what takes longer is left out; well within LISTEN_CONNECTION_MS */
        FRONT_FIGURES_MS = 30LL * 24 * 60 * 60 * 1000, /* of the time before now that figures are of */
};

typedef struct Front Front;

typedef struct FrontSpec {
        Loop *loop;
        Standing *(*standing)(void *context, Mem *parent); /* of this moment */
        void *context;
} FrontSpec;

Front *front_new(Mem *parent, const FrontSpec *spec);
/* Who waits is not answered. */
Front *front_free(Front *front);
/* Keeps the answer and gives it, see listen_keep(). Who asks while a page is made gets the same one. */
void front_answer(Front *front, ListenAnswer *answer);
