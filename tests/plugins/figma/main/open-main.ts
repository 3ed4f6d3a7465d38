/** The built main of the plugin in the in-memory Figma, asked as its panel asks it. */
import assert from 'node:assert/strict';
import type { FrameNode, PluginAPI, RectangleNode } from '@figma/plugin-typings/plugin-api-standalone.d.ts';
import type {
  AnswerOf,
  AskOf,
  Captured,
  MainMessage,
  RequestName,
  SelectionReport,
} from '../../../../plugins/figma/protocol/messages.ts';
import type { FigmaPlace, PlacedImage } from '../../../../plugins/figma/protocol/place.ts';
import { buildFigmaPlugin } from '../../../../plugins/packaging/figma-plugin.ts';
import type { Recipe } from '../../../../plugins/shared/panel/editor-host.ts';
import { until } from '../../../e2e/inlay.ts';
import { FigmaApp } from '../../../hosts/figma/figma-app.ts';
import type { NodeRecord } from '../../../hosts/figma/node-record.ts';
import { gradient, imagePaint, pngOf } from '../../../hosts/figma/pictures.ts';
import { RecordingFrame } from '../../../hosts/figma/ui-frame.ts';

/** One build for the tests of a file. */
const plugin = buildFigmaPlugin('1.2.3');

export async function newApp(): Promise<FigmaApp> {
  return new FigmaApp(await plugin);
}

export interface MainLine {
  ask<Name extends RequestName>(name: Name, ask: AskOf<Name>): Promise<AnswerOf<Name>>;
  /** What is told of what is selected now. */
  report(): Promise<SelectionReport>;
}

/** Starts the plugin. */
export async function openMain(app: FigmaApp, command?: string): Promise<MainLine> {
  const { session, failures } = await app.run(command === undefined ? {} : { command });
  const frame = session.ui;
  assert.ok(frame instanceof RecordingFrame);
  const posted = () => frame.posted as readonly MainMessage[];
  let nextId = 1;
  const ask: MainLine['ask'] = async (name, question) => {
    const requestId = nextId++;
    frame.onMessage({ type: 'request', requestId, name, ask: question });
    const answered = await until(`an answer to ${name}`, () =>
      posted().find((message) => message.type !== 'selection' && message.requestId === requestId),
    );
    assert.deepEqual(failures, []);
    if (answered.type === 'refused') {
      throw Object.assign(new Error(answered.failure.message), { failure: answered.failure });
    }
    return (answered as { readonly answer: unknown }).answer as AnswerOf<typeof name>;
  };
  return {
    ask,
    report: async () => {
      await ask('refresh', {});
      const reports = posted().filter((message) => message.type === 'selection');
      return reports[reports.length - 1]!.report;
    },
  };
}

/** What was captured, of the kind that was expected. */
export async function capture<Kind extends Captured['kind']>(
  line: MainLine,
  kind: Kind,
  ask: AskOf<'capture'>,
): Promise<Extract<Captured, { readonly kind: Kind }>> {
  const captured = await line.ask('capture', ask);
  assert.equal(captured.kind, kind);
  return captured as Extract<Captured, { readonly kind: Kind }>;
}

/** A result as the panel would hand it over: a plain picture of these bounds. */
export async function result(
  line: MainLine,
  bounds: PlacedImage['bounds'],
  shade = 120,
): Promise<PlacedImage> {
  const { width, height } = bounds;
  const bytes = await pngOf({ width, height, data: Buffer.alloc(width * height, shade) });
  return { imageHash: await line.ask('add-image', { bytes }), bounds };
}

export function recipe(place: FigmaPlace, operation: Recipe['operation'] = 'fill'): Recipe {
  const request = { operation: 'fill', prompt: 'a red boat', seed: 7 } as const;
  return {
    operation,
    request,
    place: place as unknown as Recipe['place'],
    count: 2,
    createdAt: 1_700_000_000_000,
  };
}

export function refuses(act: Promise<unknown>, message: RegExp): Promise<void> {
  return assert.rejects(act, (error) => {
    const { failure } = error as { failure?: { code: string; message: string; hint: string } };
    assert.ok(failure !== undefined, String(error));
    assert.match(failure.message, message);
    assert.ok(failure.hint.length > 0);
    return true;
  });
}

export interface Drawn {
  readonly width: number;
  readonly height: number;
  readonly x?: number;
  readonly y?: number;
  readonly name?: string;
}

/** The user's own hands. */
export type Hands = PluginAPI;

export function drawFrame(figma: Hands, { width, height, x = 0, y = 0, name = 'Home' }: Drawn): FrameNode {
  const frame = figma.createFrame();
  frame.resize(width, height);
  return Object.assign(frame, { name, x, y });
}

export function drawRectangle(
  figma: Hands,
  { width, height, x = 0, y = 0, name = 'Shape' }: Drawn,
  parent?: FrameNode,
): RectangleNode {
  const rectangle = figma.createRectangle();
  rectangle.resize(width, height);
  parent?.appendChild(rectangle);
  return Object.assign(rectangle, { name, x, y });
}

/** Gives a node an image in which every pixel has another colour. */
export async function addPhoto(
  app: FigmaApp,
  id: string,
  size: Pick<Drawn, 'width' | 'height'>,
): Promise<void> {
  const png = await pngOf({ ...size, data: gradient(size.width, size.height) });
  app.draw((figma) => {
    const node = (figma as Hands).currentPage.findOne((other) => other.id === id) as RectangleNode;
    node.fills = [imagePaint(app, png)];
  });
}

export function record(app: FigmaApp, id: string): NodeRecord {
  return app.document.get(id);
}

export function childrenOf(app: FigmaApp, id: string): readonly NodeRecord[] {
  return record(app, id).childIds.map((childId) => record(app, childId));
}

/** All that the file holds, to see that nothing of it has changed. */
export function everything(app: FigmaApp, id = app.document.currentPageId): unknown {
  const { childIds, ...node } = record(app, id);
  return { ...node, children: childIds.map((childId) => everything(app, childId)) };
}
