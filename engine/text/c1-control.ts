/** What Windows-1252 has where Latin-1 has the control characters U+0080 to U+009F; unassigned bytes stay as they are. */
const windows1252Block =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

/** A character as Windows-1252 has it at the place that the character has in Latin-1. */
export function fromC1Control(character: string): string {
  return windows1252Block[character.charCodeAt(0) - 0x80]!;
}
