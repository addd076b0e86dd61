// SPDX-License-Identifier: Apache-2.0
// Looks at a page of `charterd access -o html`: every line of its drawing, every cell of its table, what a reader of the
// screen is told, that a cell opens, that paper shows everything, and that nothing depends on colour.
// usage: access.mjs {PAGE GOLDEN}...     GOLDEN: a name below tests/fixtures/browser; with .spoken.txt what is said too
import { check, checkEqual, golden, look, settles, spoken } from './browser.mjs';

// Each line with how it is drawn, as an eye without colour tells it.
const lines = (page) => page.locator('figure > svg > g[class]:not(.team):not(.things)').evaluateAll((all) => all.map((line) => {
    const stroke = getComputedStyle(line.querySelector('.line'));
    const end = line.querySelector('.end').getAttribute('d').replace(/^M\d+ \d+/, '');
    const title = line.querySelector('title').textContent.replaceAll('\n', '\n    ');
    return `${line.getAttribute('class')} (${stroke.strokeDasharray}; ${stroke.strokeWidth}; ${end}) ${title}`;
}));

const cells = (page) => page.locator('tbody tr:has(td)').evaluateAll((rows) => rows.map((row) => {
    const shown = [...row.querySelectorAll('td')].map((cell) => {
        const summary = cell.querySelector('summary') ?? cell;
        return `${cell.className}: ${[...summary.childNodes].map((part) => part.textContent).join(' | ')}`;
    });
    return `${row.querySelector('th').innerText.replaceAll('\n', ' / ')}\n    ${shown.join('\n    ')}`;
}));

const boxes = (page) => page.locator('figure > svg > g:is(.team, .things)').evaluateAll((all) => all.map((box) =>
    `${box.getAttribute('class')}: ${[...box.querySelectorAll('text')].map((text) => text.lastChild.textContent).join(', ')}`));

const hidden = (page) => page.locator('details > div').evaluateAll((all) =>
    all.filter((one) => !one.checkVisibility({ contentVisibilityAuto: true }) || one.getBoundingClientRect().height === 0).length);

// With the keyboard, as somebody without a mouse does it.
const opens = async (page) => {
    const cell = page.locator('td:is(.open, .differs) details').first();
    const why = cell.locator('> div');
    check(!await why.isVisible(), 'an explanation is seen before its cell is opened');
    await cell.locator('summary').focus();
    await page.keyboard.press('Enter');
    await why.waitFor({ state: 'visible' });
    check((await why.innerText()).includes(' > '), 'the explanation has no path');
    await page.keyboard.press('Enter');
    await why.waitFor({ state: 'hidden' });
};

const everyOpenCellExplains = async (page) => {
    const open = page.locator('td:is(.open, .differs, .unknown)');
    checkEqual(await open.count(), await open.locator('details > div').count(), 'open cells with an explanation');
    check(await open.count() > 0, 'no cell is open');
};

const paper = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

const onPaper = async (page) => {
    await settles(() => hidden(page), await page.locator('details').count(), 'explanations not seen on the screen');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await settles(() => hidden(page), 0, 'explanations not seen on paper');
    await settles(() => paper(page), 'rgb(255, 255, 255)', 'the paper');
};

const inTheDark = async (page) => {
    await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
    await settles(() => paper(page), 'rgb(13, 17, 23)', 'the dark page');
};

const lookAt = async (visit, where, name) => {
    const page = await visit(where);
    checkEqual(await page.title(), 'Who can do what', 'title');
    checkEqual(await page.locator('script, img, link, iframe, object, [onerror], [onclick], [onload], [style]').count(), 0,
        'elements that run or load something');
    check((await page.locator('meta[http-equiv]').getAttribute('content')).startsWith("default-src 'none';"), 'the policy');
    const parts = [...await boxes(page), ...await lines(page), ...await cells(page)];
    if (name.endsWith('.spoken.txt'))
        parts.push(await spoken(page.locator('section.project').first()));
    golden(name, `${parts.join('\n')}\n`);
    await everyOpenCellExplains(page);
    await opens(page);
    await onPaper(page);
    await inTheDark(page);
    await page.close();
};

await look(async ({ visit }) => {
    for (let i = 2; i < process.argv.length; i += 2)
        await lookAt(visit, process.argv[i], process.argv[i + 1]);
});
