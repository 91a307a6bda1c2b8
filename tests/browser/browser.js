// What all tests of the page share: a browser, and reports of made-up runs. LABCTL names the
// program under test, CHROMIUM the browser. With SCREENSHOTS=DIR pages are kept there as pictures.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { makeTextbook } from './runs.js';

let work;
let browser;
const reports = new Map();

// The page of a made-up output folder; each is made once.
export function report(name, make) {
  if (!reports.has(name)) {
    const folder = join(work, name);
    make(folder);
    execFileSync(process.env.LABCTL, ['report', '--format', 'html', folder], { stdio: ['ignore', 'ignore', 'pipe'] });
    reports.set(name, pathToFileURL(join(folder, 'report', 'index.html')).href);
  }
  return reports.get(name);
}

before(async () => {
  work = mkdtempSync(join(tmpdir(), 'labctl-browser-'));
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
});

after(async () => {
  await browser?.close();
  rmSync(work, { recursive: true, force: true });
});

// Open a page, use it, and see that nothing went wrong meanwhile and nothing was asked for.
export async function withPage(url, options, use) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const troubles = [];
  const requests = [];
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && troubles.push(m.text()));
  page.on('pageerror', (e) => troubles.push(String(e)));
  page.on('request', (r) => requests.push(r.url()));
  await page.goto(url);
  try {
    await use(page);
  } finally {
    if (process.env.SCREENSHOTS)
      await page.screenshot({ fullPage: true, path: join(process.env.SCREENSHOTS, `${Date.now()}.png`) });
    await context.close();
  }
  assert.deepEqual(troubles, []);
  assert.deepEqual(requests.filter((r) => !r.startsWith('data:') && r.split('#')[0] !== url), []);
}

export const textbook = () => report('textbook', makeTextbook);

// Every chart is drawn once it has been in view.
export async function showAll(page) {
  for (const figure of await page.locator('figure').all())
    await figure.scrollIntoViewIfNeeded();
  await page.waitForFunction(() => [...document.querySelectorAll('.drawing')].every((d) => d.firstChild));
}

// Figures with this title, in the page or a part of it.
export const figure = (page, title) => page.locator('figure').filter({ hasText: title });

// Choose a run in the table, and have all its charts drawn.
export async function choose(page, name) {
  await page.locator('.runs').getByRole('button', { name, exact: true }).click();
  await showAll(page);
}
