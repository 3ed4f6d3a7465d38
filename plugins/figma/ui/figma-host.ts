/** Figma as the panel knows an editor: asks main for what the document has, and turns files into what the server takes. */
import { computed, type ReadonlySignal, signal } from '@preact/signals-core';
import { ControlPictures } from '../../shared/browser/control-pictures.ts';
import type { JobPicture } from '../../shared/client/client-job.ts';
import type {
  Capture,
  EditorHost,
  Insertion,
  InsertionOutcome,
  MapInsertion,
  Order,
  PanelOperation,
  Place,
  Recipe,
  Target,
  TaskOutline,
} from '../../shared/panel/editor-host.ts';
import { entryTitle } from '../../shared/panel/history-store.ts';
import { takesControls } from '../../shared/panel/operations.ts';
import { recipeOf } from '../../shared/panel/recipe.ts';
import { type ControlSource, frameSource } from '../../shared/store/controls.ts';
import type { SelectionReport, Subjects } from '../protocol/messages.ts';
import type { FigmaPlace, PlacedImage } from '../protocol/place.ts';
import { exportSize } from '../protocol/scale.ts';
import { captureTasks } from './capture-tasks.ts';
import {
  expandOutline,
  expandRequest,
  fillOutline,
  generateOutline,
  generateRequest,
  imageOutline,
  mockupRequests,
  requireImageSize,
  upscaleNote,
  upscaleRequest,
  varyRequest,
} from './figma-request.ts';
import { layersToFollow } from './followed-layers.ts';
import type { MainChannel } from './main-channel.ts';
import { encodeFrameMask } from './pixels.ts';

export class FigmaHost implements EditorHost {
  readonly editor = 'figma';
  /** Figma takes PNG and JPEG files. */
  readonly mapOutput = { format: 'png' } as const;
  readonly #pictures = new ControlPictures();
  readonly #selected = signal<Target>({ offers: {} });
  readonly target: ReadonlySignal<Target> = computed(() =>
    withPictures(this.#selected.value, this.#pictures.sources.value),
  );
  #main: MainChannel | undefined;
  #subjects: Subjects = {};

  /** The line to main, which is there before its other end is asked anything. */
  connect(main: MainChannel): void {
    this.#main = main;
  }

  /** What is selected has changed. */
  show({ target, subjects }: SelectionReport): void {
    this.#subjects = subjects;
    this.#selected.value = subjects.generate === 'any-size' ? withSize(target) : target;
  }

  outline(order: Order): readonly TaskOutline[] | undefined {
    const place = order.place as FigmaPlace | undefined;
    return place === undefined ? this.#outlineSelected(order) : outlineAgain(order, place);
  }

  async capture(order: Order): Promise<Capture> {
    const { operation, margins } = order;
    const place = order.place as FigmaPlace | undefined;
    const side = this.#newSide(order, place);
    const layers = layersToFollow(order.request);
    const captured = await this.#ask('capture', {
      operation,
      ...(side !== undefined && { side }),
      ...(layers.length > 0 && { layers }),
      ...(margins !== undefined && { margins }),
      ...(place !== undefined && { place }),
    });
    const takeImage = (imageId: number) => this.#ask('take-image', { imageId });
    const drawableOf = (imageId: string) => this.#pictures.drawable(imageId);
    const tasks = await captureTasks(captured, { order, takeImage, drawableOf });
    return { place: captured.place as unknown as Place, tasks };
  }

  async insert(insertion: Insertion): Promise<InsertionOutcome> {
    const { order, results } = insertion;
    const place = insertion.place as unknown as FigmaPlace;
    const all = results.flat();
    for (const picture of all) requireImageSize(picture);
    const pictures: (readonly PlacedImage[])[] = [];
    for (const task of results)
      pictures.push(await this.#added(task.filter(({ role }) => role === 'picture')));
    const mask = await this.#maskOf(place, all);
    const note = await this.#ask('insert', {
      place,
      name: entryTitle(order),
      recipe: figmaRecipe(insertion),
      results: pictures,
      ...(mask !== undefined && { mask }),
    });
    const image = place.kind === 'paint' ? place.imageSize : undefined;
    const limited = order.operation === 'upscale' ? upscaleNote(order, image) : undefined;
    const notes = [limited, note].filter((text) => text !== undefined);
    return notes.length === 0 ? {} : { note: notes.join(' ') };
  }

  choosePicture(): Promise<ControlSource | undefined> {
    return this.#pictures.choose();
  }

  async insertMap({ place, picture, name }: MapInsertion): Promise<void> {
    requireImageSize(picture);
    const image = await this.#addedImage(picture.bytes, picture);
    await this.#ask('insert-map', { place: place as unknown as FigmaPlace, name, image });
  }

  async reveal(place: Place): Promise<void> {
    await this.#ask('reveal', { place: place as unknown as FigmaPlace });
  }

  openInBrowser(url: string): void {
    void this.#ask('open-in-browser', { url });
  }

  /** How large a new picture will be drawn: a frame or layer that it follows is exported at that size. */
  #newSide(order: Order, place: FigmaPlace | undefined): number | undefined {
    const { operation } = order;
    if (operation !== 'sketch' && operation !== 'generate') return undefined;
    const size = place?.kind === 'sketch' ? place.size : this.#subjects[operation];
    if (size === undefined) return undefined;
    const { width, height } = generateRequest(order, size);
    return Math.max(width, height);
  }

  #outlineSelected(order: Order): readonly TaskOutline[] | undefined {
    const { fill, expand, image, generate, sketch, mockup } = this.#subjects;
    switch (order.operation) {
      case 'fill':
      case 'remove':
        return fill && fillOutline(order, fill);
      case 'expand':
        return expand && order.margins && expandOutline(order, expand);
      case 'vary':
        return image && imageOutline(varyRequest(order), image);
      case 'upscale':
        return image && imageOutline(upscaleRequest(order, image), image);
      case 'generate':
        return generate && generateOutline(order, generate);
      case 'sketch':
        return sketch && generateOutline(order, sketch);
      case 'mockup':
        return mockup && mockupOutlines(order, mockup.placeholders);
    }
  }

  /** One image a message. */
  async #added(pictures: readonly JobPicture[]): Promise<readonly PlacedImage[]> {
    const added: PlacedImage[] = [];
    for (const picture of pictures) added.push(await this.#addedImage(picture.bytes, picture));
    return added;
  }

  async #addedImage(
    bytes: Uint8Array,
    { left, top, width, height }: Pick<JobPicture, 'left' | 'top' | 'width' | 'height'>,
  ): Promise<PlacedImage> {
    const imageHash = await this.#ask('add-image', { bytes });
    return { imageHash, bounds: { left, top, width, height } };
  }

  /** Of a fill the server's, of an expansion all but what was there before. */
  async #maskOf(place: FigmaPlace, pictures: readonly JobPicture[]): Promise<PlacedImage | undefined> {
    if (place.kind === 'fill') {
      const mask = pictures.find(({ role }) => role === 'mask');
      return mask && (await this.#addedImage(mask.bytes, mask));
    }
    const [first] = pictures;
    if (place.kind !== 'expand' || place.resultId !== undefined || first === undefined) return undefined;
    const { left, top, right, bottom } = place.margins;
    const hole = { left, top, width: first.width - left - right, height: first.height - top - bottom };
    return await this.#addedImage(await encodeFrameMask(first, hole), first);
  }

  get #ask(): MainChannel['ask'] {
    const main = this.#main;
    if (main === undefined) throw new Error('Expected the line to main to be there first.');
    return main.ask.bind(main);
  }
}

