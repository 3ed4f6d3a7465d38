import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { downloadByName, readDownloads } from '../../../bridge/downloads/catalogue.ts';
import { downloadFile } from '../../../bridge/downloads/download-file.ts';
import { downloadModel, recordName } from '../../../bridge/downloads/download-model.ts';
import { depthModel, preprocessors } from '../../../engine/control/preprocessor-list.ts';
import { shippedFolder } from '../../engine/checkpoints.ts';
import { type Cleanup, temporaryFolder } from '../../temporary-folder.ts';

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251));
const sha256 = createHash('sha256').update(bytes).digest('hex');
const atLeisure = { signal: new AbortController().signal, onProgress: () => {} };

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on this machine; its address. */
async function serve(context: Cleanup, answer: Answer): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Publishes the bytes as the large-file stores do: the hash in the first answer, the bytes behind a redirect. */
const published: Answer = ({ url, headers }, response) => {
  if (url === '/model.onnx') {
    response
      .writeHead(302, { location: '/store', 'x-linked-etag': `"${sha256}"`, 'x-repo-commit': 'abc123' })
      .end();
    return;
  }
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  const rest = bytes.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': rest.length }).end(rest);
};

test('a file comes through redirects, is held to the hash of its publisher, and tells how far it is', async (context) => {
  const origin = await serve(context, published);
  const file = path.join(await temporaryFolder(context), 'deep', 'model.onnx');
  const seen: number[] = [];
  const onProgress = (done: number, total: number | undefined) => {
    assert.equal(total, bytes.length);
    seen.push(done);
  };
  const got = await downloadFile({ url: `${origin}/model.onnx`, file }, { ...atLeisure, onProgress });
  assert.deepEqual(got, { sha256, byteLength: bytes.length, checkedBy: 'publisher', commit: 'abc123' });
  assert.ok((await readFile(file)).equals(bytes));
  assert.equal(seen[0], 0);
  assert.equal(seen.at(-1), bytes.length);
  assert.deepEqual(await readdir(path.dirname(file)), ['model.onnx']);
});

test("another file than the catalogue's hash or the publisher's is not kept", async (context) => {
  const origin = await serve(context, (request, response) => {
    if (request.url === '/changed') response.setHeader('x-linked-etag', `"${'0'.repeat(64)}"`);
    response.end(bytes);
  });
  const folder = await temporaryFolder(context);
  const file = path.join(folder, 'a');
  for (const wanted of [
    { url: `${origin}/changed`, file },
    { url: `${origin}/plain`, file, sha256: '1'.repeat(64) },
  ]) {
    await assert.rejects(downloadFile(wanted, atLeisure), { code: 'invalid-weights', message: /SHA-256/ });
    assert.deepEqual(await readdir(folder), []);
  }
  assert.equal(
    (await downloadFile({ url: `${origin}/plain`, file, sha256 }, atLeisure)).checkedBy,
    'catalogue',
  );
  const unchecked = await downloadFile({ url: `${origin}/plain`, file: `${file}2` }, atLeisure);
  assert.equal(unchecked.checkedBy, 'nobody');
});

test('a lost connection is told, and the next attempt goes on from there, or begins anew where the server cannot', async (context) => {
  let losesConnection = true;
  const ranges: (string | undefined)[] = [];
  let ignoresRange = false;
  const origin = await serve(context, (request, response) => {
    ranges.push(request.headers.range);
    if (losesConnection) {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 100_000), () => response.destroy());
    } else if (ignoresRange) response.end(bytes);
    else published(request, response);
  });
  const folder = await temporaryFolder(context);
  for (const [name, ignores] of [
    ['a', false],
    ['b', true],
  ] as const) {
    const wanted = { url: `${origin}/store`, file: path.join(folder, name), sha256 };
    losesConnection = true;
    await assert.rejects(downloadFile(wanted, atLeisure), { code: 'download-failed' });
    assert.ok(!existsSync(wanted.file));
    losesConnection = false;
    ignoresRange = ignores;
    await downloadFile(wanted, atLeisure);
    assert.ok((await readFile(wanted.file)).equals(bytes));
  }
  assert.match(ranges.at(-1)!, /^bytes=\d+-$/);
});

test('an attempt that has left more than there is begins anew', async (context) => {
  const origin = await serve(context, (request, response) => {
    if (request.headers.range !== undefined) response.writeHead(416).end();
    else response.end(bytes);
  });
  const file = path.join(await temporaryFolder(context), 'a');
  await writeFile(`${file}.part`, Buffer.alloc(bytes.length + 1));
  await downloadFile({ url: origin, file, sha256 }, atLeisure);
  assert.ok((await readFile(file)).equals(bytes));
});

test('what is not there, nobody who answers, and a way round in circles are told apart', async (context) => {
  const origin = await serve(context, ({ url }, response) => {
    if (url === '/circle') response.writeHead(302, { location: '/circle' }).end();
    else response.writeHead(404).end();
  });
  const file = path.join(await temporaryFolder(context), 'a');
  for (const [url, message] of [
    [`${origin}/none`, /the server answered 404/],
    [`${origin}/circle`, /leads on more than 5 times/],
    ['http://127.0.0.1:9', /Could not download/],
  ] as const) {
    await assert.rejects(downloadFile({ url, file }, atLeisure), { code: 'download-failed', message });
  }
});

