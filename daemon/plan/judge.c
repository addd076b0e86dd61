/* SPDX-License-Identifier: Apache-2.0 */
/* Judge: whether confinements and assertions hold, live and as the plan would leave it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/plan/planner.h"

/* Verdicts that are told together. */
typedef struct Bundle {
        const AccessVerdict *first;
        const char *key; /* what they have in common, beside what they are about */
        size_t n;
} Bundle;

typedef struct Bundles {
        Bundle *items;
        size_t n;
} Bundles;

typedef struct Judging {
        Planner *planner;
        Draft *draft;
        Mem *frame; /* of one team or assertion */
        AccessNames live_names;
        AccessNames wanted_names;
        Bundles unknown;  /* of the project, by reason */
        uint8_t *leaking; /* one a live identity: it, or somebody in it, is a confined team with a
                             leak */
        bool is_not_private; /* told */
        AccessView
                *charter_view; /* what the charter itself gives, alone; made when first asked for */
} Judging;

static void bundle(Mem *parent, Bundles *bundles, const AccessVerdict *verdict, const char *key) {
        for (size_t i = 0; i < bundles->n; i++)
                if (bundles->items[i].first->kind == verdict->kind &&
                    strcmp(bundles->items[i].key, key) == 0) {
                        bundles->items[i].n++;
                        return;
                }
        *mem_push(parent, bundles->items, bundles->n) = (Bundle){verdict, key, 1};
}

static const char *ground_of(const AccessVerdict *verdict) {
        assert(verdict);
        return verdict->n_path > 0 ? verdict->path[verdict->n_path - 1] : "";
}

/* `whether X can reach Y is not known: REASON` */
static const char *reason_of(const AccessVerdict *verdict) {
        static const char mark[] = " is not known: ";
        const char *at = strstr(verdict->message, mark);

        return at ? at + strlen(mark) : verdict->message;
}

/* The reason without whom it is about: one person of a team is told for all. */
static const char *key_of(const AccessVerdict *verdict) {
        const char *reason = reason_of(verdict), *rest = strstr(reason, " may be ");

        return rest ? rest : reason;
}

/* Of what is live alone: nobody did what a plan would do. */
static void keep_chain(Planner *planner, Finding *finding, const AccessVerdict *verdict) {
        for (size_t i = 0; i < verdict->n_chain; i++)
                if (verdict->chain[i] >= planner->live->n_identities)
                        return;
        if (verdict->n_chain == 0)
                return;
        finding->chain = arena_memdup(planner->arena, verdict->chain, verdict->n_chain * sizeof *verdict->chain);
        finding->n_chain = verdict->n_chain;
        finding->space = verdict->space;
        finding->token = arena_strdup(planner->arena, verdict->token);
}

static void keep_path(Planner *planner, Finding *finding, const AccessVerdict *verdict) {
        const char **path;

        if (verdict->n_path == 0)
                return;
        path = arena_alloc(planner->arena, verdict->n_path * sizeof *path);
        for (size_t i = 0; i < verdict->n_path; i++)
                path[i] = arena_strdup(planner->arena, verdict->path[i]);
        finding->path = path;
        finding->n_path = verdict->n_path;
        keep_chain(planner, finding, verdict);
}

#define BY_THE_SAME_ENTRY "; and others by the same entry"
#define BY_OTHER_ENTRIES "; and others besides"

/* more: what is said of the rest of the bundle */
static void tell_bundle(Judging *judging, const Bundle *told, const char *kind, FindingLevel level,
                        const char *more, const char *suffix) {
        Finding *finding = planner_add_finding(
                judging->planner, kind, level, judging->draft->desired->name, told->first->place,
                "%s%s%s", told->first->message, told->n > 1 ? more : "", suffix);

        keep_path(judging->planner, finding, told->first);
}

/* --- what is not known: once for each reason -------------------------------------------------- */

