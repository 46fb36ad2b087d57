import * as vega from 'vega';
import * as vegaLite from 'vega-lite';
import { shareOfRead } from '../harness/ratios.mjs';

const common = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  width: 560,
  height: 300,
  background: 'white',
  config: { font: 'sans-serif', axis: { labelFontSize: 12, titleFontSize: 12 } },
};

/** A Vega-Lite specification as an SVG document. */
async function svg(specification) {
  const compiled = vegaLite.compile({ ...common, ...specification }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none' });
  const text = await view.toSVG();
  view.finalize();
  return `${text}\n`;
}

/** The speed of a pass over that of one read, by n, of everyone. */
export async function shareByColumns({ results }) {
  const names = { thalweg: 'thalweg', logistic: 'thalweg, log loss', numpy: 'NumPy', torch: 'PyTorch' };
  const values = results
    .filter((one) => one.case === 'pass' && one.contenders.read !== undefined)
    .flatMap(({ columns, contenders }) =>
      Object.entries(names)
        .filter(([id]) => contenders[id] !== undefined)
        .map(([id, name]) => ({
          n: columns,
          name,
          share: shareOfRead(contenders[id], contenders.read),
        })),
    );
  return await svg({
    title: 'A gradient pass, as a share of one read of the same bytes',
    data: { values },
    layer: [
      { mark: { type: 'rule', strokeDash: [4, 4], color: 'gray' }, encoding: { y: { datum: 1 } } },
      {
        mark: { type: 'line', point: true },
        encoding: {
          x: { field: 'n', type: 'quantitative', scale: { type: 'log', base: 2 }, title: 'columns n' },
          y: {
            field: 'share',
            type: 'quantitative',
            axis: { format: '%' },
            scale: { zero: true },
            title: 'share of the read limit',
          },
          color: { field: 'name', type: 'nominal', sort: Object.values(names), title: null },
        },
      },
    ],
  });
}

/** Seconds of a pass against the bytes it reads, growing by m and by n. */
export async function growth({ results }) {
  const [one] = results.filter((result) => result.case === 'growth');
  if (one === undefined) return undefined;
  const series = (points, name) =>
    points.map(({ bytes, seconds }) => ({ mebibytes: bytes / 2 ** 20, milliseconds: seconds * 1000, name }));
  const values = [
    ...series(one.rowPoints, `m grows, n = ${one.rowPoints[0].columns}`),
    ...series(one.columnPoints, `n grows, m = ${one.columnPoints[0].rows}`),
  ];
  const logarithmic = (field, title) => ({ field, type: 'quantitative', scale: { type: 'log' }, title });
  return await svg({
    title: 'The time of a pass against the size of X',
    data: { values },
    mark: { type: 'line', point: true },
    encoding: {
      x: logarithmic('mebibytes', 'X and y, MiB'),
      y: logarithmic('milliseconds', 'a pass, ms'),
      color: { field: 'name', type: 'nominal', title: null },
    },
  });
}
