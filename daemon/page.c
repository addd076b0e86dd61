/* SPDX-License-Identifier: Apache-2.0 */
/* Page: how the organisations of a running daemon are, as one page of HTML for people. */
#include <inttypes.h>
#include <string.h>

#include "common/base/html.h"
#include "common/model/desired.h"
#include "daemon/page.h"
#include "daemon/plan/author.h"

enum {
        DATE_LENGTH = 10,  /* of 2026-04-01 */
        TIME_LENGTH = 8,   /* of 09:16:51, behind the T */
        MS_PER_SECOND = 1000,
};

static const char page_style[] =
        ":root{color-scheme:light dark;--text:#1b1b1f;--back:#fff;--faint:#5b5b66;--line:#c9c9d1;--good:#1a6b2f;"
        "--wait:#8a5300;--bad:#b3171c}"
        "@media(prefers-color-scheme:dark){:root{--text:#e8e8ee;--back:#17171b;--faint:#a9a9b6;--line:#44444f;"
        "--good:#7fd694;--wait:#f0b860;--bad:#ff9a94}}"
        "*{box-sizing:border-box}"
        "body{margin:0 auto;max-width:80rem;padding:1rem;font:1rem/1.5 system-ui,sans-serif;color:var(--text);"
        "background:var(--back)}"
        "h1{font-size:1.6rem;margin:0}h2{font-size:1.35rem;margin:2rem 0 .5rem;border-top:1px solid var(--line);"
        "padding-top:1rem;overflow-wrap:anywhere}h3{font-size:1.1rem;margin:1.5rem 0 .25rem}"
        "p{margin:.25rem 0}a{color:inherit}code,pre{font-family:ui-monospace,monospace}"
        "pre{padding:.5rem;border:1px solid var(--line);white-space:pre-wrap;overflow-wrap:anywhere;user-select:all}"
        ".skip{position:absolute;left:-99rem}.skip:focus{position:static}"
        ".faint{color:var(--faint)}.state{font-weight:bold;border-left:.4rem solid;padding-left:.6rem}"
        ".good{color:var(--good)}.wait{color:var(--wait)}.bad{color:var(--bad)}"
        "dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.5rem 0}dt{color:var(--faint)}"
        "dd{margin:0;overflow-wrap:anywhere}"
        ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;color:var(--faint)}"
        "th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);"
        "overflow-wrap:break-word}thead th,td time{white-space:nowrap}summary{cursor:pointer}ol,ul{margin:.25rem 0}"
        "@media print{body{max-width:none;padding:0;font-size:9pt}h2{break-after:avoid}tr,pre{break-inside:avoid}"
        ".wide{overflow:visible}}";

typedef enum Tone {
        TONE_GOOD,
        TONE_WAIT,
        TONE_BAD,
} Tone;

static const char *const tone_classes[] = {
        [TONE_GOOD] = "good", [TONE_WAIT] = "wait", [TONE_BAD] = "bad",
};

typedef struct Words {
        const char *key;
        const char *words;
        Tone tone;
} Words;

static const Words state_rows[] = {
        {"in_sync", "In sync", TONE_GOOD},
        {"pending", "Steps pending", TONE_WAIT},
        {"held", "Steps held: a person has to look", TONE_WAIT},
        {"waiting", "Waiting", TONE_WAIT},
        {"not_read", "Not read yet", TONE_WAIT},
        {"starting", "Starting: not everything was read yet", TONE_WAIT},
        {"failed", "Failed", TONE_BAD},
        {"no_charter", "No valid charter", TONE_BAD},
};

static const Words mode_rows[] = {
        {"observe", "observe: never writes", TONE_GOOD},
        {"enforce", "enforce: repairs what drifts", TONE_GOOD},
};

static const Words level_rows[] = {
        {"alarm", "Alarm", TONE_BAD},
        {"warning", "Warning", TONE_WAIT},
        {"info", "Note", TONE_GOOD},
};

static const Words result_rows[] = {
        {"done", "Done", TONE_GOOD},
        {"not done", "Not done", TONE_WAIT},
        {"unknown", "Unknown", TONE_WAIT},
        {"unconfirmed", "Unconfirmed", TONE_WAIT},
        {"failed", "Failed", TONE_BAD},
};

