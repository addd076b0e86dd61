// SPDX-License-Identifier: Apache-2.0
// Microsoft's own client, unmodified, against the simulator: what it is answered, and what is there afterwards in the
// simulator's snapshot. The client turns every 404 into null, so each step looks at both.
//
// usage: run.js SIMULATOR_URL GRAPH_URL      (tests/proof/run starts the simulator and installs the client)
'use strict';

const assert = require('node:assert/strict');
const { Readable } = require('node:stream');
const azdo = require('azure-devops-node-api');
const { RoleAccess } = require('azure-devops-node-api/interfaces/SecurityRolesInterfaces');

const [core, graph] = process.argv.slice(2);
const ORGANIZATION = 'contoso';
const SPACES = {
  project: '52d39943-cb85-4d7f-8fa8-c6baac873819',
  git: '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87',
  environment: '83d4c2e6-e57d-4d6e-892b-b87222b7ad20',
};
const READ = 2, CONTRIBUTE = 4, FORCE_PUSH = 8, MANAGE = 8192;
const POLLS_MAX = 20;

function connect(base, pat) {
  return new azdo.WebApi(`${base}/${ORGANIZATION}`, azdo.getPersonalAccessTokenHandler(pat));
}

const admin = connect(core, 'admin');
const ana = connect(core, 'ana');
const directory = connect(graph, 'admin');

// --- the simulator's side ---

