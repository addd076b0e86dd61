/* SPDX-License-Identifier: Apache-2.0 */
/* Dump: what was loaded, as text with the place of each value. */
#include "tests/unit/config/dump.h"

#include "common/model/kind.h"

static const char *const tristate_words[] = {"-", "false", "true"};
static const char *const mode_words[] = {"-", "observe", "enforce"};
static const char *const policy_words[] = {"ignore", "report", "remove"};
static const char *const grants_policy_words[] = {"exact", "report", "additive"};
static const char *const form_words[] = {"user", "group", "organization group", "entra group", "service principal"};
static const char *const subject_words[] = {"team", "group", "user"};

static void put_place(Text *text, Place place) {
        text_appendf(text, "  @%u:%u", place.line, place.column);
}

/* Those that differ from what holds where nothing is said. */
static void put_policies(Text *text, const char *indent, const Policies *policies) {
        const struct {
                const char *key;
                Policy value;
                Policy otherwise;
        } rows[] = {
                {"unlisted_grants", policies->unlisted_grants, POLICY_REPORT},
                {"below", policies->below, POLICY_IGNORE},
                {"unlisted_members", policies->unlisted_members, POLICY_REPORT},
                {"unlisted_memberships", policies->unlisted_memberships, POLICY_REMOVE},
                {"unlisted_areas", policies->unlisted_areas, POLICY_REPORT},
        };

        text_appendf(text, "%spolicies mode=%s create=%s", indent, mode_words[policies->mode],
                     policies->create ? "true" : "false");
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (rows[i].value != rows[i].otherwise)
                        text_appendf(text, " %s=%s", rows[i].key, policy_words[rows[i].value]);
        if (policies->suspend)
                text_appendf(text, " suspended until %s (%lld): %s", policies->suspend->day,
                             (long long)policies->suspend->until_ms, policies->suspend->reason);
        text_append(text, "\n");
}

static void put_except(Text *text, const char *indent, const Except *except) {
        for (size_t i = 0; i < except->n; i++)
                text_appendf(text, "%sexcept `%s`  @%u:%u\n", indent, except->items[i].text,
                             except->items[i].place.line, except->items[i].place.column);
}

static void put_words(Text *text, const char *label, const Word *words, size_t n) {
        if (n == 0)
                return;
        text_appendf(text, " %s", label);
        for (size_t i = 0; i < n; i++)
                text_appendf(text, "%s `%s` %u:%u", i ? "," : "", words[i].text, words[i].place.line,
                             words[i].place.column);
}

/* --- principals ----------------------------------------------------------------------------------------------------- */

static void put_list(Text *text, const char *label, const PrincipalList *list) {
        if (!list->mentioned)
                return;
        text_appendf(text, "      %s", label);
        put_place(text, list->place);
        text_append(text, "\n");
        for (size_t i = 0; i < list->n; i++) {
                text_appendf(text, "        %s `%s`", form_words[list->items[i].form], list->items[i].name);
                put_place(text, list->items[i].place);
                text_append(text, "\n");
        }
}

static void put_at(Text *text, const At *at) {
        switch (at->form) {
        case AT_PROJECT:
                text_append(text, "project");
                return;
        case AT_ORGANIZATION:
                text_append(text, "organization");
                return;
        case AT_OWN:
                text_append(text, "own");
                return;
        case AT_KIND_OWN:
                text_appendf(text, "own %s", kind_row(at->kind)->key);
                return;
        case AT_KIND_ROOT:
                text_appendf(text, "root of %s", kind_row(at->kind)->key);
                return;
        case AT_KIND_NAMES:
                put_words(text, kind_row(at->kind)->key, at->names, at->n_names);
                return;
        case AT_KIND_OWNED_BY:
                text_appendf(text, "%s of `%s`", kind_row(at->kind)->key, at->team);
                return;
        case AT_BRANCHES:
                put_words(text, "branches", at->names, at->n_names);
                return;
        }
}

static void put_rule(Text *text, const Rule *rule) {
        text_append(text, "        at ");
        put_at(text, &rule->at);
        put_words(text, "allow", rule->allow, rule->n_allow);
        put_words(text, "deny", rule->deny, rule->n_deny);
        if (rule->same_as) {
                text_appendf(text, " same as `%s`%s%s", rule->same_as->group,
                             rule->same_as->of_organization ? " of the organization" : "",
                             rule->same_as->from_artefact ? " at the artefact" : "");
                put_words(text, "plus", rule->same_as->plus, rule->same_as->n_plus);
                put_words(text, "minus", rule->same_as->minus, rule->same_as->n_minus);
        }
        if (rule->role)
                text_appendf(text, " role `%s`", rule->role->text);
        put_place(text, rule->place);
        text_append(text, "\n");
}

