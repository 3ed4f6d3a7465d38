/**
 * The messages of an ONNX model that a graph of ours consists of, and their encoding. Field numbers are those of
 * onnx.proto3 (https://onnx.ai/onnx/api/classes.html, ONNX 1.17).
 */
import { ProtobufWriter } from './protobuf-writer.ts';
import type { Shape } from './shape.ts';

/** `TensorProto.DataType` */
const dataTypes = { float32: 1, int32: 6, int64: 7, float16: 10, bfloat16: 16 } as const;
export type Dtype = keyof typeof dataTypes;

export const dtypeBytes: Readonly<Record<Dtype, number>> = {
  float32: 4,
  int32: 4,
  int64: 8,
  float16: 2,
  bfloat16: 2,
};

export function dataTypeNumber(dtype: Dtype): number {
  return dataTypes[dtype];
}

/** A value's name, type and shape; symbolic dimensions are settled when the graph runs. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: Shape;
}

/** Bytes kept outside of the model: `file` is relative to the session's weights folder, the rest counts bytes. */
export interface ExternalData {
  readonly file: string;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** A tensor that is part of the graph. `data` is little-endian, row-major. */
export interface Initializer {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: Uint8Array | ExternalData;
}

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] };

export interface Node {
  readonly operator: string;
  /** The operator set that it is from; without one, ONNX's own. */
  readonly domain?: OperatorDomain | undefined;
  /** An empty name leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** The operator set that nodes are written in, and the format version that came with it (ONNX 1.13). */
export const opsetVersion = 18;
const irVersion = 8;

/** onnxruntime's own operators: ContribOperators.md of microsoft/onnxruntime. */
export type OperatorDomain = 'com.microsoft';
const domainVersions: Readonly<Record<OperatorDomain, number>> = { 'com.microsoft': 1 };

/** `TensorProto.DataLocation.EXTERNAL` */
const externalLocation = 1;

/** `AttributeProto.AttributeType` */
const attributeTypes = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** A graph as the bytes of an `.onnx` file. */
export function encodeModel(graph: Graph): Uint8Array {
  const writer = new ProtobufWriter()
    .int(1, irVersion)
    .string(2, 'inlay')
    .message(7, encodeGraph(graph))
    .message(8, new ProtobufWriter().string(1, '').int(2, opsetVersion));
  const domains = new Set(graph.nodes.map(({ domain }) => domain));
  for (const domain of domains) {
    if (domain === undefined) continue;
    writer.message(8, new ProtobufWriter().string(1, domain).int(2, domainVersions[domain]));
  }
  return writer.finish();
}

function encodeGraph(graph: Graph): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const node of graph.nodes) writer.message(1, encodeNode(node));
  writer.string(2, graph.name);
  for (const initializer of graph.initializers) writer.message(5, encodeInitializer(initializer));
  for (const input of graph.inputs) writer.message(11, encodeValueInfo(input));
  for (const output of graph.outputs) writer.message(12, encodeValueInfo(output));
  return writer;
}

function encodeNode({ operator, domain, inputs, outputs, attributes }: Node): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const input of inputs) writer.string(1, input);
  for (const output of outputs) writer.string(2, output);
  // Named after what it makes: runtime errors name the node, and so the checkpoint's key.
  writer.string(3, outputs[0]).string(4, operator);
  for (const [name, attribute] of Object.entries(attributes))
    writer.message(5, encodeAttribute(name, attribute));
  return domain === undefined ? writer : writer.string(7, domain);
}

function encodeAttribute(name: string, attribute: Attribute): ProtobufWriter {
  const writer = new ProtobufWriter().string(1, name);
  if ('float' in attribute) return writer.float(2, attribute.float).int(20, attributeTypes.float);
  if ('int' in attribute) return writer.int(3, attribute.int).int(20, attributeTypes.int);
  if ('string' in attribute) return writer.string(4, attribute.string).int(20, attributeTypes.string);
  for (const value of attribute.ints) writer.int(8, value);
  return writer.int(20, attributeTypes.ints);
}

function encodeInitializer({ name, dtype, shape, data }: Initializer): ProtobufWriter {
  const writer = new ProtobufWriter();
  for (const dimension of shape) writer.int(1, dimension);
  writer.int(2, dataTypes[dtype]).string(8, name);
  if (data instanceof Uint8Array) return writer.bytes(9, data);
  const { file, byteOffset, byteLength } = data;
  for (const [key, value] of Object.entries({ location: file, offset: byteOffset, length: byteLength })) {
    writer.message(13, new ProtobufWriter().string(1, key).string(2, String(value)));
  }
  return writer.int(14, externalLocation);
}

function encodeValueInfo({ name, dtype, shape }: ValueInfo): ProtobufWriter {
  const tensorShape = new ProtobufWriter();
  for (const dimension of shape) {
    const encoded = new ProtobufWriter();
    if (typeof dimension === 'number') encoded.int(1, dimension);
    else encoded.string(2, dimension);
    tensorShape.message(1, encoded);
  }
  const tensorType = new ProtobufWriter().int(1, dataTypes[dtype]).message(2, tensorShape);
  return new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensorType));
}
