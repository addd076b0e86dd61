/* SPDX-License-Identifier: Apache-2.0 */
/* ConnectionRights: what charterd itself may read and write at the projects' roots. */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "common/model/token.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/connection.h"

/* One question: the same sequence is walked when asking and when taking. */
typedef struct Question {
        Index project;
        uint8_t space;
        bool is_write;
        uint32_t permission; /* 0: nothing is needed (facts §3.1), so it is not asked */
} Question;

typedef struct Walk {
        uint32_t spaces; /* only these */
        const Organisation *organisation;
        const Index *projects;
        size_t n_projects;
        size_t at; /* place, space, read or write as one number; behind the projects the organisation */
} Walk;

/* What shows the things themselves, where their entries can be read without any permission (facts
 * §3.1, §3.9). */
static const uint32_t showing[_NAMESPACE_N] = {
        [NAMESPACE_BUILD] = 1024, /* ViewBuildDefinition */
        [NAMESPACE_SERVICE_ENDPOINTS] = 16, /* ViewEndpoint: what may not be viewed is not listed (facts §6.7) */
};

#define SPACE(name) (1u << NAMESPACE_##name)
/* Where administrators of an organisation have entries of their own, or need them: in the other namespaces they may do
 * everything all the same (facts §3.7 (4), which leaves out pipelines). */
enum {
        SPACES_OF_ENTRIES =
                SPACE(PROJECT) | SPACE(GIT) | SPACE(BUILD) | SPACE(CSS) | SPACE(IDENTITY) | SPACE(RELEASE),
};

static uint32_t spaces_of(RightsOf of) {
        return of == RIGHTS_OF_ADMINISTRATORS ? ~(uint32_t)SPACES_OF_ENTRIES : SPACES_OF_ENTRIES;
}

/* A reserved bit nobody can give: the service itself decides who has it, and it is not asked for. */
static uint32_t needed_permission(const Organisation *organisation, const Question *question) {
        const PermissionNamespace *row = &organisation->permissions.items[question->space];
        uint32_t permission = question->is_write ? row->write_permission : row->read_permission;

        permission &= ~row->system_mask;
        return permission || question->is_write || row->read_permission ? permission
                                                                         : showing[question->space];
}

static const char *token_of(const Organisation *organisation, const Question *question) {
        return question->project == INDEX_NONE
                       ? organisation->root_token[question->space]
                       : organisation->projects[question->project].root_token[question->space];
}

static bool is_asked(const Organisation *organisation, const Question *question) {
        uint32_t spaces = question->project == INDEX_NONE
                                  ? organisation->spaces
                                  : organisation->projects[question->project].spaces;

        return (spaces & (1u << question->space)) && token_of(organisation, question);
}

static bool walk_next(Walk *walk, Question *question) {
        while (walk->at < (walk->n_projects + 1) * _NAMESPACE_N * 2) {
                size_t at = walk->at++;
                size_t place = at / 2 / _NAMESPACE_N;

                *question = (Question){
                        .project = place < walk->n_projects ? walk->projects[place] : INDEX_NONE,
                        .space = (uint8_t)(at / 2 % _NAMESPACE_N),
                        .is_write = at % 2 == 1,
                };
                if (!(walk->spaces & (1u << question->space)) || !is_asked(walk->organisation, question))
                        continue;
                question->permission = needed_permission(walk->organisation, question);
                return true;
        }
        return false;
}

bool connection_rights_are_asked(const Organisation *organisation, const Index *projects,
                                 size_t n_projects, RightsOf of) {
        Walk walk = {spaces_of(of), organisation, projects, n_projects, 0};
        Question question;

        return walk_next(&walk, &question);
}

