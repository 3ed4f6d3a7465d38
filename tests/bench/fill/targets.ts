/** What has to be reached to count as ahead of the field, and what to lead it clearly. */
export interface Target {
  readonly measure: string;
  readonly ahead: number;
  readonly lead: number;
  /** `more`: the larger the better; `close`: how far from 1 at most. Otherwise the smaller the better. */
  readonly better?: 'more' | 'close';
}

export type TargetName = keyof typeof targets;

export const targets = {
  'time-512': { measure: 'time, 512 px, 2 threads, of the bar', ahead: 0.7, lead: 0.4 },
  'time-1024': { measure: 'time, 1024 px, 2 threads, of the bar', ahead: 0.6, lead: 0.35 },
  'time-2000': { measure: 'time, 2000 px, 2 threads, of the bar', ahead: 0.5, lead: 0.25 },
  'time-1-thread': { measure: 'time, 1 thread, the slowest size, of the bar', ahead: 1, lead: 0.6 },
  'time-gmic': { measure: "time, 1024 px, of G'MIC matchpatch", ahead: 0.35, lead: 0.2 },
  'time-resynthesizer': { measure: 'time, 1024 px, of Resynthesizer', ahead: 0.25, lead: 0.12 },
  'time-cython': { measure: 'time, 1024 px, of patchmatch-cython', ahead: 0.3, lead: 0.2 },
  'time-strokes': { measure: 'strokes and text: time, 2 threads, of the bar', ahead: 0.5, lead: 0.2 },
  preview: { measure: "first preview, of the bar's time", ahead: 0.25, lead: 0.1 },
  memory: { measure: 'peak memory beyond the pictures, of the bar', ahead: 0.6, lead: 0.35 },
  object: { measure: 'defects, object-sized hole, of the bar', ahead: 0.9, lead: 0.75 },
  rectangle: { measure: 'defects, large rectangle, of the bar', ahead: 0.85, lead: 0.7 },
  'rectangle-peers': {
    measure: "same, of the better of Resynthesizer and G'MIC matchpatch",
    ahead: 1,
    lead: 1,
  },
  'outpaint-one': { measure: 'defects, outpaint one side, of the bar', ahead: 0.9, lead: 0.75 },
  'outpaint-all': { measure: 'defects, outpaint all sides, of the bar', ahead: 0.9, lead: 0.8 },
  strokes: { measure: 'defects, strokes and text, of the bar', ahead: 0.95, lead: 0.85 },
  'strokes-psnr': {
    measure: 'same, PSNR above the best diffusion, dB',
    ahead: -0.3,
    lead: -0.3,
    better: 'more',
  },
  removal: { measure: 'defects, object removal without a truth, of the bar', ahead: 0.9, lead: 0.75 },
  worse: { measure: 'share of pictures with a worse score than the bar', ahead: 0.3, lead: 0.15 },
  energy: { measure: "texture energy in the hole, of the truth's", ahead: 0.1, lead: 0.05, better: 'close' },
  changed: { measure: 'pixels changed where the mask is 0', ahead: 0, lead: 0 },
  'other-bytes': { measure: 'fills that differ between 1 and 2 threads or two runs', ahead: 0, lead: 0 },
} as const satisfies Readonly<Record<string, Target>>;

export function verdictOf(value: number, { ahead, lead, better }: Target): string {
  if (Number.isNaN(value)) return 'not measured';
  const isWithin = (limit: number) =>
    better === 'more' ? value >= limit : better === 'close' ? Math.abs(value - 1) <= limit : value <= limit;
  return isWithin(lead) ? 'leads clearly' : isWithin(ahead) ? 'ahead' : 'behind';
}

export function printTable(values: Readonly<Record<TargetName, number>>): void {
  const limit = (bound: number, better?: Target['better']) =>
    better === 'close'
      ? `${(1 - bound).toFixed(2)}-${(1 + bound).toFixed(2)}`
      : `${better === 'more' ? '>=' : '<='} ${bound}`;
  console.log('| measure | measured | ahead | leads clearly | verdict |\n|---|---|---|---|---|');
  for (const [name, target] of Object.entries(targets) as [TargetName, Target][]) {
    const value = values[name];
    const { measure, ahead, lead, better } = target;
    const shown = Number.isNaN(value) ? '' : Number.isInteger(value) ? `${value}` : value.toFixed(2);
    console.log(
      `| ${measure} | ${shown} | ${limit(ahead, better)} | ${limit(lead, better)} | ${verdictOf(value, target)} |`,
    );
  }
}
