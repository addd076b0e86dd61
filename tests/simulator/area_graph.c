/* SPDX-License-Identifier: Apache-2.0 */
/* Area Graph: groups, people, subjects, keys (facts §5.2). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/evaluation.h"
#include "tests/simulator/names.h"
#include "tests/simulator/shape.h"
#include "tests/simulator/subject.h"

enum {
        LOOKUP_MAX = 500, /* facts §7.2 */
        QUERY_MAX = 100,  /* facts §5.2 */
        CONTAINERS_MAX = 64,
        SHORT_ID_LENGTH = 8,
};

#define CONTINUATION_PREFIX "subject:"

/* Finding. */

static void answer_no_subject(Response *response, const char *descriptor) {
        answer_error(response, ERROR_SUBJECT_NOT_FOUND, "The subject with descriptor %s could not be found.",
                     descriptor);
}

/* Answers 404 when there is none the caller sees. */
static Identity *requested_subject(Request *request, Response *response, const char *parameter) {
        const char *descriptor = request_parameter(request, parameter);
        Identity *identity = directory_find_subject(request->organization, descriptor, request->as_of);

        if (identity && subject_seen(request, identity))
                return identity;
        answer_no_subject(response, descriptor);
        return NULL;
}

/* The same for a group; one just deleted is still found (facts §0.26). */
static Identity *requested_group(World *world, Request *request, Response *response) {
        const char *descriptor = request_parameter(request, "descriptor");
        Identity *group = table_get(request->organization->by_subject, descriptor);
        bool there = group && identity_is_container(group) &&
                     (row_at(group, request->as_of) || subject_lingers(world, group));

        if (there && subject_seen(request, group))
                return group;
        answer_no_subject(response, descriptor);
        return NULL;
}

static Project *find_scope(const Request *request, const char *descriptor) {
        const Array *projects = &request->organization->projects;

        for (size_t i = 0; i < projects->n_items; i++) {
                Project *project = projects->items[i];

                if (strcmp(project->scope_descriptor, descriptor) == 0 && row_at(project, request->as_of) &&
                    guard_sees_project(request, project))
                        return project;
        }
        return NULL;
}

/* The project of scopeDescriptor; *foundp is false, and 404 answered, when there is none such. */
static Project *requested_scope(Request *request, Response *response, bool *foundp) {
        const char *descriptor = request_query(request, "scopeDescriptor");
        Project *project = descriptor ? find_scope(request, descriptor) : NULL;

        *foundp = !descriptor || project;
        if (!*foundp)
                answer_no_subject(response, descriptor);
        return project;
}

/* Lists. */

typedef struct Listing {
        Request *request;
        unsigned kinds; /* a set of 1 << IdentityKind */
        Project *scope; /* or NULL */
        const char *types; /* "vssgp,aadgp"; NULL: all */
} Listing;

#define KIND(kind) (1u << (kind))
#define KINDS_GROUPS (KIND(IDENTITY_GROUP) | KIND(IDENTITY_ENTRA_GROUP))
#define KINDS_USERS (KIND(IDENTITY_USER) | KIND(IDENTITY_BUILD_SERVICE))

/* Whether the kind before the full stop of a descriptor is among the words. */
static bool type_among(const char *types, const char *descriptor) {
        size_t length = strcspn(descriptor, ".");

        while (*types) {
                size_t word = strcspn(types, ",");

                if (word == length && strncasecmp(types, descriptor, length) == 0)
                        return true;
                types += word;
                types += *types == ',';
        }
        return false;
}

static bool in_scope(const Listing *listing, const Identity *identity) {
        Organization *organization = listing->request->organization;
        const Identity *valid_users;

        if (!listing->scope)
                return true;
        if (identity_is_container(identity))
                return identity->project == listing->scope;
        valid_users = directory_find_role(organization, listing->scope, GROUP_PROJECT_VALID_USERS);
        return valid_users && evaluation_in_group(organization->world, organization, identity, valid_users,
                                                  listing->request->as_of);
}