static void note_unknown(Judging *judging, const AccessVerdict *verdict) {
        Mem *scratch = judging->planner->scratch;
        AccessVerdict *kept;

        for (size_t i = 0; i < judging->unknown.n; i++)
                if (strcmp(judging->unknown.items[i].key, key_of(verdict)) == 0) {
                        judging->unknown.items[i].n++;
                        return;
                }
        kept = mem_memdup(scratch, verdict, sizeof *verdict);
        kept->message = mem_strdup(scratch, verdict->message);
        *mem_push(scratch, judging->unknown.items, judging->unknown.n) =
                (Bundle){kept, key_of(kept), 1};
}

static void tell_unknown(Judging *judging) {
        for (size_t i = 0; i < judging->unknown.n; i++) {
                const Bundle *told = &judging->unknown.items[i];

                if (told->n == 1)
                        planner_add_finding(judging->planner, "not_known", FINDING_WARNING,
                                            judging->draft->desired->name, told->first->place, "%s",
                                            told->first->message);
                else
                        planner_add_finding(
                                judging->planner, "not_known", FINDING_WARNING,
                                judging->draft->desired->name, told->first->place,
                                "%s (and %zu more that are not known for the same reason)",
                                told->first->message, told->n - 1);
        }
}

/* --- confinement ------------------------------------------------------------------------------ */

static size_t count_open(const AccessVerdicts *verdicts) {
        size_t n = 0;

        for (size_t i = 0; i < verdicts->n; i++)
                n += verdicts->items[i].answer == ACCESS_OPEN && !verdicts->items[i].is_member;
        return n;
}

/* Everybody through whom the team reaches something: taking from them may close it. */
static void mark_leaking(Judging *judging, const Party *party) {
        Planner *planner = judging->planner;
        AccessSubject *subject =
                access_subject_new(judging->frame, planner->live_view, party->identity);

        for (size_t i = 0; i < subject->n; i++)
                if (subject->items[i] < planner->live->n_identities)
                        judging->leaking[subject->items[i]] = 1;
}

static void tell_visibility(Judging *judging, const AccessVerdict *verdict) {
        if (judging->is_not_private)
                return;
        judging->is_not_private = true;
        planner_add_finding(judging->planner, "visibility", FINDING_WARNING,
                            judging->draft->desired->name, judging->draft->desired->place,
                            "%s; what confined teams can reach there is not known",
                            reason_of(verdict));
}

/* What becomes of a leak by the plan. */
typedef struct Outlook {
        FindingLevel level;
        const char *suffix;
} Outlook;

static Outlook outlook_of(size_t n_now, size_t n_then) {
        if (n_then == 0)
                return (Outlook){FINDING_WARNING, "; this plan closes it"};
        return (Outlook){FINDING_ALARM,
                         n_then < n_now ? "; this plan does not close all of it" : ""};
}

static void tell_confinement(Judging *judging, const AccessVerdicts *verdicts, Outlook outlook) {
        Bundles open = {0}, members = {0};

        for (size_t i = 0; i < verdicts->n; i++) {
                const AccessVerdict *verdict = &verdicts->items[i];

                if (verdict->answer == ACCESS_UNKNOWN && verdict->kind == KIND_PROJECT)
                        tell_visibility(judging, verdict);
                else if (verdict->answer == ACCESS_UNKNOWN)
                        note_unknown(judging, verdict);
                else if (verdict->is_member)
                        bundle(judging->frame, &members, verdict, verdict->principal);
                else
                        bundle(judging->frame, &open, verdict, ground_of(verdict));
        }
        for (size_t i = 0; i < open.n; i++)
                tell_bundle(judging, &open.items[i], "leak", outlook.level, BY_THE_SAME_ENTRY,
                            outlook.suffix);
        for (size_t i = 0; i < members.n; i++)
                tell_bundle(judging, &members.items[i], "member", FINDING_WARNING, BY_OTHER_ENTRIES,
                            "");
}

static void judge_team(Judging *judging, const Party *party) {
        Planner *planner = judging->planner;
        const DesiredProject *project = judging->draft->desired;
        AccessVerdicts now, then = {0};
        size_t n_open;

        judging->frame = mem_alloc_zero(planner->scratch, 1, "frame");
        now = access_confine(judging->frame, planner->live_view, project, party->desired,
                             &judging->live_names);
        n_open = count_open(&now);
        if (n_open > 0) {
                planner->plan->n_broken += n_open;
                mark_leaking(judging, party);
                then = access_confine(judging->frame, planner->wanted_view, project, party->desired,
                                      &judging->wanted_names);
        }
        tell_confinement(judging, &now, outlook_of(n_open, count_open(&then)));
        judging->frame = mem_free(judging->frame);
}

