/* SPDX-License-Identifier: Apache-2.0 */
/* Area Security: namespaces, access control lists, evaluation for the caller (facts §3.3, §3.5, §3.6). */
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/evaluation.h"
#include "tests/simulator/permission.h"
#include "tests/simulator/shape.h"

#define ZERO_GUID "00000000-0000-0000-0000-000000000000"

enum {
        DESCRIPTORS_MAX = 4096,
        /* A larger ACL POST is accepted and not kept; some 11 000 lines were (facts §3.3, §3.6). */
        ACL_POST_KEPT_BYTES = 512 * 1024,
};

/* Namespaces. */

static cJSON *shape_action(const NamespaceAction *action) {
        cJSON *tree = cJSON_CreateObject();

        json_add_number(tree, "bit", action->bit);
        json_add_text(tree, "name", action->name);
        json_add_text(tree, "displayName", action->display_name);
        json_add_text(tree, "namespaceId", *action->namespace_id ? action->namespace_id : ZERO_GUID);
        return tree;
}

/* Advanced Security is the service's alone (facts §1.4). */
static bool action_listed(const World *world, const Namespace *ns, const NamespaceAction *action) {
        return !world_is_server(world) || ns->index != NAMESPACE_GIT || action->bit < GIT_ADVANCED_SECURITY;
}

static cJSON *shape_namespace(const World *world, const Namespace *ns) {
        cJSON *tree = cJSON_CreateObject(), *actions;

        json_add_text(tree, "namespaceId", ns->id);
        json_add_text(tree, "name", ns->name);
        json_add_text(tree, "displayName", ns->display_name);
        /* A flat namespace's separator is the NUL character, which cJSON's strings cannot hold. */
        if (*ns->separator)
                json_add_text(tree, "separatorValue", ns->separator);
        else
                cJSON_AddItemToObject(tree, "separatorValue", cJSON_CreateRaw("\"\\u0000\""));
        json_add_number(tree, "elementLength", ns->element_length);
        json_add_number(tree, "writePermission", ns->write_permission);
        json_add_number(tree, "readPermission", ns->read_permission);
        json_add_text(tree, "dataspaceCategory", ns->dataspace);
        actions = cJSON_AddArrayToObject(tree, "actions");
        for (size_t i = 0; i < ns->n_actions; i++)
                if (action_listed(world, ns, &ns->actions[i]))
                        cJSON_AddItemToArray(actions, shape_action(&ns->actions[i]));
        json_add_number(tree, "structureValue", ns->structure);
        json_add_text(tree, "extensionType", ns->extension);
        json_add_bool(tree, "isRemotable", ns->remotable);
        json_add_bool(tree, "useTokenTranslator", ns->translator);
        json_add_number(tree, "systemBitMask", ns->system_bits);
        return tree;
}

static const Namespace *requested_namespace(const Request *request, Response *response) {
        const char *id = request_parameter(request, "namespace");
        const Namespace *ns = namespace_find(id);

        if (!ns)
                answer_error(response, ERROR_NAMESPACE_NOT_FOUND,
                             "The security namespace with id %s could not be found.", id);
        return ns ? permission_namespace(request->organization->world, ns->index) : NULL;
}

void namespaces_get(World *world, Request *request, Response *response) {
        const char *id = request_parameter(request, "namespace");
        const Namespace *ns = id && strcmp(id, ZERO_GUID) != 0 ? requested_namespace(request, response) : NULL;
        cJSON *list;

        if (id && strcmp(id, ZERO_GUID) != 0 && !ns)
                return;
        list = cJSON_CreateArray();
        for (size_t i = 0; i < N_NAMESPACES; i++) {
                if (!ns || ns->index == i)
                        cJSON_AddItemToArray(list, shape_namespace(world, permission_namespace(world, (NamespaceIndex)i)));
        }
        answer_list(request, response, 200, list);
}

/* Texts of several values. */

typedef struct Words {
        const char **items;
        size_t n_items;
} Words;

/* Parts of a text, the empty ones left out. */
static Words split_words(Arena *arena, const char *text, const char *delimiter) {
        Words words = {.items = arena_alloc(arena, DESCRIPTORS_MAX * sizeof(char *))};
        size_t n_delimiter = strlen(delimiter);

        while (text && *text && words.n_items < DESCRIPTORS_MAX) {
                const char *end = n_delimiter ? strstr(text, delimiter) : NULL;
                size_t length = end ? (size_t)(end - text) : strlen(text);

                if (length)
                        words.items[words.n_items++] = arena_copy_length(arena, text, length);
                text += length + (end ? n_delimiter : 0);
        }
        return words;
}