static bool listed(const Listing *listing, const Identity *identity) {
        return (listing->kinds & KIND(identity->kind)) &&
               row_at(identity, subject_list_time(listing->request, identity)) &&
               (!listing->types || type_among(listing->types, identity->subject_descriptor)) &&
               in_scope(listing, identity) && subject_seen(listing->request, identity);
}

/* -1: the token is none of ours. */
static int read_continuation(Request *request, size_t *fromp) {
        const char *token = request_query(request, "continuationToken");
        const char *plain = token ? base64_decode(&request->arena, token) : NULL;

        *fromp = 0;
        if (!token || !*token)
                return 0;
        if (!plain || !text_starts(plain, CONTINUATION_PREFIX))
                return -1;
        *fromp = strtoul(plain + strlen(CONTINUATION_PREFIX), NULL, 10);
        return 0;
}

/* Pages come out uneven (facts §5.2: "495 on one call, 33 on another"). */
static size_t uneven_page(World *world) {
        uint64_t size = (uint64_t)world->options.page_size_graph;

        return (size_t)(size - random_next(&world->noise) % (size / 2 + 1));
}

static void answer_page(World *world, const Listing *listing, Response *response) {
        Request *request = listing->request;
        const Array *identities = &request->organization->identities;
        size_t from, n_left, n = 0;
        cJSON *list;

        if (read_continuation(request, &from) < 0) {
                answer_error(response, ERROR_ARGUMENT, "The continuation token is not valid.\r\nParameter name: "
                                                       "continuationToken");
                return;
        }
        n_left = uneven_page(world);
        list = cJSON_CreateArray();
        for (; from < identities->n_items; from++) {
                const Identity *identity = identities->items[from];

                if (!listed(listing, identity))
                        continue;
                if (n == n_left)
                        break;
                cJSON_AddItemToArray(list, shape_subject(request, identity));
                n++;
        }
        if (from < identities->n_items) {
                const char *plain = arena_print(&request->arena, CONTINUATION_PREFIX "%zu", from);

                response_header(response, "X-MS-ContinuationToken",
                                base64url_encode(&request->arena, plain, strlen(plain)));
        }
        answer_list(request, response, 200, list);
}

static void answer_listing(World *world, Request *request, Response *response, unsigned kinds) {
        Listing listing = {.request = request, .kinds = kinds, .types = request_query(request, "subjectTypes")};
        bool found;

        listing.scope = requested_scope(request, response, &found);
        if (found)
                answer_page(world, &listing, response);
}

void graph_groups_list(World *world, Request *request, Response *response) {
        answer_listing(world, request, response, KINDS_GROUPS);
}

void graph_users_list(World *world, Request *request, Response *response) {
        answer_listing(world, request, response, KINDS_USERS);
}

void graph_principals_list(World *world, Request *request, Response *response) {
        answer_listing(world, request, response, KIND(IDENTITY_SERVICE_PRINCIPAL));
}

/* Memberships. */

typedef struct Containers {
        Identity *items[CONTAINERS_MAX];
        size_t n_items;
} Containers;

static bool read_container(Request *request, Response *response, const char *descriptor, Containers *containers) {
        Identity *container = directory_find_subject(request->organization, descriptor, AS_OF_NOW);

        if (!container || !subject_seen(request, container)) {
                answer_no_subject(response, descriptor);
                return false;
        }
        if (containers->n_items == CONTAINERS_MAX) {
                answer_error(response, ERROR_TOO_MANY_ITEMS, "TF400049: too many requested items, maximum allowed is %d",
                             CONTAINERS_MAX);
                return false;
        }
        containers->items[containers->n_items++] = container;
        return guard_require_members(request, response, container);
}

/* The groups of groupDescriptors, which what is made joins in the same call. All are checked before anything is made. */
static bool read_containers(Request *request, Response *response, Containers *containers) {
        const char *words = request_query(request, "groupDescriptors");

        containers->n_items = 0;
        while (words && *words) {
                size_t length = strcspn(words, ",");
                const char *word = arena_copy_length(&request->arena, words, length);

                if (length && !read_container(request, response, word, containers))
                        return false;
                words += length;
                words += *words == ',';
        }
        return true;
}

