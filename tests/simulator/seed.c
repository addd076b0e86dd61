/* SPDX-License-Identifier: Apache-2.0 */
/* Seed files: organisations written down by people. */
#include "tests/simulator/seed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/entra.h"

enum {
        CHANGE_STEP_MS = 1000,
};

/* Texts of a client that outlive the file they were read from. */
static const size_t TEXTS[] = {
        offsetof(EntraClient, application_id), offsetof(EntraClient, secret),
        offsetof(EntraClient, certificate),    offsetof(EntraClient, issuer),
        offsetof(EntraClient, subject),        offsetof(EntraClient, issuer_certificate),
        offsetof(EntraClient, identity_header), offsetof(EntraClient, arc_folder),
};

/* People. */

/* A GUID under a key; NULL when absent or, with a mistake, none. */
static const char *read_guid(const Written *object, const char *key) {
        const char *text = written_text(object, key);

        if (!text || guid_is(text))
                return text;
        written_mistake_at(object, key, "\"%s\" is no GUID", text);
        return NULL;
}

static Identity *add_identity(const Hand *hand, const Written *object, const IdentitySpec *spec) {
        const char *word = spec->unique_name ? spec->unique_name : spec->name;

        if (!word)
                return NULL;
        if (spec->pat && directory_find_pat(hand->organization, spec->pat))
                written_mistake_at(object, "pat", "somebody has this token already");
        if (directory_find_word(hand->organization, word)) {
                written_mistake(object, "\"%s\" stands twice", word);
                return NULL;
        }
        return directory_add(hand->organization, spec);
}

static void make_person(const Hand *hand, const Written *object) {
        static const char *const KEYS[] = {"user",      "name",          "pat", "id",
                                           "object_id", "administrator", NULL};
        IdentitySpec spec = {.kind = IDENTITY_USER};
        Identity *person;

        written_check_keys(object, KEYS);
        spec.unique_name = written_need(object, "user");
        spec.name = written_text(object, "name");
        spec.pat = written_text(object, "pat");
        spec.storage_key = read_guid(object, "id");
        spec.origin_id = read_guid(object, "object_id");
        if (!spec.name)
                spec.name = spec.unique_name;
        person = add_identity(hand, object, &spec);
        if (written_flag(object, "administrator", false) && person)
                membership_add(hand->organization, person, hand->organization->administrators);
}

static void read_federation(const Written *object, EntraClient *client) {
        static const char *const KEYS[] = {"issuer", "subject", "certificate", NULL};
        Written federated;

        if (!written_member(object, "federated", &federated) || !written_is_object(&federated))
                return;
        written_check_keys(&federated, KEYS);
        client->issuer = written_need(&federated, "issuer");
        client->subject = written_need(&federated, "subject");
        client->issuer_certificate = written_need(&federated, "certificate");
}

/* What the principal is known by where tokens are given out. */
static void make_client(const Hand *hand, const Written *object, const char *application_id) {
        EntraClient client = {.application_id = application_id,
                              .tenant_id = hand->organization->tenant_id,
                              .secret = written_text(object, "secret"),
                              .certificate = written_text(object, "certificate"),
                              .managed = written_flag(object, "managed", false),
                              .identity_header = written_text(object, "identity_header"),
                              .arc_folder = written_text(object, "arc_folder")};
        Arena *arena = &hand->world->arena;

        read_federation(object, &client);
        if (!client.secret && !client.certificate && !client.issuer && !client.managed && !client.identity_header &&
            !client.arc_folder)
                return;
        if (!application_id) {
                written_mistake(object, "who is given tokens has an application_id");
                return;
        }
        for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
                const char **text = (const char **)((char *)&client + TEXTS[i]);

                *text = *text ? arena_copy(arena, *text) : NULL;
        }
        entra_add(hand->world, &client);
}

static void make_service_principal(const Hand *hand, const Written *object) {
        static const char *const KEYS[] = {
                "name",        "pat",       "id",      "object_id",       "application_id", "administrator", "secret",
                "certificate", "federated", "managed", "identity_header", "arc_folder",     NULL};
        IdentitySpec spec = {.kind = IDENTITY_SERVICE_PRINCIPAL};
        Identity *principal;

        written_check_keys(object, KEYS);
        spec.name = written_need(object, "name");
        spec.pat = written_text(object, "pat");
        spec.storage_key = read_guid(object, "id");
        spec.origin_id = read_guid(object, "object_id");
        spec.application_id = read_guid(object, "application_id");
        principal = add_identity(hand, object, &spec);
        if (written_flag(object, "administrator", false) && principal)
                membership_add(hand->organization, principal, hand->organization->administrators);
        make_client(hand, object, spec.application_id);
}

static void make_entra_group(const Hand *hand, const Written *object) {
        static const char *const KEYS[] = {"name", "id", "object_id", "members", NULL};
        IdentitySpec spec = {.kind = IDENTITY_ENTRA_GROUP};

        written_check_keys(object, KEYS);
        spec.name = written_need(object, "name");
        spec.storage_key = read_guid(object, "id");
        spec.origin_id = read_guid(object, "object_id");
        add_identity(hand, object, &spec);
}

static void link_entra_group(const Hand *hand, const Written *object) {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(object->value, "name"));
        Identity *group = name ? directory_find_word(hand->organization, name) : NULL;

        if (group)
                seed_members(hand, object, group);
}

