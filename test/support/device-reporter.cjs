'use strict';

const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');

const tests = path.join(__dirname, '..');

/** Where describeOnEachDevice puts the device: 'suite: opencl:0 wide [name]'. */
const onDevice = /: ((?:cpu|opencl|hip)\S* \S+) \[.*\]$/;

/** Text columns, the first to the left and the others to the right. */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const cell = (text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]));
  return rows.map((row) => `  ${row.map(cell).join('  ')}`.trimEnd());
}

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/** Counts and times under a name, in the order in which names come. */
class Tally extends Map {
  add(name, { passed = 0, failed = 0, milliseconds = 0 }) {
    const sum = this.get(name) ?? { passed: 0, failed: 0, milliseconds: 0 };
    sum.passed += passed;
    sum.failed += failed;
    sum.milliseconds += milliseconds;
    this.set(name, sum);
  }

  lines() {
    const rows = Array.from(this, ([name, { passed, failed, milliseconds }]) => [
      name,
      seconds(milliseconds),
      `${passed} passed`,
      failed === 0 ? '' : `${failed} FAILED`,
    ]);
    return table(rows);
  }
}

/**
 * Says at the end how many tests ran in which folder and on which device, how long they took there, and how far each
 * device was from the reference. Folders are timed by whole files, devices by their tests.
 */
class DeviceReporter {
  #folders = new Tally();
  #devices = new Tally();

  onTestResult(_test, { testFilePath, testResults, perfStats }) {
    const [folder] = path.relative(tests, testFilePath).split(path.sep);
    this.#folders.add(folder, { milliseconds: perfStats.end - perfStats.start });
    for (const { ancestorTitles, status, duration } of testResults) {
      if (status !== 'passed' && status !== 'failed') continue;
      this.#folders.add(folder, { [status]: 1 });
      const device = ancestorTitles.map((title) => onDevice.exec(title)?.[1]).find(Boolean);
      if (device !== undefined) this.#devices.add(device, { [status]: 1, milliseconds: duration ?? 0 });
    }
  }

  onRunComplete() {
    if (this.#folders.size === 0) return;
    const lines = ['', 'Tests by folder:', ...this.#folders.lines()];
    if (this.#devices.size > 0) lines.push('Tests by device:', ...this.#devices.lines());
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
