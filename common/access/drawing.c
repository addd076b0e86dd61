/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing: a sheet as a picture: teams left, things right, a line for each that is to be seen at each. */
#include "common/access/drawing.h"

#include <string.h>

/* In units of the SVG, which are pixels where there is room. */
enum {
        WIDTH = 1000,
        MARGIN = 12,
        TEAM_WIDTH = 250,
        TEAM_HEIGHT = 34,
        TEAM_GAP = 14,
        BLOCK_WIDTH = 350,
        BLOCK_LEFT = WIDTH - MARGIN - BLOCK_WIDTH,
        BLOCK_HEAD = 26,
        BLOCK_GAP = 16,
        ROW_HEIGHT = 20,
        TEXT_INSET = 10,
        TEXT_DROP = 5, /* from the middle of a line of text to its foot */
        CHARACTER = 8, /* the width of one, well measured */
        WIDE_FIRST = 0x1100, /* code points that take two */
        SPREAD = 12,   /* at a row, between the ends of the first and the last line */
        BEND = 130,
        GLYPH = 4,
        DESCRIBED_ROWS_MAX = 8, /* of a line to a whole block */
};

const char *const access_drawing_style =
        ".access-drawing{--open:#1a7f37;--closed:#cf222e;--differs:#bf8700;--unknown:#57606a;--ink:#1f2328;--paper:#fff;"
        "--edge:#8c959f;margin:1em 0}\n"
        "@media screen and (prefers-color-scheme:dark){.access-drawing{--open:#3fb950;--closed:#f85149;--differs:#d29922;"
        "--unknown:#9aa4ae;--ink:#e6edf3;--paper:#0d1117;--edge:#6e7681}}\n"
        ".access-drawing svg{max-width:100%;height:auto;font:13px \"DejaVu Sans\",Verdana,sans-serif}\n"
        ".access-drawing rect{fill:var(--paper);stroke:var(--edge)}\n"
        ".access-drawing text{fill:var(--ink)}\n"
        ".access-drawing .name{font-weight:bold}\n"
        ".access-drawing path{fill:none}\n"
        ".access-drawing .open{stroke:var(--open);stroke-width:2.2}\n"
        ".access-drawing .closed{stroke:var(--closed);stroke-width:.8}\n"
        ".access-drawing .differs{stroke:var(--differs);stroke-width:2.6}\n"
        ".access-drawing .unknown{stroke:var(--unknown);stroke-width:1.4}\n"
        ".access-drawing .differs .line{stroke-dasharray:12 3 2 3}\n"
        ".access-drawing .unknown .line{stroke-dasharray:5 4}\n"
        ".access-drawing .open .end{fill:var(--open)}\n"
        ".access-drawing .differs .end{fill:var(--differs)}\n"
        ".access-drawing .closed .end{stroke-width:1.6}\n"
        ".access-drawing ul{list-style:none;display:flex;flex-wrap:wrap;gap:.3em 2em;padding:0;margin:.5em 0}\n"
        ".access-drawing li svg{vertical-align:middle;margin-right:.5em}\n";

typedef struct LookRow {
        const char *word;
        const char *class;
        const char *legend;
        const char *glyph; /* its end, around the end of the line */
} LookRow;

static const LookRow look_rows[_ACCESS_LOOK_N] = {
        [ACCESS_LOOK_NONE] = {"none", "none", NULL, NULL},
        [ACCESS_LOOK_CLOSED] = {"closed", "closed", "thin with a cross: closed", "m-4 -4l8 8m0 -8l-8 8"},
        [ACCESS_LOOK_UNKNOWN] = {"not known", "unknown", "dashed with a ring: not known", "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0"},
        [ACCESS_LOOK_OPEN] = {"open", "open", "thick with an arrow: open", "m-4 -4l8 4l-8 4z"},
        [ACCESS_LOOK_DIFFERS] = {"not as the charter wants it", "differs",
                                 "dashes and dots with a diamond: live is not as the charter wants it",
                                 "m-5 0l5 -5l5 5l-5 5z"},
};

const char *access_look_word(AccessLook look) {
        return look_rows[look].word;
}

const char *access_look_class(AccessLook look) {
        return look_rows[look].class;
}

/* Words */

typedef enum Described {
        DESCRIBED_LIVE,
        DESCRIBED_WANTED,
} Described;