/** A frame's sketch follows the frame; layers and files are for whatever is drawn. */
function withPictures({ offers, ...target }: Target, pictures: readonly ControlSource[]): Target {
  const entries = Object.entries(offers).map(([operation, { controlSources: layers = [], ...offer }]) => {
    const own = operation === 'sketch' ? [frameSource] : [];
    const controlSources = takesControls(operation as PanelOperation) ? [...own, ...pictures, ...layers] : [];
    return [operation, controlSources.length === 0 ? offer : { ...offer, controlSources }];
  });
  return { ...target, offers: Object.fromEntries(entries) as Target['offers'] };
}

/** A picture on the bare canvas is as large as is wanted. */
function withSize({ offers, ...target }: Target): Target {
  return { ...target, offers: { ...offers, generate: { ...offers.generate, takesSize: true } } };
}

/** What was captured before is captured again: its sizes are known. */
function outlineAgain(order: Order, place: FigmaPlace): readonly TaskOutline[] | undefined {
  switch (place.kind) {
    case 'fill': {
      const { pictureSize, scale, maskBounds } = place;
      return fillOutline(order, { picture: exportSize(pictureSize, scale), maskBounds });
    }
    case 'expand':
      return imageOutline(expandRequest(order, place.margins), exportSize(place.size, place.scale));
    case 'paint': {
      const { imageSize } = place;
      if (imageSize === undefined) return undefined;
      const isUpscale = order.operation === 'upscale';
      return imageOutline(isUpscale ? upscaleRequest(order, imageSize) : varyRequest(order), imageSize);
    }
    case 'canvas':
      return generateOutline(order, 'any-size');
    case 'sketch':
      return generateOutline(order, place.size);
    case 'mockup':
      return mockupOutlines(order, place.placeholders);
  }
}

function mockupOutlines(
  order: Order,
  placeholders: Parameters<typeof mockupRequests>[1],
): readonly TaskOutline[] {
  return mockupRequests(order, placeholders).map((request) => ({ request, images: [] }));
}

/** Of a mockup the words are the user's own, without what the first placeholder added. */
function figmaRecipe(insertion: Insertion): Recipe {
  const recipe = recipeOf(insertion);
  const { operation, request } = insertion.order;
  if (operation !== 'mockup' || request.operation !== 'generate') return recipe;
  return { ...recipe, request: { ...recipe.request, prompt: request.prompt } as Recipe['request'] };
}
