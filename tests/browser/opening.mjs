// SPDX-License-Identifier: Apache-2.0
// Prints the seconds that Chromium takes to open a page, all of it laid out. usage: opening.mjs PAGE
import { look } from './browser.mjs';

await look(async ({ visit }) => {
    const page = await visit(process.argv[2]);
    // Until it has loaded, then what its layout takes; what the script itself waits for is not the page's.
    const milliseconds = await page.evaluate(() => {
        const before = performance.now();
        document.body.getBoundingClientRect();
        return performance.getEntriesByType('navigation')[0].loadEventEnd + performance.now() - before;
    });
    console.log((milliseconds / 1000).toFixed(3));
});