static const Words open_words = {"", "Under way", TONE_WAIT};

/* What a table has no row for is shown as it is. */
static Words find_words(const Words *rows, size_t n, const char *key) {
        for (size_t i = 0; key && i < n; i++)
                if (strcmp(rows[i].key, key) == 0)
                        return rows[i];
        return (Words){"", key ? key : "", TONE_WAIT};
}

#define WORDS(rows, key) find_words(rows, sizeof(rows) / sizeof *(rows), key)

/* --- pieces --------------------------------------------------------------------------------------------------------- */

static int64_t number(const JsonNode *object, const char *key) {
        int64_t value = 0;

        json_get_int(object, key, INT64_MIN / 2, INT64_MAX / 2, &value);
        return value;
}

/* 2026-04-01T09:16:51.930Z as 2026-04-01 09:16:51 UTC. */
static void put_time(HtmlWriter *html, const char *time) {
        if (strlen(time) < DATE_LENGTH + 1 + TIME_LENGTH) {
                html_text(html, time);
                return;
        }
        html_open(html, "time");
        html_attribute(html, "datetime", time);
        html_textf(html, "%.*s %.*s UTC", DATE_LENGTH, time, TIME_LENGTH, time + DATE_LENGTH + 1);
        html_close(html);
}

static void put_toned(HtmlWriter *html, const char *element, Words words) {
        html_open(html, element);
        html_attribute(html, "class", tone_classes[words.tone]);
        html_text(html, words.words);
        html_close(html);
}

static void put_classed(HtmlWriter *html, const char *element, const char *class, const char *piece) {
        html_open(html, element);
        html_attribute(html, "class", class);
        html_text(html, piece);
        html_close(html);
}

/* A line that says that something is wrong; nothing without. */
static void put_error(HtmlWriter *html, const char *label, const char *error) {
        if (!error)
                return;
        html_open(html, "p");
        html_attribute(html, "class", "state bad");
        html_textf(html, "%s: %s", label, error);
        html_close(html);
}

static void open_table(HtmlWriter *html, const char *caption, const char *const *columns, size_t n) {
        html_open(html, "div");
        html_attribute(html, "class", "wide");
        html_open(html, "table");
        html_element(html, "caption", caption);
        html_open(html, "thead");
        html_open(html, "tr");
        for (size_t i = 0; i < n; i++) {
                html_open(html, "th");
                html_attribute(html, "scope", "col");
                html_text(html, columns[i]);
                html_close(html);
        }
        html_close(html);
        html_close(html);
        html_open(html, "tbody");
}

#define OPEN_TABLE(html, caption, columns) open_table(html, caption, columns, sizeof(columns) / sizeof *(columns))

static void close_table(HtmlWriter *html) {
        html_close(html); /* tbody, table, div */
        html_close(html);
        html_close(html);
}

/* What the excerpt leaves out, and where it stands. */
static void put_more(HtmlWriter *html, int64_t n, size_t n_shown, const char *what) {
        if (n <= (int64_t)n_shown)
                return;
        html_open(html, "p");
        html_textf(html, "%" PRId64 " more %s: see `charterd status -o json`.", n - (int64_t)n_shown, what);
        html_close(html);
}

static void put_pair(HtmlWriter *html, const char *label, const char *value) {
        if (!value)
                return;
        html_element(html, "dt", label);
        html_element(html, "dd", value);
}

static void put_time_pair(HtmlWriter *html, const char *label, const char *time, const char *without) {
        html_element(html, "dt", label);
        html_open(html, "dd");
        if (time)
                put_time(html, time);
        else
                html_text(html, without);
        html_close(html);
}

/* --- held steps ----------------------------------------------------------------------------------------------------- */

static void put_permissions(HtmlWriter *html, const JsonNode *step) {
        const JsonNode *permissions = json_get(step, "permissions");
        const char *before = json_get_text(step, "before"), *after = json_get_text(step, "after");

        if (json_count(permissions) == 0) {
                html_textf(html, "%s → %s", before ? before : "-", after ? after : "-");
                return;
        }
        html_open(html, "ul");
        json_each(permission, permissions) {
                html_open(html, "li");
                html_textf(html, "%s: %s → %s", json_get_text(permission, "word"), json_get_text(permission, "before"),
                           json_get_text(permission, "after"));
                html_close(html);
        }
        html_close(html);
}

