/** Who takes part, and how each is started and asked. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Picture } from '../../../engine/image/picture.ts';
import { PeerProcess } from '../peer-process.ts';
import type { FillCase } from './cases.ts';

const here = path.dirname(fileURLToPath(import.meta.url));

export const engineNames = [
  'inlay-1',
  'inlay-2',
  'pypatchmatch',
  'gmic-matchpatch',
  'gmic-patch',
  'resynthesizer',
  'patchmatch-cython',
  'opencv-shift-map',
  'opencv-fsr',
  'opencv-telea',
  'opencv-ns',
  'biharmonic',
] as const;
export type EngineName = (typeof engineNames)[number];

/** What the others have to beat. */
export const BAR: EngineName = 'pypatchmatch';

export interface EngineOptions {
  readonly python: string;
  /** Resynthesizer as a shared library; without it that peer is left out. */
  readonly resynthesizer: string;
  /** For files on their way from and to the engines. */
  readonly folder: string;
}

export interface FillSample {
  readonly seconds: number;
  readonly memoryBytes: number;
  /** NaN where there is none. */
  readonly previewSeconds: number;
  readonly result: Picture;
}

function commandOf(name: EngineName, { python, resynthesizer }: EngineOptions): [string, ...string[]] {
  const peer = (script: string, ...args: string[]): [string, ...string[]] => [
    python,
    path.join(here, 'peers', script),
    ...args,
  ];
  const inlay = (threads: number): [string, ...string[]] => [
    process.execPath,
    '--import',
    'tsx',
    '--expose-gc',
    path.join(here, 'inlay.ts'),
    `${threads}`,
  ];
  switch (name) {
    case 'inlay-1':
      return inlay(1);
    case 'inlay-2':
      return inlay(2);
    case 'pypatchmatch':
      return peer('py_patch_match.py');
    case 'gmic-matchpatch':
      return peer('gmic.py', 'matchpatch');
    case 'gmic-patch':
      return peer('gmic.py', 'patch');
    case 'resynthesizer':
      return peer('resynthesizer.py', resynthesizer);
    case 'patchmatch-cython':
      return peer('pyramid_cython.py');
    case 'opencv-shift-map':
      return peer('opencv.py', 'shift-map');
    case 'opencv-fsr':
      return peer('opencv.py', 'fsr');
    case 'opencv-telea':
      return peer('opencv.py', 'telea');
    case 'opencv-ns':
      return peer('opencv.py', 'ns');
    case 'biharmonic':
      return peer('biharmonic.py');
  }
}

/** One engine's process, kept warm over all cases. */
export class FillEngine {
  readonly name: EngineName;
  readonly #process: PeerProcess;
  readonly #folder: string;

  private constructor(name: EngineName, process: PeerProcess, folder: string) {
    this.name = name;
    this.#process = process;
    this.#folder = folder;
  }

  /** Those that can be had; why not is said of the others. */
  static async startAll(names: readonly EngineName[], options: EngineOptions): Promise<FillEngine[]> {
    const engines: FillEngine[] = [];
    for (const name of names) {
      const [command, ...args] = commandOf(name, options);
      const started = await PeerProcess.start(command, args);
      if (typeof started === 'string') console.log(`${name} left out: ${started}`);
      else engines.push(new FillEngine(name, started, options.folder));
    }
    return engines;
  }

  /** @returns Why it could not, where it could not. */
  async fill({ kind, picture, mask, margins }: FillCase): Promise<FillSample | string> {
    const file = (name: string) => path.join(this.#folder, name);
    const [pictureFile, maskFile, resultFile] = [
      file('picture.rgb8'),
      file('mask.gray8'),
      file('result.rgb8'),
    ];
    await writeFile(pictureFile, picture.data);
    await writeFile(maskFile, mask.data);
    const ours = this.name.startsWith('inlay') ? [kind, JSON.stringify(margins)] : [];
    const [seconds = '', memory, preview] = await this.#process.ask(
      picture.width,
      picture.height,
      pictureFile,
      maskFile,
      resultFile,
      ...ours,
    );
    if (Number.isNaN(Number(seconds))) return seconds;
    return {
      seconds: Number(seconds),
      memoryBytes: Number(memory),
      previewSeconds: Number(preview ?? Number.NaN),
      result: { ...picture, data: new Uint8Array(await readFile(resultFile)) },
    };
  }

  end(): void {
    this.#process.end();
  }
}
