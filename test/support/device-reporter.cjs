'use strict';

const { existsSync, readFileSync } = require('node:fs');

/** Where describeOnEachDevice puts the device: 'suite: opencl:0 wide [name]'. */
const onDevice = /: ((?:cpu|opencl|hip)\S* \S+) \[.*\]$/;

/** Says at the end how many tests ran on which device, and how far each was from the reference. */
class DeviceReporter {
  #counts = new Map();

  onTestResult(_test, { testResults }) {
    for (const { ancestorTitles, status } of testResults) {
      const device = ancestorTitles.map((title) => onDevice.exec(title)?.[1]).find(Boolean);
      if (device === undefined || (status !== 'passed' && status !== 'failed')) continue;
      const count = this.#counts.get(device) ?? { passed: 0, failed: 0 };
      count[status] += 1;
      this.#counts.set(device, count);
    }
  }

  onRunComplete() {
    if (this.#counts.size === 0) return;
    const lines = ['', 'Tests by device:'];
    for (const [device, { passed, failed }] of this.#counts)
      lines.push(`  ${device}: ${passed} passed${failed === 0 ? '' : `, ${failed} FAILED`}`);
    const { openclAbsent } = JSON.parse(process.env.THALWEG_TEST_DEVICES ?? '{}');
    if (openclAbsent === 'not run') lines.push('  opencl: NOT RUN, this machine has no OpenCL device');
    lines.push(...this.#worstErrors());
    process.stderr.write(`${lines.join('\n')}\n`);
  }

  #worstErrors() {
    const file = process.env.THALWEG_TEST_RECORD ?? '';
    if (!existsSync(file)) return [];
    const groups = new Map();
    for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
      const record = JSON.parse(line);
      const key = `${record.device} ${record.dtype}`;
      groups.set(key, [...(groups.get(key) ?? []), record]);
    }
    const lines = Array.from(groups, ([key, group]) => {
      const worst = group.reduce((a, b) => (b.relativeError > a.relativeError ? b : a));
      return `  ${key}: ${worst.relativeError.toExponential(1)} (${worst.place}), ${group.length} results`;
    });
    return ['Worst relative error against the reference:', ...lines];
  }
}

module.exports = DeviceReporter;
