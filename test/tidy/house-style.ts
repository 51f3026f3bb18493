import type { SourceFile } from './repository.ts';
import { lineOf, nodesIn, parse, walk, withoutStrings } from './syntax.ts';

export const LINES_MAX = 300;

/** Longer than the limit for a reason that is written beside it. */
const LONG_FOR_A_REASON: Readonly<Record<string, string>> = {};

const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/u;
const CAPITALS_BY_CUSTOM = /^(?:README|LICENSE|CHANGELOG|CONTRIBUTING|SECURITY|Dockerfile)(?:\..+)?$/u;

export function tooLong(file: SourceFile): readonly string[] {
  const lines = file.text.replace(/\n$/u, '').split('\n').length;
  if (lines <= LINES_MAX || LONG_FOR_A_REASON[file.path] !== undefined) return [];
  return [`${file.path}: ${lines} lines; one subject fits in ${LINES_MAX}`];
}

/** Each part between dots is kebab-case: `a-b.test.ts`, `index.browser.ts`. */
export function badName(path: string): readonly string[] {
  const name = path.split('/').at(-1) ?? '';
  if (name.startsWith('.') || CAPITALS_BY_CUSTOM.test(name)) return [];
  if (/^(?:utils?|helpers?|common|misc)\./u.test(name))
    return [`${path}: the name says nothing of the subject`];
  return name.split('.').every((part) => KEBAB_CASE.test(part)) ? [] : [`${path}: not kebab-case`];
}

const LOOSE_NODES: Readonly<Record<string, string>> = {
  TSAnyKeyword: 'any',
  TSNonNullExpression: 'non-null !',
  ExportDefaultDeclaration: 'default export',
};

/** What switches the compiler off, and what hides a module's names from search. */
export function looseTypes(file: SourceFile): readonly string[] {
  const complaints: string[] = [];
  const tree = parse(file);
  walk(tree, (node) => {
    const loose = LOOSE_NODES[node.type];
    if (loose !== undefined) complaints.push(`${file.path}:${lineOf(file, node)}: ${loose}`);
  });
  withoutStrings(file, tree)
    .split('\n')
    .forEach((line, index) => {
      const found = /(?:\/\/|\*)\s*@ts-(?:ignore|nocheck|expect-error)/u.exec(line);
      if (found !== null) complaints.push(`${file.path}:${index + 1}: ${found[0].replace(/^\W+/u, '@')}`);
      if (/(?:\/\/|\*)\s*(?:TODO|FIXME|XXX)\b/u.test(line))
        complaints.push(`${file.path}:${index + 1}: TODO`);
    });
  return complaints;
}

/** A test that does not run, or that keeps others from running. */
export function silencedTests(file: SourceFile): readonly string[] {
  const complaints: string[] = [];
  walk(parse(file), (node) => {
    if (node.type !== 'MemberExpression') return;
    const chain = memberChain(file.text.slice(node.start, node.end));
    if (chain === null) return;
    complaints.push(`${file.path}:${lineOf(file, node)}: ${chain}`);
  });
  return complaints;
}

function memberChain(code: string): string | null {
  const found = /^(?:test|it|describe|suite|bench)(?:\.\w+)*\.(?:only|skip|todo|fails|skipIf|runIf)$/u.exec(
    code,
  );
  return found === null ? null : found[0];
}

/** The same test until it passes proves nothing. */
export function retriedTests(file: SourceFile): readonly string[] {
  const complaints: string[] = [];
  walk(parse(file), (node) => {
    if (
      node.type !== 'CallExpression' ||
      !/^(?:test|it|describe)\b/u.test(file.text.slice(node.start, node.end))
    )
      return;
    for (const option of nodesIn(node, 'arguments').flatMap((each) => nodesIn(each, 'properties'))) {
      const text = file.text.slice(option.start, option.end);
      if (/^retry\s*:/u.test(text)) complaints.push(`${file.path}:${lineOf(file, option)}: retry`);
    }
  });
  return complaints;
}

/** Addresses of the machine that wrote a file; a clone elsewhere has none of them. */
const MACHINE_PATHS = [
  /[/]work[/](?:main|shared)/u,
  /[/]farm\b/u,
  /[/](?:home|Users)[/](?!node\b)\w+[/]/u,
  /[/]root[/]/u,
  /registry\.npmjs\.org|verdaccio/u,
];

export function machinePaths(file: SourceFile): readonly string[] {
  return file.text.split('\n').flatMap((line, index) => {
    const found = MACHINE_PATHS.map((pattern) => pattern.exec(line)?.[0]).find((each) => each !== undefined);
    return found === undefined ? [] : [`${file.path}:${index + 1}: ${found}`];
  });
}
