/* SPDX-License-Identifier: Apache-2.0 */
/* Survey: one complete reading of what the charter governs, sealed only when nothing failed. */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "common/model/governed.h"
#include "daemon/azdo/acl.h"
#include "daemon/azdo/codec.h"
#include "daemon/azdo/connection.h"
#include "daemon/azdo/identity.h"
#include "daemon/azdo/judge.h"
#include "daemon/azdo/pipeline_users.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/role.h"
#include "daemon/azdo/team.h"
#include "daemon/engine/survey.h"
#include "daemon/engine/unnamed.h"

enum {
        SURVEY_WAVES_MAX = 8, /* of groups within groups; deeper membership stays unknown */
};

/* A phase asks (adds calls to the batch) and, when all have ended, takes; taking says what comes next. */
typedef enum PhaseNext {
        PHASE_ON,
        PHASE_REPEAT,
        PHASE_STOP, /* the organisation failed */
} PhaseNext;

typedef struct Phase {
        const char *name; /* of what is read, for people */
        unsigned percent; /* of its steady requests, as a rule */
        void (*ask)(Survey *survey);
        PhaseNext (*take)(Survey *survey);
} Phase;

struct Survey {
        SurveySpec spec;
        Organisation *live;
        Batch *batch;
        size_t phase;
        unsigned wave;
        FaultKind fault;
        const char *bases[_BASE_N]; /* as the service names them, or NULL */
        bool *asked;         /* identities already asked for, by index */
        size_t n_asked;      /* allocated */
        Index *projects;     /* governed and seen */
        const DesiredProject **desired; /* of each of them */
        size_t *n_requests; /* of each of them */
        size_t n_projects;
        size_t n_shared_requests;
        Index undone;        /* what of it is read by itself, for an undo; INDEX_NONE */
        bool has_late;       /* identities came after the waves: by a direct read, by a large group */
        Index *sought;       /* of them those whose groups are asked for, though nothing that is read names them */
        size_t n_sought;
        GoneList gone;
};

/* What one call is for; it goes with its batch, and so does the request. project: whose failure it would be, INDEX_NONE the organisation's. */
typedef struct Ask {
        Survey *survey;
        Index project;
        const Codec *codec;
        const char *name;
        Index *identities;
        size_t n_identities;
        Guid keys[2]; /* of identities */
        size_t n_keys;
        IdentityMembership membership;
        RightsOf rights;
        AclReader *reader;
        Index team; /* of areas; INDEX_NONE */
        Index used; /* the thing whose pipelines are asked for; INDEX_NONE */
        const DesiredProject *desired; /* of a project that is not seen yet, whose failure it would be */
        const struct Listed *listed;
        Kind kind;
        RoleLevel level; /* of definitions of roles */
        bool refusal_is_fine; /* that it is not known then is told */
        bool absence_is_fine;
        bool absence_is_gone; /* a direct read by id: not there is gone */
        bool absence_is_empty; /* of the areas of a team just made, which not every reading shows yet */
} Ask;

static Ask *ask_new(Survey *survey, Index project) {
        Ask *ask = mem_new(survey->batch, Ask);

        ask->survey = survey;
        ask->project = project;
        ask->team = ask->used = INDEX_NONE;
        return ask;
}

static Call *add(Survey *survey, Ask *ask, Request request, TakeFn take) {
        Call *call;

        request.is_survey = true;
        call = batch_add(survey->batch, &request, take, ask);
        progress_add(survey->spec.progress, 1);
        call->data = ask;
        return call;
}

static void fail_project(Survey *survey, Index project, const char *message) {
        Project *row = &survey->live->projects[project];

        if (row->state == PROJECT_FAILED)
                return;
        row->state = PROJECT_FAILED;
        row->error = mem_strdup(survey->live->mem, message);
}

static void fail_organisation(Survey *survey, FaultKind kind, const char *message) {
        if (survey->live->error)
                return;
        survey->fault = kind;
        survey->live->error = mem_strdup(survey->live->mem, message);
}

static void fail_unseen_project(Survey *survey, const DesiredProject *desired, const char *message) {
        if (organisation_find_project(survey->live, desired->name) == INDEX_NONE)
                organisation_add_project(
                        survey->live,
                        &(Project){.name = desired->name, .state = PROJECT_FAILED, .error = message});
}

static void note_gone(Survey *survey, Kind kind, const char *project, const char *name) {
        *mem_push(survey, survey->gone.items, survey->gone.n) =
                (Gone){.kind = kind, .project = project, .name = name};
}

static void count_requests(Survey *survey, const Ask *ask, const Call *call) {
        if (ask->team != INDEX_NONE || ask->used != INDEX_NONE)
                return;
        for (size_t i = 0; i < survey->n_projects; i++)
                if (survey->projects[i] == ask->project) {
                        survey->n_requests[i] += call->pages + 1;
                        return;
                }
        survey->n_shared_requests += call->pages + 1;
}

/* The service answers, and it is that it does not tell. */
static bool is_refusal(FaultKind kind) {
        return kind == FAULT_NOT_FOUND || kind == FAULT_FORBIDDEN || kind == FAULT_REFUSED;
}

/* A failed read is never absence: it fails its project, or the organisation. */
static void on_call(void *context, Call *call) {
        Survey *survey = context;
        Ask *ask = call->data;

        count_requests(survey, ask, call);
        progress_done(survey->spec.progress, 1);
        if (call->fault.kind == FAULT_NONE)
                return;
        if (batch_is_unanswered(survey->batch))
                fail_organisation(survey, call->fault.kind, call->fault.message);
        if (ask->refusal_is_fine && is_refusal(call->fault.kind))
                return;
        if (call->fault.kind == FAULT_NOT_FOUND && ask->absence_is_gone)
                note_gone(survey, ask->kind, ask->kind == KIND_PROJECT ? "" : ask->desired->name, ask->name);
        if (call->fault.kind == FAULT_NOT_FOUND && ask->absence_is_empty)
                organisation_set_team_areas(survey->live, &(TeamAreas){.team = ask->team, .known = true});
        if (call->fault.kind == FAULT_NOT_FOUND && ask->absence_is_fine)
                return;
        if (ask->project != INDEX_NONE)
                fail_project(survey, ask->project, call->fault.message);
        else if (ask->desired)
                fail_unseen_project(survey, ask->desired, call->fault.message);
        else
                fail_organisation(survey, call->fault.kind, call->fault.message);
}

static bool is_wanted(const Survey *survey, const DesiredProject *project) {
        return !survey->spec.only_project || text_equal(survey->spec.only_project, project->name);
}

/* --- connection: who am I, where is Graph, which namespaces, which projects ------------------------------------- */

static int take_data(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        return connection_data_take(((Ask *)context)->survey->live, reply, reasonp);
}

static int take_areas(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        Survey *survey = ((Ask *)context)->survey;

        return connection_areas_take(survey, reply, survey->bases, reasonp);
}

