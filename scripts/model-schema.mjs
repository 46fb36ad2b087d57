/**
 * Writes dist/model.schema.json, the JSON Schema of model files, from the schema that reads them: `node scripts/model-schema.mjs`,
 * which `npm run build:lib` does after compiling. Lengths that must agree, and names that must differ, are beyond it.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import { root } from './tools.mjs';

const require = createRequire(import.meta.url);
const { modelSchema } = require('../dist/model-files/model-schema.js');

/** JSON has no infinities, and its numbers are finite; what is left of a check is said here. */
function overrideAction({ valibotAction: { type }, jsonSchema }) {
  if (type === 'finite') return jsonSchema;
  if (type === 'safe_integer') return { ...jsonSchema, type: 'integer' };
  return undefined;
}

const schema = {
  ...toJsonSchema(modelSchema, { target: 'draft-2020-12', overrideAction, typeMode: 'input' }),
  title: 'A model of thalweg',
  oneOf: [{ required: ['neuron'] }, { required: ['layer'] }],
  dependentRequired: {
    features: ['target', 'missing'],
    target: ['features', 'missing'],
    missing: ['features', 'target'],
  },
  description: 'What thalweg fit --output and saveModel write; docs/cli.md, "Model files".',
};
writeFileSync(path.join(root, 'dist', 'model.schema.json'), `${JSON.stringify(schema, null, 2)}\n`);
