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