static int take_namespaces(void *context, Call *call, const Reply *reply, const char **reasonp,
                           size_t *rowsp) {
        return connection_namespaces_take(((Ask *)context)->survey->live, reply, reasonp);
}

static int take_projects(void *context, Call *call, const Reply *reply, const char **reasonp,
                         size_t *rowsp) {
        return project_list_take(((Ask *)context)->survey->live, reply, reasonp, rowsp);
}

static void ask_connection(Survey *survey) {
        add(survey, ask_new(survey, INDEX_NONE), connection_data_request(survey->batch), take_data);
        add(survey, ask_new(survey, INDEX_NONE), connection_areas_request(survey->batch), take_areas);
        add(survey, ask_new(survey, INDEX_NONE), connection_namespaces_request(survey->batch), take_namespaces);
        add(survey, ask_new(survey, INDEX_NONE), project_list_request(survey->batch), take_projects);
}

/* Without Graph everything has one address (facts §1.4). Azure DevOps Services without it would be a lie. */
static PhaseNext take_server(Survey *survey) {
        Organisation *live = survey->live;

        if (!live->is_server || connection_is_hosted(live->url)) {
                fail_organisation(survey, FAULT_MALFORMED,
                                  "the service names no address for Graph and is no Azure DevOps Server, which alone "
                                  "has none; see what answers at the organization's `url`");
                return PHASE_STOP;
        }
        survey->spec.on_base(survey->spec.context, BASE_GRAPH, live->url);
        survey->spec.on_base(survey->spec.context, BASE_AUDIT, NULL);
        return PHASE_ON;
}

/* The namespace of a change that is undone, when it is at the organisation, or at a project. */
static uint32_t spaces_of_undo(const Survey *survey, Kind level) {
        const UndoRecord *undo = survey->spec.undo;
        int space = undo ? undo->space : -1;

        if (undo && undo->verb == STEP_SET_PIPELINES) /* it is a right there that lets them in or out */
                space = kind_namespace(undo->kind);
        if (space < 0 || (undo->kind == KIND_ORGANIZATION) != (level == KIND_ORGANIZATION))
                return 0;
        return 1u << space;
}

/* The kind of the thing that it was about. */
static uint32_t kinds_of_undo(const Survey *survey) {
        return survey->spec.undo ? 1u << survey->spec.undo->kind : 0;
}

static PhaseNext take_connection(Survey *survey) {
        Organisation *live = survey->live;
        const char *graph = survey->bases[BASE_GRAPH], *audit = survey->bases[BASE_AUDIT];

        if (live->error)
                return PHASE_STOP;
        if (!graph)
                return take_server(survey);
        live->is_server = false;
        if (!connection_base_is_trusted(live->url, BASE_GRAPH, graph)) {
                fail_organisation(survey, FAULT_MALFORMED,
                                  mem_printf(survey,
                                             "the service names %s for Graph, which is no address of Azure "
                                             "DevOps; the credential is not sent there",
                                             graph));
                return PHASE_STOP;
        }
        survey->spec.on_base(survey->spec.context, BASE_GRAPH, graph);
        if (audit && !connection_base_is_trusted(live->url, BASE_AUDIT, audit))
                audit = NULL;
        survey->spec.on_base(survey->spec.context, BASE_AUDIT, audit);
        organization_set_tokens(live);
        live->spaces = desired_organization_spaces(survey->spec.desired) | spaces_of_undo(survey, KIND_ORGANIZATION);
        return PHASE_ON;
}

/* --- hidden: projects of the charter that the list does not show are read directly ------------------------------ */

static int take_project(void *context, Call *call, const Reply *reply, const char **reasonp,
                        size_t *rowsp) {
        return project_get_take(((Ask *)context)->survey->live, reply, reasonp);
}

/* A thing is gone when a direct read says so, not before what was written has had time to show. */
static bool is_settled(const Survey *survey, const KnownEntry *entry) {
        int64_t last = entry->seen_at > entry->written_at ? entry->seen_at : entry->written_at;

        return port_wall(survey->spec.port) - last >= survey->spec.settle_ms;
}

static Index find_project(const Survey *survey, const DesiredProject *project) {
        return remembrance_find_project(survey->spec.known, survey->spec.desired, survey->live, project);
}

static const KnownEntry *find_known(const Survey *survey, const DesiredProject *project, Kind kind,
                                    const char *name) {
        return remembrance_find(survey->spec.known, survey->spec.desired, &(GovernedThing){project, kind, name, NULL});
}

/* By its name, and by the id it was known by: it may have another name now. */
static void ask_hidden_project(Survey *survey, const DesiredProject *project) {
        const KnownEntry *entry = find_known(survey, project, KIND_PROJECT, project->name);
        Ask *ask = ask_new(survey, INDEX_NONE);

        ask->desired = project;
        ask->absence_is_fine = true;
        add(survey, ask, project_get_request(survey->batch, project->name), take_project);
        if (!entry || !entry->id[0])
                return;
        ask = ask_new(survey, INDEX_NONE);
        ask->desired = project;
        ask->kind = KIND_PROJECT;
        ask->name = project->name;
        ask->absence_is_fine = true;
        ask->absence_is_gone = is_settled(survey, entry);
        add(survey, ask, project_get_request(survey->batch, entry->id), take_project);
}

/* The groups of the organisation stand in a project that no service knows. */
static const Guid survey_organisation_id = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                             0xff, 0xff}};

static void ask_hidden(Survey *survey) {
        const Desired *desired = survey->spec.desired;

        for (size_t i = 0; i < desired->n_projects; i++) {
                const DesiredProject *project = &desired->projects[i];

                if (!is_wanted(survey, project))
                        continue;
                if (desired_is_organization(project))
                        organisation_add_project(survey->live, &(Project){.id = survey_organisation_id, .name = project->name});
                else if (find_project(survey, project) == INDEX_NONE)
                        ask_hidden_project(survey, project);
        }
}

static PhaseNext take_hidden(Survey *survey) {
        const Desired *desired = survey->spec.desired;

        for (size_t i = 0; i < desired->n_projects; i++) {
                Index project;
                size_t n;

                if (!is_wanted(survey, &desired->projects[i]))
                        continue;
                project = find_project(survey, &desired->projects[i]);
                if (project == INDEX_NONE || survey->live->projects[project].state == PROJECT_FAILED)
                        continue;
                survey->live->projects[project].state = PROJECT_SURVEYED;
                if (!desired_is_organization(&desired->projects[i])) {
                        survey->live->projects[project].spaces =
                                desired_governed_spaces(&desired->projects[i]) | spaces_of_undo(survey, KIND_PROJECT);
                        project_set_tokens(survey->live, project);
                }
                n = survey->n_projects;
                *mem_push(survey, survey->desired, n) = &desired->projects[i];
                n = survey->n_projects;
                *mem_push(survey, survey->n_requests, n) = 0;
                *mem_push(survey, survey->projects, survey->n_projects) = project;
        }
        return PHASE_ON;
}

