/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: what an organisation's passes remember of one another while the process lives. */
#pragma once

#include "common/model/organisation.h"
#include "common/model/table.h"

/* Something charterd made: until listings show it, its own answer is believed (assumed). */
typedef struct Creation {
        Kind kind;
        Guid project;
        char *project_name;
        char *name;
        char *id;
        char *token;
        /* of teams and groups: */
        Guid storage_key;
        char *descriptor;
        char *subject;
        char *display;
        char *origin_id; /* of an Entra group that was brought in; it has no project */
        int64_t made_at; /* port's clock */
        uint64_t pass;   /* number of the pass that made it */
} Creation;

/* A team's areas as last read. */
typedef struct AreasMemory {
        char *team_id; /* within the block of its areas */
        TeamAreas areas;
        int64_t read_at;
} AreasMemory;

/* Which pipelines may use a thing, as last read. */
typedef struct UsersMemory {
        Kind kind;
        char *id;
        PipelineUsers users;
        int64_t read_at;
} UsersMemory;

typedef struct Memory {
        Mem *mem;
        Creation *creations;
        size_t n_creations;
        Table creation_names; /* of creations, by kind, name */
        AreasMemory *areas;
        size_t n_areas;
        UsersMemory *users;
        size_t n_users;
} Memory;

Memory *memory_new(Mem *parent);
/* Notes a thing just made, from the row its codec added. */
void memory_note_creation(Memory *memory, const Organisation *live, Index entity, int64_t now, uint64_t pass);
/* Notes an Entra group that was brought in. */
void memory_note_entra_group(Memory *memory, const Organisation *live, Index identity, int64_t now, uint64_t pass);
/* Adds as assumed what was made within settle and is not in `live`; forgets what is older. The number added. */
size_t memory_fold(Memory *memory, Organisation *live, int64_t now, int64_t settle_ms);
/* True when it was made by that pass. */
bool memory_is_made_by(const Memory *memory, Kind kind, const char *project, const char *name, uint64_t pass);

/* keep_ms: how long they are kept (memory_find_areas); the first reading of a team counts as older by a part of it that
 * follows from the team, so that teams come round one after another. 0: as young as it is. */
void memory_note_areas(Memory *memory, const Organisation *live, const TeamAreas *areas, int64_t now, int64_t keep_ms);
void memory_forget_areas(Memory *memory, const char *team_id);
/* The areas of a team when they are young enough, else NULL. */
const TeamAreas *memory_find_areas(const Memory *memory, const char *team_id, int64_t oldest);

/* The same for the pipelines that may use a thing. */
void memory_note_users(Memory *memory, const Organisation *live, const PipelineUsers *users, int64_t now, int64_t keep_ms);
const PipelineUsers *memory_find_users(const Memory *memory, Kind kind, const char *id, int64_t oldest);
