import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { BridgeError } from '../../bridge/errors.ts';
import { claimHome, findRunningServer, openHome } from '../../bridge/home.ts';
import { startBridge, temporaryFolder } from './bridge-fixture.ts';

const homeFolders = ['models', 'spool', 'styles', 'wildcards'];

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid as number;
}

test('a home is made with all its folders, for its user alone', async (context) => {
  const folder = path.join(await temporaryFolder(context), 'a', 'home');
  const home = await openHome(folder);
  assert.deepEqual((await readdir(folder)).sort(), homeFolders);
  if (process.platform !== 'win32') assert.equal((await stat(home.folder)).mode & 0o777, 0o700);
});

test('a home that is a file is a clear error', async (context) => {
  const file = path.join(await temporaryFolder(context), 'home');
  await writeFile(file, '');
  await assert.rejects(
    openHome(file),
    (error) => error instanceof BridgeError && error.code === 'home-unusable',
  );
});

test('[S7] server.json names the running server and can be read by its user alone', async (context) => {
  const bridge = await startBridge(context);
  const server = JSON.parse(await readFile(bridge.home.serverFile, 'utf8'));
  assert.equal(server.pid, process.pid);
  assert.equal(server.port, bridge.server.port);
  assert.equal(server.instance, bridge.server.instance);
  if (process.platform !== 'win32') assert.equal((await stat(bridge.home.serverFile)).mode & 0o777, 0o600);
});

test('[S7] what a killed server left behind is taken over', async (context) => {
  const home = await openHome(await temporaryFolder(context));
  const listener = createServer((_request, response) => response.end(JSON.stringify({ instance: 'other' })));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  context.after(() => listener.close());
  const { port } = listener.address() as AddressInfo;
  const left = { pid: process.pid, port, instance: 'left', controlToken: 'x' };
  const leftovers: readonly [string, string][] = [
    ['of a process that is dead', JSON.stringify({ ...left, instance: 'other', pid: await deadPid() })],
    ['whose process id and port are used by others', JSON.stringify(left)],
    ['whose port nobody listens on', JSON.stringify({ ...left, port: 1 })],
    ['that was cut short', '{"pid":'],
  ];
  for (const [what, text] of leftovers) {
    await writeFile(home.serverFile, text);
    assert.equal(await findRunningServer(home), undefined, what);
    const release = await claimHome(home, { port, instance: 'mine', controlToken: 'y' });
    assert.match(await readFile(home.serverFile, 'utf8'), /"mine"/, what);
    await release();
    assert.deepEqual((await readdir(home.folder)).sort(), homeFolders, what);
  }
});

test('[S7] of many that find the same leftover one gets the home', async (context) => {
  const home = await openHome(await temporaryFolder(context));
  const instances = new Set<string>();
  const listener = createServer((_request, response) => {
    void readFile(home.serverFile, 'utf8').then(
      (text) => response.end(JSON.stringify({ instance: JSON.parse(text).instance })),
      () => response.end('{}'),
    );
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  context.after(() => listener.close());
  const { port } = listener.address() as AddressInfo;
  await writeFile(
    home.serverFile,
    JSON.stringify({ pid: await deadPid(), port, instance: 'dead', controlToken: 'x' }),
  );
  const claims = Array.from({ length: 8 }, async (_, index) => {
    await claimHome(home, { port, instance: `claim-${index}`, controlToken: 'y' });
    instances.add(`claim-${index}`);
  });
  const outcomes = await Promise.allSettled(claims);
  const failures = outcomes.filter(({ status }) => status === 'rejected');
  assert.equal(instances.size, 1);
  assert.equal(failures.length, 7);
  const [winner] = instances;
  assert.ok((await readFile(home.serverFile, 'utf8')).includes(`"${winner}"`));
});
