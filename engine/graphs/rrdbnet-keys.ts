/** The three sets of key names that RRDBNet weights are published in. `conv` counts from 0, `rdb` and `up` from 1. */
export interface RRDBNetKeys {
  readonly naming: string;
  /** Any key of a dense block's convolution, its block as the first group. */
  readonly blockPattern: RegExp;
  readonly convFirst: string;
  blockConv(block: number, rdb: number, conv: number): string;
  convBody(blocks: number): string;
  convUp(up: number): string;
  convHr(upsamplings: number): string;
  convLast(upsamplings: number): string;
}

/** BasicSR and Real-ESRGAN: basicsr/archs/rrdbnet_arch.py */
const realEsrganKeys: RRDBNetKeys = {
  naming: 'Real-ESRGAN',
  blockPattern: /^body\.(\d+)\.rdb[1-3]\.conv[1-5]\.(?:weight|bias)$/,
  convFirst: 'conv_first',
  blockConv: (block, rdb, conv) => `body.${block}.rdb${rdb}.conv${conv}`,
  convBody: () => 'conv_body',
  convUp: (up) => `conv_up${up}`,
  convHr: () => 'conv_hr',
  convLast: () => 'conv_last',
};

/** ESRGAN's first release, also BSRGAN and Real-SR: RRDBNet_arch.py of xinntao/ESRGAN */
const esrganTrunkKeys: RRDBNetKeys = {
  naming: 'ESRGAN trunk',
  blockPattern: /^RRDB_trunk\.(\d+)\.RDB[1-3]\.conv[1-5]\.(?:weight|bias)$/,
  convFirst: 'conv_first',
  blockConv: (block, rdb, conv) => `RRDB_trunk.${block}.RDB${rdb}.conv${conv}`,
  convBody: () => 'trunk_conv',
  convUp: (up) => `upconv${up}`,
  convHr: () => 'HRconv',
  convLast: () => 'conv_last',
};

/**
 * The numbered names of most community models: positions in one sequence of convolution 0, the blocks with their
 * convolution 1, for each upsampling a resize, a convolution and an activation, then the last two convolutions.
 */
const esrganSequenceKeys: RRDBNetKeys = {
  naming: 'ESRGAN sequence',
  blockPattern: /^model\.1\.sub\.(\d+)\.RDB[1-3]\.conv[1-5]\.0\.(?:weight|bias)$/,
  convFirst: 'model.0',
  blockConv: (block, rdb, conv) => `model.1.sub.${block}.RDB${rdb}.conv${conv}.0`,
  convBody: (blocks) => `model.1.sub.${blocks}`,
  convUp: (up) => `model.${3 * up}`,
  convHr: (upsamplings) => `model.${3 * upsamplings + 2}`,
  convLast: (upsamplings) => `model.${3 * upsamplings + 4}`,
};

const namings = [realEsrganKeys, esrganTrunkKeys, esrganSequenceKeys] as const;

/** The naming that a file's keys (any wrapper removed) are in, with every block number that occurs. */
export function findRRDBNetKeys(
  keys: readonly string[],
): { readonly names: RRDBNetKeys; readonly blockNumbers: ReadonlySet<number> } | undefined {
  for (const names of namings) {
    const matches = keys.map((key) => names.blockPattern.exec(key)).filter((match) => match !== null);
    if (matches.length > 0)
      return { names, blockNumbers: new Set(matches.map(([, block]) => Number(block))) };
  }
  return undefined;
}

/** How many upsamplings a file's keys speak of. */
export function countUpsamplings(names: RRDBNetKeys, keys: ReadonlySet<string>): number {
  if (names === esrganSequenceKeys) {
    // The sequence's last position is 3 * upsamplings + 4; which of its numbers are convolutions follows from it alone.
    let last = 0;
    for (const key of keys)
      last = Math.max(last, Number(/^model\.(\d{1,3})\.(?:weight|bias)$/.exec(key)?.[1] ?? 0));
    return Math.max(0, Math.round((last - 4) / 3));
  }
  let upsamplings = 0;
  while (keys.has(`${names.convUp(upsamplings + 1)}.weight`)) upsamplings++;
  return upsamplings;
}
