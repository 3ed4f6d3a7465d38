import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { EngineError } from '../../../engine/errors.ts';
import { openCheckpoint } from '../../../engine/weights/open-checkpoint.ts';
import type { Checkpoint } from '../../../engine/weights/safetensors.ts';
import { maxPickleBytes } from '../../../engine/weights/torch-file.ts';
import type { WeightsFile } from '../../../engine/weights/weights-file.ts';
import {
  maxDirectoryBytes,
  maxEntryNameBytes,
  maxZipEntries,
  readZipDirectory,
} from '../../../engine/weights/zip-directory.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { dict, pickle, tensor, text } from './pickle-writer.ts';
import { type EntryToZip, type ZipOptions, zip, zip64Extra } from './zip-writer.ts';

const pickled = pickle(dict(text('weight'), tensor()));
const data: EntryToZip = { name: 'archive/data.pkl', data: pickled };
const floats: EntryToZip = { name: 'archive/data/0', data: new Uint8Array(16).fill(7) };

async function opened(
  context: TestContext,
  entries: readonly EntryToZip[],
  options?: ZipOptions,
): Promise<Checkpoint> {
  const file = path.join(await temporaryFolder(context), 'some.ckpt');
  await writeFile(file, zip(entries, options));
  return openCheckpoint(file);
}

function refused(message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.equal(error.code, 'invalid-weights');
    assert.match(error.message, message);
    assert.match(error.message, /some\.ckpt/);
    return true;
  };
}

const sound: readonly (readonly [string, readonly EntryToZip[], ZipOptions])[] = [
  ['as small as can be', [data, floats], {}],
  ['with the record of large archives', [data, floats], { zip64: {} }],
  ['with a comment', [data, floats], { comment: 'made by hand' }],
  ['with its byte order', [data, { name: 'archive/byteorder', data: Buffer.from('little') }, floats], {}],
  ['with sizes behind the data', [data, { ...floats, flags: 0x808, localBytes: 0 }], {}],
  [
    'with sizes in the extra field',
    [
      data,
      {
        ...floats,
        byteLength: 0xffffffff,
        storedBytes: 0xffffffff,
        localBytes: 0xffffffff,
        extra: zip64Extra(16, 16),
      },
    ],
    {},
  ],
  [
    'with more entries than it needs',
    [{ name: 'archive/version', data: Buffer.from('3\n') }, data, floats],
    {},
  ],
];
for (const [name, entries, options] of sound) {
  test(`an archive ${name} is read`, async (context) => {
    const { tensors, file } = await opened(context, entries, options);
    const { byteOffset, byteLength } = tensors.get('weight')!;
    const bytes = zip(entries, options).subarray(byteOffset, byteOffset + byteLength);
    assert.deepEqual([...bytes], [...floats.data], file);
  });
}