static void join_all(Request *request, Identity *member, const Containers *containers) {
        for (size_t i = 0; i < containers->n_items; i++)
                membership_add(request->organization, member, containers->items[i]);
}

static cJSON *shape_membership(Request *request, const Identity *member, const Identity *container) {
        cJSON *tree = cJSON_CreateObject(), *links;
        const char *pair = arena_print(&request->arena, "%s/%s", member->subject_descriptor,
                                       container->subject_descriptor);

        json_add_text(tree, "containerDescriptor", container->subject_descriptor);
        json_add_text(tree, "memberDescriptor", member->subject_descriptor);
        links = cJSON_AddObjectToObject(tree, "_links");
        json_add_link(links, "self", graph_url(request, "Memberships", pair));
        json_add_link(links, "member", subject_url(request, member));
        json_add_link(links, "container", subject_url(request, container));
        return tree;
}

void graph_memberships_list(World *world, Request *request, Response *response) {
        Identity *subject = requested_subject(request, response, "subject");
        const char *direction = request_query(request, "direction");
        bool down = direction && (strcasecmp(direction, "down") == 0 || strcmp(direction, "2") == 0);
        const Array *edges;
        cJSON *list;

        if (!subject)
                return;
        list = cJSON_CreateArray();
        edges = down ? &subject->members : &subject->parents;
        /* Whom an Entra group holds is not told. */
        for (size_t i = 0; i < edges->n_items && !(down && subject->kind == IDENTITY_ENTRA_GROUP); i++) {
                const Membership *edge = edges->items[i];

                if (membership_alive(edge, request->as_of) &&
                    subject_seen(request, down ? edge->member : edge->container))
                        cJSON_AddItemToArray(list, shape_membership(request, edge->member, edge->container));
        }
        answer_list(request, response, 200, list);
}

void graph_membership_get(World *world, Request *request, Response *response) {
        Identity *subject = requested_subject(request, response, "subject");
        Identity *container = subject ? requested_subject(request, response, "container") : NULL;
        bool there = container && membership_has(subject, container, request->as_of);

        if (request->method == METHOD_HEAD)
                answer_empty(response, there ? 200 : 404);
        else if (there)
                answer_json(request, response, 200, shape_membership(request, subject, container));
        else if (container)
                answer_error(response, ERROR_MEMBERSHIP_NOT_FOUND, "%s is no member of %s.",
                             subject->subject_descriptor, container->subject_descriptor);
}

void graph_membership_put(World *world, Request *request, Response *response) {
        Identity *subject = requested_subject(request, response, "subject");
        Identity *container = subject ? requested_subject(request, response, "container") : NULL;

        if (!container || !guard_require_members(request, response, container))
                return;
        if (membership_add(request->organization, subject, container) < 0)
                answer_error(response, ERROR_MEMBERSHIP_CYCLE, "Adding %s to %s would close a circle.",
                             subject->name, container->name);
        else
                answer_json(request, response, 201, shape_membership(request, subject, container));
}

void graph_membership_delete(World *world, Request *request, Response *response) {
        Identity *subject = requested_subject(request, response, "subject");
        Identity *container = subject ? requested_subject(request, response, "container") : NULL;

        if (!container || !guard_require_members(request, response, container))
                return;
        if (membership_remove(request->organization, subject, container))
                answer_empty(response, 200);
        else
                answer_error(response, ERROR_MEMBERSHIP_NOT_FOUND, "%s is no member of %s.",
                             subject->subject_descriptor, container->subject_descriptor);
}

/* Whether somebody is active is told of the deleted ones too. */
void graph_state_get(World *world, Request *request, Response *response) {
        const char *descriptor = request_parameter(request, "descriptor");
        Identity *subject = table_get(request->organization->by_subject, descriptor);
        cJSON *tree, *links;

        if (!subject || subject->row.created > request->as_of || !subject_seen(request, subject)) {
                answer_no_subject(response, descriptor);
                return;
        }
        tree = cJSON_CreateObject();
        json_add_bool(tree, "active", row_alive(&subject->row, request->as_of));
        links = cJSON_AddObjectToObject(tree, "_links");
        json_add_link(links, "self", graph_url(request, "MembershipStates", subject->subject_descriptor));
        json_add_link(links, "member", subject_url(request, subject));
        answer_json(request, response, 200, tree);
}

