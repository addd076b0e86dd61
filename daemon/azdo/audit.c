/* SPDX-License-Identifier: Apache-2.0 */
/* Audit: the audit log of an organisation: who changed what (facts §8). */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "daemon/azdo/acl_scanner.h"
#include "daemon/azdo/audit.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/url.h"

#define KEY_ENTRIES "decoratedAuditLogEntries"

enum {
        DEPTH_MAX = 2, /* the answer may stand in a `value` (facts §13) */
};

/* facts §8.3; what the data of an action says is found by its members. */
static const struct {
        const char *action;
        AuditKind kind;
        bool is_added; /* AUDIT_MEMBERSHIPS without `Updates` */
} actions[] = {
        {"Security.ModifyPermission", AUDIT_SUBJECTS, false},
        {"Security.ResetPermission", AUDIT_SUBJECTS, false},
        {"Security.RemovePermission", AUDIT_SUBJECTS, false},
        {"Security.ModifyAccessControlLists", AUDIT_SUBJECTS, false},
        {"Security.RemoveIdentityACEs", AUDIT_SUBJECTS, false},
        {"Security.ResetAccessControlLists", AUDIT_LISTS, false},
        {"Security.RemoveAccessControlLists", AUDIT_LISTS, false},
        {"Security.RemoveAllAccessControlLists", AUDIT_LISTS, false},
        {"Group.UpdateGroupMembership", AUDIT_MEMBERSHIPS, true},
        {"Group.UpdateGroupMembership.Add", AUDIT_MEMBERSHIPS, true},
        {"Group.UpdateGroupMembership.Remove", AUDIT_MEMBERSHIPS, false},
};

struct AuditReader {
        void (*visit)(void *context, const AuditEntry *entry);
        void *context;
        Sink sink;
        AclScanner *scanner;
        char *continuation;
};

/* One entry, with a scratch of its own. */
typedef struct Reader {
        Mem *scratch;
        AuditEntry entry;
        const char **tokens;
        AuditSubject *subjects;
        AuditMembership *memberships;
} Reader;

Request audit_request(Mem *parent, int64_t from, const char *continuation) {
        char time[CLOCK_TEXT_SIZE];
        const char *start = clock_format(from, time);
        const char *path = url_build(parent,
                                     "/_apis/audit/auditlog?startTime={}&batchSize=200&skipAggregation=true"
                                     "&api-version=7.1-preview.1",
                                     start, NULL);

        _Static_assert(AUDIT_PAGE_SIZE == 200, "it stands in the path");
        if (continuation)
                path = mem_printf(parent, "%s%s", path, url_build(parent, "&continuationToken={}", continuation, NULL));
        return (Request){.method = METHOD_GET, .base = BASE_AUDIT, .path = path, .tries_max = 1};
}

/* --- the data of an entry ------------------------------------------------------------------------------------------- */

static void add_token(Reader *reader, const char *token) {
        if (token && reader->entry.n_tokens < AUDIT_PARTS_MAX)
                *mem_push(reader->scratch, reader->tokens, reader->entry.n_tokens) = token;
}

static void add_subject(Reader *reader, const char *descriptor, const char *name) {
        if ((descriptor || name) && reader->entry.n_subjects < AUDIT_PARTS_MAX)
                *mem_push(reader->scratch, reader->subjects, reader->entry.n_subjects) = (AuditSubject){descriptor, name};
}

/* A list may be an array, or text with one in it; what is neither says nothing. */
static const JsonNode *list_of(Reader *reader, const JsonNode *data, const char *key) {
        const JsonNode *node = json_get(data, key);
        const char *text = json_value_text(node), *reason = NULL;
        JsonNode *inner = NULL;

        if (json_is_array(node))
                return node;
        if (!text || text[0] != '[' || json_parse(reader->scratch, text, strlen(text), &inner, &reason) < 0)
                return NULL;
        return json_is_array(inner) ? inner : NULL;
}

static void read_tokens(Reader *reader, const JsonNode *data) {
        add_token(reader, json_get_text(data, "Token"));
        if (json_value_text(json_get(data, "Tokens")))
                add_token(reader, json_get_text(data, "Tokens"));
        json_each(token, list_of(reader, data, "Tokens"))
                add_token(reader, json_value_text(token));
}

/* What the log calls identities is a descriptor or a name. */
static void read_subjects(Reader *reader, const JsonNode *data) {
        add_subject(reader, json_get_text(data, "SubjectDescriptor"), json_get_text(data, "SubjectDisplayName"));
        json_each(summary, list_of(reader, data, "EventSummary"))
                add_subject(reader, json_get_text(summary, "subjectDescriptor"),
                            json_get_text(summary, "subjectDisplayName"));
        json_each(identity, list_of(reader, data, "Identities"))
                add_subject(reader, json_value_text(identity), json_value_text(identity));
        if (json_get_text(data, "Identities"))
                add_subject(reader, json_get_text(data, "Identities"), json_get_text(data, "Identities"));
}

static Guid key_of(const JsonNode *object, const char *key) {
        const char *text = json_get_text(object, key);
        Guid guid = {0};

        if (text && guid_parse(&guid, text) < 0)
                guid = (Guid){0};
        return guid;
}

static void add_membership(Reader *reader, const AuditMembership *membership) {
        if (reader->entry.n_memberships < AUDIT_PARTS_MAX)
                *mem_push(reader->scratch, reader->memberships, reader->entry.n_memberships) = *membership;
}

