/* SPDX-License-Identifier: Apache-2.0 */
/* Unnamed: lists of pipelines that a plan will speak of, while only their numbers are known. */
#pragma once

#include "common/model/desired.h"
#include "common/model/organisation.h"

/* True when somebody whose grants are governed has an entry on a pipeline, or somebody has one below a folder of which
 * the charter says what is to be with those. */
bool unnamed_pipelines_matter(const Organisation *live, Index project, const DesiredProject *desired);
