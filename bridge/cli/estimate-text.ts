/** What a job will take, in words. */
import type { MemorySaving, TaskEstimate } from '../../engine/api.ts';
import { formatBytes, formatDuration } from './terminal.ts';

const savingTexts: Readonly<Record<MemorySaving, string>> = {
  'sequential-guidance': 'prompt and negative prompt one after the other',
  'sequential-loading': 'one network at a time',
  'tiled-vae': 'the picture encoded and decoded in tiles',
};

/** One line for a job that runs in less memory than it would like; none for one that simply fits, or is refused. */
export function savingsLine({
  outcome,
  savings,
  memoryBytes,
  availableBytes,
}: TaskEstimate): string | undefined {
  if (outcome !== 'fits-with-savings') return undefined;
  const how = savings.map((saving) => savingTexts[saving]).join(', ');
  return `To fit into memory: ${how} (about ${formatBytes(memoryBytes)} of ${formatBytes(availableBytes)}).`;
}

/** All that is known of a job before it runs. */
export function estimateText(estimate: TaskEstimate): string {
  const { outputWidth, outputHeight, contextBounds, workingSize, steps } = estimate;
  const { memoryBytes, availableBytes, durationMs, refusal } = estimate;
  const { left, top, width, height } = contextBounds;
  const lines = [
    `Result   ${outputWidth} × ${outputHeight}`,
    `Shown    ${width} × ${height} at ${left}, ${top}${
      workingSize === undefined
        ? ''
        : `, drawn at ${workingSize.width} × ${workingSize.height} in ${steps} steps`
    }`,
    `Time     about ${formatDuration(durationMs)}`,
    `Memory   about ${formatBytes(memoryBytes)} of ${formatBytes(availableBytes)}`,
  ];
  const saving = savingsLine(estimate);
  if (saving !== undefined) lines.push(saving);
  if (refusal !== undefined) lines.push(`Refused: ${refusal.message}`, refusal.hint);
  return lines.join('\n');
}
