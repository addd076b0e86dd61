/* SPDX-License-Identifier: Apache-2.0 */
/* AclReader: access control lists of a streamed answer, added to the organisation. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/text.h"
#include "common/model/token.h"
#include "daemon/azdo/acl.h"
#include "daemon/azdo/acl_creators.h"
#include "daemon/azdo/acl_scanner.h"
#include "daemon/azdo/body.h"

enum {
        ACL_ENTRIES_MAX =
                1000 * 1000, /* of one list; what a whole namespace can hold (facts §7.2) */
};

/* The lists of one try are collected and put in their place when all have come: a try that breaks
 * leaves what was known before untouched. Only where nothing was known there is nothing to spare:
 * then each list is added at once, so that the first reading of a large organisation is not held
 * twice; what a broken try left is cleared by the next one's beginning. */
typedef enum Placing {
        PLACE_AT_END,
        PLACE_AT_ONCE,
} Placing;

struct AclReader {
        AclReaderSpec spec;
        AclScanner *scanner;
        Sink sink;
        Placing placing;
        Arena *arena;          /* of this try: lists that wait */
        AclCreators *creators; /* likewise */
        Arena *at_hand;        /* descriptors of the list at hand */
        AccessControlList *lists;
        size_t n_lists;
        AccessControlEntry *entries; /* of the list at hand */
        size_t n_entries;
        const char **descriptors;
        size_t n_descriptors;
        size_t n_read; /* lists of this try */
        const char *error;
};

static int compare_text(const void *a, const void *b) {
        return text_compare(*(const char *const *)a, *(const char *const *)b);
}

static bool has_twice(const char **texts, size_t n) {
        if (n > 1)
                qsort(texts, n, sizeof *texts, compare_text);
        for (size_t i = 1; i < n; i++)
                if (text_equal(texts[i - 1], texts[i]))
                        return true;
        return false;
}

static int read_mask(const JsonNode *node, const char *key, uint32_t *maskp) {
        int64_t value = 0;

        if (json_get_int(node, key, INT32_MIN, UINT32_MAX, &value) < 0)
                return -1;
        *maskp = (uint32_t)value;
        return 0;
}

static int take_entry(AclReader *reader, const JsonNode *node, const char **reasonp) {
        const char *descriptor = body_text(node, "descriptor");
        AccessControlEntry entry = {0};

        if (!descriptor || !strchr(descriptor, ';'))
                return body_fail(reasonp, "an access control entry has no `descriptor`");
        if (read_mask(node, "allow", &entry.allow) < 0 || read_mask(node, "deny", &entry.deny) < 0)
                return body_fail(reasonp, "an access control entry has no `allow` or no `deny`");
        if (reader->n_descriptors >= ACL_ENTRIES_MAX)
                return body_fail(reasonp, "an access control list has more entries than can be");
        *mem_push(reader, reader->descriptors, reader->n_descriptors) =
                arena_strdup(reader->at_hand, descriptor);
        /* A query invents such entries (facts §0.8); they say nothing. */
        if (entry.allow == 0 && entry.deny == 0)
                return 0;
        entry.identity = organisation_descriptor_row(reader->spec.organisation, descriptor);
        *mem_push(reader, reader->entries, reader->n_entries) = entry;
        return 0;
}

static int on_entry(void *context, const char *bytes, size_t n, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        JsonNode *node = NULL;
        int r = json_parse(scratch, bytes, n, &node, reasonp);

        if (r == 0 && json_count(node) != 1)
                r = body_fail(reasonp, "an access control entry is malformed");
        if (r == 0)
                r = take_entry(context, json_first(node), reasonp);
        mem_free(scratch);
        return r;
}

static bool is_asked(const AclReader *reader, const char *token) {
        const AclReaderSpec *spec = &reader->spec;
        char separator = spec->organisation->permissions.items[spec->space].separator;

        if (spec->depth == ACL_TOKEN)
                return token_compare(token, spec->token, separator) == 0;
        return token_is_within(token, spec->token, separator);
}

static int place_list(AclReader *reader, AccessControlList *list, const char **reasonp) {
        Organisation *organisation = reader->spec.organisation;

        if (reader->placing == PLACE_AT_ONCE) {
                if (organisation_find_acl(organisation, list->namespace, list->token) != INDEX_NONE)
                        return body_fail(reasonp, "a token stands twice in the answer");
                organisation_set_acl(organisation, list);
                return 0;
        }
        list->token = arena_strdup(reader->arena, list->token);
        if (list->n_entries > 0)
                list->entries = arena_memdup(reader->arena, list->entries,
                                             list->n_entries * sizeof *list->entries);
        *mem_push(reader, reader->lists, reader->n_lists) = *list;
        return 0;
}

static int take_list(AclReader *reader, const JsonNode *node, const char **reasonp) {
        AccessControlList list = {
                .namespace = reader->spec.space,
                .project = reader->spec.project,
                .entity = INDEX_NONE,
                .token = json_get_text(node, "token"),
                .entries = reader->entries,
                .n_entries = reader->n_entries,
                .read_at = reader->spec.now,
        };
        const JsonNode *entries = json_get(node, "acesDictionary");

        if (!list.token || json_get_bool(node, "inheritPermissions", &list.inherit) < 0)
                return body_fail(
                        reasonp,
                        "an access control list has no `token` or no `inheritPermissions`");
        if (!json_is_object(entries) || json_first(entries))
                return body_fail(reasonp,
                                 "an access control list has no entries in `acesDictionary`");
        if (!is_asked(reader, list.token))
                return body_fail(reasonp,
                                 "an access control list is of another token than was asked for");
        if (has_twice(reader->descriptors, reader->n_descriptors))
                return body_fail(reasonp, "an identity stands twice in an access control list");
        reader->n_read++;
        if (reader->spec.depth == ACL_RECURSE &&
            acl_creators_has_said(reader->creators, reader->spec.organisation, &list))
                return 0;
        return place_list(reader, &list, reasonp);
}

