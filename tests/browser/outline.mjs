// SPDX-License-Identifier: Apache-2.0
// Prints what a page says to a reader of the screen. usage: outline.mjs PAGE
import { look, spoken } from './browser.mjs';

await look(async ({ visit }) => {
    const page = await visit(process.argv[2]);
    console.log(await spoken(page.locator('body')));
});