/* --- contents: everything of the governed projects --------------------------------------------------------------- */

static int take_identities(void *context, Call *call, const Reply *reply, const char **reasonp,
                           size_t *rowsp) {
        Ask *ask = context;
        int r = identity_batch_take(ask->survey->live, ask->identities, ask->n_identities,
                                    ask->membership, reply, reasonp);

        if (r < 0)
                return r;
        /* A hundred descriptors: as long as the answers of many batches are awaited, that adds up. */
        call->request->body = mem_free((char *)call->request->body);
        return r;
}

static bool was_asked(Survey *survey, Index identity) {
        return identity < survey->n_asked && survey->asked[identity];
}

static void note_asked(Survey *survey, Index identity) {
        if (identity >= survey->n_asked) {
                size_t n = survey->live->n_identities + 64;

                survey->asked = mem_resize_array(survey, survey->asked, sizeof(bool), n);
                memset(survey->asked + survey->n_asked, 0, n - survey->n_asked);
                survey->n_asked = n;
        }
        survey->asked[identity] = true;
}

/* The members of Valid Users are everybody: computed by the service, and of no use to an evaluation that reads them
 * as a name (facts §5.4). */
static IdentityMembership membership_worth(const Identity *identity) {
        IdentityRole role = identity->role;

        if (role == IDENTITY_ROLE_NONE && identity->descriptor)
                role = identity_role(identity->descriptor, identity->name, identity->project);
        return role == IDENTITY_ROLE_VALID_USERS ? IDENTITY_MEMBERSHIP_NONE : IDENTITY_MEMBERSHIP_DIRECT;
}

static void ask_identity_batches(Survey *survey, const Index *identities, size_t n, Index project) {
        for (int membership = 0; membership < 2; membership++) {
                Ask *ask = NULL;

                for (size_t i = 0; i < n; i++) {
                        const Identity *row = &survey->live->identities[identities[i]];

                        if (membership_worth(row) != (IdentityMembership)membership)
                                continue;
                        note_asked(survey, identities[i]);
                        /* Its list has told who it is, and its members are of no use. */
                        if (membership_worth(row) == IDENTITY_MEMBERSHIP_NONE &&
                            !guid_is_null(row->storage_key))
                                continue;
                        if (!ask) {
                                ask = ask_new(survey, project);
                                ask->membership = (IdentityMembership)membership;
                        }
                        *mem_push(ask, ask->identities, ask->n_identities) = identities[i];
                        if (ask->n_identities == IDENTITY_BATCH_MAX) {
                                add(survey, ask,
                                    identity_batch_request(survey->batch, survey->live, ask->identities,
                                                           ask->n_identities, ask->membership),
                                    take_identities);
                                ask = NULL;
                        }
                }
                if (ask)
                        add(survey, ask,
                            identity_batch_request(survey->batch, survey->live, ask->identities,
                                                   ask->n_identities, ask->membership),
                            take_identities);
        }
}

/* The groups of a project are known: their members can be asked for while the rest is still read. */
static void on_groups(Ask *ask) {
        Survey *survey = ask->survey;
        Index *groups = NULL;
        size_t n = 0;

        for (Index i = 0; i < survey->live->n_identities; i++) {
                const Identity *identity = &survey->live->identities[i];

                if (identity->project == organisation_scope_of(survey->live, ask->project) && identity->kind == IDENTITY_GROUP &&
                    identity->descriptor && !was_asked(survey, i))
                        *mem_push(survey, groups, n) = i;
        }
        ask_identity_batches(survey, groups, n, ask->project);
        mem_free(groups);
}

static int take_groups(void *context, Call *call, const Reply *reply, const char **reasonp,
                       size_t *rowsp) {
        Ask *ask = context;
        int r = ask->codec->take_list(ask->survey->live, ask->project, reply, reasonp, rowsp);

        if (r < 0)
                return r;
        if (!reply->continuation || !reply->continuation[0])
                on_groups(ask);
        return 0;
}

static void ask_groups(Survey *survey, Index project) {
        Ask *ask = ask_new(survey, project);

        ask->codec = codec_of(KIND_GROUP);
        add(survey, ask, ask->codec->list(survey, survey->live, project), take_groups);
}

static int take_scope(void *context, Call *call, const Reply *reply, const char **reasonp,
                      size_t *rowsp) {
        Ask *ask = context;
        Survey *survey = ask->survey;
        int r = identity_scope_take(survey->live, ask->project, reply, reasonp);

        if (r < 0)
                return r;
        ask_groups(survey, ask->project);
        return 0;
}

static int take_acls(void *context, Call *call, const Reply *reply, const char **reasonp,
                     size_t *rowsp) {
        Ask *ask = context;

        *reasonp = acl_reader_error(ask->reader);
        return *reasonp ? -1 : 0;
}

static void ask_acls(Survey *survey, Index project, uint8_t space, const char *token, AclDepth depth) {
        Ask *ask = ask_new(survey, project);
        Request request = acl_query_request(survey->batch, survey->live, space, token, depth);

        ask->reader = acl_reader_new(survey->batch, &(AclReaderSpec){
                                                     .organisation = survey->live,
                                                     .space = space,
                                                     .project = project,
                                                     .token = token,
                                                     .depth = depth,
                                                     .now = port_now(survey->spec.port),
                                             });
        request.sink = acl_reader_sink(ask->reader);
        add(survey, ask, request, take_acls);
}

static void ask_project_acls(Survey *survey, Index project, uint8_t space) {
        ask_acls(survey, project, space, project_lists_token(survey->batch, survey->live, project, space),
                 ACL_RECURSE);
}

static void ask_rest(Ask *ask, const Reply *reply);

static int take_rest(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        Ask *ask = context;
        int r = ask->codec->take_rest(ask->survey->live, ask->project, ask->name, reply, reasonp);

        if (r == 0)
                ask_rest(ask, reply);
        return r < 0 ? r : 0;
}

/* What lies deeper than a list goes is asked for as it comes. */
static void ask_rest(Ask *ask, const Reply *reply) {
        Survey *survey = ask->survey;
        const char **ids = NULL;
        size_t n = ask->codec->rest ? ask->codec->rest(survey->batch, reply, &ids) : 0;

        for (size_t i = 0; i < n; i++) {
                Ask *next = ask_new(survey, ask->project);

                next->codec = ask->codec;
                next->name = ids[i];
                add(survey, next, next->codec->list_rest(survey, survey->live, ask->project, ids[i]),
                    take_rest);
        }
}