/* Reading lists. */

typedef struct AclListing {
        Request *request;
        const Namespace *ns;
        cJSON *list;
        Words descriptors;
        Identity **identities; /* of the descriptors, NULL: nobody's */
        bool filtered;         /* by descriptors */
        bool extended;
        bool guarded; /* leave out what the caller may not read */
} AclListing;

static void add_extended(const AclListing *listing, cJSON *entry, const Ace *ace, const char *token) {
        cJSON *extended = cJSON_AddObjectToObject(entry, "extendedInfo");
        Organization *organization = listing->request->organization;
        EvaluationResult result = {.allow = ace->allow & ~ace->deny, .deny = ace->deny};

        if (ace->identity)
                result = evaluation_run(organization->world, organization, listing->ns, token, ace->identity,
                                        listing->request->as_of);
        const struct {
                const char *name;
                uint32_t bits;
        } fields[] = {
                {"effectiveAllow", result.allow},
                {"effectiveDeny", result.deny},
                {"inheritedAllow", result.inherited_allow},
                {"inheritedDeny", result.inherited_deny},
        };
        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
                if (fields[i].bits)
                        json_add_number(extended, fields[i].name, fields[i].bits);
        }
}

static cJSON *shape_ace(const World *world, const Ace *ace) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "descriptor",
                      ace->identity ? identity_acl_descriptor(world, ace->identity) : ace->descriptor);
        json_add_number(tree, "allow", ace->allow);
        json_add_number(tree, "deny", ace->deny);
        return tree;
}

static void add_ace(const AclListing *listing, cJSON *dictionary, const Ace *ace, const char *token) {
        cJSON *entry = shape_ace(listing->request->organization->world, ace);

        if (listing->extended)
                add_extended(listing, entry, ace, token);
        cJSON_AddItemToObject(dictionary, json_text(entry, "descriptor"), entry);
}

/* With descriptors asked, exactly those, invented where there is none (facts §0.8). */
static void add_asked(const AclListing *listing, cJSON *dictionary, const AclState *state, const char *token) {
        for (size_t i = 0; i < listing->descriptors.n_items; i++) {
                const Identity *identity = listing->identities[i];
                const Ace *found = identity ? acl_state_find(state, identity) : NULL;
                Ace invented = {.identity = (Identity *)identity, .descriptor = listing->descriptors.items[i]};

                for (size_t k = 0; !identity && k < state->n_aces; k++) {
                        if (!state->aces[k].identity && text_same(state->aces[k].descriptor, invented.descriptor))
                                found = &state->aces[k];
                }
                add_ace(listing, dictionary, found ? found : &invented, token);
        }
}

static const char *shown_token(const AclListing *listing, const char *token) {
        char separator = namespace_separator(listing->ns);
        size_t length = strlen(token);
        bool ends = length > 0 && token[length - 1] == separator;

        if (!listing->request->organization->world->options.acl_tokens_trailing_slash || !separator || ends)
                return token;
        return arena_print(&listing->request->arena, "%s%c", token, separator);
}

static bool may_read(const AclListing *listing, const char *token) {
        const Namespace *ns = listing->ns;

        return !ns->read_permission || guard_permits(listing->request, ns->index, token, ns->read_permission);
}

static void list_acl(void *context, const Acl *acl, const AclState *state) {
        const AclListing *listing = context;
        cJSON *tree, *dictionary;

        if (listing->guarded && !may_read(listing, acl->token))
                return;
        tree = cJSON_CreateObject();
        json_add_bool(tree, "inheritPermissions", state->inherit);
        json_add_text(tree, "token", shown_token(listing, acl->token));
        dictionary = cJSON_AddObjectToObject(tree, "acesDictionary");
        if (listing->filtered)
                add_asked(listing, dictionary, state, acl->token);
        for (size_t i = 0; !listing->filtered && i < state->n_aces; i++)
                add_ace(listing, dictionary, &state->aces[i], acl->token);
        if (listing->extended)
                json_add_bool(tree, "includeExtendedInfo", true);
        cJSON_AddItemToArray(listing->list, tree);
}

/* A descriptor has a type and an identifier. Something else makes the service stumble (facts §1.8). */
static bool descriptors_sound(Response *response, const Words *descriptors) {
        for (size_t i = 0; i < descriptors->n_items; i++) {
                if (!strchr(descriptors->items[i], ';')) {
                        answer_error(response, ERROR_INVALID_DESCRIPTOR,
                                     "Value cannot be parsed as an identity descriptor: %s", descriptors->items[i]);
                        return false;
                }
        }
        return true;
}

