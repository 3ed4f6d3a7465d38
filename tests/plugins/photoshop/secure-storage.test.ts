import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '../../../bridge/protocol/utf8.ts';
import type { SecureStorage } from '../../../plugins/photoshop/api/uxp.ts';
import { photoshopStorage } from '../../../plugins/photoshop/secure-storage.ts';
import { tokenKey } from '../../../plugins/shared/store/connection-store.ts';

function start(isBroken = false) {
  const kept = new Map<string, Uint8Array>();
  const plain = new Map<string, string>();
  const orFail = <Value>(value: Value): Promise<Value> =>
    isBroken ? Promise.reject(new Error('keychain')) : Promise.resolve(value);
  const secure: SecureStorage = {
    getItem: (key) => orFail(kept.get(key) ?? null),
    setItem: (key, value) =>
      orFail(void kept.set(key, typeof value === 'string' ? encodeUtf8(value) : value)),
    removeItem: (key) => orFail(void kept.delete(key)),
  };
  const storage = photoshopStorage(secure, {
    getItem: (key) => plain.get(key) ?? null,
    setItem: (key, value) => void plain.set(key, value),
    removeItem: (key) => void plain.delete(key),
  });
  return { storage, kept, plain };
}

test('the token is kept encrypted, and nothing else of what is long', async () => {
  const { storage, kept, plain } = start();
  await storage.set(tokenKey, 'sécret');
  await storage.set('history', '[]');
  assert.deepEqual([...kept.keys()], [tokenKey]);
  assert.deepEqual([...plain.keys()], ['history']);
  assert.equal(await storage.get(tokenKey), 'sécret');
  assert.equal(await storage.get('history'), '[]');
  await storage.remove(tokenKey);
  assert.equal(await storage.get(tokenKey), undefined);
});

test('without a keychain the token is kept all the same', async () => {
  const { storage, plain } = start(true);
  await storage.set(tokenKey, 'secret');
  assert.equal(await storage.get(tokenKey), 'secret');
  await storage.remove(tokenKey);
  assert.equal(plain.size, 0);
});

test('a keychain that gives back something else than text is as good as none', async () => {
  const { storage, kept } = start();
  kept.set(tokenKey, Uint8Array.of(0xff, 0xfe));
  assert.equal(await storage.get(tokenKey), undefined);
});