static bool is_known_to_evaluation(const Judging *judging, const Party *party) {
        return party->identity != INDEX_NONE &&
               !judging->planner->live->identities[party->identity].assumed;
}

/* Builds that run as the service's own identity reach whatever that reads (charter.md, confined).
 */
#define WHOEVER_RUNS "any pipeline that runs as it can"

static bool reads_every_repository(const Judging *judging, Index service) {
        const Organisation *live = judging->planner->live;
        const char *root = judging->draft->row->root_token[NAMESPACE_GIT];
        Index acl = root ? organisation_find_acl(live, NAMESPACE_GIT, root) : INDEX_NONE;
        const AccessControlEntry *entry =
                acl == INDEX_NONE ? NULL : acl_find_entry(&live->acls[acl], service);

        return entry && (entry->allow & live->permissions.items[NAMESPACE_GIT].read_permission);
}

/* `...;{organisation}:Build:{project}` */
static bool is_of_project(const Judging *judging, const Identity *service) {
        char id[GUID_TEXT_SIZE];
        size_t n = service->descriptor ? strlen(service->descriptor) : 0;

        guid_format(judging->draft->row->id, id);
        return n > strlen(id) && text_equal(service->descriptor + n - strlen(id), id);
}

/* Of what teams own, by whatever entry and through whatever groups. */
static void tell_repositories_read(Judging *judging, Index service) {
        Planner *planner = judging->planner;
        const DesiredProject *project = judging->draft->desired;
        uint32_t read = planner->live->permissions.items[NAMESPACE_GIT].read_permission;
        Mem *frame = mem_alloc_zero(planner->scratch, 1, "frame");
        AccessSubject *subject = access_subject_new(frame, planner->live_view, service);
        NameList names;

        name_list_init(&names, frame);
        for (size_t i = 0; i < project->n_principals; i++)
                for (size_t j = 0; j < project->principals[i].n_owns; j++) {
                        const OwnedArtefact *owned = &project->principals[i].owns[j];
                        AccessPlace place = {0};

                        if (owned->kind != KIND_REPOSITORY)
                                continue;
                        place = judging->live_names.artefact(judging->live_names.context, project,
                                                             KIND_REPOSITORY, owned->name);
                        if (place.token && (access_evaluate(planner->live_view, subject, place.space,
                                                            place.token)
                                                    .allow &
                                            read))
                                name_list_add(&names, owned->name);
                }
        if (names.n > 0)
                planner_add_finding(planner, "build_service", FINDING_WARNING, project->name,
                                    project->place, "%s reads what teams own: %s; " WHOEVER_RUNS,
                                    actor_of_identity(planner, service).principal.display,
                                    name_list_end(&names));
        mem_free(frame);
}

static void tell_build_services(Judging *judging, size_t n_confined) {
        Planner *planner = judging->planner;
        const Organisation *live = planner->live;

        for (Index i = 0; n_confined > 0 && i < live->n_identities; i++) {
                const Identity *identity = &live->identities[i];

                if (identity->kind != IDENTITY_SERVICE || identity->merged != INDEX_NONE)
                        continue;
                if (reads_every_repository(judging, i))
                        planner_add_finding(planner, "build_service", FINDING_WARNING,
                                            judging->draft->desired->name,
                                            judging->draft->desired->place,
                                            "%s reads every repository of the project, those of "
                                            "confined teams too: " WHOEVER_RUNS,
                                            actor_of_identity(planner, i).principal.display);
                else if (is_of_project(judging, identity))
                        tell_repositories_read(judging, i);
        }
}

/* --- assertions ------------------------------------------------------------------------------- */

/* An organisation like the live one in which nobody has anything: what the charter gives can be
 * laid over it alone. */