static int take_list(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        Ask *ask = context;
        Survey *survey = ask->survey;
        const Project *row = &survey->live->projects[ask->project];
        int space = kind_namespace(ask->codec->kind);
        bool knew_root = space < 0 || row->root_token[space];
        int r = ask->codec->take_list(survey->live, ask->project, reply, reasonp, rowsp);

        if (r == 0)
                ask_rest(ask, reply);
        if (r < 0 || knew_root)
                return r < 0 ? r : 0;
        /* Areas and iterations hang at a node of their own, queries in the folder of the shared ones. */
        if (!row->root_token[space]) {
                *reasonp = mem_printf(survey, "the answer has no root of the project's %s",
                                      kind_row(ask->codec->kind)->key);
                return -1;
        }
        ask_project_acls(survey, ask->project, (uint8_t)space);
        return 0;
}

/* In the order of asking; beside these what the charter governs. */
static const Kind always_listed[] = {KIND_AREA, KIND_TEAM, KIND_REPOSITORY, KIND_PIPELINE_FOLDER,
                                     KIND_SERVICE_CONNECTION};
static const Kind listed_when_governed[] = {KIND_ITERATION, KIND_QUERY, KIND_PIPELINE, KIND_ENVIRONMENT,
                                            KIND_VARIABLE_GROUP, KIND_SECURE_FILE, KIND_AGENT_QUEUE};

/* Entra groups of the charter are looked for by their descriptors, with all others: a row that stays unresolved is one the
 * organisation has not met. */
static void look_for_entra(Survey *survey, const PrincipalList *list) {
        for (size_t i = 0; i < list->n; i++) {
                char *descriptor;
                Guid id;

                if (list->items[i].form != PRINCIPAL_ENTRA_GROUP || guid_parse(&id, list->items[i].name) < 0)
                        continue;
                descriptor = identity_descriptor_of_entra_group(survey, id);
                organisation_descriptor_row(survey->live, descriptor);
                mem_free(descriptor);
        }
}

static void look_for_entra_of(Survey *survey, const DesiredProject *desired) {
        for (size_t i = 0; i < desired->n_principals; i++) {
                look_for_entra(survey, &desired->principals[i].members);
                look_for_entra(survey, &desired->principals[i].admins);
        }
}

static void ask_list(Survey *survey, Index project, Kind kind) {
        Ask *ask = ask_new(survey, project);

        ask->codec = codec_of(kind);
        add(survey, ask, ask->codec->list(survey, survey->live, project), take_list);
}

static void ask_contents_of(Survey *survey, Index project, const DesiredProject *desired) {
        const Project *row = &survey->live->projects[project];
        uint32_t kinds = desired_governed_kinds(desired) | kinds_of_undo(survey);

        add(survey, ask_new(survey, project), identity_scope_request(survey->batch, survey->live, project),
            take_scope);
        for (size_t i = 0; i < sizeof always_listed / sizeof *always_listed; i++)
                ask_list(survey, project, always_listed[i]);
        for (size_t i = 0; i < sizeof listed_when_governed / sizeof *listed_when_governed; i++)
                if ((kinds & (1u << listed_when_governed[i])) && codec_of(listed_when_governed[i]))
                        ask_list(survey, project, listed_when_governed[i]);
        for (uint8_t space = 0; space < _NAMESPACE_N; space++)
                if ((row->spaces & (1u << space)) && row->root_token[space])
                        ask_project_acls(survey, project, space);
}

/* Recursing from a project does not return what stands above it. */
static void ask_roots(Survey *survey) {
        uint32_t spaces = survey->live->spaces;

        for (size_t i = 0; i < survey->n_projects; i++)
                spaces |= survey->live->projects[survey->projects[i]].spaces;
        for (uint8_t space = 0; space < _NAMESPACE_N; space++)
                if ((spaces & (1u << space)) && survey->live->root_token[space])
                        ask_acls(survey, INDEX_NONE, space, survey->live->root_token[space], ACL_TOKEN);
}

/* --- roles: what the service calls the masks behind them ---------------------------------------------------------- */

static int take_roles(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        Ask *ask = context;

        return role_definitions_take(ask->survey->live, ask->kind, ask->level, reply, reasonp);
}

static uint32_t role_kinds_of_undo(const Survey *survey, RoleLevel level) {
        const UndoRecord *undo = survey->spec.undo;

        if (!undo || !kind_has(undo->kind, KIND_HAS_ROLES))
                return 0;
        return 1u << (level == ROLE_OF_ROOT ? kind_at_root(undo->kind) : undo->kind);
}

/* Once for all projects: the definitions are the organisation's. */
static void ask_roles(Survey *survey) {
        for (RoleLevel level = 0; level < _ROLE_LEVEL_N; level++) {
                uint32_t kinds = role_kinds_of_undo(survey, level);

                for (size_t i = 0; i < survey->n_projects; i++)
                        kinds |= desired_role_kinds(survey->desired[i], level);
                for (Kind kind = 0; kind < _KIND_N; kind++) {
                        Ask *ask;

                        if (!(kinds & (1u << kind)))
                                continue;
                        ask = ask_new(survey, INDEX_NONE);
                        ask->kind = kind;
                        ask->level = level;
                        add(survey, ask, role_definitions_request(survey->batch, kind, level), take_roles);
                }
        }
}

/* Whoever lost the last entry, or left the last group, is named by nothing that is read here. */
static int take_keys(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        Ask *ask = context;

        return identity_keys_take(ask->survey->live, ask->keys, ask->n_keys, reply, reasonp);
}

static void ask_keys_of_undo(Survey *survey) {
        const UndoRecord *undo = survey->spec.undo;
        Ask *ask;

        if (!undo || guid_is_null(undo->principal_key))
                return;
        ask = ask_new(survey, INDEX_NONE);
        ask->keys[ask->n_keys++] = undo->principal_key;
        if (!guid_is_null(undo->container_key))
                ask->keys[ask->n_keys++] = undo->container_key;
        add(survey, ask, identity_keys_request(survey->batch, ask->keys, ask->n_keys), take_keys);
}

static void ask_contents(Survey *survey) {
        ask_keys_of_undo(survey);
        ask_roles(survey);
        ask_roots(survey);
        for (size_t i = 0; i < survey->n_projects; i++) {
                look_for_entra_of(survey, survey->desired[i]);
                if (desired_is_organization(survey->desired[i]))
                        ask_groups(survey, survey->projects[i]);
                else
                        ask_contents_of(survey, survey->projects[i], survey->desired[i]);
        }
}

/* --- rights and identities: what charterd may do, and whose the descriptors are --------------------------------- */

static int take_rights(void *context, Call *call, const Reply *reply, const char **reasonp,
                       size_t *rowsp) {
        const Ask *ask = context;
        Survey *survey = ask->survey;

        return connection_rights_take(survey->live, survey->projects, survey->n_projects, ask->rights, reply, reasonp);
}

static void ask_rights(Survey *survey) {
        for (RightsOf of = 0; of < _RIGHTS_OF_N; of++) {
                Ask *ask;

                if (!connection_rights_are_asked(survey->live, survey->projects, survey->n_projects, of))
                        continue;
                ask = ask_new(survey, INDEX_NONE);
                ask->rights = of;
                add(survey, ask,
                    connection_rights_request(survey->batch, survey->live, survey->projects, survey->n_projects, of),
                    take_rights);
        }
}