/* Groups. */

static bool name_free(Request *request, Response *response, const Project *project, const char *name,
                      const Identity *self) {
        const char *refusal = name_refusal(NAME_GROUP, name);
        const Identity *taken;

        if (refusal) {
                answer_error(response, ERROR_GROUP_NAME, "The group name '%s' is not valid: it %s.", name ? name : "",
                             refusal);
                return false;
        }
        taken = directory_find_group(request->organization, project, name, AS_OF_NOW);
        if (taken && taken != self) {
                answer_error(response, ERROR_GROUP_EXISTS, "The group name '%s' is already in use.",
                             identity_principal_name(&request->arena, request->organization, taken));
                return false;
        }
        return true;
}

static void answer_made(Request *request, Response *response, const Identity *identity) {
        cJSON *tree = shape_subject(request, identity);

        response_header(response, "Location", subject_url(request, identity));
        answer_json(request, response, 201, tree);
}

/* What Entra holds, by object id, mail address, or name at sign-in; NULL when the organisation does not know it yet. */
static Identity *find_in_entra(const Organization *organization, IdentityKind kind, const cJSON *body) {
        const char *origin = json_text(body, "originId"), *mail = json_text(body, "mailAddress");
        const char *name = json_text(body, "principalName");

        for (size_t i = 0; i < organization->identities.n_items; i++) {
                Identity *identity = organization->identities.items[i];

                if (identity->kind != kind || !row_at(identity, AS_OF_NOW))
                        continue;
                if ((origin && strcasecmp(identity->origin_id, origin) == 0) ||
                    (mail && identity->unique_name && text_same(identity->unique_name, mail)) ||
                    (name && identity->unique_name && text_same(identity->unique_name, name)))
                        return identity;
        }
        return NULL;
}

/* The simulator keeps no directory beside its organisations: what Entra would name is named after the key given. */
static Identity *materialize(Request *request, IdentityKind kind, const cJSON *body) {
        Arena *arena = &request->arena;
        const char *origin = json_text(body, "originId"), *mail = json_text(body, "mailAddress");
        const char *sign_in = json_text(body, "principalName");
        IdentitySpec spec = {.kind = kind, .origin_id = origin, .storage_key = json_text(body, "storageKey")};

        if (!sign_in)
                sign_in = mail;
        spec.name = sign_in ? arena_copy_length(arena, sign_in, strcspn(sign_in, "@"))
                            : arena_print(arena, "Entra %.*s", SHORT_ID_LENGTH, origin);
        if (kind == IDENTITY_USER)
                spec.unique_name = sign_in ? sign_in
                                           : arena_print(arena, "%.*s@%s.example", SHORT_ID_LENGTH, origin,
                                                         request->organization->name);
        if (kind == IDENTITY_SERVICE_PRINCIPAL)
                spec.application_id = random_guid(&request->organization->world->random, arena);
        return directory_add(request->organization, &spec);
}

static bool entra_key_sound(Response *response, const cJSON *body) {
        const char *origin = json_text(body, "originId"), *mail = json_text(body, "mailAddress");
        const char *sign_in = json_text(body, "principalName");

        if (origin ? guid_is(origin) : (mail && strchr(mail, '@')) || (sign_in && strchr(sign_in, '@')))
                return true;
        answer_error(response, ERROR_ARGUMENT, "Value must be the object id or address of something in the directory.");
        return false;
}

