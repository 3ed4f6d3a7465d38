/** The commands about Inlay itself, and what is said of a command line that is none. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { assertFailure, Inlay, readOutcome } from './inlay.ts';

const packageFile = path.resolve(import.meta.dirname, '../../package.json');

let inlay: Inlay;

before(async () => {
  inlay = await Inlay.build();
});
after(() => inlay.remove());

describe('models', { concurrency: 2 }, () => {
  interface Listed {
    readonly models: readonly {
      readonly name: string;
      readonly origin: string;
      readonly licence?: string;
      readonly scale?: number;
      readonly problem?: string;
    }[];
  }

  test('lists what is shipped and what is in the folders given, with what is wrong', async () => {
    await mkdir(inlay.file('more'));
    await writeFile(inlay.file('more/broken.safetensors'), 'not weights');
    const { models } = readOutcome<Listed>(await inlay.run(['models', '--models', 'more', '--json']));
    const shipped = models.find(({ name }) => name === 'realesr-animevideov3');
    assert.deepEqual([shipped?.origin, shipped?.licence, shipped?.scale], ['built-in', 'BSD-3-Clause', 4]);
    const broken = models.find(({ name }) => name === 'broken');
    assert.equal(broken?.origin, 'user');
    assert.match(broken?.problem ?? '', /broken\.safetensors/);
    const { stdout } = await inlay.run(['models', '--models', 'more']);
    assert.match(stdout, /^NAME +KIND +ARCHITECTURE +SCALE +SIZE +LICENCE +ORIGIN +PROBLEM\n/);
    assert.match(stdout, /^patchmatch +fill +PatchMatch +Apache-2\.0 +built-in$/m);
    assert.match(
      stdout,
      /^realesr-animevideov3 +upscaler +SRVGGNetCompact +4× +1\.2 MiB +BSD-3-Clause +built-in$/m,
    );
    assert.match(stdout, /^broken .*broken\.safetensors/m);
  });

  test('a file in the home hides a shipped one of its name', async () => {
    const env = { INLAY_HOME: inlay.file('own-home') };
    await mkdir(path.join(env.INLAY_HOME, 'models'), { recursive: true });
    const shipped = path.resolve(packageFile, '../models/realesr-animevideov3.safetensors');
    await writeFile(
      path.join(env.INLAY_HOME, 'models/realesrgan-x4plus.safetensors'),
      await readFile(shipped),
    );
    const { models } = readOutcome<Listed>(await inlay.run(['models', '--json'], { env }));
    assert.deepEqual(
      models.filter(({ name }) => name === 'realesrgan-x4plus').map(({ origin }) => origin),
      ['user'],
    );
  });
});

describe('tokens', () => {
  interface Clients {
    readonly clients: readonly {
      readonly id: string;
      readonly name: string;
      readonly lastUsedAt: string | null;
    }[];
  }

  test('are shown once, alone on stdout, kept as hashes, listed, and taken back by name or id', async () => {
    const env = { INLAY_HOME: inlay.file('token-home') };
    const run = (...args: string[]) => inlay.run(['tokens', ...args], { env });
    assert.match((await run('list')).stdout, /Nobody has a token yet/);
    const { code, stdout, stderr } = await run('add', 'a script');
    assert.equal(code, 0);
    assert.match(stdout, /^[\w-]{43}\n$/);
    assert.match(stderr, /not shown again/);
    const stored = await readFile(path.join(env.INLAY_HOME, 'tokens.json'), 'utf8');
    assert.equal(stored.includes(stdout.trim()), false);
    const second = readOutcome<{ id: string; name: string; token: string }>(
      await run('add', 'second', '--json'),
    );
    assert.notEqual(second.token, stdout.trim());
    const { clients } = readOutcome<Clients>(await run('list', '--json'));
    assert.deepEqual(
      clients.map(({ name, lastUsedAt }) => [name, lastUsedAt]),
      [
        ['a script', null],
        ['second', null],
      ],
    );
    assert.match((await run('list')).stdout, /^NAME +ID +SINCE +LAST USED\na script +\S+ .* never$/m);
    assert.equal((await run('revoke', 'a script')).code, 0);
    assert.deepEqual(readOutcome(await run('revoke', second.id, '--json')), {
      revoked: [{ id: second.id, name: 'second' }],
    });
    assertFailure(await run('revoke', 'second', '--json'), {
      exitCode: 2,
      code: 'invalid-option',
      message: /nobody has one.*"second"/,
    });
    for (const name of ['', 'x'.repeat(129)]) {
      assertFailure(await run('add', name, '--json'), {
        exitCode: 2,
        code: 'invalid-option',
        message: new RegExp(`1 to 128 characters, received ${name.length}`),
      });
    }
    await writeFile(path.join(env.INLAY_HOME, 'tokens.json'), '{ damaged');
    assertFailure(await run('list', '--json'), {
      exitCode: 6,
      code: 'damaged-file',
      message: /tokens\.json/,
    });
  });
});

describe('doctor', { concurrency: 2 }, () => {
  interface Report {
    readonly usable: boolean;
    readonly findings: readonly {
      readonly subject: string;
      readonly state: string;
      readonly message: string;
      readonly hint?: string;
    }[];
  }

  test('looks at everything, says what to do about a broken model, and calls it usable all the same', async () => {
    const env = { INLAY_HOME: inlay.file('doctor-home') };
    await mkdir(path.join(env.INLAY_HOME, 'models'), { recursive: true });
    await writeFile(path.join(env.INLAY_HOME, 'models/broken.safetensors'), 'not weights');
    const { usable, findings } = readOutcome<Report>(await inlay.run(['doctor', '--json'], { env }));
    assert.equal(usable, true);
    assert.deepEqual(
      [...new Set(findings.map(({ subject }) => subject))],
      ['node', 'memory', 'home', 'device', 'models', 'plugins', 'server'],
    );
    const devices = findings.filter(({ subject }) => subject === 'device').map(({ message }) => message);
    for (const device of ['cpu', 'webgpu', 'directml', 'coreml', 'cuda']) {
      assert.ok(
        devices.some((message) => message.startsWith(device)),
        `${device} in ${devices.join('; ')}`,
      );
    }
    const broken = findings.find(({ message }) => message.startsWith('broken: '));
    assert.equal(broken?.state, 'warning');
    assert.match(broken?.hint ?? '', /Get the file again/);
  });

  test('finds that a home cannot be used, and ends with the exit code that other commands would', async () => {
    await writeFile(inlay.file('file'), '');
    const { code, stdout } = await inlay.run(['doctor', '--home', 'file']);
    assert.equal(code, 2);
    assert.match(stdout, /^PROBLEM {2}home +Cannot use the home folder .*file.*\n +Check that the folder/m);
    assert.match(stdout, /Inlay cannot be used like this\.\n$/);
  });
});

describe('pair', () => {
  test('without a running server says how to start one', async () => {
    const outcome = await inlay.run(['pair', '--json'], { env: { INLAY_HOME: inlay.file('pair-home') } });
    assertFailure(outcome, { exitCode: 6, code: 'unreachable', message: /found none/ });
  });
});

describe('the command line itself', { concurrency: 2 }, () => {
  test('--version prints the version of the package', async () => {
    const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
    assert.deepEqual(await inlay.run(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('without anything it prints its help, as for a mistake', async () => {
    const { code, stdout, stderr } = await inlay.run([]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^Usage: inlay /);
  });

  for (const [args, message, hint] of [
    [['fil'], /Unknown command 'fil'/, /Did you mean fill\?/],
    [['tokens', 'ad', 'x'], /Unknown command 'ad'/, /Did you mean add\?/],
    [['models', '--jsno', '--json'], /Unknown option '--jsno'/, /Did you mean --json\?/],
    [['models', '--browser', '1', '--json'], /Unknown option '--browser'/, /See `inlay models --help`\./],
    [['pair', 'now', '--json'], /Too many arguments for 'pair'/, /See `inlay pair --help`\./],
  ] as const) {
    test(`${args.join(' ')} is a mistake with a suggestion`, async () => {
      const { code, stderr } = await inlay.run(args);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.match(stderr, hint);
    });
  }
});
