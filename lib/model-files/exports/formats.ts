/** What a model can be written as, by the ending of its file. */
export const exportFormats = ['onnx', 'safetensors', 'js', 'sql', 'pmml'] as const;

export type ExportFormat = (typeof exportFormats)[number];