/* Brings something of Entra into the organisation, or finds it there, and makes it a member of the groups named. */
static void answer_materialized(World *world, Request *request, Response *response, IdentityKind kind) {
        const cJSON *body = request_json(request);
        Containers containers;
        Identity *identity;

        if (!entra_key_sound(response, body) || !read_containers(request, response, &containers))
                return;
        if (request->caller->kind == IDENTITY_BUILD_SERVICE) { /* facts §1.8: it cannot read the directory */
                answer_error(response, ERROR_DIRECTORY, "The directory could not be read on behalf of %s.",
                             request->caller->name);
                return;
        }
        identity = find_in_entra(request->organization, kind, body);
        if (!identity && containers.n_items == 0 &&
            !guard_require_group(request, response, NULL, NULL, IDENTITY_WRITE))
                return;
        if (!identity)
                identity = materialize(request, kind, body);
        join_all(request, identity, &containers);
        answer_made(request, response, identity);
}

static void create_group(Request *request, Response *response, const cJSON *body) {
        IdentitySpec spec = {.kind = IDENTITY_GROUP,
                             .name = json_text(body, "displayName"),
                             .description = json_text(body, "description"),
                             .storage_key = json_text(body, "storageKey")};
        Containers containers;
        Identity *group;
        bool found;

        spec.project = requested_scope(request, response, &found);
        if (!found || !guard_require_group(request, response, spec.project, NULL, IDENTITY_WRITE) ||
            !name_free(request, response, spec.project, spec.name, NULL) ||
            !read_containers(request, response, &containers))
                return;
        group = directory_add(request->organization, &spec);
        join_all(request, group, &containers);
        answer_made(request, response, group);
}

void graph_group_create(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);

        if (!cJSON_IsObject(body))
                answer_error(response, ERROR_ARGUMENT_NULL, "Value cannot be null.\r\nParameter name: creationContext");
        else if (json_text(body, "originId") || json_text(body, "mailAddress"))
                answer_materialized(world, request, response, IDENTITY_ENTRA_GROUP);
        else
                create_group(request, response, body);
}

void graph_group_get(World *world, Request *request, Response *response) {
        const Identity *group = requested_group(world, request, response);

        if (group)
                answer_json(request, response, 200, shape_subject(request, group));
}

/* Built-in groups keep name and life (facts §5.4). */
static bool is_changeable(Response *response, const Identity *group) {
        if (group->kind == IDENTITY_GROUP && group->role == GROUP_ORDINARY)
                return true;
        answer_error(response, ERROR_GROUP_WELL_KNOWN, "%s is a built-in group or one of the directory and cannot be "
                                                       "changed.",
                     group->name);
        return false;
}

/* One operation of a JSON patch. Checked in a first round, applied in a second: all or nothing. */
static bool check_operation(Request *request, Response *response, const Identity *group, const cJSON *operation) {
        const char *word = json_text(operation, "op"), *path = json_text(operation, "path");
        const char *value = json_text(operation, "value");
        bool known = word && (strcasecmp(word, "replace") == 0 || strcasecmp(word, "add") == 0) && path && value;

        if (known && strcasecmp(path, "/displayName") == 0)
                return name_free(request, response, group->project, value, group);
        if (known && strcasecmp(path, "/description") == 0)
                return true;
        answer_error(response, ERROR_ARGUMENT, "The patch operation %s on %s is not supported.", word ? word : "",
                     path ? path : "");
        return false;
}

static void apply_operation(Organization *organization, Identity *group, const cJSON *operation) {
        const char *value = json_text(operation, "value");

        if (strcasecmp(json_text(operation, "path"), "/displayName") == 0)
                directory_rename(organization, group, value);
        else
                directory_describe(organization, group, value);
}

void graph_group_update(World *world, Request *request, Response *response) {
        Identity *group = requested_subject(request, response, "descriptor");
        const cJSON *patch = request_json(request), *operation;

        if (!group || !is_changeable(response, group) ||
            !guard_require_group(request, response, group->project, group, IDENTITY_WRITE))
                return;
        if (!cJSON_IsArray(patch)) {
                answer_error(response, ERROR_ARGUMENT_NULL, "Value cannot be null.\r\nParameter name: patchDocument");
                return;
        }
        cJSON_ArrayForEach(operation, patch) {
                if (!check_operation(request, response, group, operation))
                        return;
        }
        cJSON_ArrayForEach(operation, patch)
                apply_operation(request->organization, group, operation);
        answer_json(request, response, 200, shape_subject(request, group));
}

