// The report's page in a real browser: the whole of it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { report, showAll, textbook, withPage } from './browser.js';
import { HOSTILE, makeCells, makeHostile, makeLinks, makeSweep, makeTrials } from './runs.js';

const sweep = () => report('sweep', (folder) => makeSweep(folder, [1, 2, 4, 8]));

const column = (page, n) => page.locator(`.runs tbody tr > :nth-child(${n})`).allTextContents();

describe('first screen', () => {
  test('says what was compared and the answer, above the plot that shows it', async () => {
    await withPage(textbook(), {}, async (page) => {
      assert.match(await page.textContent('h1'), /^Client\/server and peer to peer: 50 MB from s1 to 6 clients$/);
      assert.match(await page.textContent('.answer'),
        /^Peer to peer was 5\.\d times faster than client\/server for 6 clients; it reached \d\d% of the bound, which the server’s uplink sets\.$/);
      const chart = page.locator('figure').first();
      await chart.locator('svg').waitFor();
      assert.equal(await chart.locator('rect.bar').count(), 2);
      assert.ok((await chart.boundingBox()).y < 600, 'the first chart is on the first screen');
    });
  });

  test('of a sweep it is the makespan against the number of clients, beside its bounds', async () => {
    await withPage(sweep(), {}, async (page) => {
      assert.match(await page.textContent('.answer'), /times as fast as client\/server with 8 clients/);
      const chart = page.locator('figure').first();
      await chart.locator('svg').waitFor();
      assert.equal(await chart.locator('.theory').count(), 2);
      assert.equal(await chart.locator('g.cs-0 circle.mark').count(), 4 + 1 /* beside its name */);
      await page.getByRole('button', { name: 'Logarithmic axes' }).click();
      assert.equal(await chart.locator('.theory').count(), 2);
    });
  });

  test('without scripts the answer is there too', async () => {
    await withPage(textbook(), { javaScriptEnabled: false }, async (page) => {
      assert.match(await page.textContent('.answer'), /times faster/);
      assert.match(await page.textContent('noscript'), /CSV/);
    });
  });
});

describe('table of runs', () => {
  test('sorts by a column, both ways, and says so', async () => {
    await withPage(sweep(), {}, async (page) => {
      const head = page.locator('.runs thead th', { hasText: 'Median' });
      await head.getByRole('button').click();
      assert.equal(await head.getAttribute('aria-sort'), 'ascending');
      const seconds = (text) => parseFloat(text) / (text.endsWith('ms') ? 1000 : 1);
      const up = (await column(page, 6)).map(seconds);
      assert.deepEqual(up, [...up].sort((a, b) => a - b));
      await head.getByRole('button').click();
      assert.equal(await head.getAttribute('aria-sort'), 'descending');
      assert.deepEqual((await column(page, 6)).map(seconds), [...up].reverse());
    });
  });

  test('filters by words and by model, and tells how many are left', async () => {
    await withPage(sweep(), {}, async (page) => {
      assert.equal(await page.textContent('#count'), '8 runs');
      await page.getByRole('searchbox').fill('scaling 008');
      assert.deepEqual(await column(page, 1), ['scaling-008']);
      assert.equal(await page.textContent('#count'), '1 of 8 runs');
      await page.getByRole('searchbox').fill('');
      await page.getByRole('button', { name: 'client/server', exact: true }).click();
      assert.equal(await page.textContent('#count'), '4 of 8 runs');
      assert.deepEqual([...new Set(await column(page, 2))], ['peer to peer']);
      assert.equal(await page.locator('#count').getAttribute('aria-live'), 'polite');
    });
  });

  test('a run that is chosen is shown below, with its links', async () => {
    await withPage(textbook(), {}, async (page) => {
      await page.locator('.runs').getByRole('button', { name: 'disk-full' }).click();
      assert.equal(await page.textContent('#run-title'), 'disk-full');
      assert.match(await page.textContent('#detail'), /No space left on device/);
      const link = page.locator('#detail').getByRole('link', { name: 'logs' }).first();
      assert.equal(await link.getAttribute('href'), './../disk-full/20260301T101700Z/trials/001/logs');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'run-title');
    });
  });
});