async function control(method, what, body) {
  const answer = await fetch(`${core}/_simulator/${what}`, { method, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${what}: ${answer.status}`);
  return answer.json();
}

const snapshot = (...sections) => control('GET', `snapshot?sections=${sections.join(',')}`);

async function rowsOf(section, wanted) {
  const rows = (await snapshot(section))[section];
  return rows.filter((row) => Object.entries(wanted).every(([key, value]) => row[key] === value));
}

async function isThere(section, wanted) {
  assert.equal((await rowsOf(section, wanted)).length, 1, `${section} should have ${JSON.stringify(wanted)}`);
}

async function isGone(section, wanted) {
  assert.equal((await rowsOf(section, wanted)).length, 0, `${section} should not have ${JSON.stringify(wanted)}`);
}

// --- calls the client has no class for: its generic side ---

async function generic(web, method, area, location, routeValues, query, body) {
  const data = await web.vsoClient.getVersioningData('7.1-preview', area, location, routeValues, query);
  const options = { acceptHeader: `application/json;api-version=${data.apiVersion}` };
  const call = {
    get: () => web.rest.get(data.requestUrl, options),
    post: () => web.rest.create(data.requestUrl, body, options),
    put: () => web.rest.replace(data.requestUrl, body, options),
    patch: () => web.rest.update(data.requestUrl, body, options),
    delete: () => web.rest.del(data.requestUrl, options),
  }[method];
  return (await call()).result;
}

const namespaces = () =>
  generic(admin, 'get', 'Security', 'ce7b9f95-fde9-4be8-a86d-83b366f0b87a', {}, { localOnly: false });
const lists = (space, query) =>
  generic(admin, 'get', 'Security', '18a2ad18-7571-46ae-bec7-0c7da1495885', { securityNamespaceId: space }, query);
const setLists = (space, body) =>
  generic(admin, 'post', 'Security', '18a2ad18-7571-46ae-bec7-0c7da1495885', { securityNamespaceId: space }, {}, body);
const setEntries = (space, body, web = admin) =>
  generic(web, 'post', 'Security', 'ac08c8ff-4323-4b08-af90-bcd018d380ce', { securityNamespaceId: space }, {}, body);
const removeEntries = (space, query) =>
  generic(admin, 'delete', 'Security', 'ac08c8ff-4323-4b08-af90-bcd018d380ce', { securityNamespaceId: space }, query);
const removeBits = (space, permissions, query) =>
  generic(admin, 'delete', 'Security', 'dd3b8bd6-c7fc-4cbd-929a-933d9c011c9d',
    { securityNamespaceId: space, permissions }, query);
const evaluate = (web, evaluations) =>
  generic(web, 'post', 'Security', 'cf1faa59-1b63-4448-bf04-13d981a46f5d', {}, {},
    { alwaysAllowAdministrators: false, evaluations });
const operation = (operationId) =>
  generic(admin, 'get', 'operations', '9a1b74b4-2ca8-4a9f-8470-c2f2e6fdc949', { operationId }, {});

const GRAPH = {
  groups: 'ebbe6af8-0b91-4c13-8cf1-777c14858188',
  users: '005e26ec-6b77-4e4f-a986-b3827bf241f5',
  membership: '3fd2e6ca-fb30-443a-b579-95b19ed0934c',
  memberships: 'e34b6394-6b30-4435-94a9-409a5eef3e31',
  descriptors: '048aee0a-7072-4cde-ab73-7af77b1e0b4e',
};
const ask = (method, name, routeValues, query, body) =>
  generic(directory, method, 'Graph', GRAPH[name], routeValues, query, body);

async function descriptorOf(storageKey) {
  const [identity] = (await generic(directory, 'get', 'IMS', '28010c54-d0c0-4c89-a5b0-1c9e188b9fb7', {},
    { identityIds: storageKey })).value;
  return identity.descriptor;
}

async function refused(status, promise) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.statusCode, status, error.message);
    return true;
  });
}

const named = (list, name) => list.find((item) => item.name === name);

// --- the steps ---

async function projects() {
  const api = await admin.getCoreApi();
  const listed = await api.getProjects();
  assert.deepEqual(listed.map((project) => project.name).sort(), ['MLOps', 'Secret']);
  assert.equal((await api.getProject('mlops')).description, 'Models');
  assert.equal((await api.getProject('MLOps', true)).capabilities.versioncontrol.sourceControlType, 'Git');
  assert.equal(await api.getProject('None'), null);

  const process = (await api.getProcesses()).find((each) => each.isDefault);
  const queued = await api.queueCreateProject({
    name: 'New', description: 'Fresh', visibility: 'private',
    capabilities: { versioncontrol: { sourceControlType: 'Git' }, processTemplate: { templateTypeId: process.id } },
  });
  let state;
  for (let i = 0; i < POLLS_MAX && state !== 'succeeded'; i++)
    state = (await operation(queued.id)).status;
  assert.equal(state, 'succeeded');
  await isThere('things', { project: 'New', repository: 'New' });
  await isThere('people', { group: '[New]\\Contributors' });
  await refused(409, api.queueCreateProject({
    name: 'new', capabilities: { versioncontrol: { sourceControlType: 'Git' },
      processTemplate: { templateTypeId: process.id } },
  }));
  await isGone('things', { project: 'new' });
}

async function hiddenProjects() {
  const api = await ana.getCoreApi();
  assert.deepEqual((await api.getProjects()).map((project) => project.name), ['MLOps']);
  assert.equal(await api.getProject('Secret'), null);
  assert.deepEqual(await rowsOf('things', { project: 'Secret', repository: 'Secret' }),
    [{ project: 'Secret', repository: 'Secret' }]);
}

async function teams() {
  const api = await admin.getCoreApi();
  assert.ok(named(await api.getTeams('MLOps'), 'Data Science A'));
  assert.ok(named(await api.getAllTeams(), 'Secret Team'));
  const members = await api.getTeamMembersWithExtendedProperties('MLOps', 'Data Science A');
  assert.deepEqual(members.map((member) => member.identity.uniqueName), ['ana@contoso.com']);

  const made = await api.createTeam({ name: 'Data Science B', description: 'The other' }, 'MLOps');
  assert.equal(made.name, 'Data Science B');
  await isThere('people', { team: '[MLOps]\\Data Science B' });
  await isThere('memberships', { group: '[MLOps]\\Contributors', member: '[MLOps]\\Data Science B' });
  await isThere('teams', { team: '[MLOps]\\Data Science B', administrator: 'admin@contoso.com' });
  await refused(409, api.createTeam({ name: 'data science b' }, 'MLOps'));

  const renamed = await api.updateTeam({ name: 'Data Science C' }, 'MLOps', made.id);
  assert.equal(renamed.id, made.id);
  await isThere('people', { team: '[MLOps]\\Data Science C' });
  await isGone('people', { team: '[MLOps]\\Data Science B' });
  await api.deleteTeam('MLOps', made.id);
  await isGone('people', { team: '[MLOps]\\Data Science C' });
  assert.equal(await api.getTeam('MLOps', made.id), null);
}

async function teamAreas() {
  const api = await admin.getWorkApi();
  const team = { project: 'MLOps', team: 'Data Science A' };
  const before = await api.getTeamFieldValues(team);
  assert.equal(before.defaultValue, null);
  assert.deepEqual(before.values, []);
  const after = await api.updateTeamFieldValues(
    { defaultValue: 'MLOps\\Data Science A', values: [{ value: 'MLOps\\Data Science A', includeChildren: true }] }, team);
  assert.equal(after.defaultValue, 'MLOps\\Data Science A');
  await isThere('teams', { team: '[MLOps]\\Data Science A', area: 'MLOps\\Data Science A', children: true, default: true });
  await refused(400, api.updateTeamFieldValues({ values: [] }, team));
  await isThere('teams', { team: '[MLOps]\\Data Science A', area: 'MLOps\\Data Science A' });
}

async function repositories() {
  const api = await admin.getGitApi();
  assert.deepEqual((await api.getRepositories('MLOps')).map((each) => each.name).sort(), ['MLOps', 'train']);
  const made = await api.createRepository({ name: 'serve' }, 'MLOps');
  await isThere('things', { project: 'MLOps', repository: 'serve' });
  await isThere('permissions', { at: 'repository serve', principal: 'admin@contoso.com' });
  await refused(409, api.createRepository({ name: 'Serve' }, 'MLOps'));
  assert.equal((await api.updateRepository({ name: 'deliver' }, made.id, 'MLOps')).name, 'deliver');
  await isThere('things', { project: 'MLOps', repository: 'deliver' });
  await isGone('things', { project: 'MLOps', repository: 'serve' });
  await api.deleteRepository(made.id, 'MLOps');
  await isThere('things', { project: 'MLOps', 'recycled repository': 'deliver' });
  assert.equal(await api.getRepository(made.id, 'MLOps'), null);
  assert.ok(named(await api.getRecycleBinRepositories('MLOps'), 'deliver'));
  await api.restoreRepositoryFromRecycleBin({ deleted: false }, 'MLOps', made.id);
  await isThere('things', { project: 'MLOps', repository: 'deliver' });
  await api.deleteRepository(made.id, 'MLOps');
  await api.deleteRepositoryFromRecycleBin('MLOps', made.id);
  await isGone('things', { project: 'MLOps', 'recycled repository': 'deliver' });
}

async function branches() {
  const api = await admin.getGitApi();
  const train = await api.getRepository('train', 'MLOps');
  assert.equal(train.defaultBranch, 'refs/heads/main');
  const refs = await api.getRefs(train.id, 'MLOps', 'heads/');
  assert.deepEqual(refs.map((ref) => ref.name).sort(), ['refs/heads/feature/x', 'refs/heads/main']);
  const main = refs.find((ref) => ref.name === 'refs/heads/main');
  const [result] = await api.updateRefs(
    [{ name: 'refs/heads/new', oldObjectId: '0'.repeat(40), newObjectId: main.objectId }], train.id, 'MLOps');
  assert.equal(result.success, true);
  await isThere('things', { project: 'MLOps', repository: 'train', branch: 'refs/heads/new' });
  await isThere('permissions', { at: 'branch new of repository train', principal: 'admin@contoso.com' });
}

async function folders() {
  const api = await admin.getBuildApi();
  assert.deepEqual((await api.getFolders('MLOps')).map((folder) => folder.path).sort(), ['\\', '\\Data Science A']);
  await api.createFolder({ path: '\\A\\B', description: 'Both' }, 'MLOps', '\\A\\B');
  await isThere('things', { project: 'MLOps', 'pipeline folder': '\\A' });
  await isThere('things', { project: 'MLOps', 'pipeline folder': '\\A\\B' });
  await api.updateFolder({ path: '\\A\\C' }, 'MLOps', '\\A\\B');
  await isThere('things', { project: 'MLOps', 'pipeline folder': '\\A\\C' });
  await isGone('things', { project: 'MLOps', 'pipeline folder': '\\A\\B' });
  await api.deleteFolder('MLOps', '\\A');
  await isGone('things', { project: 'MLOps', 'pipeline folder': '\\A\\C' });
  const definitions = await api.getDefinitions('MLOps');
  assert.deepEqual(definitions.map((each) => [each.name, each.path]), [['build', '\\Data Science A']]);
  assert.equal((await api.getDefinition('MLOps', definitions[0].id)).name, 'build');
}

// The client drops TreeStructureGroup.Areas, which is 0, from routes: the word is passed.
async function areas() {
  const api = await admin.getWorkItemTrackingApi();
  assert.equal((await api.getRootNodes('MLOps', 2)).length, 2);
  const made = await api.createOrUpdateClassificationNode({ name: 'Operations' }, 'MLOps', 'areas', '');
  assert.match(made.identifier, /^[0-9a-f-]{36}$/);
  await isThere('things', { project: 'MLOps', area: 'MLOps\\Operations' });
  await api.createOrUpdateClassificationNode({ name: 'Night' }, 'MLOps', 'areas', 'Operations');
  await isThere('things', { project: 'MLOps', area: 'MLOps\\Operations\\Night' });
  assert.equal((await api.getClassificationNode('MLOps', 'areas', 'Operations/Night')).name, 'Night');
  await refused(409, api.createOrUpdateClassificationNode({ name: 'operations' }, 'MLOps', 'areas', ''));
  await api.updateClassificationNode({ name: 'Day' }, 'MLOps', 'areas', 'Operations/Night');
  await isThere('things', { project: 'MLOps', area: 'MLOps\\Operations\\Day' });
  await api.deleteClassificationNode('MLOps', 'areas', 'Operations');
  await isGone('things', { project: 'MLOps', area: 'MLOps\\Operations\\Day' });
  assert.equal(await api.getClassificationNode('MLOps', 'areas', 'Operations'), null);
}

async function iterations() {
  const api = await admin.getWorkItemTrackingApi();
  await api.createOrUpdateClassificationNode({ name: 'Sprint 1' }, 'MLOps', 'iterations', '');
  await isThere('things', { project: 'MLOps', iteration: 'MLOps\\Sprint 1' });
  await api.updateClassificationNode({ name: 'Sprint one' }, 'MLOps', 'iterations', 'Sprint 1');
  await isThere('things', { project: 'MLOps', iteration: 'MLOps\\Sprint one' });
  await api.deleteClassificationNode('MLOps', 'iterations', 'Sprint one');
  await isGone('things', { project: 'MLOps', iteration: 'MLOps\\Sprint one' });
}

async function queries() {
  const api = await admin.getWorkItemTrackingApi();
  const roots = await api.getQueries('MLOps', 0, 1);
  assert.deepEqual(roots.map((root) => [root.isPublic, root.isFolder]), [[false, true], [true, true]]);
  const folder = await api.createQuery({ name: 'Operations', isFolder: true }, 'MLOps', 'Shared Queries');
  await isThere('things', { project: 'MLOps', 'query folder': 'Shared Queries/Operations' });
  await isThere('permissions', { at: 'query folder Shared Queries/Operations', principal: 'admin@contoso.com' });
  await refused(409, api.createQuery({ name: 'operations', isFolder: true }, 'MLOps', 'Shared Queries'));
  await api.createQuery({ name: 'Open', wiql: 'SELECT [System.Id] FROM WorkItems' }, 'MLOps', folder.id);
  await isThere('things', { project: 'MLOps', query: 'Shared Queries/Operations/Open' });
  assert.equal((await api.getQuery('MLOps', 'Shared Queries/Operations', 0, 1)).children[0].name, 'Open');
  assert.equal((await api.updateQuery({ name: 'Running' }, 'MLOps', folder.id)).path, 'Shared Queries/Running');
  await api.deleteQuery('MLOps', folder.id);
  await isGone('things', { project: 'MLOps', query: 'Shared Queries/Running/Open' });
  assert.equal(await api.getQuery('MLOps', folder.id), null);
}

async function boards() {
  const api = await admin.getWorkApi();
  const plan = await api.createPlan({ name: 'Year', type: 0 }, 'MLOps');
  await isThere('things', { project: 'MLOps', plan: 'Year' });
  assert.deepEqual((await api.getPlans('MLOps')).map((each) => each.name), ['Year']);
  await api.deletePlan('MLOps', plan.id);
  await isGone('things', { project: 'MLOps', plan: 'Year' });

  const dashboards = await admin.getDashboardApi();
  const team = { project: 'MLOps', team: 'Data Science A' };
  const made = await dashboards.createDashboard({ name: 'Health' }, team);
  await isThere('things', { project: 'MLOps', dashboard: 'Health', team: 'Data Science A' });
  await dashboards.deleteDashboard(team, made.id);
  await isGone('things', { project: 'MLOps', dashboard: 'Health' });
}

async function serviceConnections() {
  const api = await admin.getServiceEndpointApi();
  const core = await admin.getCoreApi();
  const [project, other] = [await core.getProject('MLOps'), await core.getProject('Secret')];
  const reference = (each) => ({ projectReference: { id: each.id, name: each.name }, name: 'registry' });
  assert.deepEqual((await api.getServiceEndpoints('MLOps')).map((each) => each.name), ['azure-production']);
  const made = await api.createServiceEndpoint({
    name: 'registry', type: 'dockerregistry', url: 'https://registry.example/',
    authorization: { scheme: 'UsernamePassword', parameters: { username: 'u', password: 'p' } },
    serviceEndpointProjectReferences: [reference(project)],
  });
  await isThere('things', { project: 'MLOps', 'service connection': 'registry' });
  await isThere('permissions', { at: 'service connection registry', principal: 'admin@contoso.com' });
  const details = await api.getServiceEndpointDetails('MLOps', made.id);
  assert.equal(details.name, 'registry');
  assert.equal(details.authorization.parameters.password, undefined);
  await api.shareServiceEndpoint([reference(other)], made.id);
  await isThere('things', { project: 'Secret', 'service connection': 'registry' });
  assert.equal((await api.getServiceEndpointDetails('MLOps', made.id)).isShared, true);
  assert.equal((await api.updateServiceEndpoint({ ...details, name: 'images' }, made.id)).name, 'images');
  await isThere('things', { project: 'MLOps', 'service connection': 'images' });
  assert.deepEqual((await api.getServiceEndpointsByNames('MLOps', ['images', 'none'])).map((each) => each.id), [made.id]);
  await refused(409, api.updateServiceEndpoint({ ...details, name: 'Azure-Production' }, made.id));
  await api.deleteServiceEndpoint(made.id, [other.id]);
  await isGone('things', { project: 'Secret', 'service connection': 'images' });
  await isThere('things', { project: 'MLOps', 'service connection': 'images' });
  await api.deleteServiceEndpoint(made.id, [project.id]);
  await isGone('things', { project: 'MLOps', 'service connection': 'images' });
  assert.equal(await api.getServiceEndpointDetails('MLOps', made.id), null);
}

async function environments() {
  const api = await admin.getTaskAgentApi();
  assert.deepEqual((await api.getEnvironments('MLOps')).map((each) => each.name), ['production']);
  const made = await api.addEnvironment({ name: 'staging', description: 'Before' }, 'MLOps');
  await isThere('things', { project: 'MLOps', environment: 'staging' });
  await isThere('permissions', { at: 'environment staging', principal: 'admin@contoso.com' });
  assert.equal((await api.getEnvironmentById('MLOps', made.id)).description, 'Before');
  assert.deepEqual((await api.getEnvironments('MLOps', 'STAGING')).map((each) => each.id), [made.id]);
  await refused(409, api.addEnvironment({ name: 'Production' }, 'MLOps'));
  assert.equal((await api.updateEnvironment({ name: 'rehearsal' }, 'MLOps', made.id)).name, 'rehearsal');
  await isThere('things', { project: 'MLOps', environment: 'rehearsal' });
  await api.deleteEnvironment('MLOps', made.id);
  await isGone('things', { project: 'MLOps', environment: 'rehearsal' });
  assert.equal(await api.getEnvironmentById('MLOps', made.id), null);
  await refused(403, (await ana.getTaskAgentApi()).addEnvironment({ name: 'own' }, 'MLOps'));
  await isGone('things', { project: 'MLOps', environment: 'own' });
}

async function variableGroups() {
  const api = await admin.getTaskAgentApi();
  const project = await (await admin.getCoreApi()).getProject('MLOps');
  const form = (name, variables) => ({ name, type: 'Vsts', variables, variableGroupProjectReferences: [
    { name, projectReference: { id: project.id, name: project.name } }] });
  assert.deepEqual((await api.getVariableGroups('MLOps')).map((each) => each.name), ['secrets']);
  const made = await api.addVariableGroup(form('keys', { token: { value: 't', isSecret: true }, place: { value: 'west' } }));
  assert.deepEqual([made.variables.token.value, made.variables.place.value], [null, 'west']);
  assert.deepEqual(await rowsOf('things', { project: 'MLOps', 'variable group': 'keys' }),
    [{ project: 'MLOps', 'variable group': 'keys', variables: ['token', 'place'] }]);
  await isThere('permissions', { at: 'variable group keys', principal: 'admin@contoso.com' });
  await refused(409, api.addVariableGroup(form('Secrets', {})));
  await api.updateVariableGroup(form('names', { place: { value: 'east' } }), made.id);
  await isThere('things', { project: 'MLOps', 'variable group': 'names' });
  assert.equal((await api.getVariableGroup('MLOps', made.id)).variables.place.value, 'east');
  assert.deepEqual((await api.getVariableGroups('MLOps', 'names')).map((each) => each.id), [made.id]);
  await api.deleteVariableGroup(made.id, [project.id]);
  await isGone('things', { project: 'MLOps', 'variable group': 'names' });
  assert.equal(await api.getVariableGroup('MLOps', made.id), null);
}

async function secureFiles() {
  const api = await admin.getTaskAgentApi();
  const file = await api.uploadSecureFile({}, Readable.from(['a key']), 'MLOps', 'signing.p12');
  await isThere('things', { project: 'MLOps', 'secure file': 'signing.p12' });
  await isThere('permissions', { at: 'secure file signing.p12', principal: 'admin@contoso.com' });
  assert.deepEqual((await api.getSecureFiles('MLOps', '*.p12')).map((each) => each.id), [file.id]);
  assert.deepEqual((await api.getSecureFilesByNames('MLOps', ['none'])), []);
  await api.deleteSecureFile('MLOps', file.id);
  await isGone('things', { project: 'MLOps', 'secure file': 'signing.p12' });
}

async function agentQueues() {
  const api = await admin.getTaskAgentApi();
  assert.deepEqual((await api.getAgentQueues('MLOps')).map((each) => each.name).sort(), ['Azure Pipelines', 'Default']);
  const pool = await api.addAgentPool({ name: 'GPU' });
  await isThere('things', { 'agent pool': 'GPU' });
  assert.deepEqual((await api.getAgentPools('gpu')).map((each) => each.id), [pool.id]);
  const queue = await api.addAgentQueue({ name: 'GPU', pool: { id: pool.id } }, 'MLOps', true);
  await isThere('things', { project: 'MLOps', 'agent queue': 'GPU' });
  await isThere('things', { project: 'MLOps', 'opened to pipelines': 'GPU', pipeline: 'all' });
  await refused(409, api.addAgentQueue({ name: 'Again', pool: { id: pool.id } }, 'MLOps'));
  assert.deepEqual((await api.getAgentQueuesByNames(['gpu', 'none'], 'MLOps')).map((each) => each.id), [queue.id]);
  assert.equal((await api.getAgentQueue(queue.id, 'MLOps')).pool.name, 'GPU');
  await api.deleteAgentQueue(queue.id, 'MLOps');
  await isGone('things', { project: 'MLOps', 'agent queue': 'GPU' });
  await isThere('things', { 'agent pool': 'GPU' });
  await api.deleteAgentPool(pool.id);
  await isGone('things', { 'agent pool': 'GPU' });
}

// What stands behind roles: the entries that the snapshot has, in words.
async function roles() {
  const api = await admin.getSecurityRolesApi();
  const project = await (await admin.getCoreApi()).getProject('MLOps');
  const [environment] = await (await admin.getTaskAgentApi()).getEnvironments('MLOps', 'production');
  const team = named(await (await admin.getCoreApi()).getTeams('MLOps'), 'Data Science A');
  const scope = 'distributedtask.environmentreferencerole', resource = `${project.id}_${environment.id}`;
  const at = { at: 'environment production', principal: '[MLOps]\\Data Science A' };
  const words = async () => (await rowsOf('permissions', at)).map((row) => row.allow);
  const listed = async () => (await api.getRoleAssignments(scope, resource))
    .filter((each) => each.identity.id === team.id).map((each) => `${RoleAccess[each.access]} ${each.role.name}`);

  assert.deepEqual((await api.getRoleDefinitions(scope)).map((role) => [role.name, role.allowPermissions]),
    [['Administrator', 27], ['User', 17], ['Reader', 1]]);
  const inherited = (await api.getRoleAssignments(scope, resource)).map((each) => each.access);
  assert.ok(inherited.length > 0 && inherited.every((access) => access === RoleAccess.Inherited));
  const [set] = await api.setRoleAssignments([{ roleName: 'User', userId: team.id }], scope, resource);
  assert.equal(set.role.identifier, `${scope}.User`);
  assert.deepEqual([await listed(), await words()], [['Assigned User'], [['View', 'Use']]]);
  await api.setRoleAssignment({ roleName: 'Administrator', userId: team.id }, scope, resource, team.id);
  assert.deepEqual([await listed(), await words()],
    [['Assigned Administrator'], [['View', 'Manage', 'Administer', 'Use']]]);
  await removeEntries(SPACES.environment, { token: `Environments/${project.id}/${environment.id}`,
    descriptors: await descriptorOf(team.id) });
  assert.deepEqual([await listed(), await words()], [[], []]);
  await api.setRoleAssignments([{ roleName: 'Reader', userId: team.id }], scope, resource);
  await api.removeRoleAssignments([team.id], scope, resource);
  await isGone('permissions', at);

  const before = await snapshot('permissions');
  assert.deepEqual(await api.setRoleAssignments(
    [{ roleName: 'User', userId: '11111111-2222-4333-8444-555555555555' }], scope, resource), []);
  assert.deepEqual(await api.setRoleAssignments([{ roleName: 'User', userId: team.id }], 'distributedtask.environmentrole',
    resource), []);
  await refused(403, (await ana.getSecurityRolesApi()).setRoleAssignments(
    [{ roleName: 'Administrator', userId: team.id }], scope, resource));
  assert.deepEqual(await snapshot('permissions'), before);
}

async function pipelinePermissions() {
  const api = await admin.getBuildApi();
  const [pipeline] = await api.getDefinitions('MLOps');
  const [environment] = await (await admin.getTaskAgentApi()).getEnvironments('MLOps', 'production');
  const at = { project: 'MLOps', 'opened to pipelines': 'production' };
  const route = { project: 'MLOps', resourceType: 'environment', resourceId: String(environment.id) };
  const call = (method, body) =>
    generic(admin, method, 'pipelinePermissions', 'b5b9a4a4-e6cd-4096-853c-ab7d8b0c4eb2', route, {}, body);
  const resource = { type: 'environment', id: String(environment.id), name: 'production' };

  assert.deepEqual(await call('get'), { resource: { type: 'environment', id: String(environment.id) }, pipelines: [] });
  await call('patch', { pipelines: [{ id: pipeline.id, authorized: true }] });
  await isThere('things', { ...at, pipeline: 'build' });
  assert.deepEqual((await call('get')).pipelines.map((each) => each.id), [pipeline.id]);
  await api.authorizeProjectResources([{ ...resource, authorized: true }], 'MLOps');
  await isThere('things', { ...at, pipeline: 'all' });
  assert.equal((await call('get')).allPipelines.authorized, true);
  assert.deepEqual((await api.getProjectResources('MLOps', 'environment')).map((each) => each.id), [resource.id]);
  await api.authorizeProjectResources([{ ...resource, authorized: false }], 'MLOps');
  await isGone('things', { ...at, pipeline: 'all' });
  await call('patch', { pipelines: [{ id: pipeline.id, authorized: false }] });
  await isGone('things', at);
}

async function groups() {
  const project = await (await admin.getCoreApi()).getProject('MLOps');
  const scope = (await ask('get', 'descriptors', { storageKey: project.id }, {})).value;
  const listed = (await ask('get', 'groups', {}, { scopeDescriptor: scope })).value;
  assert.ok(listed.some((group) => group.principalName === '[MLOps]\\Contributors'));
  const made = await ask('post', 'groups', {}, { scopeDescriptor: scope }, { displayName: 'Reviewers' });
  await isThere('people', { group: '[MLOps]\\Reviewers' });
  const ben = (await ask('get', 'users', {}, {})).value.find((user) => user.principalName === 'ben@contoso.com');
  const pair = { subjectDescriptor: ben.descriptor, containerDescriptor: made.descriptor };
  await ask('put', 'membership', pair, {});
  await isThere('memberships', { group: '[MLOps]\\Reviewers', member: 'ben@contoso.com' });
  const down = await ask('get', 'memberships', { subjectDescriptor: made.descriptor }, { direction: 'down' });
  assert.deepEqual(down.value.map((edge) => edge.memberDescriptor), [ben.descriptor]);
  await ask('delete', 'membership', pair, {});
  await isGone('memberships', { group: '[MLOps]\\Reviewers', member: 'ben@contoso.com' });
  await ask('delete', 'groups', { groupDescriptor: made.descriptor }, {});
  await isGone('people', { group: '[MLOps]\\Reviewers' });
}

// Who the entries of the team on its repository are for, and where they stand.
async function trainList() {
  const project = await (await admin.getCoreApi()).getProject('MLOps');
  const train = await (await admin.getGitApi()).getRepository('train', 'MLOps');
  const token = `repoV2/${project.id}/${train.id}`;
  const list = (await lists(SPACES.git, { token, includeExtendedInfo: true, recurse: false })).value[0];
  const [descriptor] = Object.keys(list.acesDictionary).filter((each) => list.acesDictionary[each].allow === 6);
  return { token, descriptor, list, project };
}

async function permissions() {
  const at = { at: 'repository train', principal: '[MLOps]\\Data Science A' };
  const words = async () => (await rowsOf('permissions', at))[0];
  const git = (await namespaces()).value.find((space) => space.namespaceId === SPACES.git);
  assert.equal(git.actions.find((action) => action.bit === CONTRIBUTE).name, 'GenericContribute');
  const { token, descriptor, list } = await trainList();
  assert.equal(list.inheritPermissions, true);
  assert.equal(list.acesDictionary[descriptor].extendedInfo.effectiveAllow, READ | CONTRIBUTE);

  const merged = await setEntries(SPACES.git,
    { token, merge: true, accessControlEntries: [{ descriptor, allow: FORCE_PUSH, deny: CONTRIBUTE }] });
  assert.deepEqual(merged.value.map((entry) => [entry.allow, entry.deny]), [[READ | FORCE_PUSH, CONTRIBUTE]]);
  assert.deepEqual([(await words()).allow, (await words()).deny], [['GenericRead', 'ForcePush'], ['GenericContribute']]);

  const cleared = await removeBits(SPACES.git, FORCE_PUSH | CONTRIBUTE, { descriptor, token });
  assert.deepEqual([cleared.allow, cleared.deny], [READ, 0]);
  assert.deepEqual((await words()).allow, ['GenericRead']);

  await setEntries(SPACES.git,
    { token, merge: false, accessControlEntries: [{ descriptor, allow: READ | CONTRIBUTE, deny: 0 }] });
  assert.deepEqual((await words()).allow, ['GenericRead', 'GenericContribute']);

  await setLists(SPACES.git, { value: [{ token, inheritPermissions: false,
    acesDictionary: { [descriptor]: { descriptor, allow: READ, deny: 0 } } }] });
  await isThere('permissions', { at: 'repository train', inherit: false });
  assert.equal(await removeEntries(SPACES.git, { token, descriptors: descriptor }), true);
  await isGone('permissions', at);
  await setLists(SPACES.git, { value: [{ token, inheritPermissions: true,
    acesDictionary: { [descriptor]: { descriptor, allow: READ | CONTRIBUTE, deny: 0 } } }] });
  await isGone('permissions', { at: 'repository train', inherit: false });
  assert.deepEqual((await words()).allow, ['GenericRead', 'GenericContribute']);
}

async function enforcement() {
  const { token, descriptor, project } = await trainList();
  const before = await snapshot('permissions', 'things');
  const answers = await evaluate(ana, [READ, CONTRIBUTE, MANAGE].map((bits) =>
    ({ securityNamespaceId: SPACES.git, token, permissions: bits })));
  assert.deepEqual(answers.evaluations.map((each) => each.value), [true, true, false]);
  const shown = await control('POST', 'access', { questions: [
    { principal: 'ana@contoso.com', kind: 'repository', name: 'train', project: 'MLOps' }] });
  assert.deepEqual(shown[0].allow, ['GenericRead', 'GenericContribute']);
  await refused(403, setEntries(SPACES.git,
    { token, merge: true, accessControlEntries: [{ descriptor, allow: MANAGE, deny: 0 }] }, ana));
  await refused(403, (await ana.getGitApi()).createRepository({ name: 'own' }, project.id));
  await refused(403, (await ana.getCoreApi()).createTeam({ name: 'Own' }, 'MLOps'));
  assert.deepEqual(await snapshot('permissions', 'things'), before);
  await refused(401, connect(core, 'nobody').getCoreApi());
}

async function deletion() {
  const api = await admin.getCoreApi();
  const project = await api.getProject('New');
  const queued = await api.queueDeleteProject(project.id);
  let state;
  for (let i = 0; i < POLLS_MAX && state !== 'succeeded'; i++)
    state = (await operation(queued.id)).status;
  assert.equal(state, 'succeeded');
  await isGone('things', { project: 'New', repository: 'New' });
  assert.equal(await api.getProject('New'), null);
}

const STEPS = [projects, hiddenProjects, teams, teamAreas, repositories, branches, folders, areas, iterations,
  queries, boards, serviceConnections, environments, variableGroups, secureFiles, agentQueues, roles,
  pipelinePermissions, groups, permissions, enforcement, deletion];

async function main() {
  let failed = 0;
  for (const step of STEPS) {
    try {
      await step();
      console.log(`ok   ${step.name}`);
    } catch (error) {
      failed++;
      console.log(`FAIL ${step.name}`);
      console.error(error);
    }
  }
  const counts = await control('GET', 'log/counts');
  console.log(`${STEPS.length - failed} of ${STEPS.length} passed, ${counts.requests} requests`);
  process.exitCode = failed ? 1 : 0;
}

main();