/* A key that is a sentence almost: remove_entry. */
static void put_spaced(HtmlWriter *html, const char *key) {
        for (size_t n = 0; key && *key; key += n + (key[n] == '_')) {
                n = strcspn(key, "_");
                html_textf(html, "%.*s%s", (int)n, key, key[n] == '_' ? " " : "");
        }
}

static void put_held_step(HtmlWriter *html, const JsonNode *step) {
        const char *name = json_get_text(step, "name"), *project = json_get_text(step, "project");

        html_open(html, "tr");
        html_element(html, "td", project ? desired_label(project) : "");
        html_open(html, "td");
        html_textf(html, "%s %s", json_get_text(step, "kind"), name ? name : "");
        html_close(html);
        html_open(html, "td");
        put_spaced(html, json_get_text(step, "verb"));
        html_close(html);
        html_element(html, "td", json_get_text(step, "principal"));
        html_open(html, "td");
        put_permissions(html, step);
        html_close(html);
        html_open(html, "td");
        put_spaced(html, json_get_text(step, "brake"));
        html_close(html);
        html_element(html, "td", json_get_text(step, "why"));
        html_close(html);
}

static void put_reasons(HtmlWriter *html, const JsonNode *organization, int64_t n) {
        html_open(html, "p");
        html_textf(html, "%" PRId64 " step%s held:", n, n == 1 ? " is" : "s are");
        html_close(html);
        html_open(html, "ul");
        json_each(reason, json_get(organization, "reasons"))
                html_element(html, "li", json_value_text(reason));
        html_close(html);
        html_element(html, "p", "When that is as it should be, this lets exactly these steps go:");
}

static void put_held(HtmlWriter *html, const JsonNode *organization) {
        static const char *const columns[] = {"Project", "Thing", "Change", "Principal", "Before → after", "Brake", "Why"};
        const JsonNode *held = json_get(organization, "held");
        const char *plan_id = json_get_text(organization, "plan_id");
        int64_t n = number(organization, "n_held");

        if (!plan_id)
                return;
        html_element(html, "h3", "Held steps");
        put_reasons(html, organization, n);
        html_open(html, "pre");
        html_open(html, "code");
        html_textf(html, "charterd release %s --reason \"...\"", plan_id);
        html_close(html);
        html_close(html);
        if (n == 0)
                return;
        html_open(html, "details");
        html_element(html, "summary", "The steps");
        OPEN_TABLE(html, "What is done when they are released", columns);
        json_each(step, held)
                put_held_step(html, step);
        close_table(html);
        html_close(html);
        put_more(html, n, json_count(held), "held steps");
}

/* --- findings, projects --------------------------------------------------------------------------------------------- */

static void put_path(HtmlWriter *html, const JsonNode *path) {
        if (json_count(path) == 0)
                return;
        html_open(html, "details");
        html_element(html, "summary", "By which way");
        html_open(html, "ol");
        json_each(hop, path)
                html_element(html, "li", json_value_text(hop));
        html_close(html);
        html_close(html);
}

/* Who brought it about, or why that is not known. */
static void put_author(HtmlWriter *html, const JsonNode *finding) {
        Author author;
        Text text;

        if (author_read_json(json_get(finding, "attribution"), &author) < 0)
                return;
        text_init(&text, NULL);
        author_describe(&author, &text);
        html_element(html, "p", text.data);
        text_deinit(&text);
}

static void put_finding(HtmlWriter *html, const JsonNode *finding) {
        const char *detail = json_get_text(finding, "detail"), *project = json_get_text(finding, "project");

        html_open(html, "tr");
        put_toned(html, "td", WORDS(level_rows, json_get_text(finding, "level")));
        html_element(html, "td", project ? desired_label(project) : "");
        html_open(html, "td");
        html_text(html, json_get_text(finding, "message"));
        if (detail)
                put_classed(html, "p", "faint", detail);
        put_author(html, finding);
        put_path(html, json_get(finding, "path"));
        html_close(html);
        html_close(html);
}