Request connection_rights_request(Mem *parent, const Organisation *organisation,
                                  const Index *projects, size_t n_projects, RightsOf of) {
        Walk walk = {spaces_of(of), organisation, projects, n_projects, 0};
        Question question;
        Text text;
        JsonWriter writer;
        char id[GUID_TEXT_SIZE];

        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        json_write_bool(&writer, "alwaysAllowAdministrators", of == RIGHTS_OF_ADMINISTRATORS);
        json_write_array(&writer, "evaluations");
        while (walk_next(&walk, &question)) {
                if (question.permission == 0)
                        continue;
                json_write_object(&writer, NULL);
                json_write_text(
                        &writer, "securityNamespaceId",
                        guid_format(organisation->permissions.items[question.space].id, id));
                json_write_text(&writer, "token", token_of(organisation, &question));
                json_write_int(&writer, "permissions", (int32_t)question.permission);
                json_write_object_end(&writer);
        }
        json_write_array_end(&writer);
        json_write_object_end(&writer);
        return (Request){.method = METHOD_POST,
                         .path = "/_apis/security/permissionevaluationbatch?api-version=7.1",
                         .only_asks = true,
                         .body = text.data};
}

/* The answer is the question again with its value. */
static int take_evaluation(const Organisation *organisation, const JsonNode *node,
                           const Question *question, bool *valuep, const char **reasonp) {
        const PermissionNamespace *space = &organisation->permissions.items[question->space];
        const char *token = json_get_text(node, "token");
        int64_t permissions = 0;
        Guid id;

        if (!node)
                return body_fail(reasonp, "the answer has fewer evaluations than were asked for");
        if (body_guid(node, "securityNamespaceId", &id) < 0 || guid_compare(id, space->id) != 0 ||
            !token ||
            token_compare(token, token_of(organisation, question), space->separator) != 0 ||
            json_get_int(node, "permissions", INT32_MIN, UINT32_MAX, &permissions) < 0 ||
            (uint32_t)permissions != question->permission)
                return body_fail(reasonp, "an evaluation is not the one that was asked for");
        if (json_get_bool(node, "value", valuep) < 0)
                return body_fail(reasonp, "an evaluation has no `value`");
        return 0;
}

/* Of the namespaces asked about; what is known of others stays. */
static void note_rights(OwnRights *kept, const OwnRights *news, uint32_t spaces) {
        kept->may_read = (kept->may_read & ~spaces) | news->may_read;
        kept->may_write = (kept->may_write & ~spaces) | news->may_write;
}

static int take_rights(Mem *scratch, Organisation *organisation, Walk *walk, const Reply *reply,
                       const char **reasonp) {
        OwnRights *rights = mem_new_array(scratch, OwnRights, organisation->n_projects + 1);
        const JsonNode *root = NULL;
        const JsonNode *node = NULL;
        Question question;
        OwnRights *place = NULL;
        int r = body_object(scratch, reply, &root, reasonp);

        if (r < 0)
                return r;
        if (!json_is_array(json_get(root, "evaluations")))
                return body_fail(reasonp, "the answer has no list in `evaluations`");
        node = json_first(json_get(root, "evaluations"));
        while (walk_next(walk, &question)) {
                bool value = true;

                if (question.permission != 0) {
                        if (take_evaluation(organisation, node, &question, &value, reasonp) < 0)
                                return -1;
                        node = json_next(node);
                }
                place = &rights[question.project == INDEX_NONE ? organisation->n_projects
                                                              : question.project];
                if (value && question.is_write)
                        place->may_write |= 1u << question.space;
                if (value && !question.is_write)
                        place->may_read |= 1u << question.space;
        }
        if (node)
                return body_fail(reasonp, "the answer has more evaluations than were asked for");
        for (size_t i = 0; i < walk->n_projects; i++)
                note_rights(&organisation->projects[walk->projects[i]].rights, &rights[walk->projects[i]],
                            walk->spaces);
        note_rights(&organisation->rights, &rights[organisation->n_projects], walk->spaces);
        return 0;
}

int connection_rights_take(Organisation *organisation, const Index *projects, size_t n_projects,
                           RightsOf of, const Reply *reply, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        Walk walk = {spaces_of(of), organisation, projects, n_projects, 0};
        int r = take_rights(scratch, organisation, &walk, reply, reasonp);

        mem_free(scratch);
        return r;
}