/* A group of Entra leaves the organisation, it can be brought in again. */
static bool is_deletable(Response *response, const Identity *group) {
        if (group->team && group->team == group->project->default_team) {
                answer_error(response, ERROR_TEAM_DEFAULT, "The default team of a project cannot be deleted.");
                return false;
        }
        return group->kind == IDENTITY_ENTRA_GROUP || is_changeable(response, group);
}

void graph_group_delete(World *world, Request *request, Response *response) {
        Identity *group = requested_group(world, request, response);

        if (!group || !is_deletable(response, group) ||
            !guard_require_group(request, response, group->project, group, IDENTITY_DELETE))
                return;
        if (row_alive(&group->row, AS_OF_NOW)) {
                if (group->team)
                        team_delete(group->team);
                else
                        directory_remove(request->organization, group);
        }
        answer_empty(response, 204);
}

/* People. */

void graph_user_create(World *world, Request *request, Response *response) {
        answer_materialized(world, request, response, IDENTITY_USER);
}

void graph_principal_create(World *world, Request *request, Response *response) {
        answer_materialized(world, request, response, IDENTITY_SERVICE_PRINCIPAL);
}

static Identity *requested_person(Request *request, Response *response) {
        Identity *person = requested_subject(request, response, "descriptor");

        if (!person || !identity_is_container(person))
                return person;
        answer_no_subject(response, person->subject_descriptor);
        return NULL;
}

void graph_person_get(World *world, Request *request, Response *response) {
        const Identity *person = requested_person(request, response);

        if (person)
                answer_json(request, response, 200, shape_subject(request, person));
}

void graph_person_delete(World *world, Request *request, Response *response) {
        Identity *person = requested_person(request, response);

        if (!person || !guard_require_group(request, response, NULL, NULL, IDENTITY_DELETE))
                return;
        directory_remove(request->organization, person);
        answer_empty(response, 204);
}

/* Subjects by descriptor, by word. */

/* {"count":N,"value":{"descriptor":subject}}, the unknown left out. */
static void answer_subjects(Request *request, Response *response, const cJSON *keys) {
        cJSON *tree = cJSON_CreateObject(), *subjects = cJSON_CreateObject();
        const cJSON *key;
        double n = 0;

        cJSON_ArrayForEach(key, keys) {
                const char *descriptor = json_text(key, "descriptor");
                const Identity *identity = directory_find_subject(request->organization, descriptor, request->as_of);

                if (!identity || !subject_seen(request, identity) ||
                    cJSON_GetObjectItem(subjects, identity->subject_descriptor))
                        continue;
                cJSON_AddItemToObject(subjects, identity->subject_descriptor, shape_subject(request, identity));
                n++;
        }
        json_add_number(tree, "count", n);
        cJSON_AddItemToObject(tree, "value", subjects);
        answer_json(request, response, 200, tree);
}

void graph_subjects_lookup(World *world, Request *request, Response *response) {
        const cJSON *keys = cJSON_GetObjectItem(request_json(request), "lookupKeys"), *key;
        int n = cJSON_GetArraySize(keys);

        if (!cJSON_IsArray(keys)) {
                answer_error(response, ERROR_ARGUMENT_NULL, "Value cannot be null.\r\nParameter name: subjectLookup");
                return;
        }
        if (n > LOOKUP_MAX) {
                answer_error(response, ERROR_TOO_MANY_ITEMS,
                             "TF400049: The request has too many requested items %d, maximum allowed is %d.", n,
                             LOOKUP_MAX);
                return;
        }
        cJSON_ArrayForEach(key, keys) {
                const char *descriptor = json_text(key, "descriptor");

                if (!descriptor || !strchr(descriptor, '.') || strchr(descriptor, ';')) {
                        answer_error(response, ERROR_ARGUMENT,
                                     "The value is not valid.\r\nParameter name: descriptors element.IdentityType");
                        return;
                }
        }
        answer_subjects(request, response, keys);
}