describe('an archive that lies is refused:', () => {
  const at = (entry: EntryToZip, lies: Partial<EntryToZip>): EntryToZip => ({ ...entry, ...lies });
  const bomb = new Uint8Array(1 << 20);
  const cases: readonly (readonly [string, RegExp, readonly EntryToZip[], ZipOptions?])[] = [
    // Names.
    ...[
      '../data.pkl',
      '/archive/data.pkl',
      'archive/../../data.pkl',
      'archive\\data.pkl',
      'C:/data.pkl',
      'archive//data.pkl',
      './data.pkl',
      'archive/data.pkl\0.txt',
      'archive/',
      '',
    ].map((name): readonly [string, RegExp, readonly EntryToZip[]] => [
      `an entry named ${JSON.stringify(name)}`,
      /plain names in the zip directory/,
      [data, floats, { name, data: pickled }],
    ]),
    ['a name twice', /each name once.*"archive\/data\/0" twice/, [data, floats, floats]],
    ['no data.pkl', /one data\.pkl, in .*|one data\.pkl/, [floats]],
    ['data.pkl at the top', /one data\.pkl/, [at(data, { name: 'data.pkl' }), floats]],
    ['two of data.pkl', /one data\.pkl.* received 2/, [data, floats, at(data, { name: 'other/data.pkl' })]],
    ['data.pkl in capitals', /one data\.pkl/, [at(data, { name: 'archive/DATA.PKL' }), floats]],
    // Contents.
    [
      'a compressed entry',
      /stored as they are.*"archive\/data\/0", which is compressed \(deflate\)/,
      [data, at(floats, { method: 8 })],
    ],
    [
      'a bomb',
      /stored as they are/,
      [data, at(floats, { data: deflateRawSync(bomb), method: 8, byteLength: bomb.byteLength })],
    ],
    ['an encrypted entry', /not encrypted.*"archive\/data\/0"/, [data, at(floats, { flags: 0x801 })]],
    ['strong encryption', /not encrypted/, [data, at(floats, { flags: 0x841 })]],
    ['a directory that is encrypted', /not encrypted/, [data, at(floats, { flags: 0x2800 })]],
    [
      'a compressed entry that the directory calls stored',
      /as its directory describes it/,
      [data, at(floats, { localMethod: 8 })],
    ],
    [
      'another name in the header',
      /as its directory describes it/,
      [data, at(floats, { localName: 'archive/data/1' })],
    ],
    [
      'a longer name in the header',
      /as its directory describes it/,
      [data, at(floats, { localName: 'archive/data/0x' })],
    ],
    ['another size in the header', /as its directory describes it/, [data, at(floats, { localBytes: 8 })]],
    [
      'no size in the header and none behind the data',
      /as its directory describes it/,
      [data, at(floats, { localBytes: 0 })],
    ],
    ['two sizes', /16 bytes of "archive\/data\/0".* received 8/, [data, at(floats, { storedBytes: 8 })]],
    [
      'a storage that is too small',
      /a storage `0` of 16 bytes.* received 12/,
      [data, at(floats, { data: new Uint8Array(12) })],
    ],
    ['a storage that is missing', /a storage `0` of 16 bytes.* received none/, [data]],
    [
      'big-endian numbers',
      /little-endian.*"big"/,
      [data, floats, { name: 'archive/byteorder', data: Buffer.from('big') }],
    ],
    // Places.
    [
      'an entry that overlaps the next',
      /overlaps what follows/,
      [at(data, { byteLength: 1000, storedBytes: 1000, localBytes: 1000 }), floats],
    ],
    ['entries at one place', /overlaps what follows/, [data, at(floats, { headerOffset: 0 })]],
    [
      'an entry in the directory',
      /overlaps what follows/,
      [data, at(floats, { byteLength: 64, storedBytes: 64, localBytes: 64 })],
    ],
    ['an entry past the end', /overlaps what follows/, [data, at(floats, { headerOffset: 1_000_000 })]],
    [
      'an entry that is none',
      /as its directory describes it/,
      [data, at(floats, { headerOffset: 30 + data.name.length + pickled.byteLength + 1 })],
      { gap: 1 },
    ],

    ['an entry on another disk', /in one file/, [data, at(floats, { disk: 1 })]],
    ['an archive on two disks', /in one file/, [data, floats], { disk: 1 }],
    // The directory.
    [
      'a directory that is elsewhere',
      /a zip directory that ends at byte/,
      [data, floats],
      { directoryOffset: 0 },
    ],
    [
      'a directory behind the end',
      /a zip directory that ends at byte/,
      [data, floats],
      { directoryOffset: 1_000_000 },
    ],
    [
      'a directory that is shorter',
      /a zip directory that ends at byte/,
      [data, floats],
      { directoryBytes: 10 },
    ],
    [
      'bytes between the directory and its end',
      /a zip directory that ends at byte/,
      [data, floats],
      { gapBeforeEnd: 4 },
    ],
    [
      'fewer entries than there are',
      /a zip directory of \d+ bytes.* received 1 entries in/,
      [data, floats],
      { entries: 1 },
    ],
    [
      'more entries than there are',
      /an entry at byte \d+ of the zip directory/,
      [data, floats],
      { entries: 3 },
    ],
    // The record of large archives.
    ['two counts of entries', /a zip directory that ends/, [data, floats], { zip64: { entries: 3 } }],
    [
      'two places of the directory',
      /a zip directory that ends/,
      [data, floats],
      { zip64: { directoryOffset: 0 } },
    ],
    [
      'two lengths of the directory',
      /a zip directory that ends/,
      [data, floats],
      { zip64: { directoryBytes: 1 } },
    ],
    [
      'a record that is elsewhere',
      /record right before its locator/,
      [data, floats],
      { zip64: { recordOffset: 0 } },
    ],
    [
      'a record beyond all numbers',
      /numbers up to 9007199254740991/,
      [data, floats],
      { zip64: { recordOffset: 2 ** 63 } },
    ],
    [
      'a record of another length',
      /a zip64 record of one file/,
      [data, floats],
      { zip64: { recordBytes: 1000 } },
    ],
    ['a record of two disks', /record right before its locator/, [data, floats], { zip64: { disks: 2 } }],
    ['a size that is nowhere', /a zip64 size for each/, [data, at(floats, { byteLength: 0xffffffff })]],
    [
      'a size beyond all numbers',
      /numbers up to 9007199254740991/,
      [data, at(floats, { byteLength: 0xffffffff, extra: zip64Extra(2n ** 63n) })],
    ],
    [
      'an extra field that is cut off',
      /a zip64 size for each/,
      [data, at(floats, { byteLength: 0xffffffff, extra: zip64Extra(16).subarray(0, 8) })],
    ],
    [
      'a place beyond the file',
      /overlaps what follows/,
      [data, at(floats, { headerOffset: 0xffffffff, extra: zip64Extra(2 ** 40) })],
    ],
  ];
  for (const [name, message, entries, options] of cases) {
    test(name, async (context) => {
      await assert.rejects(opened(context, entries, options), refused(message));
    });
  }

  test('a comment that is longer or shorter than it says', async (context) => {
    const file = path.join(await temporaryFolder(context), 'some.ckpt');
    const bytes = zip([data, floats]);
    await writeFile(file, Buffer.concat([bytes, Buffer.from('more')]));
    await assert.rejects(openCheckpoint(file), refused(/directory at the end of the zip archive/));
  });
});