static void put_findings(HtmlWriter *html, const JsonNode *organization) {
        static const char *const columns[] = {"Level", "Project", "Finding"};
        const JsonNode *findings = json_get(organization, "findings");

        html_element(html, "h3", "Findings");
        if (json_count(findings) == 0) {
                html_element(html, "p", "None.");
                return;
        }
        OPEN_TABLE(html, "What charterd does not repair by itself", columns);
        json_each(finding, findings)
                put_finding(html, finding);
        close_table(html);
        put_more(html, number(organization, "n_findings"), json_count(findings), "findings");
}

static void put_projects(HtmlWriter *html, const JsonNode *organization) {
        static const char *const columns[] = {"Project", "State", "Error"};
        const JsonNode *projects = json_get(organization, "projects");

        if (json_count(projects) == 0)
                return;
        html_element(html, "h3", "Projects");
        OPEN_TABLE(html, "As the last pass left them", columns);
        json_each(project, projects) {
                const char *name = json_get_text(project, "name");

                html_open(html, "tr");
                html_open(html, "th");
                html_attribute(html, "scope", "row");
                html_text(html, desired_label(name ? name : ""));
                html_close(html);
                put_toned(html, "td", WORDS(state_rows, json_get_text(project, "state")));
                html_element(html, "td", json_get_text(project, "error"));
                html_close(html);
        }
        close_table(html);
        put_more(html, number(organization, "n_projects"), json_count(projects), "projects");
}

/* --- requests ------------------------------------------------------------------------------------------------------- */

static void put_limits(HtmlWriter *html, const JsonNode *budget) {
        int64_t limit = number(budget, "requests_per_5_minutes"), wait_ms = number(budget, "waiting_ms");

        html_element(html, "dt", "Survey requests in 5 minutes");
        html_open(html, "dd");
        html_textf(html, "%" PRId64 " used", number(budget, "used"));
        if (limit > 0)
                html_textf(html, " of %" PRId64 ", %" PRId64 " left", limit, limit - number(budget, "used"));
        else
                html_text(html, ", no limit");
        if (wait_ms > 0)
                html_textf(html, "; waits %" PRId64 " s for room", (wait_ms + MS_PER_SECOND - 1) / MS_PER_SECOND);
        html_close(html);
}

static void put_turns(HtmlWriter *html, const JsonNode *budget) {
        bool is_rotating = false;

        json_get_bool(budget, "rotating", &is_rotating);
        if (!is_rotating)
                return;
        html_element(html, "dt", "Turns");
        html_open(html, "dd");
        html_textf(html, "a survey of all projects takes %" PRId64 " requests, so they take turns: %" PRId64 " left",
                   number(budget, "survey_requests"), number(budget, "projects_due"));
        if (json_get_text(budget, "next_project"))
                html_textf(html, ", next %s", json_get_text(budget, "next_project"));
        html_close(html);
}

static void put_budget(HtmlWriter *html, const JsonNode *budget) {
        int64_t remaining = number(budget, "rate_limit_remaining"), limit = number(budget, "rate_limit_limit");

        if (!budget)
                return;
        html_element(html, "h3", "Requests");
        html_open(html, "dl");
        put_limits(html, budget);
        put_turns(html, budget);
        html_element(html, "dt", "Since the start");
        html_open(html, "dd");
        html_textf(html, "%" PRId64 " requests, %" PRId64 " in flight; the service asked to slow down %" PRId64 " time%s",
                   number(budget, "requests"), number(budget, "in_flight"), number(budget, "throttled"),
                   number(budget, "throttled") == 1 ? "" : "s");
        if (limit > 0 && remaining >= 0)
                html_textf(html, "; by its last word %" PRId64 " of %" PRId64 " units are left", remaining, limit);
        html_close(html);
        html_close(html);
}

/* --- an organisation ------------------------------------------------------------------------------------------------ */

