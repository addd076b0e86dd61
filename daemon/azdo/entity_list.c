/* SPDX-License-Identifier: Apache-2.0 */
/* EntityList: a project's list of one kind, taken element by element. */
#include "daemon/azdo/entity_list.h"
#include "daemon/azdo/body.h"

int entity_list_take(Organisation *organisation, Index project, EntityReadFn read,
                     const Reply *reply, const char **reasonp, size_t *rowsp) {
        Mem *scratch = mem_new(NULL, char);
        const JsonNode *value = NULL;
        Entity entity;
        int r = body_list(scratch, reply, &value, reasonp);

        *rowsp = json_count(value);
        json_each(node, value) {
                if (r == 0)
                        r = read(scratch, organisation, project, node, &entity, reasonp);
                if (r == 0)
                        organisation_add_entity(organisation, &entity);
        }
        mem_free(scratch);
        return r;
}

int entity_list_take_named(Organisation *organisation, Index project, EntityReadFn read,
                           const char *name, const Reply *reply, const char **reasonp) {
        Mem *scratch = mem_new(NULL, char);
        const JsonNode *value = NULL;
        bool found = false;
        Entity entity;
        int r = body_list(scratch, reply, &value, reasonp);

        json_each(node, value) {
                if (r == 0)
                        r = read(scratch, organisation, project, node, &entity, reasonp);
                if (r < 0 || !text_equal(entity.name, name))
                        continue;
                organisation_add_entity(organisation, &entity);
                found = true;
        }
        mem_free(scratch);
        return r < 0 ? r : found ? 0 : 1;
}