static void append_word(Text *text, const char *before, const char *word, uint32_t n, uint32_t of) {
        text_appendf(text, "%s%s", before, word);
        if (n < of)
                text_appendf(text, " (%u of %u)", n, of);
}

static void describe(const AccessSheet *sheet, const AccessSheetRow *row, size_t group, Described what, Text *text) {
        const AccessSheetCell *cells = access_sheet_cells(sheet, row, group);
        const char *before = "";
        size_t start = text->n;

        for (size_t i = 0; i < row->n_asked; i++) {
                uint32_t n = what == DESCRIBED_LIVE ? cells[i].n_open : cells[i].n_wanted_open;

                if (n == 0)
                        continue;
                append_word(text, before, row->asked[i].word, n, cells[i].n);
                before = ", ";
        }
        before = text->n > start ? "; not known: " : "not known: ";
        for (size_t i = 0; i < row->n_asked; i++) {
                uint32_t n = what == DESCRIBED_LIVE ? cells[i].n_unknown : cells[i].n_wanted_unknown;

                if (n == 0)
                        continue;
                append_word(text, before, row->asked[i].word, n, cells[i].n);
                before = ", ";
        }
        if (text->n == start)
                text_append(text, "nothing");
}

void access_describe_live(const AccessSheet *sheet, const AccessSheetRow *row, size_t group, Text *text) {
        describe(sheet, row, group, DESCRIBED_LIVE, text);
}

void access_describe_wanted(const AccessSheet *sheet, const AccessSheetRow *row, size_t group, Text *text) {
        describe(sheet, row, group, DESCRIBED_WANTED, text);
}

/* Layout */

/* Things of one owner, one under the other. */
typedef struct Block {
        const AccessSheetRow **rows;
        size_t n_rows;
        int top;
        int height;
} Block;

typedef struct Line {
        size_t group;
        const Block *block;
        const AccessSheetRow *row; /* NULL: it goes to the whole block */
        AccessLook look;
        int y;
} Line;

typedef struct Drawing {
        const AccessSheet *sheet;
        Mem *scratch;
        HtmlWriter *writer;
        const char *id;
        Block *blocks;
        size_t n_blocks;
        Line *lines;
        size_t n_lines;
        size_t n_looks[_ACCESS_LOOK_N];
        int height;
} Drawing;

static bool are_in_one_block(const AccessSheetRow *a, const AccessSheetRow *b) {
        if ((a->kind == KIND_PROJECT) != (b->kind == KIND_PROJECT) || a->owner_group != b->owner_group ||
            (a->relation == ACCESS_RELATION_OTHERS) != (b->relation == ACCESS_RELATION_OTHERS))
                return false;
        return a->owner_group != INDEX_NONE || (!a->owner && !b->owner) ||
               (a->owner && b->owner && strcmp(a->owner, b->owner) == 0);
}

static Block *block_of(Drawing *drawing, const AccessSheetRow *row) {
        for (size_t i = 0; i < drawing->n_blocks; i++)
                if (are_in_one_block(drawing->blocks[i].rows[0], row))
                        return &drawing->blocks[i];
        return mem_push(drawing->scratch, drawing->blocks, drawing->n_blocks);
}

static void add_row(Drawing *drawing, const AccessSheetRow *row) {
        Block *block = block_of(drawing, row);

        *mem_push(drawing->scratch, block->rows, block->n_rows) = row;
}

/* The project, what the columns own in their order, the rest. */
static void make_blocks(Drawing *drawing) {
        const AccessSheet *sheet = drawing->sheet;

        for (size_t i = 0; i < sheet->n_rows; i++)
                if (sheet->rows[i].kind == KIND_PROJECT)
                        add_row(drawing, &sheet->rows[i]);
        for (size_t group = 0; group < sheet->n_groups; group++)
                for (size_t i = 0; i < sheet->n_rows; i++)
                        if (sheet->rows[i].owner_group == group)
                                add_row(drawing, &sheet->rows[i]);
        for (size_t i = 0; i < sheet->n_rows; i++)
                if (sheet->rows[i].owner_group == INDEX_NONE && sheet->rows[i].kind != KIND_PROJECT)
                        add_row(drawing, &sheet->rows[i]);
}

static int teams_height(const Drawing *drawing) {
        return (int)drawing->sheet->n_groups * (TEAM_HEIGHT + TEAM_GAP) - TEAM_GAP;
}

