/* SPDX-License-Identifier: Apache-2.0 */
/* Page: who can do what, as one HTML page that needs nothing besides. */
#include "common/access/page.h"

#include <stdio.h>

#include "common/access/drawing.h"
#include "common/access/page_table.h"

enum {
        ID_SIZE = 32,
        PAGE_PAIRS_MAX = 20000, /* principals by things of all projects; beyond them what is alike is one everywhere */
};

static const char style[] =
        ":root{color-scheme:light dark;--ink:#1f2328;--paper:#fff;--faint:#57606a;--edge:#d0d7de;--shade:#f6f8fa;"
        "--open:#1a7f37;--closed:#cf222e;--differs:#7d4e00;--unknown:#57606a}\n"
        "@media screen and (prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--faint:#9aa4ae;--edge:#30363d;"
        "--shade:#161b22;--open:#3fb950;--closed:#f85149;--differs:#e3b341;--unknown:#9aa4ae}}\n"
        "body{margin:0 auto;max-width:80rem;padding:1rem 1.5rem;color:var(--ink);background:var(--paper);"
        "font:15px/1.5 \"DejaVu Sans\",Verdana,sans-serif;overflow-wrap:anywhere}\n"
        "h1{font-size:1.5rem}h2{font-size:1.25rem;margin-top:2rem}\n"
        "a{color:inherit}\n"
        ".scroll{overflow-x:auto}\n"
        "table{border-collapse:collapse;font-size:.87rem}\n"
        "caption{text-align:left;color:var(--faint);padding:.3em 0}\n"
        "th,td{border:1px solid var(--edge);padding:.2em .5em;text-align:left;vertical-align:top;overflow-wrap:normal}\n"
        "thead th,tbody th[scope=rowgroup]{background:var(--shade)}\n"
        "th[scope=row]{font-weight:normal}\n"
        "th small,td small{display:block;color:var(--faint);font-weight:normal}\n"
        "summary{cursor:pointer;white-space:nowrap;list-style:none}\n"
        "summary::-webkit-details-marker{display:none}\n"
        "summary:hover,summary:focus-visible{text-decoration:underline}\n"
        "summary b,summary i,td.closed::before,td.none::before{font-family:\"DejaVu Sans Mono\",monospace;font-style:normal}\n"
        "summary i{margin-left:.5em;padding-left:.5em;border-left:1px solid var(--edge);color:var(--faint)}\n"
        "details>div{max-width:34em;min-width:16em;padding:.4em 0}\n"
        "details p{margin:.2em 0}\n"
        "dl{margin:.3em 0}dt{font-weight:bold}dd{margin:0 0 .3em 1em}\n"
        "td.open b{color:var(--open)}td.differs b{color:var(--differs)}td.unknown b{color:var(--unknown)}\n"
        "td.differs{outline:2px solid var(--differs);outline-offset:-2px}\n"
        "td.differs summary::before{content:\"\\2260  \"}\n"
        "td.closed::before{content:\"\\2013\";color:var(--closed)}td.none::before{content:\"\\b7\";color:var(--faint)}\n"
        ".said{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}\n"
        ".path{display:block;color:var(--faint);font-size:.9em}\n"
        "section.broken>h2{color:var(--closed)}\n"
        "@media print{details::details-content{content-visibility:visible;display:block;block-size:auto}"
        ".scroll{overflow:visible}details>div{min-width:0}table{font-size:7pt}tr{break-inside:avoid}}\n";

void access_page_begin(AccessPage *page, Mem *mem) {
        *page = (AccessPage){.mem = mem};
        text_init(&page->body, mem);
        html_writer_init(&page->writer, &page->body);
}

static void open_section(AccessPage *page, const char *class, const char *title) {
        HtmlWriter *writer = &page->writer;
        char id[ID_SIZE];

        (void)snprintf(id, sizeof id, "s%u", ++page->n_sections);
        html_open(writer, "section");
        html_attribute(writer, "class", class);
        html_attribute(writer, "aria-labelledby", id);
        html_open(writer, "h2");
        html_attribute(writer, "id", id);
        html_text(writer, title);
        html_close(writer);
        html_raw(writer, "\n");
}

static void close_section(AccessPage *page) {
        html_close(&page->writer);
        html_raw(&page->writer, "\n");
}

/* Remarks */

static void write_remark(HtmlWriter *writer, const AccessVerdict *verdict) {
        html_open(writer, "li");
        html_text(writer, verdict->message);
        if (verdict->place.line)
                html_textf(writer, " (%s:%u)", verdict->place.file, verdict->place.line);
        access_page_path(writer, verdict->path, verdict->n_path);
        html_close(writer);
        html_raw(writer, "\n");
}

static void add_remarks(AccessPage *page, const char *class, const char *title, const AccessRemarks *remarks) {
        if (remarks->n == 0)
                return;
        open_section(page, class, title);
        html_open(&page->writer, "ul");
        html_raw(&page->writer, "\n");
        for (size_t i = 0; i < remarks->n; i++)
                write_remark(&page->writer, &remarks->items[i].verdict);
        html_close(&page->writer);
        close_section(page);
}

/* Projects */

static AccessSheet *make_sheet(AccessPage *page, const AccessMatrixSpec *asked, const DesiredProject *project,
                               bool is_crowded) {
        const AccessSheetSpec spec = {asked, project, ACCESS_SHEET_EXPLAINED, is_crowded};
        AccessSheet *sheet = access_sheet_new(page->mem, &spec);

        while (access_sheet_step(sheet))
                ;
        return sheet;
}

