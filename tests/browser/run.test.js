// The report's page in a real browser: one run in detail, and what its charts tell.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { choose, figure, report, showAll, textbook, withPage } from './browser.js';
import { makeCrowd, makeFaults, makeJudged, makeLines, makeSizes } from './runs.js';

const judged = () => report('judged', makeJudged);
const faults = () => report('faults', makeFaults);

// Point at a place of a drawing, told in pixels from its top left corner.
async function pointAt(page, drawing, x, y) {
  await drawing.scrollIntoViewIfNeeded();
  const box = await drawing.boundingBox();
  await page.mouse.move(box.x + x, box.y + y);
  return page.textContent('#tip');
}

const places = (locator, ...names) => locator.evaluateAll((all, wanted) =>
  all.map((element) => wanted.map((name) => Number(element.getAttribute(name)))), names);

// The cells of a chart's table, by row.
async function tableOf(chart) {
  await chart.getByText('Figures as a table').click();
  await chart.locator('tbody tr').first().waitFor();
  return chart.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
}

describe('verdicts', () => {
  test('reasons are told by code, the worst first, with how many trials they are of', async () => {
    await withPage(judged(), {}, async (page) => {
      await choose(page, 'judged');
      const reasons = await page.locator('.reasons li').allTextContents();
      assert.equal(reasons.length, 2);
      assert.equal(reasons[0], '✕ invalid machine_slept, in 1 of 30 trials (8): the machine slept for 5 s in the timed window');
      assert.match(reasons[1], /^\? suspect cpu_busy, in 12 of 30 trials \(1, 2, 6, 7, 11, 12, 16, 17, and 4 more\): the processors were 91 % busy/);
      assert.match(await page.textContent('#detail'), /Verdict: ✕ invalid 1 trial, \? suspect 12 trials, ✓ valid 17 trials/);
    });
  });

  test('each trial has its own reasons in its row, and rows sort by verdict', async () => {
    await withPage(judged(), {}, async (page) => {
      await choose(page, 'judged');
      const row = (n) => page.locator('.trials tbody tr').nth(n - 1);
      assert.match(await row(27).textContent(), /\? suspect.*cpu_busy: the processors were 96 % busy/);
      assert.match(await row(8).textContent(), /✕ invalid.*machine_slept: the machine slept/);
      assert.doesNotMatch(await row(3).textContent(), /:/);
      await page.locator('.trials').getByRole('button', { name: 'Verdict' }).click();
      assert.match(await row(1).textContent(), /^8✕ invalid/);
      assert.match(await row(2).textContent(), /^1\? suspect/);
    });
  });

  test('a trial that does not count is a cross among the dots', async () => {
    await withPage(judged(), {}, async (page) => {
      await choose(page, 'judged');
      const chart = figure(page, 'Makespan of each trial');
      const strokes = async (part) => (await chart.locator(part).getAttribute('d')).match(/M/g).length;
      assert.equal(await strokes('.dots'), 29);
      assert.equal(await strokes('.crosses'), 1);
      assert.match(await chart.locator('figcaption').textContent(), /✕ is a trial that does not count/);
      await chart.locator('svg').focus();
      await page.keyboard.press('Home');
      for (let i = 1; i < 8; i++)
        await page.keyboard.press('ArrowRight');
      assert.match(await page.textContent('#tip'), /^trial 8: .*, invalid$/);
    });
  });

  test('one that is not known is not said to be good', async () => {
    await withPage(judged(), {}, async (page) => {
      await choose(page, 'old');
      for (const mark of await page.locator('.runs tr:has-text("old") .condition, #detail .condition').all()) {
        assert.equal(await mark.textContent(), '– unknown');
        assert.equal(await mark.getAttribute('class'), 'condition open');
      }
      await page.getByRole('searchbox').fill('unknown');
      assert.equal(await page.textContent('#count'), '1 of 2 runs');
    });
  });

  test('where no trial counts, charts say so', async () => {
    await withPage(textbook(), {}, async (page) => {
      await choose(page, 'disk-full');
      assert.match(await figure(page, 'When each host had').last().textContent(), /Where no trial counts, all are shown/);
      assert.match(await figure(page, 'What each host had received').textContent(), /trial 1, which does not count/);
    });
  });
});

