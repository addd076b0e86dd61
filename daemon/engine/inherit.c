/* SPDX-License-Identifier: Apache-2.0 */
/* InheritSwitch: the inherit flag of one token set without losing anybody's entry. */
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/acl.h"
#include "daemon/azdo/judge.h"
#include "daemon/engine/inherit.h"
#include "daemon/engine/reading.h"

struct InheritSwitch {
        InheritSpec spec;
        Reading *reading;
        Reading *watch;
        Batch *post;
        AccessControlList *list; /* the last reading; what is posted */
        bool has_last;
        unsigned tries;
        AccessControlEntry *foreign; /* seen while the post was under way, not in the list posted */
        size_t n_foreign;
        int64_t watch_pause;
        bool posted;
};

InheritSwitch *inherit_new(Mem *parent, const InheritSpec *spec) {
        InheritSwitch *operation = mem_new(parent, InheritSwitch);

        operation->spec = *spec;
        return operation;
}

InheritSwitch *inherit_retarget(InheritSwitch *operation, void (*on_done)(void *, InheritSwitch *),
                                void *context) {
        operation->spec.on_done = on_done;
        operation->spec.context = context;
        return operation;
}

static AccessControlList *copy_list(InheritSwitch *operation) {
        const Step *step = operation->spec.change->step;
        const Organisation *live = operation->spec.live;
        AccessControlList *list = mem_new(operation, AccessControlList);
        Index found = organisation_find_acl(live, (uint8_t)step->space, step->token);

        if (found == INDEX_NONE) {
                *list = (AccessControlList){.namespace = (uint8_t)step->space,
                                            .inherit = true,
                                            .project = step->project,
                                            .entity = step->entity};
        } else {
                *list = live->acls[found];
                list->entries = mem_new_array(list, AccessControlEntry,
                                              list->n_entries ? list->n_entries : 1);
                if (list->n_entries)
                        memcpy(list->entries, live->acls[found].entries,
                               list->n_entries * sizeof *list->entries);
        }
        list->token = mem_strdup(list, step->token);
        return list;
}

static bool entries_agree(const AccessControlList *a, const AccessControlList *b) {
        if (a->n_entries != b->n_entries)
                return false;
        for (size_t i = 0; i < a->n_entries; i++)
                if (a->entries[i].identity != b->entries[i].identity ||
                    a->entries[i].allow != b->entries[i].allow ||
                    a->entries[i].deny != b->entries[i].deny)
                        return false;
        return true;
}

static bool lists_agree(const AccessControlList *a, const AccessControlList *b) {
        return a->inherit == b->inherit && entries_agree(a, b);
}

static void finish(InheritSwitch *operation) {
        operation->spec.on_done(operation->spec.context, operation);
}

static void give_up(InheritSwitch *operation, ChangeState state, const char *message) {
        operation->spec.change->state = state;
        operation->spec.change->message = message;
        finish(operation);
}

static void drop_nothings(AccessControlList *list) {
        size_t n = 0;

        for (size_t i = 0; i < list->n_entries; i++)
                if (list->entries[i].allow || list->entries[i].deny)
                        list->entries[n++] = list->entries[i];
        list->n_entries = n;
}

/* Why this list must not be replaced, or NULL (architecture.md, Which call writes what). */
static const char *refusal(InheritSwitch *operation, const AccessControlList *list) {
        const Organisation *live = operation->spec.live;
        const PermissionNamespace *space = &live->permissions.items[list->namespace];
        size_t n_bytes;

        if (operation->spec.change->step->at_root)
                return "the inherit flag of a project's root is never switched by charterd";
        if (list->n_entries > ACL_POST_ENTRIES_MAX)
                return "the list has more entries than charterd replaces at once; switch the flag by hand";
        for (size_t i = 0; i < list->n_entries; i++) {
                const AccessControlEntry *entry = &list->entries[i];

                if ((entry->allow | entry->deny) & space->system_mask)
                        return "an entry of the list holds a bit reserved by the service; switch the "
                               "flag by hand";
                if (!live->identities[entry->identity].descriptor)
                        return "the list holds an entry of somebody without a descriptor; switch the flag "
                               "by hand";
        }
        acl_replace_request(operation, live, list, &n_bytes);
        if (n_bytes > ACL_POST_BYTES_MAX)
                return "the list is larger than charterd replaces at once; switch the flag by hand";
        return NULL;
}

static void read_once(InheritSwitch *operation);

