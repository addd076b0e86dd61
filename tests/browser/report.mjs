// SPDX-License-Identifier: Apache-2.0
// The page of figures: plots with a name and a description, the same figures in tables, names that stay text, no wider
// than a narrow screen. usage: report.mjs PAGE
import { look, check, checkEqual } from './browser.mjs';

const PLOTS = [/^Changes by (week|day|hour|four weeks|52 weeks)/, /^Time from drift to repair/, /^Changes by team/];

await look(async ({ visit }) => {
    const page = await visit(process.argv[2]);
    const plots = page.getByRole('img');
    checkEqual(await plots.count(), PLOTS.length, 'plots');
    for (const [i, name] of PLOTS.entries())
        checkEqual(await page.getByRole('img', { name }).count(), 1, `a plot called ${name}`);
    const described = await page.$$eval('svg', (all) => all.every((svg) => svg.querySelector('desc').textContent.length > 20));
    check(described, 'a plot says nothing to who cannot see it');
    // Each of the series has a look of its own without colour: solid, or one of two patterns.
    checkEqual(await page.locator('#teams-pattern-1, #teams-pattern-2').count(), 2, 'patterns');
    checkEqual(await page.locator('caption').allTextContents(), ['By time (UTC)', 'By project and team'], 'tables');
    check(await page.getByRole('rowheader', { name: '<b>Ops & "Co"</b>', exact: true }).isVisible(), 'a name is no text');
    checkEqual(await page.locator('b, script').count(), 0, 'elements that a name brought in');
    const all = page.getByRole('row', { name: /^all / }).getByRole('cell');
    checkEqual((await all.allTextContents()).slice(0, 2), ['41', '36'], 'changes, done');

    const narrow = await visit(process.argv[2], { viewport: { width: 400, height: 800 } });
    check(await narrow.evaluate(() => document.documentElement.scrollWidth <= 400), 'wider than a narrow screen');
    await narrow.emulateMedia({ media: 'print' });
    checkEqual(await narrow.getByRole('img').count(), PLOTS.length, 'plots in print');
});
