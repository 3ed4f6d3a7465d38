/** A JPEG segment's length field counts itself and is 16 bits. */
const MAX_SEGMENT_LENGTH = 65535;
const LENGTH_BYTES = 2;
const APP2 = 0xe2;
/** Identifier, then the part's number and the number of parts, one byte each (ICC.1, annex B.4). */
const IDENTIFIER = Buffer.from('ICC_PROFILE\0', 'latin1');
const MAX_PART_BYTES = MAX_SEGMENT_LENGTH - LENGTH_BYTES - IDENTIFIER.length - 2;
/** The number of parts is one byte. */
const MAX_PARTS = 255;

/**
 * An encoded JPEG with the profile put in as APP2 segments, behind the JFIF header where there is one. A profile too
 * large for the format (16.7 MB) is left out.
 */
export function insertJpegIcc(jpeg: Uint8Array, icc: Uint8Array): Uint8Array {
  const partCount = Math.ceil(icc.length / MAX_PART_BYTES);
  if (partCount > MAX_PARTS) return jpeg;
  const segments = Array.from({ length: partCount }, (_, i) => {
    const part = icc.subarray(i * MAX_PART_BYTES, (i + 1) * MAX_PART_BYTES);
    const head = Buffer.from([0xff, APP2, 0, 0, ...IDENTIFIER, i + 1, partCount]);
    head.writeUInt16BE(head.length - 2 + part.length, 2);
    return Buffer.concat([head, part]);
  });
  const at = endOfJfifHeader(jpeg);
  return Buffer.concat([jpeg.subarray(0, at), ...segments, jpeg.subarray(at)]);
}

function endOfJfifHeader(jpeg: Uint8Array): number {
  const startOfImageBytes = 2;
  const hasApp0 = jpeg[2] === 0xff && jpeg[3] === 0xe0;
  return hasApp0 ? startOfImageBytes + 2 + ((jpeg[4]! << 8) | jpeg[5]!) : startOfImageBytes;
}
