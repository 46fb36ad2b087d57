import type { Diagnosis, Finding } from '../../doctor';
import { diagnoseUntil } from '../../doctor/diagnosis';
import { type Context, print, printJson } from '../terminal/context';
import { colors } from '../terminal/format';

const MARKS = { ok: colors.green('✓'), warning: colors.yellow('!'), problem: colors.red('✗') } as const;

/** Prints what was found; 1 where no GPU works. */
export async function doctor({ json, signal }: Context): Promise<number> {
  const diagnosis = await diagnoseUntil(signal);
  if (json) {
    printJson(diagnosis);
  } else {
    printDiagnosis(diagnosis);
  }
  return diagnosis.ok ? 0 : 1;
}

function printDiagnosis({ ok, findings }: Diagnosis): void {
  findings.forEach(printFinding);
  print('');
  print(ok ? 'A GPU works.' : 'No GPU works.');
}

function printFinding({ code, level, what, fix = [] }: Finding): void {
  const [first = '', ...rest] = what.split('\n');
  print(`${MARKS[level]} ${first}  ${colors.dim(code)}`);
  rest.forEach((line) => {
    print(`  ${line}`);
  });
  fix.forEach((step) => {
    print(`    → ${step}`);
  });
}