describe('faults', () => {
  test('a table has all of them: planned, happened, on whom, and why one did not', async () => {
    await withPage(faults(), {}, async (page) => {
      await choose(page, 'churn');
      const rows = await page.locator('.faults tbody tr').evaluateAll((all) => all.map((row) => [...row.children].map((c) => c.textContent)));
      assert.deepEqual(rows.map((r) => r.slice(1)), [['link rate', 'h3', '1s', '1', '5 Mbit/s up'], ['pause', 'h2', '50%', '2', ''],
        ['resume', 'h2', '50% + 300ms', '3', ''], ['kill', 'h5', '99%', '4', '✕ did not happen: the transfer was over']]);
      assert.match(rows[1][0], /^2\.\d+ s$/);
      assert.equal(rows[3][0], '–');
      assert.match(await page.locator('.trials tbody tr').textContent(), /kill h5, planned for 99%, did not happen: the transfer was over/);
    });
  });

  test('their strokes can be read by pointer and by keyboard', async () => {
    await withPage(faults(), {}, async (page) => {
      await choose(page, 'churn');
      const chart = figure(page, 'What each host had received');
      const [[x, y]] = await places(chart.locator('.fault line'), 'x1', 'y2');
      assert.match(await pointAt(page, chart.locator('svg'), x + 1, y - 60), /^link rate h3 to 5 Mbit\/s up at 9\d\d ms, planned for 1s$/);
      assert.equal(await chart.locator('.fault line').count(), 3);
      await chart.locator('svg').focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      assert.match(await page.textContent('#live'), /^pause h2 at 2\.\d+ s, planned for 50%$/);
    });
  });

  test('of a trial that is ok it is told which host failed, as expected', async () => {
    await withPage(faults(), {}, async (page) => {
      await choose(page, 'expected');
      assert.match(await page.locator('.trials tbody tr').textContent(), /– unknown.*h3 failed, as expected: .*No space left on device/);
    });
  });

  test('what is left out of many is told', async () => {
    await withPage(faults(), {}, async (page) => {
      await choose(page, 'many');
      const chart = figure(page, 'What each host had received');
      assert.equal(await chart.locator('.fault line').count(), 24);
      assert.equal(await chart.locator('.fault text').last().textContent(), 'and 276 more faults');
      assert.equal(await page.locator('.faults caption').textContent(), 'Of trial 1; the first 256 of 300');
    });
  });
});

describe('charts of a run', () => {
  test('there is one for everything that its logs tell', async () => {
    await withPage(textbook(), {}, async (page) => {
      await choose(page, 'p2p6');
      assert.deepEqual(await page.locator('#detail figure h3').allTextContents(), ['When each host had the file',
        'Makespan of each trial, in order', 'What each host had received', 'The way of the blocks',
        'Who sent how much to whom', 'What the links carried', 'How busy the links were', 'Round-trip times',
        'Share of hosts that had the file', 'The network']);
      const detail = page.locator('#detail');
      assert.equal(await figure(detail, 'When each host had the file').locator('.mark').count(), 6);
      assert.equal(await figure(detail, 'What each host had received').locator('.line').count(), 6);
      assert.equal(await figure(detail, 'Share of hosts').locator('.line').count(), 1);
      assert.equal(await figure(detail, 'Round-trip times').locator('.line').count(), 6);
    });
  });

  test('lines are read by pointer', async () => {
    await withPage(textbook(), {}, async (page) => {
      await choose(page, 'cs6');
      const told = async (title, share) => {
        const drawing = page.locator('#detail').locator('figure').filter({ hasText: title }).locator('svg');
        await drawing.scrollIntoViewIfNeeded();
        const box = await drawing.boundingBox();
        return pointAt(page, drawing, box.width * share[0], box.height * share[1]);
      };
      assert.match(await told('What each host had received', [0.5, 0.45]), /^h\d: [\d.]+ MB at 1\d\.\d s$/);
      assert.match(await told('Share of hosts', [0.97, 0.14]), /^client\/server: \d+% by 2\d\.\d+ s$/);
      assert.match(await told('Round-trip times', [0.5, 0.5]), /^h\d: [\d.]+ ms at 1\d\.\d s$/);
    });
  });

  test('how busy each link was over time is a map, read cell by cell', async () => {
    await withPage(textbook(), {}, async (page) => {
      await choose(page, 'cs6');
      const chart = figure(page, 'How busy the links were');
      const cells = await chart.locator('.cell').evaluateAll((all) => all.map((c) => c.getAttribute('d')).join(''));
      assert.equal(cells.match(/M/g).length, 7 * 2 * 10);
      assert.match(await pointAt(page, chart.locator('svg'), 90, 12), /^h1 up: [\d.]+ kbit\/s, 0\.3%, 0 s to 2\.5\d s$/);
      const rows = await tableOf(chart);
      assert.deepEqual(rows.at(-2).slice(0, 1).concat(rows.at(-2).slice(4)), ['s1 up', '100 Mbit/s']);
      assert.match(rows.at(-2)[2], /^9\d\.\d+ Mbit\/s$/);
    });
  });

  test('the matrix tells exact bytes, by pointer and as a table', async () => {
    await withPage(textbook(), {}, async (page) => {
      await choose(page, 'p2p6');
      const chart = figure(page, 'Who sent how much to whom');
      const [[left, top]] = await places(chart.locator('.ground'), 'x', 'y');
      const told = await pointAt(page, chart.locator('svg'), left + 10, top + 10);
      assert.match(told, /^s1 to h1: [\d,]{9} bytes$/);
      const rows = await tableOf(chart);
      assert.equal(rows.find(([from, to]) => from === 's1' && to === 'h1')[2], told.match(/[\d,]+(?= bytes)/)[0]);
      const sum = rows.filter((row) => row[1] === 'h4').reduce((all, row) => all + Number(row[2].replaceAll(',', '')), 0);
      assert.equal(sum, 50_000_000);
    });
  });

  test('the matrix of too many nodes is left to the table of traffic', async () => {
    const chart = (page) => figure(page, 'Who sent how much to whom');
    await withPage(report('full', (folder) => makeCrowd(folder, 199)), {}, async (page) => {
      await showAll(page);
      assert.ok(await chart(page).locator('.cell').count() > 0);
      assert.ok(await page.evaluate(() => document.querySelectorAll('*').length) < 3500);
    });
    await withPage(report('crowd', (folder) => makeCrowd(folder, 200)), {}, async (page) => {
      assert.match(await chart(page).textContent(), /too many nodes .* traffic\.csv/);
      assert.equal(await chart(page).locator('svg').count(), 0);
    });
  });

  test('what comes from the server has no model’s colour', async () => {
    await withPage(textbook(), {}, async (page) => {
      await choose(page, 'p2p6');
      for (const title of ['The way of the blocks', 'Who sent how much to whom']) {
        assert.equal(await figure(page, title).locator('.cs-0').count(), 0, title);
        assert.equal(await figure(page, title).locator('g.served').count(), 1, title);
        assert.equal(await figure(page, title).locator('g.p2p-0').count(), 1, title);
      }
    });
  });
});

