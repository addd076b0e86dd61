/* SPDX-License-Identifier: Apache-2.0 */
/* Post: one organisation of the daemon: when its next pass is due, and what waits until it is idle. */
#pragma once

#include "daemon/keeper.h"
#include "daemon/net/watch.h"
#include "daemon/wish.h"

typedef struct Post Post;

typedef struct PostSpec {
        Workplace *workplace;
        const OrganizationSettings *settings;
        void (*on_busy)(void *context, Post *post); /* a pass begins */
        void (*on_idle)(void *context, Post *post); /* a pass has ended */
        void (*on_part)(void *context, Wish *wish); /* it has done its part of it */
        void *context;
} PostSpec;

/* NULL with *reasonp (below parent): see keeper_new(). Its first pass begins at the next turn, when the charter is fine. */
Post *post_new(Mem *parent, const PostSpec *spec, const char **reasonp);
Post *post_free(Post *post);

/* One more pass, at once when idle, else after the running one. reason: a constant. */
void post_reconcile(Post *post, const char *reason);
/* Reads the charter again; a fine one is followed by a pass. */
void post_reload_charter(Post *post);
/* The post does its part of it when it is idle. */
void post_wish(Post *post, Wish *wish);
/* No more passes: what runs is ended without a new request. on_idle tells when. */
void post_stop(Post *post);
bool post_is_idle(const Post *post);
const Keeper *post_keeper(const Post *post);
/* Wall ms; 0: none is due. */
int64_t post_next_pass(const Post *post);