void acls_get(World *world, Request *request, Response *response) {
        const Namespace *ns = requested_namespace(request, response);
        const char *token = request_query(request, "token");
        const char *descriptors = request_query(request, "descriptors");
        AclListing listing = {.request = request, .ns = ns, .extended = request_query_true(request, "includeExtendedInfo")};
        AclQuery query = {.ns = ns, .token = token, .as_of = request->as_of};

        if (!ns)
                return;
        query.store = &request->organization->stores[ns->index];
        query.scope = request_query_true(request, "recurse") ? ACL_WITH_DESCENDANTS : ACL_EXACT;
        listing.descriptors = split_words(&request->arena, descriptors, ",");
        listing.filtered = listing.descriptors.n_items > 0;
        listing.identities = arena_alloc(&request->arena, listing.descriptors.n_items * sizeof(Identity *));
        if (!descriptors_sound(response, &listing.descriptors))
                return;
        for (size_t i = 0; i < listing.descriptors.n_items; i++)
                listing.identities[i] =
                        directory_known_descriptor(request->organization, listing.descriptors.items[i]);
        /* Without a token everything comes, "including projects the caller cannot see" (facts §3.3). */
        listing.guarded = token && query.scope == ACL_WITH_DESCENDANTS;
        if (token && !listing.guarded && !may_read(&listing, token)) {
                guard_deny(request, response, "View permissions");
                return;
        }
        listing.list = cJSON_CreateArray();
        acl_visit(&query, list_acl, &listing);
        answer_list(request, response, 200, listing.list);
}

/* Writing. */

static uint32_t mask_of(const cJSON *entry, const char *name) {
        const cJSON *number = cJSON_GetObjectItem(entry, name);

        return cJSON_IsNumber(number) ? (uint32_t)(int64_t)number->valuedouble : 0;
}

static bool may_write(Request *request, Response *response, const Namespace *ns, const char *token) {
        return !ns->write_permission || guard_require(request, response, ns->index, token, ns->write_permission);
}

/* Git tokens have a form; what has another makes the service stumble (facts §3.4, TF400898). */
static bool token_sound(Response *response, const Namespace *ns, const char *token) {
        char folded[512];
        char *key;
        bool sound;

        if (!token) {
                answer_error(response, ERROR_ARGUMENT_NULL, "Value cannot be null.\r\nParameter name: token");
                return false;
        }
        if (ns->index != NAMESPACE_GIT)
                return true;
        key = text_fold_into(token, folded, sizeof(folded));
        sound = text_starts(key, "repov2") && (key[6] == '\0' || key[6] == '/') && !strstr(key, "//");
        if (key != folded)
                free(key);
        if (!sound)
                answer_error(response, ERROR_MALFORMED_TOKEN,
                             "TF400898: An Internal Error Occurred. The token '%s' is malformed.", token);
        return sound;
}

static void refuse_reserved(Response *response, const Namespace *ns) {
        answer_error(response, ERROR_RESERVED_BITS,
                     "VS403284: The access control entry contains permission bits of security namespace %s that are "
                     "reserved by the system (%u).",
                     ns->name, ns->system_bits);
}

/* An entry without a descriptor is silently dropped (facts §3.3). */
static size_t read_entries(Request *request, const cJSON *entries, AceSpec *specs) {
        const cJSON *entry;
        size_t n = 0;

        cJSON_ArrayForEach(entry, entries) {
                const char *descriptor = json_text(entry, "descriptor");

                if (descriptor && *descriptor)
                        specs[n++] = (AceSpec){descriptor, mask_of(entry, "allow"), mask_of(entry, "deny")};
        }
        return n;
}

static bool specs_sound(Response *response, const AceSpec *specs, size_t n_specs) {
        for (size_t i = 0; i < n_specs; i++) {
                Words one = {.items = (const char **)&specs[i].descriptor, .n_items = 1};

                if (!descriptors_sound(response, &one))
                        return false;
        }
        return true;
}