describe('records', () => {
  test('the experiment file and where it ran are there to be read', async () => {
    await withPage(textbook(), {}, async (page) => {
      await choose(page, 'cs6');
      const part = (name) => page.locator('#detail > details').filter({ hasText: name });
      await part('Experiment file').locator('summary').click();
      const file = new URL('../cs6/20260301T101500Z/experiment.json', page.url());
      assert.equal(await part('Experiment file').locator('pre').textContent(), readFileSync(fileURLToPath(file), 'utf8'));
      await part('Where it ran').locator('summary').click();
      const rows = await part('Where it ran').locator('tbody tr').evaluateAll((all) => all.map((r) => [...r.children].map((c) => c.textContent)));
      assert.deepEqual(rows, [['schema', 'labctl.manifest/1'], ['seed', '1'], ['started', '2026-03-01T10:15:00.000Z'],
        ['cpu.model', 'Some processor'], ['cpu.count', '2']]);
    });
  });
});

describe('logs', () => {
  test('every log of a chosen trial has a link, and each is there', async () => {
    await withPage(textbook(), {}, async (page) => {
      await choose(page, 'cs6');
      const part = page.locator('#detail > details').filter({ hasText: 'Log files' });
      await part.locator('summary').click();
      await part.getByRole('spinbutton').fill('3');
      const links = await part.getByRole('link').evaluateAll((all) => all.map((a) => a.href));
      assert.match(links[0], /trials\/003\/logs\/labctl\.jsonl$/);
      assert.equal(links.length, 1 + 3 * 7);
      for (const link of links.filter((name) => !name.endsWith('.log'))) /* the made-up runs say nothing */
        assert.ok(existsSync(fileURLToPath(link)), link);
      await part.getByRole('spinbutton').fill('99');
      assert.match(await part.textContent(), /no such trial/);
    });
  });
});

describe('many lines', () => {
  const lookOfMark = (mark) => [mark.parentElement.getAttribute('class'), mark.getAttribute('class'), mark.tagName,
    (mark.getAttribute('points') || '').trim().split(' ').length].join(' ');

  test('twelve of one model all look different, each with its model’s colours', async () => {
    await withPage(report('lines', makeLines), {}, async (page) => {
      await showAll(page);
      const chart = figure(page, 'How near to the bound');
      const marks = await chart.locator('.mark').evaluateAll((all, look) => all.map((m) => eval(look)(m)), `(${lookOfMark})`);
      assert.equal(new Set(marks).size, 12);
      assert.ok(marks.every((look) => look.startsWith('p2p-')));
      const lines = await chart.locator('.line').evaluateAll((all) => all.map((l) =>
        `${l.parentElement.getAttribute('class')} ${l.getAttribute('stroke-dasharray')}`));
      assert.equal(lines.length, 12);
      assert.equal(new Set(lines).size, 12);
    });
  });

  test('of more runs than fit in a chart six are shown, by choice', async () => {
    await withPage(report('sizes', makeSizes), {}, async (page) => {
      await showAll(page);
      for (const title of ['When each host had the file', 'Share of hosts that had the file']) {
        const chart = figure(page, title).first();
        assert.match(await chart.textContent(), /6 of 8 runs shown: client\/server, size1, size2, size3, size4, size5\./);
        await chart.getByText('Choose runs').click();
        await chart.getByRole('button', { name: 'size7' }).click();
        assert.match(await chart.textContent(), /6 of 8 runs shown: size1, size2, size3, size4, size5, size7\./);
        await chart.getByRole('button', { name: 'size2' }).click();
        assert.match(await chart.textContent(), /5 of 8 runs shown: size1, size3, size4, size5, size7\./);
        assert.equal(await chart.getByRole('button', { name: 'size7' }).getAttribute('aria-pressed'), 'true');
        assert.equal(await chart.locator('svg .name').count(), 5);
      }
      await page.emulateMedia({ media: 'print' });
      assert.equal(await page.getByText('runs shown: ').filter({ visible: true }).count(), 2);
    });
  });
});
