// SPDX-License-Identifier: Apache-2.0
// Looks at the page of a daemon: what it shows, what opens, what stays text, whether it can be read.
import { check, checkEqual, look } from './browser.mjs';

const CONTRAST_MIN = 4.5; // WCAG 2, AA
const NARROW = { width: 360, height: 640 };
const [address, planId, nHeld, evil] = process.argv.slice(2);

// The least contrast between a text and what is behind it, with whose it is.
const leastContrast = (page) => page.evaluate(() => {
    const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
    const light = (colour) => {
        const [r, g, b] = parts(colour).map((value) => value / 255)
            .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if ((parts(colour)[3] ?? 1) > 0)
                return colour;
        }
        return 'rgb(255, 255, 255)';
    };
    let least = { ratio: Infinity };
    for (const element of document.body.querySelectorAll('*')) {
        const isText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
        if (!isText || element.getClientRects().length === 0)
            continue;
        const style = getComputedStyle(element);
        const colour = element instanceof SVGElement ? style.fill : style.color;
        const [low, high] = [light(colour), light(behind(element))].sort((a, b) => a - b);
        const ratio = (high + 0.05) / (low + 0.05);
        if (ratio < least.ratio)
            least = { ratio, text: element.textContent.slice(0, 40) };
    }
    return least;
});

const checkContents = async (page) => {
    checkEqual(await page.title(), 'charterd', 'the title');
    checkEqual(await page.locator('html').getAttribute('lang'), 'en', 'the language');
    for (const name of ['charterd', 'contoso', 'Held steps', 'Findings', 'Projects', 'Requests', 'Last changes'])
        check(await page.getByRole('heading', { name, exact: true }).isVisible(), `no heading ${name}`);
    check(await page.getByText('Steps held: a person has to look').first().isVisible(), 'the state is not shown');
    check(await page.getByText(`charterd release ${planId} --reason "..."`).isVisible(), 'the release command is not shown');
    check(await page.getByRole('row', { name: 'MLOps Steps held: a person has to look' }).isVisible(), 'no row of the project');
    checkEqual(await page.locator('script, img, iframe, form, link, b').count(), 0, 'elements that should not be there');
};

const checkDetails = async (page) => {
    const steps = page.getByRole('table', { name: 'What is done when they are released' });
    check(!await steps.isVisible(), 'the steps are open from the start');
    await page.getByText('The steps', { exact: true }).click();
    check(await steps.isVisible(), 'the steps do not open');
    checkEqual(await steps.locator('tbody tr').count(), Math.min(Number(nHeld), 50), 'rows of held steps');
    check(await steps.getByText(evil).first().isVisible(), `no ${evil} among the held steps`);
    const way = page.locator('details', { hasText: 'By which way' }).first();
    await way.getByText('By which way').click();
    check(await way.locator('li').first().isVisible(), 'the way of a leak does not open');
};

// The first thing a keyboard reaches leads past the rest.
const checkKeyboard = async (page) => {
    await page.keyboard.press('Tab');
    checkEqual(await page.evaluate(() => document.activeElement.getAttribute('href')), '#main', 'what is reached first');
    check(await page.getByText('Skip to the organisations').isVisible(), 'the skip link is not shown');
    await page.keyboard.press('Enter');
    checkEqual(await page.evaluate(() => location.hash), '#main', 'where it leads');
};

await look(async ({ visit }) => {
    const page = await visit(address);
    await checkContents(page);
    await checkKeyboard(page);
    await checkDetails(page);
    checkEqual(await page.locator('dl').first().evaluate((list) => getComputedStyle(list).display), 'grid', 'its style');
    for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark' }]) {
        const least = await leastContrast(await visit(address, options));
        check(least.ratio >= CONTRAST_MIN, `${options.colorScheme}: contrast ${least.ratio} of ${least.text}`);
    }
    const narrow = await visit(address, { viewport: NARROW });
    const width = await narrow.evaluate(() => document.documentElement.scrollWidth);
    check(width <= NARROW.width, `${width} wide on a screen of ${NARROW.width}`);
});