static void on_read(void *context, Reading *reading) {
        InheritSwitch *operation = context;
        const char *error = reading_error(reading, INDEX_NONE);
        AccessControlList *list;
        const char *refused;

        if (error) {
                give_up(operation, CHANGE_NOT_DONE, mem_strdup(operation, error));
                return;
        }
        operation->reading = mem_free(reading);
        list = copy_list(operation);
        drop_nothings(list);
        if (!operation->has_last || !lists_agree(operation->list, list)) {
                operation->list = list;
                operation->has_last = true;
                if (++operation->tries >= INHERIT_AGREEING_TRIES) {
                        give_up(operation, CHANGE_NOT_DONE,
                                "the list keeps changing while it is read; tried again in the next pass");
                        return;
                }
                read_once(operation);
                return;
        }
        if (list->inherit != operation->spec.change->step->inherit_before) {
                give_up(operation, CHANGE_DROPPED, "the flag is not what the plan saw");
                return;
        }
        refused = refusal(operation, list);
        if (refused) {
                give_up(operation, CHANGE_NOT_DONE, refused);
                return;
        }
        list->inherit = operation->spec.change->step->inherit_after;
        operation->list = list;
        operation->spec.change->list = list;
        finish(operation);
}

static Reading *read_token(InheritSwitch *operation, void (*on_done)(void *, Reading *)) {
        const Step *step = operation->spec.change->step;
        Reading *reading = reading_new(operation, &(ReadingSpec){
                                                          .port = operation->spec.port,
                                                          .throttle = operation->spec.throttle,
                                                          .live = operation->spec.live,
                                                          .on_done = on_done,
                                                          .context = operation,
                                                  });

        reading_add_token(reading, step->project, (uint8_t)step->space, step->token);
        reading_start(reading);
        return reading;
}

static void read_once(InheritSwitch *operation) {
        operation->reading = read_token(operation, on_read);
}

void inherit_prepare(InheritSwitch *operation) {
        read_once(operation);
}

/* --- posting, with eyes open
 * ------------------------------------------------------------------------------------- */

static AccessControlEntry entry_of(const AccessControlList *list, Index identity) {
        const AccessControlEntry *entry = acl_find_entry(list, identity);

        return entry ? *entry : (AccessControlEntry){.identity = identity};
}

static bool masks_agree(AccessControlEntry a, AccessControlEntry b) {
        return a.allow == b.allow && a.deny == b.deny;
}

/* An entry as others left it while the post was under way; the newest counts. */
static void note_foreign(InheritSwitch *operation, AccessControlEntry entry) {
        for (size_t i = 0; i < operation->n_foreign; i++)
                if (operation->foreign[i].identity == entry.identity) {
                        operation->foreign[i] = entry;
                        return;
                }
        *mem_push(operation, operation->foreign, operation->n_foreign) = entry;
}

/* A reading that shows the flag as posted came after the post: what it shows is not undone any more. */
static void note_foreign_entries(InheritSwitch *operation) {
        const AccessControlList *posted = operation->list;
        AccessControlList *seen = copy_list(operation);

        if (seen->inherit != posted->inherit) {
                for (size_t i = 0; i < operation->n_foreign; i++)
                        operation->foreign[i] = entry_of(seen, operation->foreign[i].identity);
                for (size_t i = 0; i < seen->n_entries; i++)
                        if (!masks_agree(seen->entries[i],
                                         entry_of(posted, seen->entries[i].identity)))
                                note_foreign(operation, seen->entries[i]);
                for (size_t i = 0; i < posted->n_entries; i++)
                        if (!acl_find_entry(seen, posted->entries[i].identity))
                                note_foreign(operation,
                                             entry_of(seen, posted->entries[i].identity));
        }
        mem_free(seen);
}

static void on_restored(void *context, Batch *batch) {
        InheritSwitch *operation = context;

        finish(operation);
}

/* Told with the change. */
static void tell_restored(InheritSwitch *operation, size_t n) {
        operation->spec.change->remark = mem_printf(
                operation,
                "%zu entr%s that somebody else wrote at the same time got lost and %s restored", n,
                n == 1 ? "y" : "ies", n == 1 ? "is" : "are");
}

/* What others wrote while the post was under way, and the post undid: it now is what was posted,
 * not what they left. */
static void restore(InheritSwitch *operation) {
        const Step *step = operation->spec.change->step;
        AccessControlList *now = copy_list(operation);
        AccessControlEntry *lost = NULL;
        Index *gone = NULL;
        size_t n_lost = 0, n_gone = 0;
        uint32_t reserved = operation->spec.live->permissions.items[step->space].system_mask;
        Request request;

        for (size_t i = 0; i < operation->n_foreign; i++) {
                AccessControlEntry left = operation->foreign[i];
                AccessControlEntry is = entry_of(now, left.identity);

                left.allow &= ~reserved;
                left.deny &= ~reserved;
                if (masks_agree(is, left) ||
                    !masks_agree(is, entry_of(operation->list, left.identity)))
                        continue;
                if (left.allow || left.deny)
                        *mem_push(operation, lost, n_lost) = left;
                else
                        *mem_push(operation, gone, n_gone) = left.identity;
        }
        if (n_lost + n_gone == 0) {
                finish(operation);
                return;
        }
        tell_restored(operation, n_lost + n_gone);
        operation->post = batch_new(operation, &(BatchSpec){.port = operation->spec.port,
                                                            .throttle = operation->spec.throttle,
                                                            .judge = judge_reply,
                                                            .on_done = on_restored,
                                                            .context = operation});
        if (n_lost > 0) {
                request = acl_set_entries_request(operation, operation->spec.live,
                                                  (uint8_t)step->space, step->token, ACE_REPLACE,
                                                  lost, n_lost);
                batch_add(operation->post, &request, NULL, operation);
        }
        if (n_gone > 0) {
                request =
                        acl_remove_entries_request(operation, operation->spec.live,
                                                   (uint8_t)step->space, step->token, gone, n_gone);
                batch_add(operation->post, &request, NULL, operation);
        }
        batch_start(operation->post);
}