static void put_standing(HtmlWriter *html, const JsonNode *organization) {
        bool is_busy = false;
        Words state = WORDS(state_rows, json_get_text(organization, "state"));

        json_get_bool(organization, "busy", &is_busy);
        html_open(html, "p");
        html_attributef(html, "class", "state %s", tone_classes[state.tone]);
        html_textf(html, "%s%s", state.words, is_busy ? "; a pass is running" : "");
        html_close(html);
        put_error(html, "Error", json_get_text(organization, "error"));
        put_error(html, "Charter", json_get_text(organization, "charter_error"));
        put_error(html, "Not ready", json_get_text(organization, "not_ready"));
        html_open(html, "dl");
        put_pair(html, "Address", json_get_text(organization, "url"));
        put_pair(html, "Charter", json_get_text(organization, "charter"));
        put_pair(html, "Mode", WORDS(mode_rows, json_get_text(organization, "mode")).words);
        put_time_pair(html, "Last pass", json_get_text(organization, "last_pass"), "none yet");
        put_time_pair(html, "Last complete survey", json_get_text(organization, "last_survey"), "none yet");
        put_time_pair(html, "Next pass", json_get_text(organization, "next_pass"), "none is due");
        html_close(html);
}

static void put_picture(HtmlWriter *html, const PagePicture *picture) {
        if (picture->html) {
                html_open(html, "details");
                html_attribute(html, "open", "");
                html_element(html, "summary", picture->project);
                html_raw(html, picture->html);
                html_close(html);
        } else {
                html_open(html, "p");
                html_textf(html, "%s%s%s.", picture->project ? picture->project : "", picture->project ? ": " : "",
                           picture->missing);
                html_close(html);
        }
}

static void put_pictures(HtmlWriter *html, const PageParts *parts, const char *url) {
        bool has_heading = false;

        for (size_t i = 0; i < parts->n_pictures; i++) {
                if (strcmp(parts->pictures[i].organization, url) != 0)
                        continue;
                if (!has_heading) {
                        html_element(html, "h3", "Who can reach what");
                        put_classed(html, "p", "faint",
                                    "As the last pass saw it; `charterd access -o html` has the matrix, and why each cell is as "
                                    "it is.");
                }
                has_heading = true;
                put_picture(html, &parts->pictures[i]);
        }
}

static void put_organization(HtmlWriter *html, const JsonNode *organization, const PageParts *parts, size_t i) {
        const char *url = json_get_text(organization, "url"), *name;
        int n = (int)text_last_segment(url ? url : "", &name);

        html_open(html, "section");
        html_attributef(html, "aria-labelledby", "organization-%zu", i);
        html_open(html, "h2");
        html_attributef(html, "id", "organization-%zu", i);
        html_textf(html, "%.*s", n, name);
        html_close(html);
        put_standing(html, organization);
        put_held(html, organization);
        put_findings(html, organization);
        put_projects(html, organization);
        put_pictures(html, parts, url ? url : "");
        put_budget(html, json_get(organization, "budget"));
        html_close(html);
}

/* --- changes -------------------------------------------------------------------------------------------------------- */

static void put_change(HtmlWriter *html, const JsonNode *change) {
        const char *result = json_get_text(change, "result"), *message = json_get_text(change, "message");
        const char *cause = json_get_text(change, "cause"), *time = json_get_text(change, "time");

        html_open(html, "tr");
        html_open(html, "td");
        put_time(html, time ? time : "-");
        html_close(html);
        html_open(html, "td");
        html_text(html, json_get_text(change, "what"));
        if (message)
                put_classed(html, "p", "faint", message);
        html_close(html);
        put_toned(html, "td", result ? WORDS(result_rows, result) : open_words);
        html_element(html, "td", cause ? cause : "not known");
        html_close(html);
}

static void put_changes(HtmlWriter *html, const JsonNode *status) {
        static const char *const columns[] = {"Time", "What charterd changed", "Result", "Who caused it"};
        const JsonNode *changes = json_get(status, "changes");

        html_open(html, "section");
        html_attribute(html, "aria-labelledby", "changes");
        html_open(html, "h2");
        html_attribute(html, "id", "changes");
        html_text(html, "Last changes");
        html_close(html);
        put_error(html, "The ledger could not be read", json_get_text(status, "changes_error"));
        if (json_count(changes) > 0) {
                OPEN_TABLE(html, "The latest first; `charterd history` shows all of them", columns);
                json_each(change, changes)
                        put_change(html, change);
                close_table(html);
        } else {
                html_element(html, "p", "None lately; `charterd history` shows all of them.");
        }
        html_close(html);
}

