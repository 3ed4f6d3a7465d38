import type { ClipVocabulary } from './clip-vocabulary.ts';

const none = -1;
/** A queue's entry is a merge's id and the place of its left half in one number, so that entries order themselves. */
const placeBits = 2 ** 32;

/**
 * Byte-pair encoding (Sennrich et al., arXiv 1508.07909): joins neighbours, the earliest learnt merge first and of equal ones
 * the leftmost, until none is left. A queue of what can be joined keeps it at n log n for a word of n bytes, where looking
 * through the word for each merge would be quadratic. A merge's id is always above its halves', so nothing that a
 * join makes possible could have come before it. Changes `ids`, and gives the part of it that holds the result.
 */
export function mergeBytePairs(ids: Uint16Array, vocabulary: ClipVocabulary): Uint16Array {
  const { length } = ids;
  const next = Int32Array.from(ids, (_, place) => (place + 1 < length ? place + 1 : none));
  const previous = Int32Array.from(ids, (_, place) => place - 1);
  const isJoined = new Uint8Array(length);
  const queue: number[] = [];

  const mergeAt = (left: number): number | undefined =>
    left === none || next[left]! === none ? undefined : vocabulary.mergedId(ids[left]!, ids[next[left]!]!);
  const offer = (left: number): void => {
    const merged = mergeAt(left);
    if (merged !== undefined) push(queue, merged * placeBits + left);
  };

  for (let place = 0; place + 1 < length; place++) offer(place);
  while (queue.length > 0) {
    const entry = pop(queue);
    const left = entry % placeBits;
    const merged = Math.floor(entry / placeBits);
    // Its halves may have been joined to others since.
    if (isJoined[left] || mergeAt(left) !== merged) continue;
    const right = next[left]!;
    const after = next[right]!;
    ids[left] = merged;
    isJoined[right] = 1;
    next[left] = after;
    if (after !== none) previous[after] = left;
    offer(previous[left]!);
    offer(left);
  }

  let count = 0;
  for (let place = length === 0 ? none : 0; place !== none; place = next[place]!) ids[count++] = ids[place]!;
  return ids.subarray(0, count);
}

/** Adds to a binary heap, least first. */
function push(heap: number[], value: number): void {
  let place = heap.push(value) - 1;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (heap[parent]! <= value) break;
    heap[place] = heap[parent]!;
    place = parent;
  }
  heap[place] = value;
}

/** Takes the least out of a binary heap that is not empty. */
function pop(heap: number[]): number {
  const least = heap[0]!;
  const value = heap.pop()!;
  const { length } = heap;
  if (length === 0) return least;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= length) break;
    if (child + 1 < length && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= value) break;
    heap[place] = heap[child]!;
    place = child;
  }
  heap[place] = value;
  return least;
}
