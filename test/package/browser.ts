import { type Browser, chromium } from 'playwright-core';
import { run } from './support';

/** The machine's Chromium, headless; `scripts/system-packages.mjs chromium` installs it. */
export async function openBrowser(): Promise<Browser> {
  const [executablePath = 'chromium'] = run('sh', [
    '-c',
    'command -v chromium chromium-browser',
  ]).stdout.split('\n');
  // As root, as in a container, Chromium has no sandbox of its own.
  return await chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