static cJSON *shape_entries_after(const AclTarget *target, const AceSpec *specs, size_t n_specs) {
        const AclState *state = acl_find(&target->organization->stores[target->ns->index], target->ns, target->token,
                                         AS_OF_NOW);
        cJSON *list = cJSON_CreateArray();

        for (size_t i = 0; i < n_specs; i++) {
                Identity *identity = directory_known_descriptor(target->organization, specs[i].descriptor);
                const Ace *ace = identity ? acl_state_find(state, identity) : NULL;
                Ace plain = {.identity = identity, .descriptor = specs[i].descriptor};

                if (!identity) {
                        plain.allow = specs[i].allow;
                        plain.deny = specs[i].deny;
                }
                cJSON_AddItemToArray(list, shape_ace(target->world, ace ? ace : &plain));
        }
        return list;
}

void aces_set(World *world, Request *request, Response *response) {
        const Namespace *ns = requested_namespace(request, response);
        const cJSON *body = request_json(request);
        const cJSON *entries = cJSON_GetObjectItem(body, "accessControlEntries");
        AclTarget target = {world, request->organization, ns, json_text(body, "token")};
        AceMode mode = cJSON_IsTrue(cJSON_GetObjectItem(body, "merge")) ? ACE_MERGE : ACE_REPLACE;
        AceSpec *specs;
        size_t n_specs;

        if (!ns || !token_sound(response, ns, target.token))
                return;
        if (!cJSON_IsArray(entries)) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: accessControlEntries");
                return;
        }
        specs = arena_alloc(&request->arena, (size_t)cJSON_GetArraySize(entries) * sizeof(*specs));
        n_specs = read_entries(request, entries, specs);
        if (!specs_sound(response, specs, n_specs) || !may_write(request, response, ns, target.token))
                return;
        if (acl_set_entries(&target, specs, n_specs, mode) == ACL_RESERVED_BITS) {
                refuse_reserved(response, ns);
                return;
        }
        answer_list(request, response, 200, shape_entries_after(&target, specs, n_specs));
}

void aces_remove(World *world, Request *request, Response *response) {
        const Namespace *ns = requested_namespace(request, response);
        AclTarget target = {world, request->organization, ns, request_query(request, "token")};
        Words descriptors = split_words(&request->arena, request_query(request, "descriptors"), ",");
        size_t n_removed;

        if (!ns || !token_sound(response, ns, target.token) || !may_write(request, response, ns, target.token))
                return;
        n_removed = acl_remove_entries(&target, descriptors.items, descriptors.n_items);
        answer_json(request, response, 200, cJSON_CreateBool(n_removed > 0));
}

/* One list of an ACL POST: checked first, applied in a second round, so that nothing is applied when one is bad. */
static bool check_list(Request *request, Response *response, const Namespace *ns, const cJSON *acl) {
        const cJSON *entries = cJSON_GetObjectItem(acl, "acesDictionary");
        const char *token = json_text(acl, "token");
        const cJSON *entry;

        if (!token_sound(response, ns, token) || !may_write(request, response, ns, token))
                return false;
        cJSON_ArrayForEach(entry, entries) {
                if ((mask_of(entry, "allow") | mask_of(entry, "deny")) & ns->system_bits) {
                        refuse_reserved(response, ns);
                        return false;
                }
        }
        return true;
}

static void apply_list(World *world, Request *request, const Namespace *ns, const cJSON *acl) {
        const cJSON *entries = cJSON_GetObjectItem(acl, "acesDictionary");
        const cJSON *inherit = cJSON_GetObjectItem(acl, "inheritPermissions");
        AclTarget target = {world, request->organization, ns, json_text(acl, "token")};
        AceSpec *specs = arena_alloc(&request->arena, (size_t)cJSON_GetArraySize(entries) * sizeof(*specs));
        size_t n_specs = read_entries(request, entries, specs);

        acl_replace(&target, cJSON_IsFalse(inherit) ? ACL_INHERIT_OFF : ACL_INHERIT_ON, specs, n_specs);
}

void acls_set(World *world, Request *request, Response *response) {
        const Namespace *ns = requested_namespace(request, response);
        const cJSON *body = request_json(request);
        const cJSON *lists = cJSON_IsArray(body) ? body : cJSON_GetObjectItem(body, "value");
        const cJSON *acl;

        if (!ns)
                return;
        if (!cJSON_IsArray(lists)) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: accessControlLists");
                return;
        }
        cJSON_ArrayForEach(acl, lists) {
                if (!check_list(request, response, ns, acl))
                        return;
        }
        cJSON_ArrayForEach(acl, lists) {
                if (request->body_size <= ACL_POST_KEPT_BYTES)
                        apply_list(world, request, ns, acl);
        }
        answer_empty(response, 204);
}