static void put_figures(HtmlWriter *html, const PageParts *parts) {
        if (!parts->figures && !parts->figures_error)
                return;
        html_open(html, "section");
        html_attribute(html, "aria-label", "Figures");
        put_error(html, "There are no figures", parts->figures_error);
        if (parts->figures)
                html_raw(html, parts->figures);
        html_close(html);
}

/* --- the page ------------------------------------------------------------------------------------------------------- */

static void put_head(HtmlWriter *html, const char *style) {
        html_open(html, "head");
        html_open(html, "meta");
        html_attribute(html, "charset", "utf-8");
        html_close(html);
        html_open(html, "meta");
        html_attribute(html, "name", "viewport");
        html_attribute(html, "content", "width=device-width, initial-scale=1");
        html_close(html);
        html_element(html, "title", "charterd");
        html_open(html, "style");
        html_raw(html, style);
        html_close(html);
        html_close(html);
}

static void put_header(HtmlWriter *html, const JsonNode *status) {
        const char *time = json_get_text(status, "time");

        html_open(html, "a");
        html_attribute(html, "class", "skip");
        html_attribute(html, "href", "#main");
        html_text(html, "Skip to the organisations");
        html_close(html);
        html_open(html, "header");
        html_element(html, "h1", "charterd");
        html_open(html, "p");
        html_attribute(html, "class", "faint");
        html_textf(html, "Version %s, as of ", json_get_text(status, "version"));
        put_time(html, time ? time : "-");
        html_text(html, ". This page only shows; load it again to see what is new.");
        html_close(html);
        html_close(html);
}

/* Where there are several: each with its state, to jump to. */
static void put_contents(HtmlWriter *html, const JsonNode *organizations) {
        size_t i = 0;

        if (json_count(organizations) < 2)
                return;
        html_open(html, "nav");
        html_attribute(html, "aria-label", "Organisations");
        html_open(html, "ul");
        json_each(organization, organizations) {
                const char *url = json_get_text(organization, "url"), *name;
                int n = (int)text_last_segment(url ? url : "", &name);

                html_open(html, "li");
                html_open(html, "a");
                html_attributef(html, "href", "#organization-%zu", i++);
                html_textf(html, "%.*s", n, name);
                html_close(html);
                html_text(html, ": ");
                put_toned(html, "span", WORDS(state_rows, json_get_text(organization, "state")));
                html_close(html);
        }
        html_close(html);
        html_close(html);
}

static void put_main(HtmlWriter *html, const JsonNode *status, const PageParts *parts) {
        const JsonNode *organizations = json_get(status, "organizations");
        size_t i = 0;

        html_open(html, "main");
        html_attribute(html, "id", "main");
        put_error(html, "New settings that were not taken", json_get_text(status, "settings_error"));
        put_error(html, "The ledger cannot be written", json_get_text(status, "ledger_error"));
        json_each(organization, organizations)
                put_organization(html, organization, parts, i++);
        put_more(html, number(status, "n_organizations"), i, "organisations");
        put_changes(html, status);
        put_figures(html, parts);
        html_close(html);
}

void page_write(const JsonNode *status, const PageParts *parts, Text *text, Text *styles) {
        HtmlWriter html;
        Text style;

        text_init(&style, NULL);
        text_append(&style, page_style);
        text_append(&style, parts->style);
        html_append_style_source(styles, style.data);
        html_writer_init(&html, text);
        html_write_doctype(&html);
        html_open(&html, "html");
        html_attribute(&html, "lang", "en");
        put_head(&html, style.data);
        html_open(&html, "body");
        put_header(&html, status);
        put_contents(&html, json_get(status, "organizations"));
        put_main(&html, status, parts);
        html_close(&html);
        html_close(&html);
        text_append(text, "\n");
        text_deinit(&style);
}