describe('charts', () => {
  test('the pointer reads values', async () => {
    await withPage(textbook(), {}, async (page) => {
      const bar = page.locator('figure').first().locator('rect.bar').first();
      await bar.hover({ position: { x: 40, y: 8 } });
      assert.match(await page.textContent('#tip'), /^peer to peer: 4\.\d+ s, median of 8 trials .* of its speed$/);
      assert.ok(await page.locator('#tip').isVisible());
      await page.mouse.move(5, 5);
      assert.ok(await page.locator('#tip').isHidden());
    });
  });

  test('so do arrow keys, and what they read is told', async () => {
    await withPage(textbook(), {}, async (page) => {
      const drawing = page.locator('figure').first().locator('svg');
      await drawing.focus();
      await page.keyboard.press('ArrowRight');
      assert.match(await page.textContent('#live'), /^peer to peer: /);
      await page.keyboard.press('End');
      assert.match(await page.textContent('#tip'), /^client\/server: /);
      await page.keyboard.press('Escape');
      assert.ok(await page.locator('#tip').isHidden());
    });
  });

  test('everything can be reached by the Tab key', async () => {
    await withPage(textbook(), {}, async (page) => {
      await page.keyboard.press('Tab');
      assert.match(await page.evaluate(() => document.activeElement.textContent), /Skip to/);
      const reached = new Set();
      for (let i = 0; i < 60; i++) {
        await page.keyboard.press('Tab');
        reached.add(await page.evaluate(() => document.activeElement.tagName.toLowerCase()));
      }
      for (const tag of ['svg', 'summary', 'button', 'input'])
        assert.ok(reached.has(tag), `${tag} was not reached`);
    });
  });

  test('each has a name and its figures as a table', async () => {
    await withPage(textbook(), {}, async (page) => {
      await showAll(page);
      for (const figure of await page.locator('figure:has(svg)').all()) {
        assert.ok((await figure.locator('svg').first().getAttribute('aria-label')).length > 10);
        await figure.locator('summary').click();
        await figure.locator('table tbody tr').first().waitFor();
      }
    });
  });

  test('blocks can be followed from host to host', async () => {
    await withPage(`${textbook()}`, {}, async (page) => {
      await page.locator('.runs').getByRole('button', { name: 'p2p6' }).click();
      const slider = page.getByRole('slider');
      await slider.focus();
      const told = await page.textContent('.told');
      await page.keyboard.press('ArrowRight');
      assert.notEqual(await page.textContent('.told'), told);
      assert.match(await page.textContent('.told'), /^Block \d+: s1 → h\d/);
      assert.ok(await page.locator('.hop').count() >= 5);
      assert.match(await page.textContent('#detail'), /What the links carried/);
      assert.match(await page.textContent('#detail'), /Round-trip times/);
      assert.match(await page.locator('.fault').first().textContent(), /link down h2/);
    });
  });
});