static void lay_out(Drawing *drawing) {
        int y = MARGIN;

        for (size_t i = 0; i < drawing->n_blocks; i++) {
                Block *block = &drawing->blocks[i];

                block->top = y;
                block->height = BLOCK_HEAD + (int)block->n_rows * ROW_HEIGHT;
                y += block->height + BLOCK_GAP;
        }
        drawing->height = y - BLOCK_GAP + MARGIN;
        if (drawing->height < teams_height(drawing) + 2 * MARGIN)
                drawing->height = teams_height(drawing) + 2 * MARGIN;
}

/* The middle of a team's box; they share the whole height. */
static int team_y(const Drawing *drawing, size_t group) {
        int n = (int)drawing->sheet->n_groups;
        int room = drawing->height - 2 * MARGIN - TEAM_HEIGHT;

        return MARGIN + TEAM_HEIGHT / 2 + (n > 1 ? room * (int)group / (n - 1) : room / 2);
}

static int row_y(const Block *block, size_t row) {
        return block->top + BLOCK_HEAD + (int)row * ROW_HEIGHT + ROW_HEIGHT / 2 - 2;
}

/* Where lines of the groups end that would all end at the same height. */
static int spread(const Drawing *drawing, size_t group, int middle, int room) {
        int n = (int)drawing->sheet->n_groups;

        return middle - room / 2 + (n > 1 ? room * (int)group / (n - 1) : room / 2);
}

static void add_line(Drawing *drawing, const Line *line) {
        *mem_push(drawing->scratch, drawing->lines, drawing->n_lines) = *line;
        drawing->n_looks[line->look]++;
}

/* One line to the block where all of it looks the same, else one to each thing. */
static void add_lines(Drawing *drawing, const Block *block, size_t group) {
        AccessLook look = access_sheet_look(drawing->sheet, block->rows[0], group);
        size_t n_alike = 0;

        while (n_alike < block->n_rows &&
               access_sheet_look(drawing->sheet, block->rows[n_alike], group) == look)
                n_alike++;
        if (n_alike == block->n_rows) {
                if (look != ACCESS_LOOK_NONE)
                        add_line(drawing, &(Line){group, block, NULL, look,
                                                  spread(drawing, group, block->top + block->height / 2,
                                                         block->height - BLOCK_HEAD)});
                return;
        }
        for (size_t i = 0; i < block->n_rows; i++) {
                look = access_sheet_look(drawing->sheet, block->rows[i], group);
                if (look != ACCESS_LOOK_NONE)
                        add_line(drawing, &(Line){group, block, block->rows[i], look,
                                                  spread(drawing, group, row_y(block, i), SPREAD)});
        }
}

/* Writing */

/* As much of a name as fits, and all of it beside. */
static char *fitting(Mem *parent, const char *name, int width) {
        size_t n = strlen(name), length = 0, at = 0;
        int used = 0;

        for (; at < n; at += length) {
                used += text_code_point(name + at, n - at, &length) >= WIDE_FIRST ? 2 * CHARACTER : CHARACTER;
                if (used > width - CHARACTER)
                        break;
        }
        return at < n ? mem_printf(parent, "%.*s…", (int)at, name) : mem_strdup(parent, name);
}

static void write_text(Drawing *drawing, const char *class, int x, int y, int width, const char *text) {
        HtmlWriter *writer = drawing->writer;

        html_open(writer, "text");
        html_attribute(writer, "class", class);
        html_attributef(writer, "x", "%d", x);
        html_attributef(writer, "y", "%d", y + TEXT_DROP);
        html_element(writer, "title", text);
        html_text(writer, fitting(drawing->scratch, text, width));
        html_close(writer);
}

static void write_box(Drawing *drawing, int x, int y, int width, int height) {
        HtmlWriter *writer = drawing->writer;

        html_open(writer, "rect");
        html_attributef(writer, "x", "%d", x);
        html_attributef(writer, "y", "%d", y);
        html_attributef(writer, "width", "%d", width);
        html_attributef(writer, "height", "%d", height);
        html_attribute(writer, "rx", "5");
        html_close(writer);
}

static const char *name_group(Drawing *drawing, size_t group) {
        Text text;

        text_init(&text, drawing->scratch);
        access_sheet_name_group(&drawing->sheet->groups[group], &text);
        return text.data;
}

