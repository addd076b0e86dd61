// SPDX-License-Identifier: Apache-2.0
// Browser: Debian's Chromium without a window, for scripts that look at a page as people do.
//
//     import { look, check, golden } from './browser.mjs';
//     await look(async ({ visit }) => {
//         const page = await visit('/tmp/access.html', { colorScheme: 'dark' });
//         check(await page.title() === 'Access', 'the title');
//     });
//
// A page that asks for anything but itself, says something on its console or runs into an error fails the script.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(join(process.env.BROWSER_MODULES, 'package.json'));
const { chromium } = require('playwright-core');

// A loaded machine is slow, and that is no mistake of a page.
const LIMIT_MS = 120_000;
const FIXTURES = join(dirname(fileURLToPath(import.meta.url)), '../fixtures/browser');
const complaints = [];

export const check = (condition, message) => {
    if (!condition)
        complaints.push(message);
};

export const checkEqual = (got, wanted, what) => {
    const [g, w] = [got, wanted].map((value) => JSON.stringify(value));
    check(g === w, `${what}: expected ${w}, got ${g}`);
};

// The page needs a moment for what it was told: asks until the answer is the wanted one, or the limit has passed.
export const settles = async (ask, wanted, what) => {
    const end = Date.now() + LIMIT_MS;
    let got = await ask();
    while (JSON.stringify(got) !== JSON.stringify(wanted) && Date.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        got = await ask();
    }
    checkEqual(got, wanted, what);
};

// Text held against tests/fixtures/browser/NAME; UPDATE_GOLDEN=1 rewrites it.
export const golden = (name, text) => {
    const path = join(FIXTURES, name);
    if (process.env.UPDATE_GOLDEN)
        writeFileSync(path, text);
    const wanted = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (wanted === text)
        return;
    const [lines, others] = [text.split('\n'), wanted.split('\n')];
    const at = lines.findIndex((line, i) => line !== others[i]);
    check(false, `${name}:${at + 1}: expected ${JSON.stringify(others[at])}, got ${JSON.stringify(lines[at])}`);
};

// What a reader of the screen is told, as an indented list of roles and names.
export const spoken = (locator) => locator.ariaSnapshot();

const isItself = (request, address) => request === address || request.startsWith('data:');

const visitor = (browser) => async (where, options = {}) => {
    const address = /^https?:/.test(where) ? where : pathToFileURL(resolve(where)).href;
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    page.on('request', (request) => check(isItself(request.url().split('#')[0], address), `${where} asks for ${request.url()}`));
    page.on('console', (message) => check(false, `${where} says ${message.text()}`));
    page.on('pageerror', (error) => check(false, `${where}: ${error.message}`));
    await page.goto(address, { timeout: LIMIT_MS });
    return page;
};

// Ends the process: 0 when nothing was complained about.
export const look = async (script) => {
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        timeout: LIMIT_MS,
        // root has no sandbox, containers have a small /dev/shm, and there is no world outside.
        args: ['--no-sandbox', '--disable-dev-shm-usage', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
    });
    try {
        await script({ browser, visit: visitor(browser) });
    } finally {
        await browser.close();
    }
    for (const complaint of complaints)
        console.log(complaint);
    process.exit(complaints.length === 0 ? 0 : 1);
};
