/* SPDX-License-Identifier: Apache-2.0 */
/* Article: the article's charter beside fixtures/access/article/live.json. */
#pragma once

#include "common/access/view.h"
#include "common/model/desired.h"

typedef struct Article {
        Organisation *live;
        Index row; /* the live project */
        DesiredProject *project;
        Desired desired;
        AccessView *view; /* in which Data Science A sits in Contributors */
} Article;

void article_init(Article *article, Mem *mem);