/* Whose it is, or what: of charterd's own account at an Azure DevOps Server only its key is told. */
static bool is_unresolved(const Identity *identity) {
        return identity->merged == INDEX_NONE &&
               (guid_is_null(identity->storage_key) || identity->kind == IDENTITY_UNKNOWN) &&
               (identity->descriptor || identity->subject);
}

/* Groups met outside the governed projects' own lists: their members matter to who can do what. */
static bool is_unread_group(const Identity *identity) {
        return identity->merged == INDEX_NONE && identity->kind == IDENTITY_GROUP &&
               identity->descriptor && !identity->members_known && !identity->assumed &&
               identity->role != IDENTITY_ROLE_VALID_USERS;
}

static void ask_wave(Survey *survey) {
        Index *wanted = NULL;
        size_t n = 0;

        if (survey->wave++ == 0 && survey->n_projects > 0)
                ask_rights(survey);
        for (Index i = 0; i < survey->live->n_identities; i++) {
                const Identity *identity = &survey->live->identities[i];

                if (!was_asked(survey, i) && (is_unresolved(identity) || is_unread_group(identity)))
                        *mem_push(survey, wanted, n) = i;
        }
        for (size_t i = 0; i < survey->n_sought; i++)
                if (!was_asked(survey, survey->sought[i]))
                        *mem_push(survey, wanted, n) = survey->sought[i];
        ask_identity_batches(survey, wanted, n, INDEX_NONE);
        mem_free(wanted);
}

static PhaseNext take_wave(Survey *survey) {
        if (survey->live->error)
                return PHASE_STOP;
        if (survey->wave >= SURVEY_WAVES_MAX)
                return PHASE_ON;
        for (Index i = 0; i < survey->live->n_identities; i++) {
                const Identity *identity = &survey->live->identities[i];

                if (!was_asked(survey, i) && (is_unresolved(identity) || is_unread_group(identity)))
                        return PHASE_REPEAT;
        }
        return PHASE_ON;
}

/* --- large groups: an identity batch cuts a list of members at 99 (facts §5.5) ---------------------------------- */

static int take_members(void *context, Call *call, const Reply *reply, const char **reasonp,
                        size_t *rowsp) {
        Ask *ask = context;

        return identity_members_take(ask->survey->live, ask->identities[0], reply, reasonp);
}

/* Of the organisation's groups only those matter that the charter governs. */
static Index project_of_group(const Survey *survey, const Identity *identity) {
        const DesiredProject *organization = desired_find_project(survey->spec.desired, DESIRED_ORGANIZATION);

        if (identity->project != INDEX_NONE)
                return identity->project;
        return organization && identity->name && desired_find_principal(organization, identity->name)
                       ? organisation_find_project(survey->live, DESIRED_ORGANIZATION)
                       : INDEX_NONE;
}

static void ask_large(Survey *survey) {
        for (Index i = 0; i < survey->live->n_identities; i++) {
                const Identity *identity = &survey->live->identities[i];
                Ask *ask;

                if (!is_unread_group(identity) || !was_asked(survey, i) || !identity->subject ||
                    project_of_group(survey, identity) == INDEX_NONE)
                        continue;
                ask = ask_new(survey, project_of_group(survey, identity));
                *mem_push(ask, ask->identities, ask->n_identities) = i;
                add(survey, ask, identity_members_request(survey->batch, survey->live, i), take_members);
                survey->has_late = true;
        }
}

static PhaseNext take_large(Survey *survey) {
        return survey->live->error ? PHASE_STOP : PHASE_ON;
}

/* --- names: people and things the charter names and no listing showed ------------------------------------------- */

static int take_person(void *context, Call *call, const Reply *reply, const char **reasonp,
                       size_t *rowsp) {
        Ask *ask = context;
        Index identity;
        int r = identity_search_take(ask->survey->live, ask->name, reply, &identity, reasonp);

        return r < 0 ? r : 0;
}

static void ask_person(Survey *survey, Index project, const PrincipalName *principal, TakeFn take) {
        Ask *ask;

        if (principal->form != PRINCIPAL_USER ||
            organisation_find_person(survey->live, principal->name) != INDEX_NONE)
                return;
        ask = ask_new(survey, project);
        ask->name = principal->name;
        add(survey, ask, identity_search_request(survey->batch, principal->name), take);
}

static int take_asserted(void *context, Call *call, const Reply *reply, const char **reasonp,
                         size_t *rowsp) {
        Survey *survey = ((Ask *)context)->survey;
        Index identity = INDEX_NONE;
        int r = identity_search_take(survey->live, ((Ask *)context)->name, reply, &identity, reasonp);

        if (r == 0) {
                *mem_push(survey, survey->sought, survey->n_sought) = identity;
                survey->has_late = true;
        }
        return r < 0 ? r : 0;
}

/* Service principals, and groups of Entra by name: there is no search for them, but a list. */
typedef struct Listed {
        PrincipalForm form;
        IdentityKind kind;
} Listed;

static const Listed listed_forms[] = {
        {PRINCIPAL_SERVICE_PRINCIPAL, IDENTITY_SERVICE_PRINCIPAL},
        {PRINCIPAL_ENTRA_GROUP, IDENTITY_ENTRA_GROUP},
};

typedef struct Listing {
        const DesiredProject *desired;
        PrincipalForm form;
} Listing;

static bool names_identity(const PrincipalList *list, PrincipalForm form, const Identity *identity) {
        for (size_t i = 0; i < list->n; i++)
                if (list->items[i].form == form &&
                    (text_equal(list->items[i].name, identity->name) ||
                     (identity->origin_id && text_equal(list->items[i].name, identity->origin_id))))
                        return true;
        return false;
}

static bool is_listed(void *context, const Identity *identity) {
        const Listing *listing = context;

        for (size_t i = 0; i < listing->desired->n_principals; i++) {
                const DesiredPrincipal *principal = &listing->desired->principals[i];

                if (names_identity(&principal->members, listing->form, identity) ||
                    names_identity(&principal->admins, listing->form, identity))
                        return true;
        }
        return false;
}

static int take_listed(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        Ask *ask = context;
        Listing listing = {ask->desired, ask->listed->form};
        int r = identity_list_take(ask->survey->live, ask->listed->kind, is_listed, &listing, reply, reasonp, rowsp);

        ask->survey->has_late = true; /* their descriptors are still to be resolved */
        return r;
}

/* Of Entra groups those that are named: one by its object id is looked for by its descriptor. */
static bool has_unseen(const Survey *survey, const PrincipalList *list, PrincipalForm form) {
        for (size_t i = 0; i < list->n; i++) {
                Guid id;

                if (list->items[i].form != form ||
                    (form == PRINCIPAL_ENTRA_GROUP && guid_parse(&id, list->items[i].name) == 0))
                        continue;
                if (organisation_find_person(survey->live, list->items[i].name) == INDEX_NONE)
                        return true;
        }
        return false;
}