describe('limits of an archive', () => {
  test('bytes of a name', async (context) => {
    const named = (bytes: number): EntryToZip => ({
      name: `archive/${'x'.repeat(bytes - 8)}`,
      data: pickled,
    });
    assert.ok(await opened(context, [data, floats, named(maxEntryNameBytes)]));
    await assert.rejects(
      opened(context, [data, floats, named(maxEntryNameBytes + 1)]),
      refused(/names of at most 512 bytes/),
    );
  });

  test('entries', async (context) => {
    // The count comes first: no such directory has to be there.
    const options = (entries: number): ZipOptions => ({ entries, zip64: { entries } });
    await assert.rejects(
      opened(context, [data, floats], options(maxZipEntries)),
      refused(/an entry at byte/),
    );
    await assert.rejects(
      opened(context, [data, floats], options(maxZipEntries + 1)),
      refused(/at most 200000 entries/),
    );
  });

  /** A file of zeros that ends as an archive does; nobody has to write so much. */
  function endsAsArchive(directoryBytes: number): WeightsFile {
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt32LE(directoryBytes, 12);
    return {
      path: 'some.ckpt',
      byteLength: directoryBytes + 22,
      read: async (byteOffset, byteLength) => {
        const bytes = new Uint8Array(byteLength);
        const start = directoryBytes - byteOffset;
        if (byteLength >= start + 22) bytes.set(end, start);
        return bytes;
      },
    };
  }

  test('bytes of the directory', async () => {
    await assert.rejects(readZipDirectory(endsAsArchive(maxDirectoryBytes)), refused(/0 entries in 0/));
    await assert.rejects(
      readZipDirectory(endsAsArchive(maxDirectoryBytes + 1)),
      refused(/a zip directory of at most 33554432 bytes/),
    );
  });

  test('bytes of the pickle', async (context) => {
    const large = (byteLength: number): EntryToZip => ({ ...data, data: new Uint8Array(byteLength) });
    await assert.rejects(
      opened(context, [large(maxPickleBytes), floats]),
      refused(/another protocol than 2/),
    );
    await assert.rejects(
      opened(context, [large(maxPickleBytes + 1), floats]),
      refused(/a pickle of at most 33554432 bytes/),
    );
  });
});
