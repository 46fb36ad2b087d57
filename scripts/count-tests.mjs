/**
 * Prints "PASSED FAILED NOT_RUN" of a Jest report: `node scripts/count-tests.mjs REPORT.json`. A file that could
 * not be run at all is one failure.
 */
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
console.log(report.numPassedTests, failed, report.numPendingTests + report.numTodoTests);