static void ask_listed(Survey *survey, Index project, const DesiredProject *desired, const Listed *listed) {
        bool is_needed = false;
        Ask *ask;

        for (size_t i = 0; i < desired->n_principals && !is_needed; i++)
                is_needed = has_unseen(survey, &desired->principals[i].members, listed->form) ||
                            has_unseen(survey, &desired->principals[i].admins, listed->form);
        if (!is_needed || survey->live->is_server)
                return;
        ask = ask_new(survey, project);
        ask->desired = desired;
        ask->listed = listed;
        add(survey, ask, identity_list_request(survey->batch, listed->kind), take_listed);
}

static int take_name(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        Ask *ask = context;
        Survey *survey = ask->survey;
        int r = ask->codec->take_get(survey->live, ask->project, ask->name, reply, reasonp);
        Index entity;

        if (r != 0)
                return r < 0 ? r : 0;
        /* A listing had not shown it: what came with the listing is read again for this one thing. */
        entity = organisation_find_entity(survey->live, ask->project, ask->codec->kind, ask->name);
        if (entity != INDEX_NONE && survey->live->entities[entity].token) {
                int space = kind_namespace(ask->codec->kind);

                if (space >= 0)
                        ask_acls(survey, ask->project, (uint8_t)space, survey->live->entities[entity].token,
                                 ACL_RECURSE);
        }
        survey->has_late = true;
        return 0;
}

static void ask_name(Survey *survey, Index project, Kind kind, const char *name) {
        const Codec *codec = codec_of(kind);
        Ask *ask;

        if (!codec || !codec->get || (kind_has(kind, KIND_IS_NESTED) && text_equal(name, "/")) ||
            organisation_find_entity(survey->live, project, kind, name) != INDEX_NONE)
                return;
        ask = ask_new(survey, project);
        ask->codec = codec;
        ask->name = name;
        ask->absence_is_fine = true;
        add(survey, ask, codec->get(survey, survey->live, project, name), take_name);
}

/* Of somebody who is in nothing that is read here an assertion is judged all the same. */
static void ask_asserted(Survey *survey, Index project, const DesiredProject *desired) {
        for (size_t i = 0; i < desired->n_asserts; i++) {
                PrincipalName principal = {.form = PRINCIPAL_USER, .name = desired->asserts[i].name};
                bool is_asked = desired->asserts[i].subject != ASSERT_USER;

                for (size_t k = 0; k < i && !is_asked; k++)
                        is_asked = desired->asserts[k].subject == ASSERT_USER &&
                                   text_equal(desired->asserts[k].name, principal.name);
                if (!is_asked)
                        ask_person(survey, project, &principal, take_asserted);
        }
}

/* A thing of the charter: by its name, and by the one it had, unless either is seen. */
static void ask_thing(Survey *survey, Index project, Kind kind, const char *name, const char *was) {
        if (was && organisation_find_entity(survey->live, project, kind, was) != INDEX_NONE)
                return;
        if (was && organisation_find_entity(survey->live, project, kind, name) == INDEX_NONE)
                ask_name(survey, project, kind, was);
        ask_name(survey, project, kind, name);
}

static void ask_names_of(Survey *survey, Index project, const DesiredProject *desired) {
        for (size_t i = 0; i < sizeof listed_forms / sizeof *listed_forms; i++)
                ask_listed(survey, project, desired, &listed_forms[i]);
        for (size_t i = 0; i < desired->n_principals; i++) {
                const DesiredPrincipal *principal = &desired->principals[i];

                for (size_t k = 0; k < principal->members.n; k++)
                        ask_person(survey, project, &principal->members.items[k], take_person);
                for (size_t k = 0; k < principal->admins.n; k++)
                        ask_person(survey, project, &principal->admins.items[k], take_person);
                ask_thing(survey, project, principal->is_team ? KIND_TEAM : KIND_GROUP, principal->name, principal->was);
                for (size_t k = 0; k < principal->n_owns; k++)
                        ask_thing(survey, project, principal->owns[k].kind, principal->owns[k].name,
                                  principal->owns[k].was);
        }
        for (size_t i = 0; i < desired->n_artefacts; i++)
                ask_name(survey, project, desired->artefacts[i].kind, desired->artefacts[i].name);
        ask_asserted(survey, project, desired);
}

static void ask_names(Survey *survey) {
        for (size_t i = 0; i < survey->n_projects; i++) {
                Index project = survey->projects[i];

                if (survey->live->projects[project].state != PROJECT_SURVEYED)
                        continue;
                ask_names_of(survey, project, survey->desired[i]);
                /* A number says nothing to people. */
                if (!(desired_governed_kinds(survey->desired[i]) & (1u << KIND_PIPELINE)) &&
                    unnamed_pipelines_matter(survey->live, project, survey->desired[i]))
                        ask_list(survey, project, KIND_PIPELINE);
        }
}

/* What charterd made a moment ago and even a direct read does not show yet is believed. */
static PhaseNext take_names(Survey *survey) {
        if (survey->live->error)
                return PHASE_STOP;
        memory_fold(survey->spec.memory, survey->live, port_now(survey->spec.port),
                    survey->spec.settle_ms);
        return PHASE_ON;
}

/* --- vanished: what was there before and is not seen by its name is asked for by its id --------------------------- */

static int take_id(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        Ask *ask = context;
        int r = ask->codec->take_id(ask->survey->live, ask->project, ask->name, reply, reasonp);

        if (r == 0)
                ask->survey->has_late = true; /* under another name */
        return r < 0 ? r : 0;
}

typedef struct InProject {
        Survey *survey;
        Index project;
} InProject;

static void ask_if_vanished(void *context, const GovernedThing *thing) {
        const InProject *vanishing = context;
        Survey *survey = vanishing->survey;
        const KnownEntry *entry = remembrance_find(survey->spec.known, survey->spec.desired, thing);
        const Codec *codec = codec_of(thing->kind);
        Ask *ask;

        if (thing->kind == KIND_PROJECT || !entry || !is_settled(survey, entry) ||
            remembrance_find_live(survey->spec.known, survey->spec.desired, survey->live, vanishing->project, thing) !=
                    INDEX_NONE)
                return;
        if (!codec || !codec->get_id || !entry->id[0]) {
                /* Its name was read directly a moment ago, and the whole list has no such id. */
                note_gone(survey, thing->kind, thing->project->name, entry->key.name);
                return;
        }
        ask = ask_new(survey, vanishing->project);
        ask->codec = codec;
        ask->desired = thing->project;
        ask->kind = thing->kind;
        ask->name = entry->key.name;
        ask->absence_is_fine = true;
        ask->absence_is_gone = true;
        add(survey, ask, codec->get_id(survey, survey->live, vanishing->project, entry->id), take_id);
}

