import { expect, test } from 'vitest';
// @ts-expect-error a plain script
import { terminalSvg } from '../../scripts/terminal-svg.mjs';

const draw = terminalSvg as (
  lines: readonly string[],
  options: { columns: number; rows: number; title: string },
) => string;

/** The texts of a picture by their place: `column,row text`. */
function textsOf(svg: string): readonly string[] {
  return [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)<\/text>/g)].map(
    ([, x, y, text]) => `${Math.round((Number(x) - 16) / 8.4)},${Math.floor((Number(y) - 16) / 18)} ${text}`,
  );
}

test('every word stands in its columns, whatever stands before it', () => {
  const svg = draw([' ab  c d', '', '\u001b[32m✔\u001b[0m done   e'], { columns: 20, rows: 3, title: 't' });
  expect(textsOf(svg)).toEqual(['1,0 ab', '5,0 c d', '0,2 ✔\ufe0e', '2,2 done', '9,2 e']);
});

test('colours, faint, bold and inverse come out, and end where they end', () => {
  const svg = draw(['\u001b[1;31mred\u001b[0m \u001b[2mpale\u001b[22m x\u001b[7msel\u001b[27m'], {
    columns: 20,
    rows: 1,
    title: 't',
  });
  expect(svg).toMatch(/fill="#f0717b" font-weight="bold">red</);
  expect(svg).toMatch(/fill="#7f8896">pale</);
  expect(svg).toMatch(/<text [^>]*textLength="8.4"|<text x="[\d.]+" y="[\d.]+">x</);
  expect(svg).toMatch(/<rect [^>]*fill="#d7dae0"[^>]*\/>\n<text [^>]*fill="#16181d">sel</);
});

test('rules are drawn, not written', () => {
  const svg = draw(['──────━━'], { columns: 8, rows: 1, title: 't' });
  expect(textsOf(svg)).toEqual([]);
  expect(svg.match(/<rect /g)).toHaveLength(3);
});

test('text is text, and the picture says what it shows', () => {
  const svg = draw(['<b>&amp;'], { columns: 8, rows: 1, title: 'a < b' });
  expect(svg).toContain('<title id="t">a &lt; b</title>');
  expect(svg).toContain('>&lt;b&gt;&amp;amp;</text>');
});