static const char *const pipeline_words[] = {
        [PIPELINE_USE_NONE] = "none",
        [PIPELINE_USE_OWN] = "own",
        [PIPELINE_USE_ALL] = "all",
        [PIPELINE_USE_NAMED] = "named",
};

static void put_artefact(Text *text, const char *indent, const OwnedArtefact *artefact) {
        text_appendf(text, "%s%s `%s` inherit=%s", indent, kind_row(artefact->kind)->noun, artefact->name,
                     tristate_words[artefact->inherit]);
        if (artefact->pipelines) {
                text_appendf(text, " pipelines=%s", pipeline_words[artefact->pipelines->use]);
                put_words(text, "", artefact->pipelines->names, artefact->pipelines->n_names);
        }
        if (artefact->was)
                text_appendf(text, " was `%s`", artefact->was);
        put_place(text, artefact->place);
        text_append(text, "\n");
}

static void put_owns(Text *text, const DesiredPrincipal *principal) {
        for (size_t i = 0; i < principal->n_owns; i++) {
                put_artefact(text, "      owns ", &principal->owns[i]);
                put_policies(text, "        ", &principal->owns[i].policies);
        }
}

static void put_principal(Text *text, const DesiredPrincipal *principal) {
        text_appendf(text, "    %s `%s`", principal->is_team ? "team" : "group", principal->name);
        if (principal->was)
                text_appendf(text, " was `%s`", principal->was);
        if (principal->retired)
                text_append(text, " retired");
        put_place(text, principal->place);
        text_append(text, "\n");
        put_policies(text, "      ", &principal->policies);
        put_except(text, "      ", &principal->except);
        put_list(text, "members", &principal->members);
        put_list(text, "admins", &principal->admins);
        put_list(text, "member_of", &principal->member_of);
        put_owns(text, principal);
        text_appendf(text, "      grants %s%s\n", grants_policy_words[principal->grants_policy],
                     principal->grants_mentioned ? "" : " (not mentioned)");
        for (size_t i = 0; i < principal->n_rules; i++)
                put_rule(text, &principal->rules[i]);
        text_appendf(text, "      confined=%s include_sub_areas=%s governed=%s\n",
                     principal->confined ? "true" : "false", principal->include_sub_areas ? "true" : "false",
                     desired_principal_is_governed(principal) ? "true" : "false");
}

/* --- projects ------------------------------------------------------------------------------------------------------- */

static void put_assert(Text *text, const DesiredAssert *assertion) {
        text_appendf(text, "    assert %s `%s` %s `%s` at ", subject_words[assertion->subject], assertion->name,
                     assertion->can ? "can" : "cannot", assertion->permission.text);
        put_at(text, &assertion->at);
        put_place(text, assertion->place);
        text_append(text, "\n");
}

static void put_project(Text *text, const DesiredProject *project) {
        text_appendf(text, "  project `%s`", project->name);
        if (project->create_project)
                text_appendf(text, " created with %s, %s", project->process, project->visibility);
        put_place(text, project->place);
        text_append(text, "\n");
        put_policies(text, "    ", &project->policies);
        put_except(text, "    ", &project->except);
        for (size_t i = 0; i < project->n_principals; i++)
                put_principal(text, &project->principals[i]);
        for (size_t i = 0; i < project->n_artefacts; i++) {
                put_artefact(text, "    ", &project->artefacts[i]);
                put_policies(text, "      ", &project->artefacts[i].policies);
        }
        for (size_t i = 0; i < project->n_asserts; i++)
                put_assert(text, &project->asserts[i]);
        for (size_t i = 0; i < project->n_owners; i++)
                text_appendf(text, "    owner of the %s `%s`: `%s`\n", kind_row(project->owners[i].artefact->kind)->noun,
                             project->owners[i].artefact->name, project->owners[i].principal->name);
}

void dump_desired(const Desired *desired, Text *text) {
        text_appendf(text, "organization %s teams=%zu\n", desired->organization, desired->n_teams);
        for (size_t i = 0; i < desired->n_projects; i++)
                put_project(text, &desired->projects[i]);
}