void acls_remove(World *world, Request *request, Response *response) {
        const Namespace *ns = requested_namespace(request, response);
        Words tokens = split_words(&request->arena, request_query(request, "tokens"), ",");
        AclScope scope = request_query_true(request, "recurse") ? ACL_WITH_DESCENDANTS : ACL_EXACT;
        size_t n_removed = 0;

        if (!ns)
                return;
        for (size_t i = 0; i < tokens.n_items; i++) {
                if (!may_write(request, response, ns, tokens.items[i]))
                        return;
        }
        for (size_t i = 0; i < tokens.n_items; i++) {
                AclTarget target = {world, request->organization, ns, tokens.items[i]};

                n_removed += acl_remove(&target, scope);
        }
        answer_json(request, response, 200, cJSON_CreateBool(n_removed > 0));
}

/* Evaluation. */

static bool caller_has(Request *request, const Namespace *ns, const char *token, uint32_t bits, bool administrators) {
        Organization *organization = request->organization;

        if (administrators && evaluation_in_group(organization->world, organization, request->caller,
                                                  organization->administrators, request->as_of))
                return true;
        return (evaluation_effective(organization->world, organization, ns, token, request->caller, request->as_of) &
                bits) == bits;
}

void permissions_has(World *world, Request *request, Response *response) {
        const Namespace *ns = requested_namespace(request, response);
        const char *bits = request_parameter(request, "permissions");
        const char *tokens = request_query(request, "tokens"), *delimiter = request_query(request, "delimiter");
        bool administrators = request_query_true(request, "alwaysAllowAdministrators");
        cJSON *list;
        Words words;

        if (!ns)
                return;
        words = split_words(&request->arena, tokens, delimiter && *delimiter ? delimiter : ",");
        if (words.n_items == 0)
                words.items[words.n_items++] = "";
        list = cJSON_CreateArray();
        for (size_t i = 0; i < words.n_items; i++)
                cJSON_AddItemToArray(list, cJSON_CreateBool(caller_has(request, ns, words.items[i],
                                                                       bits ? (uint32_t)strtoul(bits, NULL, 10) : 0,
                                                                       administrators)));
        answer_list(request, response, 200, list);
}

void permissions_remove(World *world, Request *request, Response *response) {
        const Namespace *ns = requested_namespace(request, response);
        const char *bits = request_parameter(request, "permissions");
        const char *descriptor = request_query(request, "descriptor");
        AclTarget target = {world, request->organization, ns, request_query(request, "token")};
        Words words = {.items = &descriptor, .n_items = 1};
        Ace after;

        if (!ns || !token_sound(response, ns, target.token))
                return;
        if (!descriptor) {
                answer_error(response, ERROR_ARGUMENT_NULL, "Value cannot be null.\r\nParameter name: descriptor");
                return;
        }
        if (!descriptors_sound(response, &words) || !may_write(request, response, ns, target.token))
                return;
        acl_clear_bits(&target, descriptor, bits ? (uint32_t)strtoul(bits, NULL, 10) : 0, &after);
        answer_json(request, response, 200, shape_ace(world, &after));
}

void permissions_evaluate(World *world, Request *request, Response *response) {
        cJSON *body = request_json(request);
        bool administrators = cJSON_IsTrue(cJSON_GetObjectItem(body, "alwaysAllowAdministrators"));
        cJSON *evaluations = cJSON_GetObjectItem(body, "evaluations"), *evaluation, *answer;

        if (!cJSON_IsArray(evaluations)) {
                answer_error(response, ERROR_ARGUMENT_NULL, "Value cannot be null.\r\nParameter name: evaluations");
                return;
        }
        cJSON_ArrayForEach(evaluation, evaluations) {
                const char *id = json_text(evaluation, "securityNamespaceId");
                const char *token = json_text(evaluation, "token");
                const Namespace *ns = id ? namespace_find(id) : NULL;

                if (!ns) {
                        answer_error(response, ERROR_NAMESPACE_NOT_FOUND,
                                     "The security namespace with id %s could not be found.", id ? id : "");
                        return;
                }
                cJSON_DeleteItemFromObject(evaluation, "value");
                json_add_bool(evaluation, "value",
                              caller_has(request, ns, token ? token : "", mask_of(evaluation, "permissions"),
                                         administrators));
        }
        answer = cJSON_CreateObject();
        json_add_bool(answer, "alwaysAllowAdministrators", administrators);
        cJSON_AddItemToObject(answer, "evaluations", cJSON_Duplicate(evaluations, true));
        answer_json(request, response, 200, answer);
}
