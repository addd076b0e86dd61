/* SPDX-License-Identifier: Apache-2.0 */
/* Codec: how one kind of thing is asked for, read and made; a row of a table each. */
#include "daemon/azdo/codec.h"
#include "daemon/azdo/codec_rows.h"

static const Codec *const rows[] = {
        &codec_repository,     &codec_folder,      &codec_pipeline,    &codec_area,
        &codec_iteration,      &codec_query,       &codec_endpoint,    &codec_environment,
        &codec_variable_group, &codec_secure_file, &codec_agent_queue, &codec_team,
        &codec_group,
};

const Codec *codec_of(Kind kind) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (rows[i]->kind == kind)
                        return rows[i];
        return NULL;
}
