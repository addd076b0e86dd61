// SPDX-License-Identifier: Apache-2.0
// Holds manifests against the schemas of Kubernetes and of the Prometheus operator, offline. The validators pass over keys
// they do not know; here such a key is a mistake: whatever a validator never looked at is unknown to it.
// usage: node validate.mjs MANIFESTS.yaml
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import * as apps from 'kubernetes-models/apps/v1';
import * as core from 'kubernetes-models/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as monitoring from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';

const groups = {
    'v1': core, 'apps/v1': apps, 'networking.k8s.io/v1': networking, 'monitoring.coreos.com/v1': monitoring,
};

// The same value, and the paths of all keys in it that nobody has looked at.
function watched(value, path, unseen) {
    if (value === null || typeof value !== 'object')
        return value;
    const inner = Array.isArray(value) ? [] : {};
    for (const [key, each] of Object.entries(value)) {
        const below = `${path}.${key}`;
        if (!Array.isArray(value))
            unseen.add(below);
        inner[key] = watched(each, below, unseen);
    }
    return new Proxy(inner, {
        get(target, key) {
            unseen.delete(`${path}.${String(key)}`);
            return target[key];
        },
    });
}

export function mistakes(document) {
    const { apiVersion, kind, metadata } = document;
    const Model = groups[apiVersion]?.[kind];
    const where = `${kind} ${metadata?.name}`;
    if (!Model)
        return [`${where}: nothing is known of ${apiVersion} ${kind}`];
    const unseen = new Set();
    const data = watched(document, '', unseen);
    try {
        Model.prototype.validate.call(data);
    } catch (error) {
        return [`${where}: ${error.message}`];
    }
    // Of what is below an unknown key only that key is told.
    return [...unseen].filter((path) => ![...unseen].some((other) => path.startsWith(`${other}.`)))
        .map((path) => `${where}: unknown key ${path}`);
}

const BITES = [
    (pod) => { pod.spec.replicas = 'one'; },
    (pod) => { delete pod.spec.selector; },
    (pod) => { pod.spec.template.spec.containers[0].imagee = 'x'; },
    (pod) => { pod.spec.template.spec.containers[0].livenessProbe.httpGett = {}; },
];

const documents = parseAllDocuments(readFileSync(process.argv[2], 'utf8'));
const found = documents.flatMap((document) =>
    document.errors.length > 0 ? document.errors.map(String) : mistakes(document.toJS()));
found.forEach((mistake) => console.log(mistake));
const set = documents.map((document) => document.toJS()).find((each) => each.kind === 'StatefulSet');
for (const bite of BITES) {
    const wrong = structuredClone(set);
    bite(wrong);
    if (mistakes(wrong).length === 0)
        found.push(console.log(`a mistake is not found: ${bite}`));
}
console.log(`${documents.length} manifests, ${found.length} mistakes`);
process.exit(found.length > 0 || documents.length === 0 ? 1 : 0);
