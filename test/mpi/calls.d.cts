export function make(
  thalweg: object,
  sample: object,
  description: object,
  world?: object,
): Promise<{
  theta: number[];
  intercepts: number[];
  loss: number[];
  plan?: string;
  converged?: boolean;
  validationLoss?: number[];
  best?: { loss: number; iteration?: number; epoch?: number };
  stopped?: string;
}>;
