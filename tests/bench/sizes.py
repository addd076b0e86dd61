# SPDX-License-Identifier: Apache-2.0
"""Sizes: organisations that the simulator makes, each with a charter of it and what a pass over it may cost."""

MEMBERS = 2            # of each team
NAMESPACES = 7         # governed: project, Git, Build, areas, iterations, queries, identity
BUILT_IN_GROUPS = 6    # of a project
BATCH = 100            # identities of one request


class Size:
    """An organisation as --generate makes it; lists: so many bytes of one answer with access control lists at least."""

    NAMESPACES = NAMESPACES
    SETTINGS = {}

    def __init__(self, name, projects, teams, members=MEMBERS, branches=0, lists=0):
        self.name, self.projects, self.teams, self.members = name, projects, teams, members
        self.branches, self.lists = branches, lists

    def project_names(self):
        return ["Bench"] if self.projects == 1 else [f"Bench {n}" for n in range(1, self.projects + 1)]

    def generation(self, **more):
        keys = {"name": "contoso", "project": "Bench", "projects": self.projects, "teams": self.teams,
                "members": self.members, "branches": self.branches, "seed": 7, "pat": "admin", **more}
        return ",".join(f"{key}={value}" for key, value in keys.items())

    def charter(self):
        lines = ["charter: 1", "organization: https://dev.azure.com/contoso",
                 "defaults: { unlisted_grants: remove }", "kits:", "  data-science:",
                 "    member_of: []", "    owns:", "      areas: [\"{team}\"]", "      repositories: [\"{team:slug}\"]",
                 "      pipeline_folders: [\"{team}\"]", "    grants:",
                 "      - { at: project, allow: [View project-level information] }",
                 "      - { at: own, same_as: Contributors }", "    confined: true", "projects:"]
        for project in self.project_names():
            lines += [f"  {project}:", "    teams:"]
            for number in range(1, self.teams + 1):
                members = ", ".join(f"user{number * self.members - k:05d}@contoso.com" for k in range(self.members))
                lines.append(f"      Team {number:04d}: {{ kit: data-science, members: [{members}] }}")
        return "\n".join(lines) + "\n"

    def pass_bound(self):
        """product.md, Cost, for projects whose team areas were read within the hour; their people are known by then."""
        teams = self.projects * self.teams
        groups = teams + self.projects * BUILT_IN_GROUPS
        return (20 + self.projects * (10 + self.NAMESPACES) + teams // 100 + groups // 500 + -(-teams // BATCH) +
                -(-self.teams * self.members // BATCH))

    def first_pass_bound(self):
        """The areas of all teams are read too."""
        return self.pass_bound() + self.projects * self.teams


class EveryKind(Size):
    """Teams that own, and are granted, something of each kind; one rule each about the organisation and the experimental."""

    RESOURCES = ["service_connections", "environments", "variable_groups", "secure_files", "agent_queues"]
    EXPERIMENTAL = {"release_folders": "View releases", "analytics_views": "Read", "delivery_plans": "View",
                    "dashboards": "Read"}
    # tagging, connections, environments, library, queues; the portal's namespaces of the organisation
    NAMESPACES = NAMESPACES + 5 + len(EXPERIMENTAL) + 6
    SETTINGS = {"may": {"organization": True}, "organizations": [f"    experimental: [{', '.join(EXPERIMENTAL)}]"]}

    def __init__(self, teams):
        super().__init__(f"{teams} teams, all kinds", 1, teams)

    def generation(self, **more):
        return super().generation(**{"iterations": 1, "queries": 1, **{kind: 1 for kind in self.RESOURCES}}, **more)

    def charter(self):
        owns = ["      iterations: [\"{team}\"]", "      queries: [\"{team}\"]"]
        owns += [f"      {kind}: [{{ name: \"{{team:slug}}\", pipelines: own }}]" for kind in self.RESOURCES]
        grants = [f"      - {{ at: {{ {kind}: own }}, role: User }}" for kind in self.RESOURCES]
        grants += ["      - { at: { tagging: root }, allow: [Create tag definition] }",
                   "      - { at: { branches: { repository: own, names: [main] } }, allow: [ForcePush] }",
                   "      - { at: { pipelines: [\"{team}/{team:slug}-1\"] }, allow: [Queue builds] }",
                   "      - { at: organization, allow: [Create new projects] }"]
        grants += [f"      - {{ at: {{ {kind}: root }}, allow: [{word}] }}" for kind, word in self.EXPERIMENTAL.items()]
        lines = []
        for line in super().charter().splitlines():
            lines += [*owns, line] if line == "    grants:" else [*grants, line] if line == "    confined: true" else [line]
        return "\n".join(lines) + "\n"

    def first_pass_bound(self):
        """Which pipelines may use each thing is read too."""
        return super().first_pass_bound() + self.teams * len(self.RESOURCES)
