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
        size_t n_restored;
        bool posted;
};

InheritSwitch *inherit_new(Mem *parent, const InheritSpec *spec) {
        InheritSwitch *operation = mem_new(parent, InheritSwitch);

        operation->spec = *spec;
        return operation;
}

size_t inherit_restored(const InheritSwitch *operation) {
        return operation->n_restored;
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

static bool lists_agree(const AccessControlList *a, const AccessControlList *b) {
        if (a->inherit != b->inherit || a->n_entries != b->n_entries)
                return false;
        for (size_t i = 0; i < a->n_entries; i++)
                if (a->entries[i].identity != b->entries[i].identity ||
                    a->entries[i].allow != b->entries[i].allow ||
                    a->entries[i].deny != b->entries[i].deny)
                        return false;
        return true;
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

/* --- posting, with eyes open ------------------------------------------------------------------------------------- */

static void note_foreign(InheritSwitch *operation) {
        AccessControlList *seen = copy_list(operation);

        for (size_t i = 0; i < seen->n_entries; i++) {
                const AccessControlEntry *entry = &seen->entries[i];
                const AccessControlEntry *posted = acl_find_entry(operation->list, entry->identity);
                bool known = posted && posted->allow == entry->allow && posted->deny == entry->deny;

                for (size_t k = 0; k < operation->n_foreign && !known; k++)
                        if (operation->foreign[k].identity == entry->identity) {
                                operation->foreign[k] = *entry;
                                known = true;
                        }
                if (!known && (entry->allow || entry->deny))
                        *mem_push(operation, operation->foreign, operation->n_foreign) = *entry;
        }
        mem_free(seen);
}

static void on_restored(void *context, Batch *batch) {
        InheritSwitch *operation = context;

        finish(operation);
}

/* What others wrote while the post was under way, and the post undid. */
static void restore(InheritSwitch *operation) {
        const Step *step = operation->spec.change->step;
        AccessControlList *now = copy_list(operation);
        AccessControlEntry *lost = NULL;
        size_t n_lost = 0;
        Request request;

        for (size_t i = 0; i < operation->n_foreign; i++) {
                const AccessControlEntry *entry = &operation->foreign[i];
                const AccessControlEntry *is = acl_find_entry(now, entry->identity);

                if (!is || is->allow != entry->allow || is->deny != entry->deny)
                        *mem_push(operation, lost, n_lost) = *entry;
        }
        if (n_lost == 0) {
                finish(operation);
                return;
        }
        operation->n_restored = n_lost;
        operation->post = batch_new(operation, &(BatchSpec){.port = operation->spec.port,
                                                            .throttle = operation->spec.throttle,
                                                            .judge = judge_reply,
                                                            .on_done = on_restored,
                                                            .context = operation});
        request = acl_set_entries_request(operation, operation->spec.live, (uint8_t)step->space,
                                          step->token, ACE_REPLACE, lost, n_lost);
        batch_add(operation->post, &request, NULL, operation);
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

static void on_watched(void *context, Reading *reading) {
        InheritSwitch *operation = context;

        if (!reading_error(reading, INDEX_NONE))
                note_foreign(operation);
        operation->watch = mem_free(reading);
        if (!operation->posted)
                operation->watch = read_token(operation, on_watched);
        else if (operation->spec.change->state == CHANGE_SENT)
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
        } else {
                change->state = CHANGE_FAILED;
                change->message = mem_strdup(operation, call->fault.message);
        }
}

static void on_posted(void *context, Batch *batch) {
        InheritSwitch *operation = context;

        operation->posted = true; /* the watching reading under way is the last one */
}

void inherit_commit(InheritSwitch *operation) {
        size_t n_bytes;
        Request request = acl_replace_request(operation, operation->spec.live, operation->list, &n_bytes);

        operation->post = batch_new(operation, &(BatchSpec){.port = operation->spec.port,
                                                            .throttle = operation->spec.throttle,
                                                            .judge = judge_reply,
                                                            .on_done = on_posted,
                                                            .on_call = on_posted_call,
                                                            .context = operation});
        batch_add(operation->post, &request, NULL, operation);
        batch_start(operation->post);
        operation->watch = read_token(operation, on_watched);
}
