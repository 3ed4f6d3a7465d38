/**
 * Cuts a recorded network into stages that run one after another. A run of the runtime blocks the engine's event loop
 * and cannot be interrupted, so a cancelled job stops between stages: the smaller the stages, the sooner.
 */
import { type Footprint, footprintOf } from './footprint.ts';
import type { RecordedGraph, RecordedNode, Value } from './graph-recorder.ts';
import { encodeModel, type Initializer } from './model-proto.ts';

/** How the runtime is to load and run a stage, where what it does by itself does not suit a network. */
export interface StageTuning {
  /**
   * Whether kernels are reordered into blocks (NCHWc), in which the CPU does convolutions up to a third faster. It takes
   * most of the time of loading a large network and, meanwhile, twice its memory.
   */
  readonly blockedConvolutions: boolean;
  /** Whether memory for values is kept from run to run, rather than taken from the system and cleared each time. */
  readonly keepsMemory: boolean;
}

/** Suits small networks and stages run at many sizes. */
const defaultTuning: StageTuning = { blockedConvolutions: true, keepsMemory: false };

export interface GraphStage {
  readonly name: string;
  readonly tuning: StageTuning;
  /** A serialized ONNX model, weights left out. */
  readonly model: Uint8Array;
  /** Values to feed: the network's inputs, or outputs of any earlier stage. */
  readonly inputs: readonly string[];
  /** Values that a later stage or the caller needs. */
  readonly outputs: readonly string[];
  readonly multiplyAddsPerPixel: number;
  /**
   * How far beyond its own place an output looks at the stage's inputs, in pixels of the network's input: a stage can be
   * run on a part of its inputs, and is right from here inwards.
   */
  readonly haloPixels: number;
  readonly footprint: Footprint;
}

export interface StageOptions {
  /** Stages are closed before they would go past this, at the cuts that the network allows. Without it: one stage. */
  readonly maxMultiplyAddsPerPixel?: number;
  readonly tuning?: StageTuning;
}

export function cutIntoStages(graph: RecordedGraph, options: StageOptions = {}): readonly GraphStage[] {
  const { maxMultiplyAddsPerPixel = Number.POSITIVE_INFINITY, tuning = defaultTuning } = options;
  const ranges = groupNodes(graph, maxMultiplyAddsPerPixel);
  return ranges.map(({ start, end }, index) => {
    const name = ranges.length === 1 ? graph.name : `${graph.name}.stage${index}`;
    return { ...encodeStage(graph, { name, start, end }), tuning };
  });
}

interface NodeRange {
  readonly start: number;
  readonly end: number;
}

/** Greedy: each stage takes whole units (the nodes between two allowed cuts) while they fit the budget. */
function groupNodes(graph: RecordedGraph, budget: number): readonly NodeRange[] {
  const ranges: NodeRange[] = [];
  let start = 0;
  let end = 0;
  let cost = 0;
  for (const unitEnd of [...graph.cuts, graph.nodes.length]) {
    const unitCost = sumCost(graph.nodes.slice(end, unitEnd));
    if (end > start && cost + unitCost > budget) {
      ranges.push({ start, end });
      start = end;
      cost = 0;
    }
    cost += unitCost;
    end = unitEnd;
  }
  ranges.push({ start, end });
  return ranges;
}

function sumCost(nodes: readonly RecordedNode[]): number {
  return nodes.reduce((sum, node) => sum + node.multiplyAddsPerPixel, 0);
}

function encodeStage(
  graph: RecordedGraph,
  { name, start, end }: NodeRange & { name: string },
): Omit<GraphStage, 'tuning'> {
  const nodes = graph.nodes.slice(start, end);
  const made = new Map(nodes.map(({ output }) => [output.name, output]));
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const usedLater = new Set(graph.nodes.slice(end).flatMap((node) => node.inputs));
  for (const output of graph.outputs) usedLater.add(output.name);

  const initializers = new Map<string, Initializer>();
  const inputs: Value[] = [];
  const earlier = new Map(
    [...graph.inputs, ...graph.nodes.slice(0, start).map((node) => node.output)].map((value) => [
      value.name,
      value,
    ]),
  );
  for (const valueName of used) {
    const initializer = graph.initializers.get(valueName);
    if (initializer !== undefined) initializers.set(valueName, initializer);
    const value = earlier.get(valueName);
    if (value !== undefined) inputs.push(value);
  }
  const outputs = [...made.values()].filter((value) => usedLater.has(value.name));
  return {
    name,
    model: encodeModel({ name, nodes, initializers: [...initializers.values()], inputs, outputs }),
    inputs: inputs.map((value) => value.name),
    outputs: outputs.map((value) => value.name),
    multiplyAddsPerPixel: sumCost(nodes),
    haloPixels: Math.ceil(longestReach(nodes)),
    footprint: footprintOf({ nodes, initializers, inputs, outputs }),
  };
}

/** The longest way through the nodes, each as long as it reaches. */
function longestReach(nodes: readonly RecordedNode[]): number {
  const reached = new Map<string, number>();
  for (const { inputs, output, reachPixels } of nodes) {
    const before = Math.max(0, ...inputs.map((name) => reached.get(name) ?? 0));
    reached.set(output.name, before + reachPixels);
  }
  return Math.max(0, ...reached.values());
}
