/* SPDX-License-Identifier: Apache-2.0 */
/* EntityList: a project's list of one kind, taken element by element. */
#include "daemon/azdo/entity_list.h"
#include "daemon/azdo/body.h"

typedef struct ListReading {
        Organisation *organisation;
        Index project;
        EntityReadFn read;
        const char *name; /* the one that is wanted, or NULL: all are */
        bool found;
} ListReading;

static int take_element(void *context, Mem *scratch, const JsonNode *element,
                        const char **reasonp) {
        ListReading *reading = context;
        Entity entity;
        int r = reading->read(scratch, reading->organisation, reading->project, element, &entity,
                              reasonp);

        if (r < 0 || (reading->name && !text_equal(entity.name, reading->name)))
                return r;
        organisation_add_entity(reading->organisation, &entity);
        reading->found = true;
        return r;
}

int entity_list_take(Organisation *organisation, Index project, EntityReadFn read,
                     const Reply *reply, const char **reasonp, size_t *rowsp) {
        ListReading reading = {.organisation = organisation, .project = project, .read = read};

        return body_each(reply, take_element, &reading, rowsp, reasonp);
}

int entity_list_take_named(Organisation *organisation, Index project, EntityReadFn read,
                           const char *name, const Reply *reply, const char **reasonp) {
        ListReading reading = {organisation, project, read, name, /* found= */ false};
        size_t n = 0;
        int r = body_each(reply, take_element, &reading, &n, reasonp);

        return r < 0 ? r : reading.found ? 0 : 1;
}

int entity_list_take_one(Organisation *organisation, Index project, EntityReadFn read,
                         const Reply *reply, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        Entity entity = {.name = ""};
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0)
                r = read(scratch, organisation, project, root, &entity, reasonp);
        if (r == 0)
                organisation_add_entity(organisation, &entity);
        mem_free(scratch);
        return r;
}

const char *entity_list_number(Mem *scratch, const JsonNode *node) {
        int64_t id = 0;

        if (json_get_int(node, "id", 1, INT32_MAX, &id) < 0)
                return NULL;
        return mem_printf(scratch, "%lld", (long long)id);
}

const char *entity_list_name(const JsonNode *node, const char *references, Guid project) {
        json_each(reference, json_get(node, references)) {
                Guid id;

                if (body_guid(json_get(reference, "projectReference"), "id", &id) == 0 &&
                    guid_compare(id, project) == 0 && body_text(reference, "name"))
                        return body_text(reference, "name");
        }
        return body_text(node, "name");
}
