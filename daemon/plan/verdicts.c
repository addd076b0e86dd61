/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts: confinements and assertions, judged live and as the plan would leave things. */
#include "common/base/text.h"
#include "daemon/plan/draft.h"

/* --- names of the charter in the wanted view ------------------------------------------------------------------------ */

static Index find_live_principal(const Organisation *live, Index project, const char *name) {
        Index group = project == INDEX_NONE ? INDEX_NONE : organisation_find_group(live, project, name);

        return group != INDEX_NONE ? group : organisation_find_person(live, name);
}

static Index wanted_principal(void *context, const DesiredProject *project, const char *name) {
        Draft *draft = context;
        size_t holder = draft->project == project ? draft_find_holder(draft, name) : HOLDER_NONE;

        if (holder != HOLDER_NONE)
                return draft->holders[holder].viewed;
        return find_live_principal(draft->live, organisation_find_project(draft->live, project->name), name);
}

static AccessPlace wanted_artefact(void *context, const DesiredProject *project, Kind kind, const char *name) {
        Draft *draft = context;
        Spot spot;
        bool found;

        if (draft->project != project)
                return (AccessPlace){0};
        found = name[0] ? draft_find_spot(draft, kind, name, &spot) : draft_find_root(draft, kind, &spot);
        return found ? (AccessPlace){(uint8_t)spot.space, spot.token} : (AccessPlace){0};
}

AccessNames draft_wanted_names(Draft *draft) {
        return (AccessNames){wanted_principal, wanted_artefact, draft};
}

/* --- findings ------------------------------------------------------------------------------------------------------- */

static void tell(Draft *draft, const char *kind, FindingLevel level, const AccessVerdict *verdict) {
        Finding *finding;

        draft_find(draft, kind, level, verdict->place, "%s", verdict->message);
        finding = &draft->plan->findings[draft->plan->n_findings - 1];
        finding->path = verdict->path;
        finding->n_path = verdict->n_path;
}

static void judge_confinement(Draft *draft, const DesiredPrincipal *team, const AccessNames *names) {
        AccessVerdicts verdicts = access_confine(draft->mem, draft->current, draft->project, team, names);

        for (size_t i = 0; i < verdicts.n; i++) {
                const AccessVerdict *verdict = &verdicts.items[i];

                if (verdict->is_member) {
                        tell(draft, "member", FINDING_WARNING, verdict);
                } else if (verdict->answer == ACCESS_OPEN) {
                        tell(draft, "leak", FINDING_ALARM, verdict);
                        draft->plan->n_broken++;
                } else if (verdict->answer == ACCESS_UNKNOWN) {
                        tell(draft, "not_known", FINDING_INFO, verdict);
                }
        }
}

static void judge_live(Draft *draft, const DesiredAssert *assertion, const AccessNames *names) {
        AccessVerdicts verdicts = access_assert(draft->mem, draft->current, draft->project, assertion, names);

        for (size_t i = 0; i < verdicts.n; i++) {
                if (access_verdict_breaks(assertion, &verdicts.items[i])) {
                        tell(draft, "assertion", FINDING_ALARM, &verdicts.items[i]);
                        draft->plan->n_broken++;
                } else {
                        tell(draft, "not_known", FINDING_INFO, &verdicts.items[i]);
                }
        }
}

/* The entry that decides is one the charter's own rules give. */
static bool is_charters_own(const Draft *draft, const AccessVerdict *verdict) {
        const Want *want;

        if (verdict->holder == INDEX_NONE || !verdict->token)
                return false;
        want = draft_find_want(draft, verdict->space, verdict->token, verdict->holder);
        return want && ((want->allow | want->deny) & verdict->bit);
}

/* True when the charter itself breaks it. */
static bool judge_wanted(Draft *draft, const DesiredAssert *assertion, const AccessNames *names) {
        AccessVerdicts verdicts = access_assert(draft->mem, draft->wanted, draft->project, assertion, names);

        for (size_t i = 0; i < verdicts.n; i++) {
                if (!access_verdict_breaks(assertion, &verdicts.items[i]) ||
                    !is_charters_own(draft, &verdicts.items[i]))
                        continue;
                tell(draft, "own_assertion", FINDING_ALARM, &verdicts.items[i]);
                return true;
        }
        return false;
}

void draft_verdicts(Draft *draft) {
        AccessNames live = access_names_of(draft->live), wanted = draft_wanted_names(draft);

        for (size_t i = 0; i < draft->n_holders; i++)
                if (draft->holders[i].desired->confined && draft->holders[i].identity != INDEX_NONE)
                        judge_confinement(draft, draft->holders[i].desired, &live);
        for (size_t i = 0; i < draft->project->n_asserts; i++) {
                const DesiredAssert *assertion = &draft->project->asserts[i];

                draft->breaks_itself |= judge_wanted(draft, assertion, &wanted);
                judge_live(draft, assertion, &live);
        }
}