/* --- settings ------------------------------------------------------------------------------------------------------- */

static const char *or_dash(const char *value) {
        return value ? value : "-";
}

static void put_credential(Text *text, const CredentialSettings *credential) {
        static const char *const words[] = {"environment",
                                            "pat",
                                            "service principal with a secret",
                                            "service principal with a certificate",
                                            "workload identity",
                                            "managed identity"};

        text_appendf(text, "  credential %s file=%s env=%s readable_by_others=%d tenant=%s client=%s authority=%s\n",
                     words[credential->kind], or_dash(credential->secret.file), or_dash(credential->secret.env),
                     credential->secret.readable_by_others, or_dash(credential->tenant), or_dash(credential->client),
                     or_dash(credential->authority));
}

static void put_organization(Text *text, const OrganizationSettings *organization) {
        text_appendf(text, "organization %s charter=%s mode=%s first_pass=%s experimental=%#x", organization->url,
                     organization->charter, mode_words[organization->mode],
                     organization->first_pass == FIRST_PASS_HOLD ? "hold" : "apply", organization->experimental);
        put_place(text, organization->place);
        text_append(text, "\n");
        put_credential(text, &organization->credential);
        text_appendf(text, "  may all_projects=%d organization=%d administrators=%d create=%d",
                     organization->may.all_projects, organization->may.organization, organization->may.administrators,
                     organization->may.create);
        put_words(text, "projects", organization->may.projects, organization->may.n_projects);
        text_append(text, "\n");
}

static void put_limits(Text *text, const LimitSettings *limits) {
        const struct {
                const char *key;
                int64_t value;
        } rows[] = {
                {"changes", limits->changes},
                {"removals", limits->removals_percent},
                {"removals_floor", limits->removals_floor},
                {"people_losing", limits->people_losing},
                {"requests_in_flight", limits->requests_in_flight},
                {"requests_per_5_minutes", limits->requests_per_5_minutes},
                {"request_timeout", limits->request_timeout},
                {"request_total", limits->request_total},
                {"response_size", limits->response_size},
                {"stream_size", limits->stream_size},
                {"settle", limits->settle},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                text_appendf(text, "limit %s=%lld\n", rows[i].key, (long long)rows[i].value);
}

void dump_settings(const Settings *settings, Text *text) {
        for (size_t i = 0; i < settings->n_organizations; i++)
                put_organization(text, &settings->organizations[i]);
        text_appendf(text, "interval=%lld jitter=%lld ledger_keep=%lld\n", (long long)settings->interval,
                     (long long)settings->jitter_percent, (long long)settings->ledger_keep);
        text_appendf(text, "state_directory=%s socket=%s page=%d\n", or_dash(settings->state_directory),
                     settings->socket, settings->page);
        text_appendf(text, "listen host=%s port=%u\n", or_dash(settings->listen_host), settings->listen_port);
        put_limits(text, &settings->limits);
        text_appendf(text, "notify=%s ca_file=%s proxy=%s log format=%d level=%d\n", or_dash(settings->notify_command),
                     or_dash(settings->ca_file), or_dash(settings->proxy), (int)settings->log_format,
                     (int)settings->log_level);
}

/* --- trees ---------------------------------------------------------------------------------------------------------- */

static void put_node(Text *text, const YamlNode *node, int depth) {
        text_appendf(text, " %u:%u", node->place.line, node->place.column);
        switch (node->type) {
        case YAML_NULL:
                text_appendf(text, " nothing `%s`\n", node->text);
                return;
        case YAML_TEXT:
                text_appendf(text, " %s `%s`\n", node->plain ? "plain" : "quoted", node->text);
                return;
        case YAML_LIST:
        case YAML_MAP:
                break;
        }
        text_appendf(text, " %s of %u, %u nodes\n", yaml_type_words(node), node->n, node->n_nodes);
        for (uint32_t i = 0; i < node->n; i++) {
                text_appendf(text, "%*s", 2 * depth + 2, "");
                if (node->type == YAML_MAP)
                        text_appendf(text, "%u:%u `%s` =", node->keys[i]->place.line, node->keys[i]->place.column,
                                     node->keys[i]->text);
                else
                        text_append(text, "-");
                put_node(text, node->items[i], depth + 1);
        }
}

void dump_yaml(const YamlNode *node, Text *text) {
        text_append(text, "root");
        put_node(text, node, 0);
}
