import type { JsonObject } from '@bufbuild/protobuf';
import { create, createFileRegistry, fromJson, toBinary } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';

/** A field: its number, the type of its values, and whether there are several. */
type Field = readonly [
  number: number,
  type: keyof typeof scalars | keyof typeof messages,
  repeated?: 'repeated',
];

const scalars = { int32: Type.INT32, int64: Type.INT64, string: Type.STRING, bytes: Type.BYTES } as const;

/** What ONNX's schema (onnx/onnx.proto, IR version 8) says of the messages and fields that a model needs. */
const messages = {
  ModelProto: {
    ir_version: [1, 'int64'],
    producer_name: [2, 'string'],
    producer_version: [3, 'string'],
    graph: [7, 'GraphProto'],
    opset_import: [8, 'OperatorSetIdProto', 'repeated'],
    metadata_props: [14, 'StringStringEntryProto', 'repeated'],
  },
  OperatorSetIdProto: { domain: [1, 'string'], version: [2, 'int64'] },
  StringStringEntryProto: { key: [1, 'string'], value: [2, 'string'] },
  GraphProto: {
    node: [1, 'NodeProto', 'repeated'],
    name: [2, 'string'],
    initializer: [5, 'TensorProto', 'repeated'],
    input: [11, 'ValueInfoProto', 'repeated'],
    output: [12, 'ValueInfoProto', 'repeated'],
  },
  NodeProto: {
    input: [1, 'string', 'repeated'],
    output: [2, 'string', 'repeated'],
    name: [3, 'string'],
    op_type: [4, 'string'],
    attribute: [5, 'AttributeProto', 'repeated'],
    domain: [7, 'string'],
  },
  AttributeProto: {
    name: [1, 'string'],
    i: [3, 'int64'],
    ints: [8, 'int64', 'repeated'],
    strings: [9, 'bytes', 'repeated'],
    type: [20, 'int32'],
  },
  TensorProto: {
    dims: [1, 'int64', 'repeated'],
    data_type: [2, 'int32'],
    string_data: [6, 'bytes', 'repeated'],
    name: [8, 'string'],
    raw_data: [9, 'bytes'],
  },
  ValueInfoProto: { name: [1, 'string'], type: [2, 'TypeProto'] },
  TypeProto: { tensor_type: [1, 'TensorType'] },
  TensorType: { elem_type: [1, 'int32'], shape: [2, 'TensorShapeProto'] },
  TensorShapeProto: { dim: [1, 'Dimension', 'repeated'] },
  Dimension: { dim_value: [1, 'int64'], dim_param: [2, 'string'] },
} satisfies Readonly<Record<string, Readonly<Record<string, readonly [number, string, 'repeated'?]>>>>;

function fieldOf(name: string, [number, type, repeated]: Field) {
  const label = repeated === undefined ? Label.OPTIONAL : Label.REPEATED;
  const scalar = (scalars as Readonly<Record<string, Type>>)[type];
  const jsonName = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return scalar === undefined
    ? { name, jsonName, number, label, type: Type.MESSAGE, typeName: `.onnx.${type}` }
    : { name, jsonName, number, label, type: scalar };
}

/** The bytes of a model, whose fields have the names of ONNX's schema, bytes as base64 and 64-bit integers as text. */
export function modelBytes(model: JsonObject): Uint8Array {
  const file = create(FileDescriptorProtoSchema, {
    ...{ name: 'onnx.proto', package: 'onnx', syntax: 'proto3' },
    messageType: Object.entries(messages).map(([name, fields]) => ({
      name,
      field: Object.entries(fields).map(([field, described]) => fieldOf(field, described as Field)),
    })),
  });
  const schema = createFileRegistry(file, () => undefined).getMessage('onnx.ModelProto');
  if (schema === undefined) throw new TypeError('the messages above have ModelProto');
  return toBinary(schema, fromJson(schema, model));
}
