/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: what an organisation's passes remember of one another while the process lives. */
#include <string.h>

#include "common/base/text.h"
#include "daemon/engine/memory.h"

Memory *memory_new(Mem *parent) {
        Memory *memory = mem_new(parent, Memory);

        memory->mem = memory;
        table_init(&memory->creation_names, memory);
        return memory;
}

static char *copy(Memory *memory, const char *text) {
        return text ? mem_strdup(memory->mem, text) : NULL;
}

static void creation_clear(Creation *creation) {
        mem_free(creation->project_name);
        mem_free(creation->name);
        mem_free(creation->id);
        mem_free(creation->token);
        mem_free(creation->descriptor);
        mem_free(creation->subject);
        mem_free(creation->display);
        mem_free(creation->origin_id);
}

static uint64_t hash_creation(Kind kind, const char *name) {
        return (name ? text_hash(name) : 0) ^ (uint64_t)kind;
}

static void index_creation(Memory *memory, size_t creation) {
        table_add(&memory->creation_names,
                  hash_creation(memory->creations[creation].kind, memory->creations[creation].name), (uint32_t)creation);
}

static void index_creations(Memory *memory) {
        mem_free(memory->creation_names.slots);
        table_init(&memory->creation_names, memory->mem);
        for (size_t i = 0; i < memory->n_creations; i++)
                index_creation(memory, i);
}

void memory_note_creation(Memory *memory, const Organisation *live, Index entity, int64_t now, uint64_t pass) {
        const Entity *row = &live->entities[entity];
        const Project *project = &live->projects[row->project];
        Creation *creation = mem_push(memory->mem, memory->creations, memory->n_creations);

        *creation = (Creation){
                .kind = row->kind,
                .project = project->id,
                .project_name = copy(memory, project->name),
                .name = copy(memory, row->name),
                .id = copy(memory, row->id),
                .token = copy(memory, row->token),
                .made_at = now,
                .pass = pass,
        };
        index_creation(memory, memory->n_creations - 1);
        if (row->identity != INDEX_NONE && (row->kind == KIND_TEAM || row->kind == KIND_GROUP)) {
                const Identity *identity = &live->identities[row->identity];

                creation->storage_key = identity->storage_key;
                creation->descriptor = copy(memory, identity->descriptor);
                creation->subject = copy(memory, identity->subject);
                creation->display = copy(memory, identity->display);
        }
}

void memory_note_entra_group(Memory *memory, const Organisation *live, Index identity, int64_t now, uint64_t pass) {
        const Identity *row = &live->identities[identity];
        Creation *creation = mem_push(memory->mem, memory->creations, memory->n_creations);

        *creation = (Creation){
                .kind = KIND_GROUP,
                .name = copy(memory, row->name),
                .storage_key = row->storage_key,
                .descriptor = copy(memory, row->descriptor),
                .subject = copy(memory, row->subject),
                .display = copy(memory, row->display),
                .origin_id = copy(memory, row->origin_id),
                .made_at = now,
                .pass = pass,
        };
        index_creation(memory, memory->n_creations - 1);
}

static size_t fold_entra_group(const Creation *creation, Organisation *live) {
        if (organisation_find_person(live, creation->origin_id) != INDEX_NONE)
                return 0;
        organisation_add_identity(live, &(Identity){
                                                .storage_key = creation->storage_key,
                                                .kind = IDENTITY_ENTRA_GROUP,
                                                .project = INDEX_NONE,
                                                .name = creation->name,
                                                .display = creation->display,
                                                .descriptor = creation->descriptor,
                                                .subject = creation->subject,
                                                .origin_id = creation->origin_id,
                                                .merged = INDEX_NONE,
                                                .assumed = true,
                                        });
        return 1;
}

static void fold_one(const Creation *creation, Organisation *live, Index project) {
        Entity entity = {
                .kind = creation->kind,
                .project = project,
                .name = creation->name,
                .id = creation->id,
                .token = creation->token,
                .identity = INDEX_NONE,
                .assumed = true,
        };

        if (!guid_is_null(creation->storage_key)) {
                entity.identity = organisation_add_identity(
                        live, &(Identity){
                                      .storage_key = creation->storage_key,
                                      .kind = IDENTITY_GROUP,
                                      .project = project,
                                      .name = creation->name,
                                      .display = creation->display,
                                      .descriptor = creation->descriptor,
                                      .subject = creation->subject,
                                      .is_team = creation->kind == KIND_TEAM,
                                      .merged = INDEX_NONE,
                                      .assumed = true,
                              });
                if (creation->descriptor)
                        organisation_add_alias(live, creation->descriptor, entity.identity);
                if (creation->subject)
                        organisation_add_alias(live, creation->subject, entity.identity);
        }
        organisation_add_entity(live, &entity);
}

