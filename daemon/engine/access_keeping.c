/* SPDX-License-Identifier: Apache-2.0 */
/* AccessKeeping: who can do what in an organisation, stored when a pass sees it changed. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/access/fingerprint.h"
#include "common/access/taking.h"
#include "common/base/log.h"
#include "daemon/engine/access_files.h"
#include "daemon/engine/access_keeping.h"
#include "daemon/engine/remembrance.h"

/* A project whose record stands on the disk. */
typedef struct Kept {
        Guid project;
        uint64_t fingerprint; /* of what it was taken from */
} Kept;

struct AccessKeeping {
        AccessKeepingSpec spec;
        char *folder;
        Kept *kept;
        size_t n_kept;
        AccessWitness *stored; /* by that pass */
        size_t n_stored;
        char *pass;
        int error; /* why the last record could not be stored */
        /* of the sighting under way */
        AccessSighting sighting;
        uint64_t fingerprint;
        size_t at; /* the plan's project */
        const DesiredProject *project;
        Index live_project;
        char project_id[GUID_TEXT_SIZE];
        AccessShelf *shelf;
        AccessTaking *taking;
        PortTicket *alarm;
        Mem *work;
};

static void next_project(void *context);
static void begin_taking(AccessKeeping *keeping);

AccessKeeping *access_keeping_new(Mem *parent, const AccessKeepingSpec *spec) {
        AccessKeeping *keeping = mem_new(parent, AccessKeeping);

        keeping->spec = *spec;
        keeping->folder = access_folder_of(keeping, spec->state_directory, spec->organization);
        return keeping;
}

static Guid project_of(const AccessKeeping *keeping) {
        return keeping->sighting.live->projects[keeping->live_project].id;
}

static Kept *find_kept(AccessKeeping *keeping, Guid project) {
        for (size_t i = 0; i < keeping->n_kept; i++)
                if (guid_compare(keeping->kept[i].project, project) == 0)
                        return &keeping->kept[i];
        return NULL;
}

static void note_kept(AccessKeeping *keeping, uint64_t fingerprint) {
        Guid project = project_of(keeping);
        Kept *kept = find_kept(keeping, project);

        if (!kept)
                kept = mem_push(keeping, keeping->kept, keeping->n_kept);
        *kept = (Kept){project, fingerprint};
}

/* Said once, and once more when it is over. */
static void note_error(AccessKeeping *keeping, int error) {
        if (error < 0 && error != keeping->error)
                log_error("access over time could not be stored", LOG_TEXT("directory", keeping->folder),
                          LOG_TEXT("project", keeping->project->name), LOG_TEXT("error", strerror(-error)));
        if (error == 0 && keeping->error < 0)
                log_notice("access over time is stored again", LOG_TEXT("directory", keeping->folder));
        keeping->error = error;
}

static void go_on(AccessKeeping *keeping, void (*fn)(void *context)) {
        keeping->alarm = port_alarm(keeping->spec.port, keeping, /* delay_ms= */ 0, fn, keeping);
}

/* --- one project ----------------------------------------------------------------------------------------------------
 */

static void end_project(AccessKeeping *keeping, int result) {
        note_error(keeping, result);
        note_kept(keeping, result == 0 ? keeping->fingerprint : 0);
        keeping->taking = mem_free(keeping->taking);
        keeping->shelf = mem_free(keeping->shelf);
        keeping->at++;
        go_on(keeping, next_project);
}

static void give_work(AccessKeeping *keeping, AccessShelfWork work,
                      void (*done)(void *context, void *job, int result)) {
        keeping->work =
                keeping->spec.work(keeping->spec.context, keeping,
                                   &(EngineWork){.work = work.work, .done = done, .context = keeping, .job = work.job});
}

static void note_stored(AccessKeeping *keeping) {
        AccessWitness *witness = mem_push(keeping, keeping->stored, keeping->n_stored);

        witness->project = mem_strdup(keeping->stored, keeping->project->name);
        memcpy(witness->digest, access_shelf_digest(keeping->shelf), sizeof witness->digest);
}

const AccessWitness *access_keeping_stored(const AccessKeeping *keeping, const char *pass, size_t *np) {
        bool is_its = keeping->pass && strcmp(keeping->pass, pass) == 0;

        *np = is_its ? keeping->n_stored : 0;
        return is_its ? keeping->stored : NULL;
}

static void on_written(void *context, void *job, int result) {
        AccessKeeping *keeping = context;

        keeping->work = NULL;
        if (result == 0)
                note_stored(keeping);
        end_project(keeping, result);
}

static void end_record(AccessKeeping *keeping) {
        AccessShelfKeep keep = {.keep_ms = keeping->spec.keep_ms(keeping->spec.context),
                                .wall = port_wall(keeping->spec.port)};
        AccessShelfWork work;

        switch (access_shelf_end(keeping->shelf, &keep, &work)) {
        case ACCESS_SHELF_SAME:
                end_project(keeping, 0);
                return;
        case ACCESS_SHELF_AGAIN:
                begin_taking(keeping);
                return;
        case ACCESS_SHELF_CHANGED:
                keeping->taking = mem_free(keeping->taking);
                give_work(keeping, work, on_written);
                return;
        }
        assert(!"an end of a record that nobody knows");
}