static Organisation *bare_organisation(Planner *planner) {
        Organisation *bare = mem_memdup(planner->scratch, planner->live, sizeof *bare);
        size_t n = bare->n_acls;

        bare->acls = n > 0 ? mem_memdup(bare, planner->live->acls, n * sizeof *bare->acls) : NULL;
        for (size_t i = 0; i < n; i++)
                bare->acls[i].forgotten = true;
        bare->n_acl_order = 0;
        bare->n_memberships = bare->n_member_of = 0;
        return bare;
}

static void lay_draft(AccessView *view, const Draft *draft) {
        for (size_t i = 0; i < draft->n_edges; i++)
                access_view_add_member(view, draft->edges[i].container.index,
                                       draft->edges[i].member.index);
        for (size_t i = 0; i < draft->n_spots; i++) {
                const Spot *spot = draft->spots[i];

                if (spot->space < 0 || !spot->view_token)
                        continue;
                if (spot->owned && spot->owned->inherit == TRISTATE_FALSE && !spot->is_root)
                        access_view_set_inherit(view, (uint8_t)spot->space, spot->view_token,
                                                /* inherit= */ false);
                if (spot->is_new && !spot->is_root)
                        access_view_name_token(view, (uint8_t)spot->space, spot->view_token,
                                               mem_printf(draft->planner->scratch, "[%s] %s %s",
                                                          draft->desired->name,
                                                          kind_row(spot->kind)->noun, spot->name));
        }
}

static AccessView *view_of_charter(Planner *planner) {
        AccessView *view = access_view_new(planner->scratch, bare_organisation(planner));

        for (size_t i = 0; i < planner->n_news; i++) {
                Index row =
                        access_view_add_principal(view, INDEX_NONE, planner->news[i].principal.name,
                                                  planner->news[i].principal.display);

                assert(row == planner->news[i].index); /* they come in the same order */
        }
        for (size_t i = 0; i < planner->spec->desired->n_projects; i++)
                if (planner->plan->drafts[i])
                        lay_draft(view, planner->plan->drafts[i]);
        for (size_t i = 0; i < planner->n_givens; i++)
                access_view_set_entry(view, planner->givens[i].space, planner->givens[i].view_token,
                                      planner->givens[i].entry);
        return view;
}

static bool has_verdict(const AccessVerdicts *verdicts, const DesiredAssert *assertion,
                        const AccessVerdict *wanted) {
        for (size_t i = 0; i < verdicts->n; i++)
                if (access_verdict_breaks(assertion, &verdicts->items[i]) &&
                    verdicts->items[i].kind == wanted->kind &&
                    text_equal(verdicts->items[i].name, wanted->name) &&
                    text_equal(verdicts->items[i].principal, wanted->principal))
                        return true;
        return false;
}

/* The verdict by which the charter itself breaks its assertion, or NULL: `cannot`, where what it
 * gives alone opens it; `can`, where it denies it, or where the plan takes what is there now. */
static const AccessVerdict *own_breach(Judging *judging, const DesiredAssert *assertion,
                                       const AccessVerdicts *now, const AccessVerdicts *then) {
        AccessVerdicts alone;

        for (size_t i = 0; assertion->can && i < then->n; i++)
                if (access_verdict_breaks(assertion, &then->items[i]) &&
                    !has_verdict(now, assertion, &then->items[i]))
                        return &then->items[i];
        if (!judging->charter_view)
                judging->charter_view = view_of_charter(judging->planner);
        alone = access_assert(judging->frame, judging->charter_view, judging->draft->desired,
                              assertion, &judging->wanted_names);
        for (size_t i = 0; i < alone.n; i++)
                if (access_verdict_breaks(assertion, &alone.items[i]) &&
                    (!assertion->can || alone.items[i].n_path > 0))
                        return &alone.items[i];
        return NULL;
}

static size_t count_broken(const AccessVerdicts *verdicts, const DesiredAssert *assertion) {
        size_t n = 0;

        for (size_t i = 0; i < verdicts->n; i++)
                n += access_verdict_breaks(assertion, &verdicts->items[i]);
        return n;
}