static const char *name_row(Drawing *drawing, const AccessSheetRow *row) {
        Text text;

        text_init(&text, drawing->scratch);
        if (row->kind != KIND_PROJECT)
                text_appendf(&text, "%s ", kind_row(row->kind)->noun);
        access_sheet_name_row(drawing->sheet, row, &text);
        return text.data;
}

static const char *name_block(Drawing *drawing, const Block *block) {
        const AccessSheetRow *row = block->rows[0];

        if (row->kind == KIND_PROJECT)
                return "project";
        if (row->relation != ACCESS_RELATION_ANY)
                return mem_printf(drawing->scratch,
                                  row->relation == ACCESS_RELATION_OWN ? "%s: each its own" : "%s: those of the others",
                                  name_group(drawing, row->owner_group));
        if (row->owner)
                return mem_printf(drawing->scratch, "%s", row->owner);
        return "of nobody";
}

static void write_team(Drawing *drawing, size_t group) {
        int y = team_y(drawing, group);

        html_open(drawing->writer, "g");
        html_attribute(drawing->writer, "class", "team");
        write_box(drawing, MARGIN, y - TEAM_HEIGHT / 2, TEAM_WIDTH, TEAM_HEIGHT);
        write_text(drawing, "name", MARGIN + TEXT_INSET, y, TEAM_WIDTH - 2 * TEXT_INSET, name_group(drawing, group));
        html_close(drawing->writer);
}

static void write_block(Drawing *drawing, const Block *block) {
        int width = BLOCK_WIDTH - 2 * TEXT_INSET;

        html_open(drawing->writer, "g");
        html_attribute(drawing->writer, "class", "things");
        write_box(drawing, BLOCK_LEFT, block->top, BLOCK_WIDTH, block->height);
        write_text(drawing, "name", BLOCK_LEFT + TEXT_INSET, block->top + BLOCK_HEAD / 2, width,
                   name_block(drawing, block));
        for (size_t i = 0; i < block->n_rows; i++)
                write_text(drawing, NULL, BLOCK_LEFT + 2 * TEXT_INSET, row_y(block, i), width - TEXT_INSET,
                           name_row(drawing, block->rows[i]));
        html_close(drawing->writer);
}

static void describe_row(Drawing *drawing, const AccessSheetRow *row, size_t group, AccessLook look, Text *text) {
        text_appendf(text, "\n%s: ", name_row(drawing, row));
        access_describe_live(drawing->sheet, row, group, text);
        if (look != ACCESS_LOOK_DIFFERS)
                return;
        text_append(text, "; charter: ");
        access_describe_wanted(drawing->sheet, row, group, text);
}

static void write_line_title(Drawing *drawing, const Line *line) {
        Text text;

        text_init(&text, drawing->scratch);
        text_appendf(&text, "%s, %s: %s", name_group(drawing, line->group), name_block(drawing, line->block),
                     access_look_word(line->look));
        html_open(drawing->writer, "title");
        html_text(drawing->writer, text.data);
        for (size_t i = 0; i < line->block->n_rows && i < DESCRIBED_ROWS_MAX; i++) {
                if (line->row && line->row != line->block->rows[i])
                        continue;
                text_deinit(&text);
                text_init(&text, drawing->scratch);
                describe_row(drawing, line->block->rows[i], line->group, line->look, &text);
                html_raw(drawing->writer, "\n");
                html_text(drawing->writer, text.data + 1);
        }
        html_close(drawing->writer);
        text_deinit(&text);
}

static void write_path(HtmlWriter *writer, const char *class, const char *path) {
        html_open(writer, "path");
        html_attribute(writer, "class", class);
        html_attribute(writer, "d", path);
        html_close(writer);
}

static void write_line(Drawing *drawing, const Line *line) {
        const LookRow *look = &look_rows[line->look];
        int x1 = MARGIN + TEAM_WIDTH, y1 = team_y(drawing, line->group), x2 = BLOCK_LEFT - GLYPH - 1;

        html_open(drawing->writer, "g");
        html_attribute(drawing->writer, "class", look->class);
        write_line_title(drawing, line);
        write_path(drawing->writer, "line",
                   mem_printf(drawing->scratch, "M%d %dC%d %d %d %d %d %d", x1, y1, x1 + BEND, y1, x2 - BEND, line->y, x2,
                              line->y));
        write_path(drawing->writer, "end", mem_printf(drawing->scratch, "M%d %d%s", x2, line->y, look->glyph));
        html_close(drawing->writer);
}

