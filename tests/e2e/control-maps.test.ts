/** Control maps by the built command line, and over real sockets: the bytes that OpenCV gives. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { preprocessors } from '../../engine/control/preprocessor-list.ts';
import { imageOf, openCvCases } from '../engine/control/goldens.ts';
import { assertFailure, Inlay, readOutcome, type WrittenPictures } from './inlay.ts';
import { failsWith, startRealServer } from './real-server.ts';
import { load } from './sample-pictures.ts';

const { picture, canny } = openCvCases[0]!;
const { map, ...options } = canny.find(({ lowThreshold }) => lowThreshold === 10.5)!;

const { pairedClient } = await startRealServer({ after });

describe('inlay control', { concurrency: 2 }, () => {
  let inlay: Inlay;
  before(async () => {
    inlay = await Inlay.build();
    await writeFile(inlay.file('picture.png'), Buffer.from(picture, 'base64'));
  });
  after(() => inlay.remove());

  test('canny writes the map that OpenCV makes of the picture, and says what it wrote', async () => {
    const thresholds = ['--low-threshold', '10.5', '--high-threshold', '60.7'];
    const outcome = await inlay.run([
      'control',
      'canny',
      'picture.png',
      ...thresholds,
      '-o',
      'a.png',
      '--json',
    ]);
    const { operation, files } = readOutcome<WrittenPictures & { operation: string }>(outcome);
    const expected = await imageOf(map);
    assert.equal(operation, 'control-map');
    assert.deepEqual([files[0]?.width, files[0]?.height], [expected.width, expected.height]);
    assert.ok((await load(inlay.file('a.png'))).data.equals(expected.data));
  });

  test('its help lists every kind', async () => {
    const { code, stdout } = await inlay.run(['control', '--help']);
    assert.equal(code, 0);
    for (const { name } of preprocessors) assert.match(stdout, new RegExp(`^ {2}${name} .*<image>`, 'm'));
  });

  test('what is no kind, and a number beyond its limit, are refused with what would do', async () => {
    const run = (...args: string[]) =>
      inlay.run(['control', ...args, 'picture.png', '-o', 'no.png', '--json']);
    const refused = { exitCode: 2, code: 'invalid-option' };
    assertFailure(await run('emboss'), { ...refused, message: /unknown command 'emboss'/i });
    assertFailure(await run('canny', '--low-threshold', '1001'), {
      ...refused,
      message: /a number from 0 to 1000/,
    });
    assertFailure(await run('canny', '--low-threshold', '300'), {
      ...refused,
      message: /`lowThreshold` to be at most `highThreshold`/,
    });
  });
});

test('[J30] a client of the server gets the same map, in the format of its picture, and what is refused at once', async (context) => {
  const client = await pairedClient(context);
  const { width, height, data } = await imageOf(picture);
  const source = { role: 'source', format: 'rgb8', width, height, bytes: data } as const;
  const { controls } = await client.capabilities();
  const offered = controls.preprocessors.find(({ name }) => name === 'canny')!;
  assert.deepEqual(
    offered.options.map(({ name }) => name),
    Object.keys(options),
  );
  const request = { operation: 'control-map', preprocessor: { name: 'canny', options } } as const;
  const [result, ...more] = await client.run(request, [source]);
  assert.deepEqual(more, []);
  assert.equal(result!.format, 'rgb8');
  assert.ok(Buffer.from(result!.bytes).equals((await imageOf(map)).data));
  const again = await client.run(result!.request, [source]);
  assert.deepEqual(again[0]!.bytes, result!.bytes);
  const wrong = { name: 'canny', options: { radius: 1 } } as const;
  await assert.rejects(
    client.run({ ...request, preprocessor: wrong }, [source]),
    failsWith('invalid-option', /"radius"/),
  );
  const { outputWidth } = await client.estimate(request, [{ role: 'source', format: 'rgb8', width, height }]);
  assert.equal(outputWidth, width);
});