static void make_group(const Hand *hand, const Written *object) {
        static const char *const KEYS[] = {"name", "description", "id", "members", NULL};
        IdentitySpec spec = {.kind = IDENTITY_GROUP};

        written_check_keys(object, KEYS);
        spec.name = written_need(object, "name");
        spec.description = written_text(object, "description");
        spec.storage_key = read_guid(object, "id");
        if (spec.name && !directory_find_group(hand->organization, NULL, spec.name, AS_OF_NOW))
                directory_add(hand->organization, &spec);
}

static void link_group(const Hand *hand, const Written *object) {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(object->value, "name"));
        Identity *group =
                name ? directory_find_group(hand->organization, NULL, name, AS_OF_NOW) : NULL;

        if (group)
                seed_members(hand, object, group);
}

/* Sections of an organisation. */

bool seed_list(const Written *object, const char *key, SeedGo go, Written *listp) {
        return go == SEED_MAKE ? written_array(object, key, listp)
                               : written_member(object, key, listp) && cJSON_IsArray(listp->value);
}

typedef void SeedItem(const Hand *hand, const Written *object);

static const struct {
        const char *key;
        SeedGo go;
        SeedItem *read;
} SECTIONS[] = {
        {"people", SEED_MAKE, make_person},
        {"service_principals", SEED_MAKE, make_service_principal},
        {"entra_groups", SEED_MAKE, make_entra_group},
        {"groups", SEED_MAKE, make_group},
        {"entra_groups", SEED_LINK, link_entra_group},
        {"groups", SEED_LINK, link_group},
};

/* What is no list, or no object in it, is a mistake of the first go alone. */
static void read_section(const Hand *hand, const Written *organization, const char *key, SeedGo go,
                         SeedItem *read) {
        Written list;

        if (!seed_list(organization, key, go, &list))
                return;
        for (size_t i = 0; i < written_count(&list); i++) {
                Written item = written_item(&list, i);

                if (go == SEED_MAKE ? written_is_object(&item) : cJSON_IsObject(item.value))
                        read(hand, &item);
        }
}

static void read_projects(const Hand *hand, const Written *organization, SeedGo go) {
        Written list;

        if (!seed_list(organization, "projects", go, &list))
                return;
        for (size_t i = 0; i < written_count(&list); i++) {
                Written item = written_item(&list, i);

                if (go == SEED_MAKE ? written_is_object(&item) : cJSON_IsObject(item.value))
                        seed_project(hand, &item, go);
        }
}

/* Each a second later than the one before: they make a history. */
static void read_changes(const Hand *hand, const Written *organization) {
        Written list;

        if (!written_array(organization, "changes", &list))
                return;
        for (size_t i = 0; i < written_count(&list); i++) {
                Written item = written_item(&list, i), by;
                cJSON *change = cJSON_Duplicate(item.value, /* recurse= */ 1);
                Hand other = *hand;

                if (written_member(&item, "by", &by)) {
                        other.person = place_principal_item(hand->organization, NULL, &by);
                        cJSON_DeleteItemFromObject(change, "by");
                }
                item.value = change;
                hand->world->now += CHANGE_STEP_MS;
                hand_change(&other, &item);
                cJSON_Delete(change);
        }
}

static void read_organization(World *world, const Written *object) {
        static const char *const KEYS[] = {
                "organization",       "id",           "tenant", "people",
                "service_principals", "entra_groups", "groups", "projects",
                "permissions",        "changes",      NULL};
        OrganizationSpec spec = {.name = written_need(object, "organization"),
                                 .id = read_guid(object, "id"),
                                 .tenant_id = read_guid(object, "tenant")};
        Hand hand = {.world = world, .forced = true};

        written_check_keys(object, KEYS);
        if (!spec.name)
                return;
        if (world_find_organization(world, spec.name)) {
                written_mistake_at(object, "organization", "\"%s\" is there already", spec.name);
                return;
        }
        hand.organization = organization_new(world, &spec);
        for (SeedGo go = SEED_MAKE; go <= SEED_GIVE; go++) {
                for (size_t i = 0; i < sizeof(SECTIONS) / sizeof(SECTIONS[0]); i++) {
                        if (SECTIONS[i].go == go)
                                read_section(&hand, object, SECTIONS[i].key, go, SECTIONS[i].read);
                }
                read_projects(&hand, object, go);
        }
        seed_permissions(&hand, object);
        read_changes(&hand, object);
}

int seed_read(World *world, const char *source, const char *text, char **errorp) {
        Mistakes mistakes = {.source = source};
        cJSON *tree = written_parse(&mistakes, text);
        Written root = written_root(tree, &mistakes), list;

        if (tree && written_is_object(&root)) {
                if (!cJSON_HasObjectItem(tree, "organizations")) {
                        read_organization(world, &root);
                } else if (written_array(&root, "organizations", &list)) {
                        for (size_t i = 0; i < written_count(&list); i++) {
                                Written item = written_item(&list, i);

                                if (written_is_object(&item))
                                        read_organization(world, &item);
                        }
                }
        }
        cJSON_Delete(tree);
        *errorp = mistakes.text;
        return mistakes.n_mistakes ? -1 : 0;
}

int seed_load(World *world, const char *path, char **errorp) {
        char *text = text_read_file(path);
        int result;

        if (!text) {
                if (asprintf(errorp, "%s: %s", path, strerror(errno)) < 0)
                        abort();
                return -1;
        }
        result = seed_read(world, path, text, errorp);
        free(text);
        return result;
}