size_t memory_fold(Memory *memory, Organisation *live, int64_t now, int64_t settle_ms) {
        size_t n_kept = 0, n_folded = 0;

        for (size_t i = 0; i < memory->n_creations; i++) {
                Creation *creation = &memory->creations[i];
                Index project;

                if (now - creation->made_at > settle_ms) {
                        creation_clear(creation);
                        continue;
                }
                if (creation->origin_id) {
                        n_folded += fold_entra_group(creation, live);
                        memory->creations[n_kept++] = *creation;
                        continue;
                }
                project = organisation_find_project_id(live, creation->project);
                if (project != INDEX_NONE && live->projects[project].state != PROJECT_FAILED &&
                    organisation_find_entity(live, project, creation->kind, creation->name) == INDEX_NONE) {
                        fold_one(creation, live, project);
                        n_folded++;
                }
                memory->creations[n_kept++] = *creation;
        }
        if (n_kept < memory->n_creations) {
                memory->n_creations = n_kept;
                index_creations(memory);
        }
        return n_folded;
}

bool memory_is_made_by(const Memory *memory, Kind kind, const char *project, const char *name,
                       uint64_t pass) {
        TableCursor cursor = table_find(&memory->creation_names, hash_creation(kind, name));
        uint32_t row;

        while ((row = table_next(&memory->creation_names, &cursor)) != TABLE_NONE) {
                const Creation *creation = &memory->creations[row];

                if (creation->pass == pass && creation->kind == kind && !creation->origin_id &&
                    text_equal(creation->name, name) && text_equal(creation->project_name, project))
                        return true;
        }
        return false;
}

static AreasMemory *find_areas(const Memory *memory, const char *team_id) {
        for (size_t i = 0; i < memory->n_areas; i++)
                if (text_equal(memory->areas[i].team_id, team_id))
                        return &memory->areas[i];
        return NULL;
}

/* The first reading counts as older by a part that follows from the thing: they come round one after another. */
static int64_t first_age(const char *id, int64_t keep_ms) {
        return keep_ms > 0 ? (int64_t)(text_hash(id) % (uint64_t)keep_ms) : 0;
}

/* Puts the text behind what is in the block already. */
static char *put(char **endp, const char *text) {
        char *start = *endp;

        *endp = stpcpy(start, text) + 1;
        return start;
}

/* There are as many as teams: one block each, the array, then its texts. */
static void keep_areas(Memory *memory, AreasMemory *row, const char *team_id, const TeamAreas *areas) {
        size_t size = areas->n_areas * sizeof *areas->areas + strlen(team_id) + 1;
        char *end;

        for (size_t i = 0; i < areas->n_areas; i++)
                size += strlen(areas->areas[i].path) + 1;
        size += areas->default_path ? strlen(areas->default_path) + 1 : 0;
        row->areas = *areas;
        row->areas.areas = mem_alloc_zero(memory->mem, size, "areas of a team");
        end = (char *)(row->areas.areas + areas->n_areas);
        row->team_id = put(&end, team_id);
        for (size_t i = 0; i < areas->n_areas; i++)
                row->areas.areas[i] = (TeamArea){.path = put(&end, areas->areas[i].path),
                                                 .include_children = areas->areas[i].include_children};
        row->areas.default_path = areas->default_path ? put(&end, areas->default_path) : NULL;
}

void memory_note_areas(Memory *memory, const Organisation *live, const TeamAreas *areas, int64_t now, int64_t keep_ms) {
        const char *id = live->entities[areas->team].id;
        AreasMemory *row = find_areas(memory, id);
        void *old = row ? row->areas.areas : NULL;
        int64_t age = 0;

        if (!row) {
                row = mem_push(memory->mem, memory->areas, memory->n_areas);
                age = first_age(id, keep_ms);
        }
        keep_areas(memory, row, id, areas);
        row->read_at = now - age;
        mem_free(old); /* what is noted may have been found here */
}

void memory_forget_areas(Memory *memory, const char *team_id) {
        AreasMemory *row = find_areas(memory, team_id);

        if (row)
                row->read_at = INT64_MIN / 2;
}

const TeamAreas *memory_find_areas(const Memory *memory, const char *team_id, int64_t oldest) {
        const AreasMemory *row = find_areas(memory, team_id);

        return row && row->read_at >= oldest ? &row->areas : NULL;
}

static UsersMemory *find_users(const Memory *memory, Kind kind, const char *id) {
        for (size_t i = 0; i < memory->n_users; i++)
                if (memory->users[i].kind == kind && text_equal(memory->users[i].id, id))
                        return &memory->users[i];
        return NULL;
}

void memory_note_users(Memory *memory, const Organisation *live, const PipelineUsers *users, int64_t now, int64_t keep_ms) {
        const Entity *entity = &live->entities[users->entity];
        UsersMemory *row = find_users(memory, entity->kind, entity->id);
        int64_t age = 0;

        if (!row) {
                row = mem_push(memory->mem, memory->users, memory->n_users);
                row->kind = entity->kind;
                row->id = copy(memory, entity->id);
                age = first_age(entity->id, keep_ms);
        } else {
                mem_free(row->users.ids);
        }
        row->users = *users;
        row->users.ids = users->n_ids > 0 ? mem_memdup(memory->mem, users->ids, users->n_ids * sizeof *users->ids) : NULL;
        row->read_at = now - age;
}

const PipelineUsers *memory_find_users(const Memory *memory, Kind kind, const char *id, int64_t oldest) {
        const UsersMemory *row = find_users(memory, kind, id);

        return row && row->read_at >= oldest ? &row->users : NULL;
}
