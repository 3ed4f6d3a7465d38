/** TIFF 6.0: an image file directory is a count, 12-byte entries in the order of their tags, and the next one's offset. */
const ENTRY_BYTES = 12;
const COUNT_BYTES = 2;
const NEXT_OFFSET_BYTES = 4;
const FIRST_DIRECTORY_FIELD = 4;

const ICC_PROFILE_TAG = 34675;
const UNDEFINED_TYPE = 7;

/**
 * An encoded TIFF (little-endian, one picture) with the profile added: its directory is written again at the end with
 * one entry more. All other offsets in the file stay what they are.
 */
export function insertTiffIcc(tiff: Uint8Array, icc: Uint8Array): Uint8Array {
  const file = Buffer.from(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const directory = file.readUInt32LE(FIRST_DIRECTORY_FIELD);
  const count = file.readUInt16LE(directory);
  const entries = Array.from({ length: count }, (_, i) => {
    const start = directory + COUNT_BYTES + i * ENTRY_BYTES;
    return file.subarray(start, start + ENTRY_BYTES);
  });

  const iccOffset = evenEnd(file.length);
  const entry = Buffer.alloc(ENTRY_BYTES);
  entry.writeUInt16LE(ICC_PROFILE_TAG, 0);
  entry.writeUInt16LE(UNDEFINED_TYPE, 2);
  entry.writeUInt32LE(icc.length, 4);
  entry.writeUInt32LE(iccOffset, 8);
  entries.push(entry);
  entries.sort((a, b) => a.readUInt16LE(0) - b.readUInt16LE(0));

  const newDirectory = evenEnd(iccOffset + icc.length);
  const result = Buffer.alloc(newDirectory + COUNT_BYTES + entries.length * ENTRY_BYTES + NEXT_OFFSET_BYTES);
  file.copy(result);
  result.set(icc, iccOffset);
  result.writeUInt16LE(entries.length, newDirectory);
  result.set(Buffer.concat(entries), newDirectory + COUNT_BYTES);
  result.writeUInt32LE(newDirectory, FIRST_DIRECTORY_FIELD);
  return result;
}

/** Directories and values begin at even offsets. */
function evenEnd(offset: number): number {
  return offset + (offset % 2);
}
