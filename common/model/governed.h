/* SPDX-License-Identifier: Apache-2.0 */
/* Governed: the kinds that a charter governs somewhere, as a set of bits. */
#pragma once

#include <stdint.h>

#include "common/model/desired.h"
#include "common/model/organisation.h"

_Static_assert(_KIND_N <= 32, "a set of kinds is one uint32_t");

/* One bit a Kind. Of a project: what its principals' rules, artefacts and assertions are about, beside what every
 * governed project has (project, repositories, pipeline folders, areas, teams, groups). */
uint32_t desired_governed_kinds(const DesiredProject *project);
/* Of a project: all that a charter can name without being experimental; of them those that a principal with `grants` is
 * held to whatever the charter names. One bit a Kind. */
uint32_t kinds_all(void);
uint32_t kinds_at_work(void);
/* One bit a NamespaceIndex: the namespaces of those kinds, roles too; that of team administrators always. */
uint32_t desired_governed_spaces(const DesiredProject *project);
/* The kinds on which a rule gives a role: on artefacts, or at their root. One bit a Kind. */
uint32_t desired_role_kinds(const DesiredProject *project, RoleLevel level);
/* Each thing of which it is asked which pipelines may use it: where the charter says it, and what teams own where
 * somebody is confined. */
void desired_each_asked_pipelines(const DesiredProject *project,
                                  void (*visit)(void *context, const OwnedArtefact *artefact), void *context);
/* The namespaces in which a principal with `grants` is held to them in its project (charter.md, grants_policy): some
 * only when one of its rules names the kind. */
uint32_t desired_exact_spaces(const DesiredPrincipal *principal);
/* The namespaces of all kinds of a project. */
uint32_t kinds_spaces(void);
/* Whether a rule of theirs is about the organisation itself. */
bool desired_principals_are_about_organization(const DesiredPrincipal *principals, size_t n);
/* Whether one of its rules or assertions is. */
bool desired_project_is_about_organization(const DesiredProject *project);
/* The namespaces of the organisation itself; 0 when no rule and no assertion is about it. */
uint32_t desired_organization_spaces(const Desired *desired);
/* The namespaces in which the portal shows permissions of the organisation (facts §10), one bit each. */
uint32_t organization_spaces(void);
