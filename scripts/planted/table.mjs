/** The table of planted bugs in docs/simulator.md, made of what is recorded. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { plantedBugs } from './patches.mjs';
import { readHunts, readKillings, readUnfound } from './records.mjs';

const BEGIN = '<!-- planted bugs: begin (npm run hunt) -->';
const END = '<!-- planted bugs: end -->';

/** @param {string} root */
export async function writeTable(root) {
  const file = path.join(root, 'docs', 'simulator.md');
  const text = await readFile(file, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file} has no place for the table: ${BEGIN} … ${END}`);
  const table = await tableOf(root);
  await writeFile(file, `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${text.slice(end)}`);
}

/** @param {string} root */
async function tableOf(root) {
  const hunts = await readHunts(root);
  const killings = await readKillings(root);
  const unfound = await readUnfound(root);
  const rows = (await plantedBugs(root)).map(({ name, sentence }) => {
    const hunt = hunts[name];
    const killing = killings[name];
    const laws = Object.keys(hunt?.laws ?? {});
    const noticed = laws.length > 0 ? laws : killing === undefined ? [] : [killing.law];
    const cells = [
      `\`${name}\`: ${sentence}`,
      hunt === undefined
        ? ''
        : `${hunt.seeds.filter((each) => each !== null).length} of ${hunt.seeds.length}`,
      ...statistics(hunt?.seeds ?? []),
      noticed.map((law) => law.slice(0, 80)).join('; '),
      killing === undefined ? `none yet: ${unfound[name] ?? 'not hunted'}` : optionsText(killing),
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '| Bug | Hunts that found it | Seeds, median | min | max | What noticed it | Recorded seed |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** @param {import('./records.mjs').Killing} killing */
function optionsText({ seed, minutes, size, kinds }) {
  const narrowed = [
    size === undefined ? '' : `, ${size} nodes`,
    kinds === undefined ? '' : `, ${kinds.join(' ')} only`,
  ];
  return `${seed}, ${minutes} min${narrowed.join('')}`;
}

/** A hunt in vain is longer than any other. @param {readonly (number | null)[]} seeds */
function statistics(seeds) {
  if (seeds.length === 0) return ['', '', ''];
  const sorted = seeds.map((each) => each ?? Infinity).toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
  return [median, sorted[0] ?? 0, sorted.at(-1) ?? 0].map((each) =>
    Number.isFinite(each) ? `${each}` : 'not found',
  );
}
