import assert from 'node:assert/strict';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { TokenStore } from '../../../bridge/auth/token-store.ts';
import { BridgeError } from '../../../bridge/errors.ts';
import { temporaryFolder } from '../bridge-fixture.ts';

test('a token is 256 random bits, known again after a restart, and nowhere in the file', async (context) => {
  const file = path.join(await temporaryFolder(context), 'tokens.json');
  const { client, token } = await (await TokenStore.open(file)).add('Photoshop');
  assert.equal(Buffer.from(token, 'base64url').length, 32);
  const again = await TokenStore.open(file);
  const known = await again.authenticate(token);
  assert.equal(known?.id, client.id);
  assert.notEqual(known?.lastUsedAt, client.createdAt);
  assert.equal(await again.authenticate(`${token}x`), undefined);
  assert.equal(await again.authenticate(''), undefined);
  const text = await readFile(file, 'utf8');
  assert.ok(!text.includes(token));
  assert.ok(!JSON.stringify(await again.list()).includes('Hash'));
});

test('[S11] the file is readable by its user alone, and replaced whole', async (context) => {
  const folder = await temporaryFolder(context);
  const file = path.join(folder, 'tokens.json');
  const store = await TokenStore.open(file);
  await store.add('one');
  const before = await stat(file);
  await store.add('two');
  const after = await stat(file);
  if (process.platform !== 'win32') {
    assert.equal(after.mode & 0o777, 0o600);
    assert.notEqual(after.ino, before.ino);
  }
  assert.deepEqual(await readdir(folder), ['tokens.json']);
});

test('what another process adds or revokes is noticed, and never undone', async (context) => {
  const file = path.join(await temporaryFolder(context), 'tokens.json');
  const server = await TokenStore.open(file);
  const commandLine = await TokenStore.open(file);
  const one = await server.add('one');
  const two = await commandLine.add('two');
  assert.equal((await server.authenticate(two.token))?.name, 'two');
  assert.equal(await commandLine.revoke(one.client.id), true);
  assert.equal(await commandLine.revoke(one.client.id), false);
  assert.equal(await server.authenticate(one.token), undefined);
  await server.add('three');
  assert.deepEqual(
    (await commandLine.list()).map(({ name }) => name),
    ['two', 'three'],
  );
});

test('changes at the same time, from many stores, are all kept', async (context) => {
  const file = path.join(await temporaryFolder(context), 'tokens.json');
  const stores = await Promise.all(Array.from({ length: 6 }, () => TokenStore.open(file)));
  await Promise.all(stores.flatMap((store, index) => [store.add(`a${index}`), store.add(`b${index}`)]));
  assert.equal((await (await TokenStore.open(file)).list()).length, 12);
});

test('a lock that a dead process left behind is broken', async (context) => {
  const file = path.join(await temporaryFolder(context), 'tokens.json');
  await writeFile(`${file}.lock`, '');
  const past = new Date(Date.now() - 60_000);
  await utimes(`${file}.lock`, past, past);
  await (await TokenStore.open(file)).add('one');
});

test('the last use is noted to the minute', async (context) => {
  const file = path.join(await temporaryFolder(context), 'tokens.json');
  let now = new Date('2026-01-01T00:00:00Z');
  const store = await TokenStore.open(file, { now: () => now });
  const { token } = await store.add('one');
  const lastUse = async () => {
    await store.authenticate(token);
    return (await store.list())[0]?.lastUsedAt;
  };
  assert.equal(await lastUse(), '2026-01-01T00:00:00.000Z');
  now = new Date('2026-01-01T00:00:59.999Z');
  assert.equal(await lastUse(), '2026-01-01T00:00:00.000Z');
  now = new Date('2026-01-01T00:01:00Z');
  assert.equal(await lastUse(), '2026-01-01T00:01:00.000Z');
});

for (const text of ['', '{', '[]', '{"version":2,"clients":[]}', '{"version":1,"clients":[{"id":"x"}]}']) {
  test(`a damaged file (${text || 'empty'}) is a clear error, and is left as it is`, async (context) => {
    const file = path.join(await temporaryFolder(context), 'tokens.json');
    const store = await TokenStore.open(file);
    await writeFile(file, text);
    const isDamaged = (error: unknown) =>
      error instanceof BridgeError && error.code === 'damaged-file' && error.message.includes(file);
    await assert.rejects(TokenStore.open(file), isDamaged);
    await assert.rejects(store.add('one'), isDamaged);
    await assert.rejects(store.list(), isDamaged);
    assert.equal(await readFile(file, 'utf8'), text);
  });
}
