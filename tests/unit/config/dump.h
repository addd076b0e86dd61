/* SPDX-License-Identifier: Apache-2.0 */
/* Dump: what was loaded, as text with the place of each value. */
#pragma once

#include "common/base/text.h"
#include "common/model/desired.h"
#include "config/settings.h"
#include "config/yaml.h"

void dump_desired(const Desired *desired, Text *text);
void dump_settings(const Settings *settings, Text *text);
void dump_yaml(const YamlNode *node, Text *text);
