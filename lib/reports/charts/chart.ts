import type * as VegaLite from 'vega-lite' with { 'resolution-mode': 'import' };
import { ThalwegError } from '../../base/errors';
import { visible } from '../../base/visible';
import { Html, markup } from '../html';

/** A Vega-Lite specification but for its size and its looks. */
export type Chart = VegaLite.TopLevelSpec;

/** Colours of the page's style, which knows light and dark. */
const INK = 'var(--ink)';
const FAINT = 'var(--line)';
/** One for each series; what is beyond begins anew. */
const SERIES = Array.from({ length: 6 }, (_, at) => `var(--series-${at + 1})`);

const text = {
  labelColor: INK,
  titleColor: INK,
  labelFontSize: 12,
  titleFontSize: 12,
  titleFontWeight: 'normal',
} as const;
const config: VegaLite.Config = {
  aria: false,
  font: 'system-ui, sans-serif',
  axis: {
    ...text,
    domainColor: FAINT,
    tickColor: FAINT,
    gridColor: FAINT,
    gridOpacity: 0.6,
    labelLimit: 220,
  },
  legend: { ...text, title: null, orient: 'top', labelLimit: 220, symbolSize: 80 },
  header: text,
  title: { color: INK, fontSize: 13, anchor: 'start' },
  background: 'transparent',
  view: { stroke: null },
  range: { category: SERIES },
};

type Draw = (chart: Chart) => Promise<string>;

let drawing: Promise<Draw> | undefined;

/** Loads what draws, at the first picture. */
async function load(): Promise<Draw> {
  try {
    const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
    return async (chart) => {
      const { spec } = compile({ width: 520, height: 260, ...chart, config });
      const view = new vega.View(vega.parse(spec), { renderer: 'none', logLevel: vega.Error });
      try {
        return await view.toSVG();
      } finally {
        view.finalize();
      }
    };
  } catch (cause) {
    throw new ThalwegError(
      'ERR_FILE',
      'Pictures are drawn by the packages vega and vega-lite, which could not be loaded ' +
        `(${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)}). Install them: npm install vega vega-lite`,
      { cause },
    );
  }
}

/** Tags without roles and names of their own: a picture is one thing, and its name is what it shows. */
function withoutRoles(svg: string): string {
  return svg.replaceAll(/<[a-z]+ [^>]*>/gi, (tag) =>
    tag.replaceAll(/ (?:role|class|aria-[a-z]+)="[^"]*"/g, ''),
  );
}

/**
 * A picture as SVG that stands in a page.
 *
 * @param shows what it shows, for who cannot see it
 */
export async function picture(chart: Chart, shows: string): Promise<Html> {
  const draw = await (drawing ??= load());
  const svg = await draw(chart);
  // In a narrow page it shrinks.
  const [, box = '', width = '', rest = ''] =
    /^<svg [^>]*?(viewBox="0 0 ([\d.]+) [^"]*")[^>]*>([^]*)$/.exec(svg) ?? [];
  const names = new Html('xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"');
  return markup`<svg role="img" aria-label="${shows}" width="${width}" ${new Html(box)} ${names}>${new Html(visible(withoutRoles(rest)))}`;
}