static void tell_assertion(Judging *judging, const DesiredAssert *assertion,
                           const AccessVerdicts *verdicts, size_t n_then) {
        bool is_mended = n_then == 0;
        Bundles broken = {0};

        for (size_t i = 0; i < verdicts->n; i++) {
                const AccessVerdict *verdict = &verdicts->items[i];

                if (access_verdict_breaks(assertion, verdict))
                        bundle(judging->frame, &broken, verdict, ground_of(verdict));
                else if (verdict->answer == ACCESS_UNKNOWN)
                        note_unknown(judging, verdict);
        }
        for (size_t i = 0; i < broken.n; i++)
                tell_bundle(judging, &broken.items[i], "assertion",
                            is_mended ? FINDING_WARNING : FINDING_ALARM, BY_THE_SAME_ENTRY,
                            is_mended ? "; it holds once this plan is carried out" : "");
}

/* What the plan would open by a path that is not the charter's own: told before it is live. */
static void tell_coming(Judging *judging, const DesiredAssert *assertion, const AccessVerdicts *now,
                        const AccessVerdicts *then) {
        Bundles coming = {0};

        for (size_t i = 0; i < then->n; i++)
                if (access_verdict_breaks(assertion, &then->items[i]) &&
                    !has_verdict(now, assertion, &then->items[i]))
                        bundle(judging->frame, &coming, &then->items[i],
                               ground_of(&then->items[i]));
        for (size_t i = 0; i < coming.n; i++)
                tell_bundle(judging, &coming.items[i], "assertion", FINDING_WARNING,
                            BY_THE_SAME_ENTRY, "; so it will be once this plan is carried out");
}

/* The rule that gives, or denies, by the entry that decides; NULL: none of the charter's own. */
static const Place *rule_behind(Judging *judging, const AccessVerdict *own) {
        Plan *plan = judging->planner->plan;
        PlannedBit bit = {own->space, own->token, own->bit, own->answer};

        for (size_t i = 0; own->token && i < judging->planner->spec->desired->n_projects; i++) {
                Draft *draft = plan->drafts[i];

                for (size_t j = 0; draft && j < draft->desired->n_principals; j++) {
                        const Rule *rule = NULL;

                        if (draft->parties[j].actor.index == own->holder)
                                rule = draft_find_rule(draft, draft->parties[j].desired, &bit);
                        if (rule)
                                return &rule->place;
                }
        }
        return NULL;
}

/* The removal by which what is asserted goes: of the entry that gives it now, or of somebody on the
 * way to it. */
static const Place *removal_behind(Judging *judging, const AccessVerdict *own) {
        Planner *planner = judging->planner;
        AccessSubject *subject;
        AccessExplanation *live;

        if (own->subject >= planner->live->n_identities || !own->asked)
                return NULL;
        subject = access_subject_new(judging->frame, planner->live_view, own->subject);
        live = access_explain(judging->frame, planner->live_view, subject, own->space, own->asked,
                              own->bit);
        for (size_t i = 0; i < planner->plan->n_steps; i++) {
                const Step *step = &planner->plan->steps[i];

                if (!step_is_removal(step) ||
                    !text_equal(step->project_name, judging->draft->desired->name))
                        continue;
                if (step_is_entry(step) && step->principal.identity == live->holder &&
                    step->space == own->space && step->token && live->token &&
                    text_equal(step->token, live->token))
                        return &step->why;
                if (step->verb == STEP_REMOVE_MEMBER &&
                    access_subject_has(subject, step->principal.identity) &&
                    access_subject_has(subject, step->container.identity))
                        return &step->why;
        }
        return NULL;
}

/* Both lines are named: that of the assertion, and that which contradicts it. */
static void tell_own_breach(Judging *judging, const DesiredAssert *assertion,
                            const AccessVerdict *own) {
        Planner *planner = judging->planner;
        const Place *other = own->holder != INDEX_NONE ? rule_behind(judging, own)
                                                       : removal_behind(judging, own);
        const char *by = other ? mem_printf(judging->frame, " by %s:%u", other->file, other->line)
                               : "";
        Finding *finding = planner_add_finding(
                planner, "assertion", FINDING_ALARM, judging->draft->desired->name,
                assertion->place, "the charter breaks its own assertion of %s:%u%s: %s",
                assertion->place.file, assertion->place.line, by, own->message);

        keep_path(planner, finding, own);
        judging->draft->breaks_assertion = true;
}