static void ask_vanished(Survey *survey) {
        for (size_t i = 0; survey->spec.known && i < survey->n_projects; i++)
                if (survey->live->projects[survey->projects[i]].state == PROJECT_SURVEYED)
                        remembrance_each(survey->desired[i], ask_if_vanished,
                                         &(InProject){survey, survey->projects[i]});
}

/* --- team areas: read in rotation, kept in memory between ------------------------------------------------------- */

static int take_team_areas(void *context, Call *call, const Reply *reply, const char **reasonp,
                           size_t *rowsp) {
        Ask *ask = context;
        Survey *survey = ask->survey;
        int r = team_areas_take(survey->live, ask->team, reply, reasonp);

        if (r < 0)
                return r;
        memory_note_areas(survey->spec.memory, survey->live,
                          organisation_find_team_areas(survey->live, ask->team),
                          port_now(survey->spec.port), survey->spec.areas_keep_ms);
        return 0;
}

static bool owns_areas(const DesiredPrincipal *principal) {
        for (size_t i = 0; i < principal->n_owns; i++)
                if (principal->owns[i].kind == KIND_AREA)
                        return true;
        return false;
}

/* The team whose areas, or the thing whose pipelines, the undone change was about; INDEX_NONE: neither. */
static Index find_undone(const Survey *survey) {
        const UndoRecord *undo = survey->spec.undo;
        Index found = INDEX_NONE;

        if (undo && undo->verb == STEP_SET_AREAS) {
                char id[GUID_TEXT_SIZE];

                found = organisation_find_entity_id(survey->live, KIND_TEAM, guid_format(undo->principal_key, id));
        } else if (undo && undo->verb == STEP_SET_PIPELINES && survey->n_projects > 0) {
                found = organisation_find_entity(survey->live, survey->projects[0], undo->kind, undo->name);
        }
        return found;
}

static void ask_areas_of_team(Survey *survey, Index project, Index team) {
        int64_t oldest = port_now(survey->spec.port) - survey->spec.areas_keep_ms;
        const TeamAreas *kept;
        Ask *ask;

        if (team == survey->undone)
                return; /* read by itself */
        kept = memory_find_areas(survey->spec.memory, survey->live->entities[team].id, oldest);
        if (kept) {
                TeamAreas areas = *kept;

                areas.team = team;
                organisation_set_team_areas(survey->live, &areas);
                return;
        }
        ask = ask_new(survey, project);
        ask->team = team;
        ask->absence_is_fine = ask->absence_is_empty = survey->live->entities[team].assumed;
        add(survey, ask, team_areas_request(survey->batch, survey->live, team), take_team_areas);
}

static void ask_team_areas_of(Survey *survey, Index project, const DesiredProject *desired,
                              const DesiredPrincipal *principal) {
        GovernedThing thing = {desired, KIND_TEAM, principal->name, principal->was};
        Index team;

        if (!principal->is_team || !owns_areas(principal) || principal->retired)
                return;
        team = remembrance_find_live(survey->spec.known, survey->spec.desired, survey->live, project, &thing);
        if (team != INDEX_NONE)
                ask_areas_of_team(survey, project, team);
}

static void ask_areas_of_all_teams(Survey *survey, Index project) {
        for (Index i = 0; i < survey->live->n_entities; i++)
                if (survey->live->entities[i].kind == KIND_TEAM && survey->live->entities[i].project == project)
                        ask_areas_of_team(survey, project, i);
}

static void ask_team_areas(Survey *survey) {
        for (size_t i = 0; i < survey->n_projects; i++) {
                const DesiredProject *desired = survey->desired[i];

                if (survey->live->projects[survey->projects[i]].state != PROJECT_SURVEYED)
                        continue;
                if (desired->whole)
                        ask_areas_of_all_teams(survey, survey->projects[i]);
                for (size_t k = 0; k < desired->n_principals; k++)
                        ask_team_areas_of(survey, survey->projects[i], desired, &desired->principals[k]);
        }
}

/* --- pipelines: who may use a thing with roles, in the same rotation --------------------------------------------- */

static int take_users(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        Ask *ask = context;
        Survey *survey = ask->survey;
        int r = pipeline_users_take(survey->live, ask->used, reply, reasonp);

        if (r < 0)
                return r;
        memory_note_users(survey->spec.memory, survey->live,
                          organisation_find_pipeline_users(survey->live, ask->used),
                          port_now(survey->spec.port), survey->spec.areas_keep_ms);
        return 0;
}

static void ask_users_of(void *context, const OwnedArtefact *artefact) {
        const InProject *asking = context;
        Survey *survey = asking->survey;
        int64_t oldest = port_now(survey->spec.port) - survey->spec.areas_keep_ms;
        Index entity = organisation_find_entity(survey->live, asking->project, artefact->kind, artefact->name);
        const PipelineUsers *kept;
        Ask *ask;

        if (entity == INDEX_NONE || entity == survey->undone)
                return;
        kept = memory_find_users(survey->spec.memory, artefact->kind, survey->live->entities[entity].id, oldest);
        if (kept) {
                PipelineUsers users = *kept;

                users.entity = entity;
                organisation_set_pipeline_users(survey->live, &users);
                return;
        }
        ask = ask_new(survey, asking->project);
        ask->used = entity;
        ask->refusal_is_fine = !artefact->pipelines; /* only a finding hangs on it */
        add(survey, ask, pipeline_users_request(survey->batch, survey->live, entity), take_users);
}

/* What an undo looks at is as it is now, not as it was read a while ago. */
static void ask_undone(Survey *survey) {
        Index undone = find_undone(survey);
        const Entity *entity = undone == INDEX_NONE ? NULL : &survey->live->entities[undone];
        Ask *ask;

        survey->undone = undone;
        if (!entity)
                return;
        ask = ask_new(survey, entity->project);
        if (entity->kind == KIND_TEAM) {
                ask->team = undone;
                add(survey, ask, team_areas_request(survey->batch, survey->live, undone), take_team_areas);
        } else {
                ask->used = undone;
                add(survey, ask, pipeline_users_request(survey->batch, survey->live, undone), take_users);
        }
}

static void ask_rotating(Survey *survey) {
        ask_undone(survey);
        ask_team_areas(survey);
        for (size_t i = 0; i < survey->n_projects; i++)
                if (survey->live->projects[survey->projects[i]].state == PROJECT_SURVEYED)
                        desired_each_asked_pipelines(survey->desired[i], ask_users_of,
                                                     &(InProject){survey, survey->projects[i]});
}

static PhaseNext take_nothing(Survey *survey) {
        return survey->live->error ? PHASE_STOP : PHASE_ON;
}

/* --- the straight line ------------------------------------------------------------------------------------------- */

static void ask_late_wave(Survey *survey) {
        if (survey->has_late)
                ask_wave(survey);
}