static int on_list(void *context, const char *bytes, size_t n, const char **reasonp) {
        AclReader *reader = context;
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        JsonNode *node = NULL;
        int r = json_parse(scratch, bytes, n, &node, reasonp);

        if (r == 0)
                r = take_list(reader, node, reasonp);
        mem_free(scratch);
        reader->n_entries = 0;
        reader->n_descriptors = 0;
        mem_free(reader->at_hand);
        reader->at_hand = arena_new(reader);
        return r;
}

static int on_document(void *context, const char *bytes, size_t n, const char **reasonp) {
        const AclReader *reader = context;

        return body_check_cut_list(bytes, n, reader->n_read, reasonp);
}

static const AclScannerEvents events = {
        .entry = on_entry,
        .list = on_list,
        .document = on_document,
};

static void clear_known(const AclReader *reader) {
        const AclReaderSpec *spec = &reader->spec;

        if (spec->depth == ACL_TOKEN)
                organisation_clear_acl(spec->organisation, spec->space, spec->token);
        else
                organisation_clear_acls(spec->organisation, spec->space, spec->token);
}

static void sink_begin(void *context) {
        AclReader *reader = context;

        acl_scanner_begin(reader->scanner);
        reader->error = NULL;
        reader->n_lists = 0;
        reader->n_entries = 0;
        reader->n_descriptors = 0;
        reader->n_read = 0;
        mem_free(reader->arena);
        reader->arena = arena_new(reader);
        mem_free(reader->creators);
        reader->creators = acl_creators_new(reader);
        mem_free(reader->at_hand);
        reader->at_hand = arena_new(reader);
        if (reader->placing == PLACE_AT_ONCE)
                clear_known(reader);
}

static int give_up(AclReader *reader, const char *error) {
        if (!reader->error && reader->placing == PLACE_AT_ONCE)
                clear_known(reader);
        reader->error = error;
        return -1;
}

static int sink_feed(void *context, const char *bytes, size_t n) {
        AclReader *reader = context;

        if (acl_scanner_feed(reader->scanner, bytes, n) < 0)
                return give_up(reader, acl_scanner_error(reader->scanner));
        return 0;
}

static int compare_lists(const void *a, const void *b, void *context) {
        return token_compare(((const AccessControlList *)a)->token,
                             ((const AccessControlList *)b)->token, *(const char *)context);
}

static bool has_token_twice(AclReader *reader) {
        char separator = reader->spec.organisation->permissions.items[reader->spec.space].separator;

        if (reader->n_lists > 1)
                qsort_r(reader->lists, reader->n_lists, sizeof *reader->lists, compare_lists,
                        &separator);
        for (size_t i = 1; i < reader->n_lists; i++)
                if (token_compare(reader->lists[i - 1].token, reader->lists[i].token, separator) ==
                    0)
                        return true;
        return false;
}

static int sink_end(void *context) {
        AclReader *reader = context;

        if (acl_scanner_end(reader->scanner) < 0)
                return give_up(reader, acl_scanner_error(reader->scanner));
        if (reader->placing == PLACE_AT_ONCE)
                return 0;
        if (has_token_twice(reader))
                return give_up(reader, "a token stands twice in the answer");
        clear_known(reader);
        for (size_t i = 0; i < reader->n_lists; i++)
                organisation_set_acl(reader->spec.organisation, &reader->lists[i]);
        reader->n_lists = 0;
        return 0;
}

static bool is_known(const AclReaderSpec *spec) {
        const Organisation *organisation = spec->organisation;
        char separator = organisation->permissions.items[spec->space].separator;

        for (size_t i = 0; i < organisation->n_acls; i++) {
                const AccessControlList *acl = &organisation->acls[i];

                if (acl->namespace == spec->space && !acl->forgotten &&
                    token_is_within(acl->token, spec->token, separator))
                        return true;
        }
        return false;
}

AclReader *acl_reader_new(Mem *parent, const AclReaderSpec *spec) {
        AclReader *reader = mem_new(parent, AclReader);

        assert(spec->space < _NAMESPACE_N && spec->token);
        reader->spec = *spec;
        reader->spec.token = mem_strdup(reader, spec->token);
        /* One list is small. */
        reader->placing = spec->depth == ACL_TOKEN || is_known(spec) ? PLACE_AT_END : PLACE_AT_ONCE;
        reader->scanner = acl_scanner_new(reader, &events, reader);
        reader->arena = arena_new(reader);
        reader->creators = acl_creators_new(reader);
        reader->at_hand = arena_new(reader);
        reader->sink = (Sink){
                .context = reader,
                .begin = sink_begin,
                .feed = sink_feed,
                .end = sink_end,
        };
        acl_scanner_begin(reader->scanner);
        return reader;
}

const Sink *acl_reader_sink(AclReader *reader) {
        return &reader->sink;
}

const char *acl_reader_error(const AclReader *reader) {
        return reader->error;
}
