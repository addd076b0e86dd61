// SPDX-License-Identifier: Apache-2.0
// Takes a picture of the first drawing of a page, as that of the README, of tests/e2e/demo.py's organisation with a
// team put into Contributors by hand. usage: picture.mjs PAGE PICTURE.png [light|dark]
import { look } from './browser.mjs';

await look(async ({ visit }) => {
    const [, , where, picture, colorScheme = 'light'] = process.argv;
    const page = await visit(where, { colorScheme });
    await page.locator('figure').first().screenshot({ path: picture, animations: 'disabled' });
});
