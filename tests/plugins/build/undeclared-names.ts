/** What a script takes from around it, found by the TypeScript compiler: it knows every scope, and nothing has to run. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What the compiler itself must know, as types only: `Function` as a value is undeclared, unless it is allowed. */
const builtInTypes = `
interface Array<T> {} interface Boolean {} interface CallableFunction {} interface Function {} interface IArguments {}
interface NewableFunction {} interface Number {} interface Object {} interface RegExp {} interface String {}
interface Promise<T> {}`;

/** Other names of the global object: what is taken through them is taken from around, too. */
const globalObjects = ['window', 'self'];

/** Diagnostics that name something undeclared: cannot find name, only a type, no value in scope, no index signature. */
const undeclaredCodes = /^(2304|2307|2552|258[0-5]|259[123]|2693|7017|7053|18004)$/;

const options = {
  noLib: true,
  allowJs: true,
  checkJs: true,
  noEmit: true,
  noImplicitAny: true,
  allowUnreachableCode: true,
  target: 'esnext',
  module: 'esnext',
  types: [],
};

/**
 * All names that a script uses without declaring them, sorted, besides the allowed ones; of modules that it requires, too.
 * Members of the global object count, also by `window` and `self`.
 */
export function undeclaredNames(script: string, allowed: readonly string[]): string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'inlay-names-'));
  try {
    const declarations = allowed.map((name) =>
      globalObjects.includes(name) ? `declare var ${name}: typeof globalThis;` : `declare var ${name}: any;`,
    );
    writeFileSync(path.join(folder, 'globals.d.ts'), [builtInTypes, ...declarations].join('\n'));
    writeFileSync(path.join(folder, 'script.js'), script);
    writeFileSync(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['globals.d.ts', 'script.js'] }),
    );
    return namesOf(compile(folder), script);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compile(folder: string): string {
  const packageFile = createRequire(import.meta.url).resolve('typescript/package.json');
  const tsc = path.join(path.dirname(packageFile), 'bin', 'tsc');
  const { stdout, error } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (error) throw error;
  return stdout;
}

function namesOf(diagnostics: string, script: string): string[] {
  const lines = script.split('\n');
  const names = new Set<string>();
  for (const [, line, column, code, message] of diagnostics.matchAll(
    /^[^\n]*script\.js\((\d+),(\d+)\): error TS(\d+): (.*)$/gm,
  )) {
    if (!undeclaredCodes.test(code!)) continue;
    if (code === '7017' || code === '7053') {
      // Of other objects than the global one anything may be asked for.
      if (!message!.includes("'typeof globalThis'")) continue;
      const byIndex = /'"([^"]+)"'/.exec(message!)?.[1];
      const there = lines[Number(line) - 1]!.slice(Number(column) - 1);
      names.add(byIndex ?? /^[\w$]+/.exec(there)?.[0] ?? message!);
    } else names.add(/'([^']+)'/.exec(message!)![1]!);
  }
  return [...names].sort();
}
