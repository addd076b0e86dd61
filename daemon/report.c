/* SPDX-License-Identifier: Apache-2.0 */
/* Report: what a person or program is told of an engine's last pass. */
#include "common/base/json.h"
#include "common/base/visible.h"
#include "daemon/report.h"

/* Programs get an object of the plan's form also when there is no plan. */
static void write_error_json(const Engine *engine, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 2);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "organization", engine_spec(engine)->url);
        json_write_text(&writer, "error", engine_error(engine));
        json_write_null(&writer, "plan_id");
        json_write_bool(&writer, "in_sync", false);
        static const char *const lists[] = {"steps", "held", "reasons", "waiting", "findings", "projects"};
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
                json_write_array(&writer, lists[i]);
                json_write_array_end(&writer);
        }
        json_write_object_end(&writer);
        text_append(text, "\n");
}

static void write_done(const Engine *engine, Text *text) {
        size_t n_done = engine_n_done(engine), n_not_done = engine_n_not_done(engine);

        text_appendf(text, "%s: %zu step%s done", engine_spec(engine)->url, n_done, n_done == 1 ? "" : "s");
        if (n_not_done > 0)
                text_appendf(text, ", %zu not done (see the log and `charterd history`)", n_not_done);
        text_append(text, "\n");
}

void report_write(const Engine *engine, const ReportSpec *spec, Text *text) {
        const Plan *plan = engine_plan(engine);

        if (spec->output == OUTPUT_JSON) {
                if (plan)
                        plan_print_json(plan, text);
                else
                        write_error_json(engine, text);
                return;
        }
        if (spec->of == REPORT_APPLICATION)
                write_done(engine, text);
        if (plan)
                plan_print_text(plan, spec->colour, text);
        if (engine_error(engine))
                visible_append_line(text, "%s: %s", engine_spec(engine)->url, engine_error(engine));
}
