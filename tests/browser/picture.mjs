// SPDX-License-Identifier: Apache-2.0
// Takes a picture of the first drawing of a page. usage: picture.mjs PAGE PICTURE.png [light|dark]
import { look } from './browser.mjs';

await look(async ({ visit }) => {
    const [, , where, picture, colorScheme = 'light'] = process.argv;
    const page = await visit(where, { colorScheme });
    await page.locator('figure').first().screenshot({ path: picture });
});
