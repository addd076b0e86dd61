/* SPDX-License-Identifier: Apache-2.0 */
/* Article: the article's charter beside fixtures/access/article/live.json. */
#include "tests/unit/access/article.h"

#include "tests/unit/access/charter.h"
#include "tests/unit/live/live.h"

static Word repository_b[] = {{"data-science-b", {0}}};

void article_init(Article *article, Mem *mem) {
        static const char *const teams[][3] = {
                {"Data Science A", "data-science-a"},
                {"Data Science B", "data-science-b"},
                {"Operations", "operations"},
        };
        DesiredProject *project = charter_project(mem, "MLOps");
        DesiredAssert *assertion = NULL;

        article->live = live_read(mem, FIXTURES "/article/live.json");
        article->row = organisation_find_project(article->live, "MLOps");
        article->project = project;
        for (size_t i = 0; i < 3; i++) {
                DesiredPrincipal *team = charter_team(mem, project, teams[i][0]);

                team->confined = i < 2;
                charter_own(mem, team, KIND_REPOSITORY, teams[i][1]);
                charter_own(mem, team, KIND_PIPELINE_FOLDER, teams[i][0]);
                charter_own(mem, team, KIND_AREA, teams[i][0]);
        }
        charter_own(mem, &project->principals[2], KIND_SERVICE_CONNECTION, "azure-production");
        charter_own(mem, &project->principals[2], KIND_REPOSITORY, "not-yet-made");
        assertion = charter_assert(mem, project, ASSERT_TEAM, "Data Science A", "cannot", "Read");
        assertion->at = (At){AT_KIND_NAMES, KIND_REPOSITORY, repository_b, 1};
        article->desired = (Desired){.organization = "https://dev.azure.com/contoso", .projects = project, .n_projects = 1};
        article->view = access_view_new(mem, article->live);
        access_view_add_member(article->view, live_principal(article->live, article->row, "Contributors"),
                               live_principal(article->live, article->row, "Data Science A"));
}