static void read_memberships(Reader *reader, const JsonNode *data, bool is_added) {
        AuditMembership whole = {.group = key_of(data, "GroupId"),
                                 .member = key_of(data, "MemberId"),
                                 .group_name = json_get_text(data, "GroupName"),
                                 .member_name = json_get_text(data, "MemberDisplayName"),
                                 .is_added = is_added};
        size_t n = 0;

        json_each(update, list_of(reader, data, "Updates")) {
                AuditMembership one = {.group = key_of(update, "GroupId"), .member = key_of(update, "MemberId")};

                if (json_get_bool(update, "Active", &one.is_added) < 0)
                        one.is_added = is_added;
                n++;
                add_membership(reader, &one);
        }
        /* The names are of the one there is. */
        if (n == 1)
                whole.is_added = reader->memberships[0].is_added;
        if (n <= 1)
                add_membership(reader, &whole);
}

static void read_data(Reader *reader, const JsonNode *data) {
        AuditEntry *entry = &reader->entry;

        for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
                if (strcmp(actions[i].action, entry->action) != 0)
                        continue;
                entry->kind = actions[i].kind;
                if (entry->kind == AUDIT_MEMBERSHIPS) {
                        read_memberships(reader, data, actions[i].is_added);
                        break;
                }
                entry->space = key_of(data, "NamespaceId");
                if (json_get_bool(data, "Recurse", &entry->is_below_too) < 0)
                        entry->is_below_too = false;
                read_tokens(reader, data);
                read_subjects(reader, data);
        }
        entry->tokens = reader->tokens;
        entry->subjects = reader->subjects;
        entry->memberships = reader->memberships;
}

/* --- a page --------------------------------------------------------------------------------------------------------- */

static int take_entry(const AuditReader *audit, Mem *scratch, const JsonNode *node, const char **reasonp) {
        const char *time = body_text(node, "timestamp");
        Reader reader = {.scratch = scratch,
                         .entry = {.action = body_text(node, "actionId"),
                                   .activity = body_text(node, "activityId"),
                                   .actor = key_of(node, "actorUserId"),
                                   .actor_name = body_text(node, "actorDisplayName"),
                                   .actor_account = body_text(node, "actorUPN"),
                                   .address = body_text(node, "ipAddress"),
                                   .client = body_text(node, "userAgent"),
                                   .mechanism = body_text(node, "authenticationMechanism")}};

        if (!reader.entry.action || !time)
                return body_fail(reasonp, "an entry of the audit log has no `actionId` or no `timestamp`");
        if (clock_parse(&reader.entry.wall, time) < 0)
                return body_fail(reasonp, "the `timestamp` of an entry of the audit log is no time");
        read_data(&reader, json_get(node, "data"));
        audit->visit(audit->context, &reader.entry);
        return 0;
}

static int on_element(void *context, const char *bytes, size_t n, const char **reasonp) {
        Mem *scratch = mem_new(NULL, char);
        JsonNode *element = NULL;
        int r = json_parse(scratch, bytes, n, &element, reasonp);

        if (r == 0)
                r = take_entry(context, scratch, element, reasonp);
        mem_free(scratch);
        return r;
}

static int on_entry(void *context, const char *bytes, size_t n, const char **reasonp) {
        return body_fail(reasonp, "the list is one of access control lists, which was not asked for");
}

/* What stands around the entries: whether there are more. */
static int take_rest(AuditReader *reader, const JsonNode *root, const char **reasonp) {
        const JsonNode *inner = json_is_object(json_get(root, "value")) ? json_get(root, "value") : root;
        const char *token = body_text(inner, "continuationToken");
        bool has_more = false;

        if (!json_is_array(json_get(inner, KEY_ENTRIES)))
                return body_fail(reasonp, "the answer is no audit log: it has no `" KEY_ENTRIES "`");
        if (json_get(inner, "hasMore") && json_get_bool(inner, "hasMore", &has_more) < 0)
                return body_fail(reasonp, "`hasMore` of the audit log is no yes or no");
        if (has_more && !token)
                return body_fail(reasonp, "the audit log has more, and no `continuationToken` to ask for it");
        reader->continuation = has_more ? mem_strdup(reader, token) : NULL;
        return 0;
}

static int on_document(void *context, const char *bytes, size_t n, const char **reasonp) {
        Mem *scratch = mem_new(NULL, char);
        JsonNode *root = NULL;
        int r = json_parse(scratch, bytes, n, &root, reasonp);

        if (r == 0)
                r = take_rest(context, root, reasonp);
        mem_free(scratch);
        return r;
}

static const AclScannerEvents events = {
        .entry = on_entry,
        .list = on_element,
        .document = on_document,
};

static void sink_begin(void *context) {
        AuditReader *reader = context;

        acl_scanner_begin(reader->scanner);
        reader->continuation = mem_free(reader->continuation);
}

static int sink_feed(void *context, const char *bytes, size_t n) {
        return acl_scanner_feed(((AuditReader *)context)->scanner, bytes, n);
}

static int sink_end(void *context) {
        return acl_scanner_end(((AuditReader *)context)->scanner);
}

AuditReader *audit_reader_new(Mem *parent, void (*visit)(void *context, const AuditEntry *entry), void *context) {
        AuditReader *reader = mem_new(parent, AuditReader);

        reader->visit = visit;
        reader->context = context;
        reader->scanner = acl_scanner_new(reader, &events, reader);
        reader->sink = (Sink){.context = reader, .begin = sink_begin, .feed = sink_feed, .end = sink_end};
        acl_scanner_set_list(reader->scanner, KEY_ENTRIES, DEPTH_MAX);
        acl_scanner_begin(reader->scanner);
        return reader;
}

const Sink *audit_reader_sink(AuditReader *reader) {
        return &reader->sink;
}

const char *audit_reader_error(const AuditReader *reader) {
        return acl_scanner_error(reader->scanner);
}

const char *audit_reader_continuation(const AuditReader *reader) {
        return reader->continuation;
}
