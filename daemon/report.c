/* SPDX-License-Identifier: Apache-2.0 */
/* Report: what a person or program is told of an engine's last pass. */
#include "common/base/json.h"
#include "common/base/visible.h"
#include "daemon/report.h"

/* Programs get an object of the plan's form also when there is no plan. */
static void write_error_json(const Engine *engine, const char *error, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 2);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "organization", engine_spec(engine)->url);
        json_write_text(&writer, "error", error);
        json_write_null(&writer, "plan_id");
        json_write_bool(&writer, "in_sync", false);
        static const char *const lists[] = {"steps", "held", "reasons", "waiting", "people",
                                            "people_losing_all", "findings", "projects"};
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
                json_write_array(&writer, lists[i]);
                json_write_array_end(&writer);
        }
        json_write_object_end(&writer);
        text_append(text, "\n");
}

/* What is told of, whichever pass it is. */
static EngineUndone find_told(const Engine *engine, ReportOf of) {
        if (of == REPORT_UNDO_PLAN || of == REPORT_UNDO)
                return engine_undone(engine);
        return (EngineUndone){.plan = engine_plan(engine),
                              .error = engine_error(engine),
                              .n_done = engine_n_done(engine),
                              .n_not_done = engine_n_not_done(engine)};
}

static void write_done(const Engine *engine, const EngineUndone *told, Text *text) {
        text_appendf(text, "%s: %zu step%s done", engine_spec(engine)->url, told->n_done, told->n_done == 1 ? "" : "s");
        if (told->n_not_done > 0)
                text_appendf(text, ", %zu not done (see the log and `charterd history`)", told->n_not_done);
        text_append(text, "\n");
}

void report_write(const Engine *engine, const ReportSpec *spec, Text *text) {
        EngineUndone told = find_told(engine, spec->of);

        if (spec->output == OUTPUT_JSON) {
                if (told.plan)
                        plan_print_json(told.plan, text);
                else
                        write_error_json(engine, told.error, text);
                return;
        }
        if (spec->of == REPORT_APPLICATION || spec->of == REPORT_UNDO)
                write_done(engine, &told, text);
        if (told.plan)
                plan_print_text(told.plan, spec->colour, text);
        if (told.error)
                visible_append_line(text, "%s: %s", engine_spec(engine)->url, told.error);
}
