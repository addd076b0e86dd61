// SPDX-License-Identifier: Apache-2.0
// Checks that the JSON Schemas accept what charterd accepts, and refuse what is of a wrong shape.
// usage: node validate.mjs SOURCE_ROOT [CHARTER...]
import { readFileSync, readdirSync, existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import { parseDocument } from 'yaml';

const root = process.argv[2];
const fixtures = join(root, 'tests/fixtures/config');
const examples = join(root, 'config/examples');
let failed = 0;

const fail = (path, message) => {
    failed++;
    console.log(`${relative(root, path)}: ${message}`);
};

const readSchema = (name) => JSON.parse(readFileSync(join(root, 'config', name), 'utf8'));

// What an editor makes of the file: scalars by the core schema of YAML 1.2, no merge keys.
const readYaml = (path) => {
    const document = parseDocument(readFileSync(path, 'utf8'), { uniqueKeys: false, logLevel: 'silent' });
    if (document.errors.length > 0)
        fail(path, `is no YAML: ${document.errors[0].message}`);
    return document.toJS({ maxAliasCount: -1 });
};

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false, allErrors: true });
const schemas = { charter: readSchema('charter.schema.json'), settings: readSchema('settings.schema.json') };
const validators = { charter: ajv.compile(schemas.charter), settings: ajv.compile(schemas.settings) };

const yamlFiles = (folder) => readdirSync(folder).filter((name) => /^[^.].*\.yaml$/.test(name)).sort()
    .map((name) => join(folder, name));

// The files of a case: charter.yaml, or those of the folder.
const filesOf = (path) => (statSync(path).isDirectory() ? yamlFiles(path) : [path]);

const accepts = (kind, path) => {
    if (!validators[kind](readYaml(path)))
        fail(path, `the schema of ${kind} refuses it: ${ajv.errorsText(validators[kind].errors)}`);
};

const refuses = (kind, path) => {
    if (validators[kind](readYaml(path)))
        fail(path, `the schema of ${kind} accepts it`);
};

const checkAll = (what, files, check) => {
    files.forEach(check);
    if (files.length === 0)
        fail(root, `no ${what} found`);
    console.log(`${what}: ${files.length}`);
};

const charters = process.argv.slice(3);
if (charters.length > 0) {
    checkAll('charters accepted', charters, (path) => accepts('charter', path));
    process.exit(failed === 0 ? 0 : 1);
}

// A charter that loads: its expected text begins with what was loaded.
const loads = (folder) => readFileSync(join(folder, 'expected.txt'), 'utf8').startsWith('organization ');

const goodCharters = readdirSync(join(fixtures, 'charter')).map((name) => join(fixtures, 'charter', name))
    .filter(loads)
    .flatMap((folder) => filesOf(existsSync(join(folder, 'charter.yaml')) ? join(folder, 'charter.yaml') : join(folder, 'charter')));

const exampleKinds = { 'charterd.yaml': 'settings', 'container.yaml': 'settings' };

for (const kind of ['charter', 'settings']) {
    checkAll(`${kind}: mistakes of shape refused`, yamlFiles(join(fixtures, 'mistakes', kind, 'shape')), (path) => refuses(kind, path));
    checkAll(`${kind}: mistakes of meaning accepted`, yamlFiles(join(fixtures, 'mistakes', kind, 'meaning')), (path) => accepts(kind, path));
}
checkAll('charter: good ones accepted', goodCharters, (path) => accepts('charter', path));
checkAll('settings: good ones accepted', yamlFiles(join(fixtures, 'settings')), (path) => accepts('settings', path));
checkAll('examples accepted', readdirSync(examples).sort(),
    (name) => filesOf(join(examples, name)).forEach((path) => accepts(exampleKinds[name] ?? 'charter', path)));

// The example of all settings shows what holds when a key is left out.
const checkDefaults = (path, properties, values, at) => {
    for (const [key, property] of Object.entries(properties)) {
        const value = values?.[key];
        if (property.properties && value !== undefined)
            checkDefaults(path, property.properties, value, `${at}${key}.`);
        else if (property.default !== undefined && property.default !== value)
            fail(path, `${at}${key} is ${value}, the schema's default is ${property.default}`);
    }
};
const shown = join(examples, 'charterd.yaml');
const values = readYaml(shown);
checkDefaults(shown, schemas.settings.properties, values, '');
checkDefaults(shown, schemas.settings.$defs.organization.properties, values.organizations[0], 'organizations[0].');

console.log(failed === 0 ? 'schemas: all as expected' : `schemas: ${failed} not as expected`);
process.exit(failed === 0 ? 0 : 1);