/* 0, a negative errno, or 1: that was the last line. */
static int take_line(AccessKeeping *keeping, Text *line) {
        switch (access_taking_step(keeping->taking, line)) {
        case TAKING_WORKING:
                return 0;
        case TAKING_LINE:
                return access_shelf_offer(keeping->shelf, line->data, line->n);
        case TAKING_END:
                return 1;
        }
        assert(!"a state of a taking that nobody knows");
        return -EINVAL;
}

static int take_slice(AccessKeeping *keeping) {
        size_t cost = keeping->project->n_principals + ACCESS_KEEPING_LINE;
        int r = 0;

        for (size_t spent = 0; r == 0 && spent < ACCESS_KEEPING_SLICE; spent += cost) {
                Text line;

                text_init(&line, NULL);
                r = take_line(keeping, &line);
                text_deinit(&line);
        }
        return r;
}

static void on_slice(void *context) {
        AccessKeeping *keeping = context;
        int r = 0;

        keeping->alarm = NULL;
        r = take_slice(keeping);
        if (r == 1) {
                end_record(keeping);
        } else if (r < 0) {
                end_project(keeping, r);
        } else {
                go_on(keeping, on_slice);
        }
}

static void begin_taking(AccessKeeping *keeping) {
        const Plan *plan = keeping->sighting.plan;
        const AccessKeepingSpec *spec = &keeping->spec;

        mem_free(keeping->taking);
        keeping->taking = access_taking_new(keeping, &(AccessTakingSpec){.project = keeping->project,
                                                                         .live = plan->current,
                                                                         .names = plan->current_names,
                                                                         .row = keeping->live_project});
        access_shelf_begin(
                keeping->shelf,
                &(AccessRecordHead){.organization = spec->organization,
                                    .project = keeping->project->name,
                                    .project_id = keeping->project_id,
                                    .pass = keeping->sighting.pass,
                                    .wall = port_wall(spec->port),
                                    .charter = plan->desired->sha256,
                                    .ledger_head = spec->ledger_head ? spec->ledger_head(spec->context) : NULL});
        go_on(keeping, on_slice);
}

static void on_reading(void *context) {
        AccessKeeping *keeping = context;
        int r = access_shelf_read(keeping->shelf);

        keeping->alarm = NULL;
        if (r < 0)
                end_project(keeping, r);
        else if (r == 0)
                begin_taking(keeping);
        else
                go_on(keeping, on_reading);
}

/* --- all of a plan --------------------------------------------------------------------------------------------------
 */

/* False: it is not to be looked at. */
static bool find_project(AccessKeeping *keeping) {
        const AccessSighting *sighting = &keeping->sighting;
        const PlanProject *planned = &sighting->plan->projects[keeping->at];
        const DesiredProject *project = desired_find_project(sighting->plan->desired, planned->name);
        const Kept *kept = NULL;
        Index live = INDEX_NONE;

        if (planned->state == PLAN_FAILED || planned->state == PLAN_UNREAD || !project ||
            desired_is_organization(project))
                return false;
        live = remembrance_find_project(sighting->known, sighting->plan->desired, sighting->live, project);
        if (live == INDEX_NONE || sighting->live->projects[live].state != PROJECT_SEALED)
                return false;
        keeping->project = project;
        keeping->live_project = live;
        kept = find_kept(keeping, project_of(keeping));
        return !kept || kept->fingerprint != keeping->fingerprint;
}

static bool find_next_project(AccessKeeping *keeping) {
        for (; keeping->at < keeping->sighting.plan->n_projects; keeping->at++)
                if (find_project(keeping))
                        return true;
        return false;
}

static void begin_project(AccessKeeping *keeping) {
        guid_format(project_of(keeping), keeping->project_id);
        keeping->shelf = access_shelf_new(keeping, keeping->folder, keeping->project_id);
        go_on(keeping, on_reading);
}

static void next_project(void *context) {
        AccessKeeping *keeping = context;

        keeping->alarm = NULL;
        if (find_next_project(keeping))
                begin_project(keeping);
        else
                keeping->sighting.on_done(keeping->sighting.context);
}

/* The charter says who is asked about. */
static uint64_t fingerprint_of(const AccessSighting *sighting) {
        return access_fingerprint(sighting->live) + text_hash(sighting->plan->desired->sha256);
}

bool access_keeping_look(AccessKeeping *keeping, const AccessSighting *sighting) {
        keeping->sighting = *sighting;
        keeping->stored = mem_free(keeping->stored);
        keeping->n_stored = 0;
        mem_free(keeping->pass);
        keeping->pass = mem_strdup(keeping, sighting->pass);
        keeping->fingerprint = fingerprint_of(sighting);
        keeping->at = 0;
        if (!find_next_project(keeping))
                return false;
        begin_project(keeping);
        return true;
}

void access_keeping_stop(AccessKeeping *keeping) {
        keeping->alarm = mem_free(keeping->alarm);
        keeping->taking = mem_free(keeping->taking);
        keeping->work = mem_free(keeping->work);
        keeping->shelf = mem_free(keeping->shelf);
}