static void add_notes(AccessPage *page, const AccessSheet *sheet) {
        HtmlWriter *writer = &page->writer;

        html_open(writer, "p");
        html_textf(writer, "%zu teams and groups, %zu things.", sheet->n_principals, sheet->n_things);
        if (sheet->is_folded)
                html_text(writer, " Teams of one kit that have the same are drawn as one, with their number, and so are their things.");
        html_close(writer);
        if (sheet->visibility)
                html_element(writer, "p", sheet->visibility);
        html_raw(writer, "\n");
}

static void add_project(AccessPage *page, const AccessMatrixSpec *asked, const DesiredProject *project, bool is_crowded) {
        AccessSheet *sheet = make_sheet(page, asked, project, is_crowded);
        char id[ID_SIZE];

        if (sheet->n_principals > 0 && sheet->n_things > 0) {
                open_section(page, "project", project->name);
                add_notes(page, sheet);
                (void)snprintf(id, sizeof id, "d%u", page->n_sections);
                access_drawing_print(sheet, id, &page->writer);
                access_page_table(sheet, &page->writer);
                close_section(page);
        }
        mem_free(sheet);
}

/* Whether all projects together are more than a page can hold one by one. */
static bool are_crowded(AccessPage *page, const AccessMatrixSpec *asked, const DesiredProject *const *projects, size_t n) {
        size_t n_pairs = 0;

        for (size_t i = 0; i < n && n_pairs <= PAGE_PAIRS_MAX; i++) {
                Mem *scratch = mem_alloc_zero(page->mem, 1, "crowd");
                size_t n_principals = 0, n_things = 0;

                access_question_principals(scratch, asked, projects[i], &n_principals);
                access_question_things(scratch, asked, projects[i], &n_things);
                n_pairs += n_principals * n_things;
                mem_free(scratch);
        }
        return n_pairs > PAGE_PAIRS_MAX;
}

static void add_projects(AccessPage *page, const AccessMatrixSpec *asked) {
        size_t n = 0;
        const DesiredProject **projects = access_question_projects(page->mem, asked, &n);
        bool is_crowded = are_crowded(page, asked, projects, n);

        for (size_t i = 0; i < n; i++)
                add_project(page, asked, projects[i], is_crowded);
}

void access_page_add(AccessPage *page, const AccessPageOrganisation *organisation) {
        const AccessMatrix *matrix = organisation->matrix;
        const Desired *desired = organisation->asked->desired;
        HtmlWriter *writer = &page->writer;

        html_open(writer, "header");
        html_open(writer, "h1");
        html_textf(writer, "Who can do what in %s", desired->organization);
        html_close(writer);
        html_open(writer, "p");
        html_textf(writer, "Read %s.", organisation->read);
        if (desired->sha256[0])
                html_textf(writer, " Charter: SHA-256 %s", desired->sha256);
        if (desired->commit)
                html_textf(writer, ", commit %s", desired->commit);
        html_close(writer);
        html_close(writer);
        html_raw(writer, "\n");
        add_remarks(page, "broken", "Broken", &matrix->broken);
        if (matrix->is_explanation)
                for (size_t i = 0; i < matrix->n_tables; i++) {
                        open_section(page, "project", matrix->tables[i].project);
                        access_page_answer(matrix, &matrix->tables[i], writer);
                        close_section(page);
                }
        else
                add_projects(page, organisation->asked);
        add_remarks(page, "unknown", "Not known", &matrix->unknown);
        add_remarks(page, "members", "Members by another way", &matrix->members);
        add_remarks(page, "exempt", "Entries that are never changed", &matrix->exempt);
}

static void write_head(HtmlWriter *writer, const char *sheet) {
        Text policy;

        text_init(&policy, NULL);
        text_append(&policy, "default-src 'none'; base-uri 'none'; form-action 'none'; style-src ");
        html_append_style_source(&policy, sheet);
        html_open(writer, "head");
        html_open(writer, "meta");
        html_attribute(writer, "charset", "utf-8");
        html_close(writer);
        html_open(writer, "meta");
        html_attribute(writer, "http-equiv", "Content-Security-Policy");
        html_attribute(writer, "content", policy.data);
        html_close(writer);
        html_open(writer, "meta");
        html_attribute(writer, "name", "viewport");
        html_attribute(writer, "content", "width=device-width, initial-scale=1");
        html_close(writer);
        html_element(writer, "title", "Who can do what");
        html_open(writer, "style");
        html_raw(writer, sheet);
        html_close(writer);
        html_close(writer);
        html_raw(writer, "\n");
        text_deinit(&policy);
}

void access_page_end(AccessPage *page, Text *text) {
        HtmlWriter writer;
        char *sheet = mem_printf(page->mem, "%s%s", style, access_drawing_style);

        html_writer_init(&writer, text);
        html_write_doctype(&writer);
        html_open(&writer, "html");
        html_attribute(&writer, "lang", "en");
        write_head(&writer, sheet);
        html_open(&writer, "body");
        html_open(&writer, "main");
        html_raw(&writer, "\n");
        html_raw(&writer, page->body.data);
        html_close(&writer);
        html_close(&writer);
        html_close(&writer);
        html_raw(&writer, "\n");
        text_deinit(&page->body);
}
