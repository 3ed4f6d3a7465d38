import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../bridge/config.ts';
import { defaultPorts } from '../../bridge/protocol/ports.ts';
import { EngineError } from '../../engine/errors.ts';

test('without flags and variables there are defaults', () => {
  const config = readConfig({}, {});
  assert.deepEqual(config.ports, defaultPorts);
  assert.equal(config.device, 'auto');
  assert.equal(config.threads, 0);
  assert.deepEqual(config.modelFolders, []);
  assert.ok(path.isAbsolute(config.homeFolder));
});

test('a flag goes before its variable', () => {
  const environment = { INLAY_PORT: '5000', INLAY_DEVICE: 'cuda', INLAY_HOME: 'from-variable' };
  assert.deepEqual(readConfig({}, environment).ports, [5000]);
  assert.equal(readConfig({}, environment).device, 'cuda');
  const config = readConfig({ port: '6000', device: 'cpu', home: 'from-flag' }, environment);
  assert.deepEqual(config.ports, [6000]);
  assert.equal(config.device, 'cpu');
  assert.equal(config.homeFolder, path.resolve('from-flag'));
});

for (const [flags, name] of [
  [{ port: '0' }, '--port'],
  [{ port: '65536' }, '--port'],
  [{ port: '41730x' }, '--port'],
  [{ device: 'tpu' }, '--device'],
  [{ threads: '-1' }, '--threads'],
  [{ logLevel: 'loud' }, '--log-level'],
] as const) {
  test(`${JSON.stringify(flags)} is refused by name`, () => {
    assert.throws(
      () => readConfig(flags, {}),
      (error) =>
        error instanceof EngineError && error.code === 'invalid-option' && error.message.includes(name),
    );
  });
}