static void on_read_back(void *context, Reading *reading) {
        InheritSwitch *operation = context;

        if (reading_error(reading, INDEX_NONE)) {
                finish(operation);
                return;
        }
        restore(operation);
}

static void watch(InheritSwitch *operation);
static void look_back(InheritSwitch *operation);

static void on_watched(void *context, Reading *reading) {
        InheritSwitch *operation = context;

        if (!reading_error(reading, INDEX_NONE))
                note_foreign_entries(operation);
        operation->watch = mem_free(reading);
        watch(operation);
}

static void on_watch_again(void *context) {
        InheritSwitch *operation = context;

        if (operation->posted)
                look_back(operation);
        else
                operation->watch = read_token(operation, on_watched);
}

/* A post that takes its time is not watched without a pause. */
static void watch(InheritSwitch *operation) {
        if (operation->posted) {
                look_back(operation);
                return;
        }
        port_alarm(operation->spec.port, operation, operation->watch_pause, on_watch_again,
                   operation);
        operation->watch_pause *= 2;
        if (operation->watch_pause > INHERIT_WATCH_PAUSE_MAX_MS)
                operation->watch_pause = INHERIT_WATCH_PAUSE_MAX_MS;
}

static void look_back(InheritSwitch *operation) {
        if (operation->spec.change->state == CHANGE_SENT)
                operation->reading = read_token(operation, on_read_back);
        else
                finish(operation);
}

static void on_posted_call(void *context, Call *call) {
        InheritSwitch *operation = context;
        Change *change = operation->spec.change;

        if (call->fault.activity_id)
                change->activity_id = mem_strdup(operation, call->fault.activity_id);
        if (call->fault.kind == FAULT_NONE || call->fault.kind == FAULT_UNKNOWN_RESULT) {
                change->state = CHANGE_SENT;
        } else if (call->fault.kind == FAULT_NETWORK && !call->sent) {
                change->state = CHANGE_DROPPED;
                change->message = CHANGE_TOO_OLD;
        } else {
                change->state = CHANGE_FAILED;
                change->message = mem_strdup(operation, call->fault.message);
        }
}

static void on_posted(void *context, Batch *batch) {
        InheritSwitch *operation = context;

        operation->posted = true; /* the watching reading under way is the last one */
}

static void post(InheritSwitch *operation) {
        int64_t oldest = operation->spec.oldest_ms;
        int64_t deadline = oldest > 0 ? port_now(operation->spec.port) + oldest : 0;
        size_t n_bytes;
        Request request =
                acl_replace_request(operation, operation->spec.live, operation->list, &n_bytes);

        operation->post = batch_new(operation, &(BatchSpec){.port = operation->spec.port,
                                                            .throttle = operation->spec.throttle,
                                                            .judge = judge_reply,
                                                            .on_done = on_posted,
                                                            .on_call = on_posted_call,
                                                            .context = operation,
                                                            .deadline = deadline});
        batch_add(operation->post, &request, NULL, operation);
        /* The reading goes first, right before the post. */
        operation->watch_pause = INHERIT_WATCH_PAUSE_MS;
        operation->watch = read_token(operation, on_watched);
        batch_start(operation->post);
}

/* Writing the intent took its time. What others write from here on, until the post arrives, is the
 * one thing a list that can only be replaced whole may lose unseen: one round trip, half of it
 * watched. */
static void on_last_look(void *context, Reading *reading) {
        InheritSwitch *operation = context;
        const char *error = reading_error(reading, INDEX_NONE);
        AccessControlList *now;

        if (error) {
                give_up(operation, CHANGE_NOT_DONE, mem_strdup(operation, error));
                return;
        }
        operation->reading = mem_free(reading);
        now = copy_list(operation);
        drop_nothings(now);
        if (now->inherit != operation->spec.change->step->inherit_before ||
            !entries_agree(now, operation->list)) {
                give_up(operation, CHANGE_DROPPED,
                        "the list changed before it could be replaced; planned anew");
                return;
        }
        post(operation);
}

void inherit_commit(InheritSwitch *operation) {
        operation->reading = read_token(operation, on_last_look);
}