static bool begins_with(const char *text, const char *folded) {
        char buffer[256];
        char *own = text ? text_fold_into(text, buffer, sizeof(buffer)) : NULL;
        bool begins = own && text_starts(own, folded);

        if (own != buffer)
                free(own);
        return begins;
}

static unsigned kinds_asked(const cJSON *words) {
        const cJSON *word;
        unsigned kinds = 0;

        cJSON_ArrayForEach(word, words) {
                const char *text = cJSON_GetStringValue(word);

                if (text && strcasecmp(text, "Group") == 0)
                        kinds |= KINDS_GROUPS;
                if (text && strcasecmp(text, "User") == 0)
                        kinds |= KINDS_USERS | KIND(IDENTITY_SERVICE_PRINCIPAL);
        }
        return kinds ? kinds : ~0u;
}

void graph_subjects_query(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        const char *word = json_text(body, "query"), *scope = json_text(body, "scopeDescriptor"), *folded;
        Listing listing = {.request = request, .kinds = kinds_asked(cJSON_GetObjectItem(body, "subjectKind"))};
        const Array *identities = &request->organization->identities;
        cJSON *list;
        int n = 0;

        if (!word) {
                answer_error(response, ERROR_ARGUMENT_NULL, "Value cannot be null.\r\nParameter name: query");
                return;
        }
        if (scope && *scope && !(listing.scope = find_scope(request, scope))) {
                answer_no_subject(response, scope);
                return;
        }
        folded = text_fold(&request->arena, word);
        list = cJSON_CreateArray();
        for (size_t i = 0; i < identities->n_items && n < QUERY_MAX; i++) {
                const Identity *identity = identities->items[i];

                if (!begins_with(identity->name, folded) && !begins_with(identity->unique_name, folded))
                        continue;
                if (!listed(&listing, identity))
                        continue;
                cJSON_AddItemToArray(list, shape_subject(request, identity));
                n++;
        }
        answer_list(request, response, 200, list);
}

/* Keys. */

void graph_storage_key_get(World *world, Request *request, Response *response) {
        const char *descriptor = request_parameter(request, "descriptor");
        const Project *project = find_scope(request, descriptor);
        const Identity *identity = project ? NULL : requested_subject(request, response, "descriptor");
        const char *key;
        cJSON *tree, *links;

        if (!project && !identity)
                return;
        key = project ? project->id : identity->storage_key;
        tree = cJSON_CreateObject();
        json_add_text(tree, "value", key);
        links = cJSON_AddObjectToObject(tree, "_links");
        json_add_link(links, "self", graph_url(request, "StorageKeys", descriptor));
        json_add_link(links, "descriptor", graph_url(request, "Descriptors", key));
        answer_json(request, response, 200, tree);
}

static Project *find_project_id(const Request *request, const char *id) {
        const Array *projects = &request->organization->projects;

        for (size_t i = 0; i < projects->n_items; i++) {
                Project *project = projects->items[i];

                if (strcasecmp(project->id, id) == 0 && row_at(project, request->as_of) &&
                    guard_sees_project(request, project))
                        return project;
        }
        return NULL;
}

void graph_descriptor_get(World *world, Request *request, Response *response) {
        const char *key = request_parameter(request, "storageKey"), *descriptor, *subject;
        const Identity *identity = directory_find_key(request->organization, key, request->as_of);
        const Project *project = identity ? NULL : find_project_id(request, key);
        cJSON *tree, *links;

        if (!project && (!identity || !subject_seen(request, identity))) {
                answer_error(response, ERROR_SUBJECT_NOT_FOUND, "The storage key %s could not be found.", key);
                return;
        }
        descriptor = project ? project->scope_descriptor : identity->subject_descriptor;
        subject = project ? graph_url(request, "Scopes", descriptor) : subject_url(request, identity);
        tree = cJSON_CreateObject();
        json_add_text(tree, "value", descriptor);
        links = cJSON_AddObjectToObject(tree, "_links");
        json_add_link(links, "self", graph_url(request, "Descriptors", key));
        json_add_link(links, "storageKey", graph_url(request, "StorageKeys", descriptor));
        json_add_link(links, "subject", subject);
        answer_json(request, response, 200, tree);
}
