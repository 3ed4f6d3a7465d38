/** The operations that the page offers, as requests. */
import type { JobRequest, Operation } from '../../../bridge/protocol/messages.ts';
import type { Estimate } from '../../shared/client/client.ts';
import { boundsOf, type Margins, sameBounds } from '../../shared/picture/geometry.ts';
import { wordsOf } from '../../shared/store/diffusion-settings.ts';
import * as requests from '../../shared/store/requests.ts';
import type { Layer } from '../document/layer.ts';
import type { EditorStore } from './editor-store.ts';
import { startJob } from './run-job.ts';
import { clampMargin, hasMargins, type Side } from './tools/expand-tool.ts';
import { fitPicture } from './view.ts';
import { hasWordsFor, requestFields } from './words.ts';

export const output = { format: 'rgba8' } as const;
const seedRange = 2 ** 32;

/** The operations that fill a selection, the most wanted first. */
export const selectionOperations = ['remove', 'fill'] as const;
export type SelectionOperation = (typeof selectionOperations)[number];

export function offers(editor: EditorStore, operation: Operation): boolean {
  const operations = editor.connection.capabilities.value?.operations ?? [];
  return operations.some((offered) => offered.operation === operation);
}

/** What Enter does with a selection. */
export function primaryOperation(editor: EditorStore): SelectionOperation {
  if (hasWordsFor(editor, 'fill')) return 'fill';
  return selectionOperations.find((operation) => offers(editor, operation)) ?? 'fill';
}

export async function runOnSelection(editor: EditorStore, operation: SelectionOperation): Promise<void> {
  if (!editor.hasSelection.value) {
    editor.status.value = 'Select something first: brush over it.';
    return;
  }
  if (isAllSelected(editor)) {
    editor.report({
      message: 'All of the picture is selected, and nothing is left to make something from.',
      hint: 'Clear the selection, and brush only over what is to go.',
    });
    return;
  }
  const request = selectionRequest(editor, operation);
  rememberWords(editor, request);
  await startJob(editor, { request });
}

function rememberWords(editor: EditorStore, request: JobRequest): void {
  const words = wordsOf(request);
  if (words !== undefined) editor.prompts.remember(words.prompt);
}

/** What running an operation on the selection asks for. */
export function selectionRequest(editor: EditorStore, operation: SelectionOperation): JobRequest {
  const fields = requestFields(editor, 'fill');
  const request = operation === 'fill' ? requests.fillRequest(fields) : requests.removeRequest(fields);
  return { ...request, resultArea: 'mask', output };
}

function isAllSelected(editor: EditorStore): boolean {
  const { selection, size } = editor.saved.value!;
  const bounds = selection.bounds();
  return bounds !== null && sameBounds(bounds, boundsOf(size)) && selection.inverted().isEmpty;
}

export async function runExpand(editor: EditorStore): Promise<void> {
  const margins = editor.margins.value;
  if (!hasMargins(margins)) return;
  const request = expandRequest(editor);
  rememberWords(editor, request);
  await startJob(editor, { request });
}

/** What expanding by the margins that are set asks for. */
export function expandRequest(editor: EditorStore): JobRequest {
  return { ...requests.expandRequest(requestFields(editor, 'expand')), ...editor.margins.value, output };
}

/** Of each side, in proportion to the picture's own. */
const presetMargin = 0.25;

export function expandPreset(editor: EditorStore): void {
  const size = editor.saved.value?.size;
  if (size === undefined) return;
  const [x, y] = [Math.round(size.width * presetMargin), Math.round(size.height * presetMargin)];
  setMargins(editor, { left: x, right: x, top: y, bottom: y });
  fitPicture(editor);
}

/** One side's number of pixels. */
export function setMargin(editor: EditorStore, side: Side, pixels: number): void {
  setMargins(editor, { ...editor.margins.value, [side]: pixels });
  fitPicture(editor);
}

/** No side beyond what the server takes. */
export function setMargins(editor: EditorStore, margins: Margins): void {
  const max = maxMargin(editor);
  const clamp = (side: Side) => clampMargin(margins[side], max);
  editor.margins.value = {
    left: clamp('left'),
    top: clamp('top'),
    right: clamp('right'),
    bottom: clamp('bottom'),
  };
}

export function maxMargin(editor: EditorStore): number {
  return editor.connection.capabilities.value?.limits.maxExpandPixels ?? Number.MAX_SAFE_INTEGER;
}

export async function runUpscale(editor: EditorStore, options: requests.UpscaleFields): Promise<void> {
  await startJob(editor, { request: upscaleRequest(options) });
}

/** How long it would take, and whether there is room for it. Rejects with a `ClientError`. */
export function estimateUpscale(editor: EditorStore, options: requests.UpscaleFields): Promise<Estimate> {
  const { width, height } = editor.saved.value!.size;
  const source = { role: 'source', format: 'rgba8', left: 0, top: 0, width, height } as const;
  return editor.connection.client.estimate(upscaleRequest(options), [source]);
}

function upscaleRequest(fields: requests.UpscaleFields): JobRequest {
  return { ...requests.upscaleRequest(fields), output };
}

/** As many variations again of a layer, with the seeds after those it has. */
export async function runMoreVariations(editor: EditorStore, { id, variations }: Layer): Promise<void> {
  const last = variations.at(-1)!.request;
  if (last.operation === 'upscale' || last.operation === 'control-map') return;
  const { count } = editor.runOptions.value;
  const seed = ((last.seed ?? 0) + 1) % seedRange;
  await startJob(editor, { request: { ...last, seed, count } satisfies JobRequest, layerId: id });
}
