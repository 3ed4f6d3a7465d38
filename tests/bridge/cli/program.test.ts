import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { exitCodeFor, exitCodes } from '../../../bridge/cli/exit-codes.ts';
import { createProgram } from '../../../bridge/cli/program.ts';
import { engineErrorCodes } from '../../../engine/errors.ts';

const document = readFileSync(path.resolve(import.meta.dirname, '../../../docs/cli.md'), 'utf8');

/** The codes in the last column of an exit code's row. */
function documentedCodes(exitCode: number): string[] {
  const row = document.split('\n').find((line) => line.startsWith(`| ${exitCode} |`)) ?? '';
  return [...(row.split('|')[3] ?? '').matchAll(/`([\w-]+)`/g)].map((match) => match[1] as string);
}

test('docs/cli.md names every command and every option', () => {
  const missing: string[] = [];
  for (const command of createProgram().commands) {
    if (!document.includes(`\`inlay ${command.name()}`)) missing.push(command.name());
    for (const { options } of [command, ...command.commands]) {
      for (const { long } of options)
        if (!document.includes(`${long}`)) missing.push(`${command.name()} ${long}`);
    }
  }
  assert.deepEqual(missing, []);
});

test('every command explains itself in a line, and with an example', () => {
  const program = createProgram();
  for (const command of program.commands) {
    const name = command.name();
    assert.match(program.helpInformation(), new RegExp(`^ {2}${name} .*[a-z]`, 'm'));
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    assert.match(help, new RegExp(`^Usage: inlay ${name} [^]+\nExample:\n {2}\\$ .*inlay ${name}`));
  }
});

test('docs/cli.md has every exit code, with the error codes that lead to it', () => {
  for (const exitCode of Object.values(exitCodes)) {
    assert.ok(document.includes(`\n| ${exitCode} |`), String(exitCode));
    for (const code of documentedCodes(exitCode)) assert.equal(exitCodeFor(code), exitCode, code);
  }
  for (const code of engineErrorCodes) assert.ok(documentedCodes(exitCodeFor(code)).includes(code), code);
});