static PhaseNext take_late_wave(Survey *survey) {
        return survey->has_late ? take_wave(survey) : take_nothing(survey);
}

static const Phase phases[] = {
        {"the organization", 10, ask_connection, take_connection},
        {"hidden projects", 1, ask_hidden, take_hidden},
        {"lists of things and permissions", 50, ask_contents, take_nothing},
        {"members of groups", 30, ask_wave, take_wave},
        {"members of large groups", 3, ask_large, take_large},
        {"names that were not found", 3, ask_names, take_names},
        {"things that vanished", 1, ask_vanished, take_nothing},
        {"members of groups found late", 2, ask_late_wave, take_late_wave},
        {"areas of teams and pipelines of things", 0, ask_rotating, take_nothing},
};
enum {
        N_PHASES = sizeof phases / sizeof *phases,
        N_STEADY_PHASES = N_PHASES - 1, /* the last one reads what is kept for a while */
};

/* What to grant where the permission's own word does not say enough. */
static const char *const read_grants[_NAMESPACE_N] = {
        [NAMESPACE_PROJECT] = "View project-level information",
        [NAMESPACE_GIT] = "Read on Git repositories",
        [NAMESPACE_BUILD] = "View build pipeline",
        [NAMESPACE_CSS] = "View permissions for this node on the root area",
        [NAMESPACE_ITERATION] = "View permissions for this node on the root iteration",
        [NAMESPACE_QUERIES] = "Read on shared queries",
        [NAMESPACE_IDENTITY] = "View identity information",
        [NAMESPACE_SERVICE_ENDPOINTS] = "View Service Connection",
};

static const char *read_grant(const Survey *survey, uint8_t space) {
        const PermissionNamespace *row = &survey->live->permissions.items[space];

        return read_grants[space] ? read_grants[space]
                                  : permission_word(survey->live->mem, row, row->read_permission);
}

/* Rules at the organisation need what is read there; a missing right fails the projects that have such rules. */
static bool reads_organization(Survey *survey, Index project, const DesiredProject *desired) {
        const Organisation *live = survey->live;
        uint32_t unread = live->spaces & ~live->rights.may_read;
        uint8_t space = 0;

        if (unread == 0 || !desired_project_is_about_organization(desired))
                return true;
        while (!(unread & (1u << space)))
                space++;
        fail_project(survey, project,
                     mem_printf(survey,
                                "charterd lacks \"%s\" of %s at organisation %s, which `at: organization` needs; "
                                "grant it to charterd's identity",
                                read_grant(survey, space), live->permissions.items[space].name, live->name));
        return false;
}

static void seal_project(Survey *survey, Index project, const DesiredProject *desired) {
        Project *row = &survey->live->projects[project];
        uint32_t unread = row->spaces & ~row->rights.may_read;

        if (row->state != PROJECT_SURVEYED || !reads_organization(survey, project, desired))
                return;
        for (uint8_t space = 0; space < _NAMESPACE_N; space++) {
                const PermissionNamespace *permissions = &survey->live->permissions.items[space];

                if (!(row->spaces & (1u << space)))
                        continue;
                if (permissions->is_missing) {
                        fail_project(survey, project,
                                     mem_printf(survey,
                                                "the service has no security namespace %s, which the "
                                                "charter of project %s needs",
                                                permissions->name, row->name));
                        return;
                }
                if (!(unread & (1u << space)))
                        continue;
                fail_project(survey, project,
                             mem_printf(survey,
                                        "charterd lacks \"%s\" at the root of project %s, so what it reads "
                                        "there may be incomplete; grant it to charterd's identity",
                                        read_grant(survey, space), row->name));
                return;
        }
        row->state = PROJECT_SEALED;
}

static void survey_finish(Survey *survey) {
        if (!survey->live->error)
                for (size_t i = 0; i < survey->n_projects; i++)
                        seal_project(survey, survey->projects[i], survey->desired[i]);
        organisation_seal(survey->live);
        survey->spec.on_done(survey->spec.context, survey);
}

static void survey_ask(Survey *survey);

static void on_batch(void *context, Batch *batch) {
        Survey *survey = context;
        PhaseNext next = phases[survey->phase].take(survey);

        survey->batch = mem_free(survey->batch);
        if (next == PHASE_STOP)
                survey->phase = N_PHASES;
        else if (next == PHASE_ON)
                survey->phase++;
        survey_ask(survey);
}

static void survey_ask(Survey *survey) {
        size_t n;

        while (survey->phase < N_PHASES) {
                survey->batch = batch_new(survey, &(BatchSpec){
                                                          .port = survey->spec.port,
                                                          .throttle = survey->spec.throttle,
                                                          .judge = judge_reply,
                                                          .on_done = on_batch,
                                                          .on_call = on_call,
                                                          .context = survey,
                                                          .ends_unanswered = true,
                                                  });
                progress_enter(survey->spec.progress, survey->phase, phases[survey->phase].name,
                               port_now(survey->spec.port));
                phases[survey->phase].ask(survey);
                batch_calls(survey->batch, &n);
                if (n > 0) {
                        batch_start(survey->batch);
                        return;
                }
                /* Nothing to ask: the phase still takes, and the next one follows in the same turn. */
                survey->batch = mem_free(survey->batch);
                if (phases[survey->phase].take(survey) == PHASE_STOP)
                        survey->phase = N_PHASES;
                else
                        survey->phase++;
        }
        survey_finish(survey);
}

static void begin_progress(Survey *survey) {
        ProgressGuess guess = {.n_stages = N_PHASES, .n_steady = N_STEADY_PHASES};

        for (size_t i = 0; i < N_STEADY_PHASES; i++)
                guess.weights[i] = (uint32_t)(phases[i].percent * survey->spec.guess.n_steady);
        static_assert(PROGRESS_WEIGHT == 100, "the weight of a phase is in percent");
        guess.weights[N_STEADY_PHASES] = (uint32_t)(PROGRESS_WEIGHT * survey->spec.guess.n_rotating);
        progress_begin_reading(survey->spec.progress, &guess, port_now(survey->spec.port));
}

Survey *survey_start(Mem *parent, const SurveySpec *spec) {
        Survey *survey = mem_new(parent, Survey);

        survey->spec = *spec;
        begin_progress(survey);
        survey->live = organisation_new(survey, spec->desired->organization);
        survey_ask(survey);
        return survey;
}

Organisation *survey_organisation(const Survey *survey) {
        return survey->live;
}

const GoneList *survey_gone(const Survey *survey) {
        return &survey->gone;
}

size_t survey_n_requests(const Survey *survey, const DesiredProject *project) {
        for (size_t i = 0; project && i < survey->n_projects; i++)
                if (survey->desired[i] == project)
                        return survey->n_requests[i];
        return project ? 0 : survey->n_shared_requests;
}

FaultKind survey_fault(const Survey *survey) {
        return survey->fault;
}
