/* SPDX-License-Identifier: Apache-2.0 */
/* CodecRows: the rows of the codec table, one file each. */
#pragma once

#include "daemon/azdo/codec.h"

extern const Codec codec_repository;
extern const Codec codec_folder;
extern const Codec codec_pipeline;
extern const Codec codec_area;
extern const Codec codec_iteration;
extern const Codec codec_query;
extern const Codec codec_endpoint;
extern const Codec codec_environment;
extern const Codec codec_variable_group;
extern const Codec codec_secure_file;
extern const Codec codec_agent_queue;
extern const Codec codec_team;
extern const Codec codec_group;
