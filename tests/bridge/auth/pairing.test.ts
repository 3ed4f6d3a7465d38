import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxPairingTries, Pairing, pairingLifetimeMs } from '../../../bridge/auth/pairing.ts';
import { pairingCodePattern, pairingKeyBytes, pairingKeyLength } from '../../../bridge/protocol/limits.ts';

test('[P1] the code has six digits, leading zeros included, and works once', () => {
  const pairing = new Pairing({ random: () => 42 });
  const { code } = pairing.open();
  assert.equal(code, '000042');
  assert.equal(pairing.try('000042'), 'paired');
  assert.equal(pairing.try('000042'), 'not-open');
});

test('[P1] codes come from the whole range', () => {
  const pairing = new Pairing();
  const codes = new Set(Array.from({ length: 200 }, () => pairing.open().code));
  assert.ok(codes.size > 190);
  assert.ok([...codes].every((code) => /^\d{6}$/.test(code)));
});

test('[P3] the last try may be right; after as many wrong ones pairing is closed', () => {
  const pairing = new Pairing({ random: () => 7 });
  pairing.open();
  for (let tries = 1; tries < maxPairingTries; tries++) assert.equal(pairing.try('999999'), 'wrong-code');
  assert.equal(pairing.try('000007'), 'paired');
  pairing.open();
  for (let tries = 1; tries < maxPairingTries; tries++) assert.equal(pairing.try('7'), 'wrong-code');
  assert.equal(pairing.try(''), 'no-tries-left');
  assert.equal(pairing.try('000007'), 'not-open');
});

test('[P4] a code lives until its two minutes are over', () => {
  let now = 0;
  const pairing = new Pairing({ now: () => now, random: () => 7 });
  pairing.open();
  now = pairingLifetimeMs - 1;
  assert.equal(pairing.try('999999'), 'wrong-code');
  assert.equal(pairing.try('000007'), 'paired');
  pairing.open();
  now += pairingLifetimeMs;
  assert.equal(pairing.try('000007'), 'not-open');
});

test('[P5] a new code replaces the one before; closed, nothing can be paired', () => {
  let next = 1;
  const pairing = new Pairing({ random: () => next++ });
  assert.equal(pairing.try('000000'), 'not-open');
  const first = pairing.open();
  pairing.open();
  assert.equal(pairing.try(first.code), 'wrong-code');
  assert.equal(pairing.try('000002'), 'paired');
  const third = pairing.open();
  pairing.close();
  assert.equal(pairing.try(third.code), 'not-open');
});

test('[P8] the key is 256 random bits, another one in each server, and pairs as often as it is wanted', () => {
  const pairing = new Pairing();
  const { key } = pairing;
  assert.ok(key !== undefined);
  assert.match(key, pairingCodePattern);
  assert.equal(Buffer.from(key, 'base64url').length, pairingKeyBytes);
  assert.notEqual(new Pairing().key, key);
  for (let times = 0; times < 10; times++) assert.equal(pairing.try(key), 'paired');
});

test('[P8] any other key is wrong, however near, and no number of them closes anything', () => {
  const pairing = new Pairing({ random: () => 7 });
  const key = pairing.key!;
  const { code } = pairing.open();
  const turned = key.replace(/[a-z]/gi, (letter) =>
    letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
  );
  const last = key.endsWith('A') ? 'E' : 'A';
  const wrong = [new Pairing().key!, turned, key.slice(0, -1) + last, '0'.repeat(pairingKeyLength)];
  for (const tried of [...wrong, ...wrong]) assert.equal(pairing.try(tried), 'wrong-key', tried);
  assert.equal(pairing.try('é'.repeat(pairingKeyLength)), 'wrong-key');
  assert.equal(pairing.try(key), 'paired');
  assert.ok(pairing.isOpen);
  assert.equal(pairing.try(code), 'paired');
  assert.equal(pairing.isOpen, false);
});

test('[P8] the key needs no open pairing and opens none', () => {
  const pairing = new Pairing({ random: () => 7 });
  assert.equal(pairing.try(pairing.key!), 'paired');
  assert.equal(pairing.isOpen, false);
  assert.equal(pairing.try('000007'), 'not-open');
});

test('[P8] wrong codes do not close the key, and the end of the server does', () => {
  const pairing = new Pairing({ random: () => 7 });
  const key = pairing.key!;
  pairing.open();
  for (let tries = 0; tries <= maxPairingTries; tries++) pairing.try('999999');
  assert.equal(pairing.try(key), 'paired');
  pairing.close();
  assert.equal(pairing.key, undefined);
  assert.equal(pairing.try(key), 'wrong-key');
});