static void judge_assertion(Judging *judging, const DesiredAssert *assertion) {
        Planner *planner = judging->planner;
        const DesiredProject *project = judging->draft->desired;
        const AccessVerdict *own = NULL;
        AccessVerdicts now = {0}, then;
        size_t n_then;

        /* What the groups of a project to be made will be able to do is not known. */
        if (!judging->draft->row && assertion->can)
                return;
        judging->frame = mem_alloc_zero(planner->scratch, 1, "frame");
        if (judging->draft->row)
                now = access_assert(judging->frame, planner->live_view, project, assertion,
                                    &judging->live_names);
        then = access_assert(judging->frame, planner->wanted_view, project, assertion,
                             &judging->wanted_names);
        n_then = count_broken(&then, assertion);
        planner->plan->n_broken += count_broken(&now, assertion);
        tell_assertion(judging, assertion, &now, n_then);
        if (n_then > 0)
                own = own_breach(judging, assertion, &now, &then);
        if (own)
                tell_own_breach(judging, assertion, own);
        else
                tell_coming(judging, assertion, &now, &then);
        judging->frame = mem_free(judging->frame);
}

/* --- all -------------------------------------------------------------------------------------- */

static void judge_draft(Judging *judging) {
        const DesiredProject *project = judging->draft->desired;
        size_t n_confined = 0;

        for (size_t i = 0; i < project->n_principals; i++) {
                const Party *party = &judging->draft->parties[i];

                n_confined += party->desired->confined;
                if (party->desired->confined && is_known_to_evaluation(judging, party))
                        judge_team(judging, party);
        }
        for (size_t i = 0; i < project->n_asserts; i++)
                judge_assertion(judging, &project->asserts[i]);
        if (judging->draft->row)
                tell_build_services(judging, n_confined);
        tell_unknown(judging);
}

static bool is_own_artefact(const Draft *draft, const Step *step) {
        const DesiredPrincipal *owner =
                desired_find_owner(draft->desired, step->kind, step->name, NULL);

        return owner && text_equal(owner->name, step->principal.name);
}

/* A removal by which a confined team loses what it reaches of others waits for nobody else. */
static void mark_frees(const Judging *judging) {
        Planner *planner = judging->planner;

        for (size_t i = 0; i < planner->plan->n_steps; i++) {
                Step *step = &planner->plan->steps[i];
                Index who = step->principal.identity;

                if (!step_is_removal(step) || who == INDEX_NONE || !judging->leaking[who] ||
                    !text_equal(step->project_name, judging->draft->desired->name))
                        continue;
                if (step->verb == STEP_REMOVE_MEMBER ||
                    (step_is_entry(step) && !is_own_artefact(judging->draft, step)))
                        step->frees_leak = true;
        }
}

static void note_broken(const Judging *judging, size_t n) {
        Plan *plan = judging->planner->plan;

        for (size_t i = 0; i < plan->n_projects; i++)
                if (text_equal(plan->projects[i].name, judging->draft->desired->name))
                        plan->projects[i].n_broken = n;
}

void planner_judge(Planner *planner) {
        for (size_t i = 0; i < planner->spec->desired->n_projects; i++) {
                Judging judging = {
                        .planner = planner,
                        .draft = planner->plan->drafts[i],
                        .live_names = planner->plan->current_names,
                        .wanted_names = planner->plan->wanted_names,
                };

                size_t n_before;

                if (!judging.draft)
                        continue;
                judging.leaking =
                        mem_new_array(planner->scratch, uint8_t, planner->live->n_identities + 1);
                n_before = planner->plan->n_broken;
                judge_draft(&judging);
                note_broken(&judging, planner->plan->n_broken - n_before);
                mark_frees(&judging);
                mem_free(judging.leaking);
        }
}