test('a cancelled download ends at once, and what has come is gone on from', async (context) => {
  const origin = await serve(context, (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 1000));
  });
  const file = path.join(await temporaryFolder(context), 'a');
  const controller = new AbortController();
  const { signal } = controller;
  const onProgress = (done: number) => done > 0 && controller.abort();
  await assert.rejects(downloadFile({ url: origin, file }, { signal, onProgress }), { name: 'AbortError' });
  assert.ok(!existsSync(file) && existsSync(`${file}.part`));
});

test('a disk that has not the room, or fills up meanwhile, is told; what has come is gone on from when there is room', {
  skip: process.platform === 'win32',
}, async (context) => {
  const origin = await serve(context, (request, response) => {
    if (request.url === '/endless') response.writeHead(200, { 'content-length': 2 ** 50 }).flushHeaders();
    else published(request, response);
  });
  const folder = await temporaryFolder(context);
  const file = path.join(folder, 'a');
  await assert.rejects(downloadFile({ url: `${origin}/endless`, file }, atLeisure), {
    code: 'disk-full',
    message: /Expected room for 1125899\.91 GB/,
  });
  assert.deepEqual(await readdir(folder), []);
  const wanted = { url: `${origin}/store`, file, sha256 };
  const code = await downloadWithin(100, wanted);
  assert.equal(code, 'disk-full');
  // As much as there was room for, and the file itself not at all.
  assert.deepEqual(await readdir(folder), ['a.part']);
  assert.ok((await readFile(`${file}.part`)).equals(bytes.subarray(0, 100 * 512)));
  await downloadFile(wanted, atLeisure);
  assert.ok((await readFile(file)).equals(bytes));
  assert.deepEqual(await readdir(folder), ['a']);
});

/** Downloads in a process whose files may have so many blocks of 512 bytes; the code that it fails with. */
async function downloadWithin(blocks: number, wanted: Parameters<typeof downloadFile>[0]): Promise<string> {
  const module = pathToFileURL(path.resolve('bridge/downloads/download-file.ts')).href;
  const program = `
    const { downloadFile } = await import(${JSON.stringify(module)});
    const pace = { signal: new AbortController().signal, onProgress: () => {} };
    await downloadFile(${JSON.stringify(wanted)}, pace).catch(({ code }) => console.log(code));`;
  const limited = ['-c', `ulimit -f ${blocks} && exec "$@"`, 'sh', process.execPath];
  const node = ['--import', 'tsx', '--input-type', 'module', '--eval', program];
  const { stdout } = await promisify(execFile)('/bin/sh', [...limited, ...node]);
  return stdout.trim();
}

test('a model is got file by file, with a record of where each came from; what is there stays', async (context) => {
  let requests = 0;
  const origin = await serve(context, (request, response) => {
    requests++;
    published(request, response);
  });
  const modelsFolder = await temporaryFolder(context);
  const model = {
    name: 'tiny',
    description: 'Sees nothing.',
    licence: 'Apache-2.0',
    source: origin,
    folder: 'preprocessors/tiny',
    megabytes: 1,
    files: [
      { path: 'config.json', url: `${origin}/config.json` },
      { path: 'onnx/model.onnx', url: `${origin}/model.onnx` },
    ],
  };
  const { folder, files } = await downloadModel(model, { ...atLeisure, modelsFolder });
  assert.equal(folder, path.join(modelsFolder, 'preprocessors', 'tiny'));
  assert.deepEqual(
    files.map((file) => [file.path, file.checkedBy]),
    [
      ['config.json', 'nobody'],
      ['onnx/model.onnx', 'publisher'],
    ],
  );
  const record = JSON.parse(await readFile(path.join(folder, recordName), 'utf8'));
  assert.deepEqual([record.licence, record.files[1].sha256], ['Apache-2.0', sha256]);
  const before = requests;
  assert.deepEqual((await downloadModel(model, { ...atLeisure, modelsFolder })).files, []);
  assert.equal(requests, before);
});

test('the catalogue has what the preprocessors need, of one commit each and over encrypted addresses, and names what there is for a name it has not', async () => {
  const models = await readDownloads(shippedFolder);
  const wanted = preprocessors
    .flatMap(({ needs, uses }) => [needs, uses])
    .filter((name) => name !== undefined);
  assert.deepEqual(new Set(models.map(({ name }) => name)), new Set(wanted));
  for (const name of wanted) assert.equal(downloadByName(models, name).licence, 'Apache-2.0');
  // What is published under a branch's name may become another file; a commit's stays.
  for (const { files } of models)
    for (const { url } of files) assert.match(url, /^https:.*\/resolve\/[0-9a-f]{40}\//);
  assert.throws(() => downloadByName(models, 'none'), {
    code: 'model-not-found',
    message: new RegExp(depthModel),
  });
});