/* What is closed lies below what is open, and what differs above all. */
static void write_lines(Drawing *drawing) {
        for (int look = ACCESS_LOOK_CLOSED; look < _ACCESS_LOOK_N; look++)
                for (size_t i = 0; i < drawing->n_lines; i++)
                        if (drawing->lines[i].look == (AccessLook)look)
                                write_line(drawing, &drawing->lines[i]);
}

static void write_description(Drawing *drawing) {
        const AccessSheet *sheet = drawing->sheet;
        HtmlWriter *writer = drawing->writer;

        html_open(writer, "title");
        html_attributef(writer, "id", "%s-title", drawing->id);
        html_textf(writer, "Who can reach what in %s", sheet->project);
        html_close(writer);
        html_open(writer, "desc");
        html_attributef(writer, "id", "%s-desc", drawing->id);
        html_textf(writer, "%zu teams and groups on the left, %zu things on the right. Of %zu lines %zu are open, %zu closed, %zu not known",
                   sheet->n_principals, sheet->n_things, drawing->n_lines, drawing->n_looks[ACCESS_LOOK_OPEN],
                   drawing->n_looks[ACCESS_LOOK_CLOSED], drawing->n_looks[ACCESS_LOOK_UNKNOWN]);
        if (sheet->has_desired)
                html_textf(writer, ", %zu not as the charter wants it", drawing->n_looks[ACCESS_LOOK_DIFFERS]);
        html_text(writer, ".");
        html_close(writer);
}

static void write_svg(Drawing *drawing) {
        HtmlWriter *writer = drawing->writer;

        html_open(writer, "svg");
        html_attribute(writer, "role", "img");
        html_attributef(writer, "aria-labelledby", "%s-title %s-desc", drawing->id, drawing->id);
        html_attributef(writer, "width", "%d", WIDTH);
        html_attributef(writer, "height", "%d", drawing->height);
        html_attributef(writer, "viewBox", "0 0 %d %d", WIDTH, drawing->height);
        write_description(drawing);
        write_lines(drawing);
        for (size_t i = 0; i < drawing->sheet->n_groups; i++)
                write_team(drawing, i);
        for (size_t i = 0; i < drawing->n_blocks; i++)
                write_block(drawing, &drawing->blocks[i]);
        html_close(writer);
}

static void write_legend(Drawing *drawing) {
        HtmlWriter *writer = drawing->writer;

        html_open(writer, "figcaption");
        html_open(writer, "ul");
        for (int look = _ACCESS_LOOK_N - 1; look > ACCESS_LOOK_NONE; look--) {
                if (look == ACCESS_LOOK_DIFFERS && !drawing->sheet->has_desired)
                        continue;
                html_open(writer, "li");
                html_open(writer, "svg");
                html_attribute(writer, "width", "60");
                html_attribute(writer, "height", "14");
                html_attribute(writer, "aria-hidden", "true");
                html_open(writer, "g");
                html_attribute(writer, "class", look_rows[look].class);
                write_path(writer, "line", "M2 7H50");
                write_path(writer, "end", mem_printf(drawing->scratch, "M50 7%s", look_rows[look].glyph));
                html_close(writer);
                html_close(writer);
                html_text(writer, look_rows[look].legend);
                html_close(writer);
        }
        html_close(writer);
        html_close(writer);
}

void access_drawing_print(const AccessSheet *sheet, const char *id, HtmlWriter *writer) {
        Drawing drawing = {.sheet = sheet, .scratch = mem_alloc_zero(NULL, 1, "drawing"), .writer = writer, .id = id};

        make_blocks(&drawing);
        lay_out(&drawing);
        for (size_t i = 0; i < drawing.n_blocks; i++)
                for (size_t group = 0; group < sheet->n_groups; group++)
                        add_lines(&drawing, &drawing.blocks[i], group);
        html_open(writer, "figure");
        html_attribute(writer, "class", "access-drawing");
        write_svg(&drawing);
        write_legend(&drawing);
        html_close(writer);
        html_raw(writer, "\n");
        mem_free(drawing.scratch);
}
