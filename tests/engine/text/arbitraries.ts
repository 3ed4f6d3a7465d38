import fc from 'fast-check';

/** What prompts are made of and what goes wrong with them, in any order. */
const fragments = [
  ...[
    '(',
    ')',
    '[',
    ']',
    ':',
    '|',
    '\\',
    ',',
    ' ',
    '\n',
    '0.5',
    '1.2',
    '-3',
    '.5',
    '1e3',
    '10',
    ':1.2)',
    ':0.4]',
  ],
  ...[
    'BREAK',
    ' BREAK ',
    'AND',
    'embedding:',
    'a',
    'cat',
    'a photo of',
    '<|endoftext|>',
    '&amp;',
    '&#x27;',
    '<',
  ],
  ...[
    'é',
    'Ã©',
    'â€™',
    '“',
    '猫',
    '😀',
    '\u200d',
    '\u0301',
    '\ud83d',
    '\ude00',
    '\u0000',
    '\u0085',
    '\ufffd',
    '\u001b[1m',
  ],
];

/** Any string: of such pieces, of any characters, of any code units. */
export const anyPrompt: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...fragments), { maxLength: 60 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 })
    .map((units) => String.fromCharCode(...units)),
);
