// SPDX-License-Identifier: Apache-2.0
// Looks at the picture of access on the page of a daemon: which lines there are, how they are drawn, what they are called.
// usage: daemon_picture.mjs ADDRESS {LOOK TITLE}...     a line that looks so and whose title begins so
import { check, checkEqual, look } from './browser.mjs';

const [address, ...wanted] = process.argv.slice(2);

await look(async ({ visit }) => {
    const page = await visit(address);
    const picture = page.getByRole('img', { name: 'Who can reach what in MLOps' });
    check(await picture.isVisible(), 'no picture');
    const lines = await picture.locator('g:has(> path.line)').evaluateAll((all) => all.map((line) => ({
        look: line.getAttribute('class'),
        title: line.querySelector('title').textContent,
        isDrawn: line.querySelector('path.line').getTotalLength() > 0 &&
            getComputedStyle(line.querySelector('path.line')).stroke !== 'none',
    })));
    check(lines.length > 0 && lines.every((line) => line.isDrawn), 'lines that are not drawn');
    for (let i = 0; i < wanted.length; i += 2) {
        const found = lines.filter((line) => line.title.startsWith(wanted[i + 1])).map((line) => line.look);
        check(found.includes(wanted[i]), `${wanted[i + 1]}: expected ${wanted[i]}, got ${found}`);
    }
    const summary = page.locator('details > summary', { hasText: /^MLOps$/ });
    await summary.click();
    check(!await picture.isVisible(), 'the picture does not close');
    checkEqual(await page.locator('script, link, [style], [onclick], [onload]').count(), 0, 'what runs or loads something');
});
