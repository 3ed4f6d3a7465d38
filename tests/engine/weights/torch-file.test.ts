/** Files of PyTorch itself (tests/golden/torch-files/dump.py), in both formats, against the same tensors as safetensors. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { EngineError } from '../../../engine/errors.ts';
import { emitUpscaler } from '../../../engine/graphs/upscaler.ts';
import { openCheckpoint } from '../../../engine/weights/open-checkpoint.ts';
import { type Checkpoint, openSafetensors, readTensor } from '../../../engine/weights/safetensors.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { goldenFile } from '../checkpoints.ts';
import { runStages } from '../graphs/run-stages.ts';
import { readFloats } from '../graphs/tensors-close.ts';

const golden = (name: string) => path.join(import.meta.dirname, '../../golden/torch-files', name);

async function contents(checkpoint: Checkpoint) {
  const entries = [...checkpoint.tensors].map(async ([key, { dtype, shape }]) => {
    const bytes = await readTensor(checkpoint, key);
    return [key, { dtype, shape, bytes: Buffer.from(bytes).toString('hex') }] as const;
  });
  return new Map(await Promise.all(entries));
}

describe('what torch.save wrote', () => {
  for (const name of ['checkpoint.ckpt', 'checkpoint-legacy.pth']) {
    test(`the tensors of ${name} are read where they lie, byte for byte`, async () => {
      const checkpoint = await openCheckpoint(golden(name));
      const expected = await contents(await openSafetensors(golden('checkpoint.safetensors')));
      assert.deepEqual(await contents(checkpoint), expected);
      assert.equal(checkpoint.tensors.size, 14);
      assert.equal(path.basename(checkpoint.file), name);
    });
  }

  test('text and numbers beside the tensors are metadata', async () => {
    const { metadata } = await openCheckpoint(golden('checkpoint.ckpt'));
    assert.deepEqual(
      [...metadata],
      [
        ['epoch', '3'],
        ['global_step', '12345'],
        ['pytorch-lightning_version', '1.4.2'],
      ],
    );
    const embedding = await openCheckpoint(golden('embedding-a1111.pt'));
    assert.equal(embedding.metadata.get('name'), 'some-style');
  });

  test('tensors that share a storage are read from the same bytes', async () => {
    const { tensors } = await openCheckpoint(golden('checkpoint.ckpt'));
    const whole = tensors.get('shared.whole')!;
    assert.equal(tensors.get('shared.row')!.byteOffset, whole.byteOffset + 16);
    assert.equal(tensors.get('shared.column of one')!.byteOffset, whole.byteOffset);
  });

  test('eight-bit floats keep their type', async () => {
    const { tensors } = await openCheckpoint(golden('float8.pt'));
    const { dtype, shape, byteLength } = tensors.get('weight')!;
    assert.deepEqual([dtype, shape, byteLength], ['F8_E4M3', [2, 2], 4]);
  });

  test('tensors in another order than row-major are refused with their name and strides', async () => {
    await assert.rejects(openCheckpoint(golden('channels-last.pt')), (error) => {
      assert.ok(error instanceof EngineError);
      assert.equal(error.code, 'invalid-weights');
      assert.match(error.message, /`weight` \[2, 3, 4, 5\] in row-major.*strides \[60, 1, 15, 3\]/);
      assert.match(error.hint, /contiguous/);
      return true;
    });
  });

  for (const name of ['srvgg-x2-fp16.pth', 'srvgg-x2-fp16-legacy.pth']) {
    test(`the runtime takes the weights of ${name} straight from it`, async () => {
      const checkpoint = await openCheckpoint(golden(name));
      const input = await openSafetensors(
        goldenFile('srvgg-x2-fp16').replace('.safetensors', '.golden.safetensors'),
      );
      const image = await readFloats(input, 'image');
      const same = await openSafetensors(goldenFile('srvgg-x2-fp16'));
      const [ours, theirs] = await Promise.all(
        [checkpoint, same].map((one) => runStages(emitUpscaler(one), { image }, { weightsFile: one.file })),
      );
      assert.deepEqual(ours!.upscaled, theirs!.upscaled);
    });
  }
});

describe('what is no whole weights file', () => {
  async function opened(context: TestContext, bytes: Uint8Array): Promise<unknown> {
    const file = path.join(await temporaryFolder(context), 'some.ckpt');
    await writeFile(file, bytes);
    return openCheckpoint(file);
  }

  const refusedAs = (message: RegExp, hint: RegExp) => (error: unknown) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.equal(error.code, 'invalid-weights');
    assert.match(error.message, message);
    assert.match(error.message, /some\.ckpt/);
    assert.match(error.hint, hint);
    return true;
  };

  test('an archive cut off at any place is refused, and said to be cut off', async (context) => {
    const whole = await readFile(golden('checkpoint.ckpt'));
    for (const length of [4, 100, whole.length >> 1, whole.length - 23, whole.length - 1]) {
      await assert.rejects(
        opened(context, whole.subarray(0, length)),
        refusedAs(/directory at the end of the zip archive/, /download was not finished/),
      );
    }
  });

  test('a file of the old format cut off anywhere after its pickles is said to be cut off', async (context) => {
    const whole = await readFile(golden('checkpoint-legacy.pth'));
    for (const length of [whole.length - 1, whole.length - 60]) {
      await assert.rejects(
        opened(context, whole.subarray(0, length)),
        refusedAs(/./, /download was not finished/),
      );
    }
    await assert.rejects(opened(context, whole.subarray(0, 300)), refusedAs(/end of a pickle/, /./));
    await assert.rejects(
      opened(context, Buffer.concat([whole, Buffer.of(0)])),
      refusedAs(/a file of \d+ bytes/, /./),
    );
  });

  const mistaken: readonly (readonly [RegExp, RegExp, string | Uint8Array])[] = [
    [/a web page/, /login/, '\n<!DOCTYPE html><html>'],
    [/a web page/, /login/, '<html lang="en">'],
    [/Git LFS pointer/, /git lfs pull/, 'version https://git-lfs.github.com/spec/v1\noid sha256:00'],
    [/GGUF/, /safetensors/, 'GGUF\x03\0\0\0'],
    [/compressed archive/, /Unpack/, Uint8Array.of(0x1f, 0x8b, 8, 0)],
    [/empty archive/, /Download/, Buffer.concat([Buffer.from('PK\x05\x06'), new Uint8Array(18)])],
    [/zeros/, /wait for the download/, new Uint8Array(4096)],
    [/torch\.save has not written/, /can run code/, Uint8Array.of(0x80, 4, 0x4e, 0x2e)],
    [/at least 8 bytes/, /download was not finished/, ''],
  ];
  for (const [message, hint, bytes] of mistaken) {
    test(`${message.source} is named`, async (context) => {
      await assert.rejects(opened(context, Buffer.from(bytes)), refusedAs(message, hint));
    });
  }

  test('a safetensors header as long as some other magic number is read all the same', async (context) => {
    const file = path.join(await temporaryFolder(context), 'some.safetensors');
    // 0x0280 little-endian begins as a pickle does.
    const json = '{}'.padEnd(0x0280);
    const bytes = Buffer.alloc(8 + json.length);
    bytes.writeBigUInt64LE(BigInt(json.length));
    bytes.write(json, 8);
    await writeFile(file, bytes);
    assert.equal((await openCheckpoint(file)).tensors.size, 0);
  });
});