describe('every way to read it', () => {
  for (const width of [320, 390, 768])
    test(`no sideways scrolling at ${width} pixels`, async () => {
      await withPage(textbook(), { viewport: { width, height: 800 } }, async (page) => {
        await showAll(page);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      });
    });

  // Contrast of text with the page behind it, by WCAG 2.
  const contrastOf = (selector) => {
    const lights = (colour) => {
      const parts = colour.match(/[\d.]+/g).slice(0, 3).map((v) => v / 255)
        .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const element = document.querySelector(selector);
    const style = getComputedStyle(element);
    const ink = lights(element instanceof SVGElement ? style.fill : style.color);
    const paper = lights(getComputedStyle(document.body).backgroundColor);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  };

  for (const colorScheme of ['light', 'dark'])
    test(`text is readable in ${colorScheme} mode`, async () => {
      await withPage(textbook(), { colorScheme }, async (page) => {
        await page.locator('figure svg').first().waitFor();
        const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        assert.equal(paper === 'rgb(255, 255, 255)', colorScheme === 'light');
        for (const selector of ['h1', '.answer', 'figcaption p', 'svg .tick', 'svg .name', 'svg .value', 'summary', 'td', 'dt', '.condition', 'a'])
          assert.ok(await page.evaluate(contrastOf, selector) >= 4.5, `${selector} in ${colorScheme}`);
      });
    });

  test('in print all charts are there, and no buttons', async () => {
    await withPage(textbook(), { colorScheme: 'dark' }, async (page) => {
      await page.emulateMedia({ media: 'print' });
      await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
      assert.equal(await page.evaluate(() => [...document.querySelectorAll('.drawing')].filter((d) => !d.firstChild).length), 0);
      assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
      assert.ok(await page.locator('.filters').isHidden());
      assert.ok(await page.evaluate(contrastOf, 'a') >= 4.5);
    });
  });

  test('paper has no hints for hands, keeps what they chose, and repeats the head of a long table', async () => {
    await withPage(report('cells', (folder) => makeCells(folder, 200)), {}, async (page) => {
      await showAll(page);
      await page.emulateMedia({ media: 'print' });
      for (const selector of ['.by-hand', 'thead button', 'input'])
        assert.equal(await page.locator(selector).filter({ visible: true }).count(), 0, selector);
      const heads = await page.evaluate(() => [...document.querySelectorAll('.runs thead th')].slice(0, 3)
        .map((th) => getComputedStyle(th, '::before').content));
      assert.deepEqual(heads, ['"Run"', '"Model"', '"Clients"']);
    });
    await withPage(textbook(), {}, async (page) => {
      await page.locator('.runs .link').filter({ hasText: 'p2p' }).first().click();
      await showAll(page);
      assert.ok(await page.locator('.by-hand').first().isVisible());
      await page.emulateMedia({ media: 'print' });
      assert.match(await page.locator('.told').textContent(), /^Block \d+: /);
      assert.ok(await page.locator('.told').isVisible());
      assert.ok(await page.locator('.journey input').isHidden());
    });
  });

  test('links are told: the common one, who has another, and of many that they differ', async () => {
    const told = [
      [{}, / Every link: 100 Mbit\/s both ways\.$/],
      [{ h2: { up: '20Mbit' } }, / Every link: 100 Mbit\/s both ways; of h2: 20 Mbit\/s up, 100 Mbit\/s down\.$/],
      [Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`h${i}`, { up: `${i}Mbit` }])), / Links differ\. Point at a host/],
    ];
    for (const [i, [links, expected]] of told.entries())
      await withPage(report(`links-${i}`, (folder) => makeLinks(folder, links)), {}, async (page) => {
        const network = page.locator('figure').filter({ hasText: 'The network' });
        assert.match(await network.locator('figcaption').textContent(), expected);
      });
  });

  test('landmarks and headings are in order', async () => {
    await withPage(textbook(), {}, async (page) => {
      for (const landmark of ['banner', 'main', 'contentinfo', 'search'])
        assert.equal(await page.getByRole(landmark).count(), 1, landmark);
      const levels = await page.evaluate(() => [...document.querySelectorAll('h1, h2, h3')].map((h) => Number(h.tagName[1])));
      assert.equal(levels[0], 1);
      levels.slice(1).forEach((level, i) => assert.ok(level <= Math.max(levels[i] + 1, i === 0 ? 3 : 0) && level > 1));
    });
  });
});

describe('much, and bad', () => {
  test('hundreds of trials and of runs make a small page', async () => {
    const nodes = (page) => page.evaluate(() => document.querySelectorAll('*').length);
    await withPage(report('trials', (folder) => makeTrials(folder, 1000)), {}, async (page) => {
      await showAll(page);
      assert.ok(await nodes(page) < 4000, `${await nodes(page)} nodes`);
      const row = page.locator('.trials tbody tr');
      assert.equal(await row.count(), 60);
      const head = page.locator('.trials thead th', { hasText: 'Makespan' });
      await head.getByRole('button').click();
      await head.getByRole('button').click();
      assert.equal(await head.getAttribute('aria-sort'), 'descending');
      const most = parseFloat(await row.first().locator('td').nth(1).textContent());
      await page.getByRole('button', { name: 'Show 440 more' }).click();
      const all = (await row.locator('td:nth-child(3)').allTextContents()).map(parseFloat);
      assert.equal(all.length, 500);
      assert.equal(most, Math.max(...all));
      await page.getByRole('searchbox').fill('peer');
      assert.deepEqual(await column(page, 5), ['500/500']);
    });
    await withPage(report('cells', (folder) => makeCells(folder, 200)), {}, async (page) => {
      await showAll(page);
      assert.ok(await nodes(page) < 9000, `${await nodes(page)} nodes`);
      assert.equal(await page.locator('.runs tbody tr').count(), 60);
      await page.getByRole('button', { name: 'Show 140 more' }).click();
      assert.equal(await page.locator('.runs tbody tr').count(), 200);
    });
  });

  test('names that would be code stay text', async () => {
    await withPage(report('hostile', makeHostile), {}, async (page) => {
      await showAll(page);
      for (const name of ['a', 'b']) {
        await page.locator('.runs').getByRole('button', { name, exact: true }).click();
        for (const summary of await page.locator('#detail > details > summary').all())
          await summary.click();
      }
      assert.equal(await page.evaluate(() => window.pwned), undefined);
      assert.equal(await page.locator('img').count(), 0);
      assert.ok((await page.textContent('body')).includes(HOSTILE));
      assert.match(await page.textContent('main'), /Passed over/);
    });
  });
});
