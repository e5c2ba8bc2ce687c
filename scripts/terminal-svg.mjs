// A terminal's screen as an SVG file: text with ANSI colours in, one picture out. No fonts are embedded; every run of text
// is fitted to its columns, so that the picture is right with any monospace font.

const COLUMN = 8.4;
const ROW = 18;
const FONT = 14;
const PADDING = 16;
/** Baseline below the top of its row. */
const BASELINE = 13.5;

const BACKGROUND = '#16181d';
const FOREGROUND = '#d7dae0';
const FAINT = '#7f8896';
/** The eight basic colours, by their last digit. */
const COLORS = ['#3b4048', '#f0717b', '#8ccf7e', '#e5c07b', '#6cb2f7', '#c78bea', '#67c7d4', '#d7dae0'];

const PLAIN = { color: null, bold: false, faint: false, inverse: false };

/**
 * The lines of a screen (`tmux capture-pane -e -p`) as SVG text. `title` is what the picture shows, for those who do not
 * see it.
 */
export function terminalSvg(lines, { columns, rows, title }) {
  const width = Math.ceil(columns * COLUMN + 2 * PADDING);
  const height = rows * ROW + 2 * PADDING;
  const body = lines.slice(0, rows).flatMap((line, row) => runsOf(line).flatMap((run) => drawRun(run, row)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t">
<title id="t">${escapeXml(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${FONT}" fill="${FOREGROUND}">
${body.join('\n')}
</g>
</svg>
`;
}

/** A change of look; words with single spaces between them, since wider gaps collapse in SVG; spaces; any other character. */
const PIECES = /\u001b\[([\d;]*)m|[\x21-\x7e]+(?: [\x21-\x7e]+)*| +|[^\u001b]/gu;

/** Pieces of one look: `{column, text, style}`; a character that is not ASCII is a piece of its own. */
export function runsOf(line) {
  const runs = [];
  let style = PLAIN;
  let column = 0;
  for (const [piece, codes] of line.matchAll(PIECES)) {
    if (codes !== undefined) {
      style = styleAfter(style, codes);
      continue;
    }
    const last = runs.at(-1);
    const isRule = /^[─━]$/u.test(piece);
    if (isRule && last?.style === style && last.text.startsWith(piece)) last.text += piece;
    else runs.push({ column, text: piece, style });
    column += [...piece].length;
  }
  return runs;
}

function styleAfter(before, codes) {
  let style = before;
  for (const code of codes.split(';').map(Number)) {
    if (code === 0) style = PLAIN;
    else if (code === 1) style = { ...style, bold: true };
    else if (code === 2) style = { ...style, faint: true };
    else if (code === 7) style = { ...style, inverse: true };
    else if (code === 22) style = { ...style, bold: false, faint: false };
    else if (code === 27) style = { ...style, inverse: false };
    else if (code >= 30 && code <= 37) style = { ...style, color: COLORS[code - 30] };
    else if (code === 39) style = { ...style, color: null };
  }
  return style;
}

function drawRun({ column, text, style }, row) {
  const length = [...text].length;
  const color = style.color ?? (style.faint ? FAINT : null);
  const x = round(PADDING + column * COLUMN);
  const y = PADDING + row * ROW;
  const drawn = [];
  if (style.inverse) {
    const fill = color ?? FOREGROUND;
    drawn.push(
      `<rect x="${x}" y="${y}" width="${round(length * COLUMN)}" height="${ROW}" fill="${fill}" shape-rendering="crispEdges"/>`,
    );
  }
  // Rules have no gaps in a terminal, whatever the font.
  if (/^[─━]+$/u.test(text)) {
    const thickness = text.startsWith('━') ? 3 : 1;
    const top = y + ROW / 2 - thickness / 2;
    drawn.push(
      `<rect x="${x}" y="${top}" width="${round(length * COLUMN)}" height="${thickness}" fill="${color ?? FOREGROUND}"/>`,
    );
    return drawn;
  }
  if (text.trim() === '') return drawn;
  const fill = style.inverse ? BACKGROUND : color;
  const attributes = [
    `x="${x}"`,
    `y="${y + BASELINE}"`,
    ...(length > 1 ? [`textLength="${round(length * COLUMN)}"`, 'lengthAdjust="spacingAndGlyphs"'] : []),
    ...(fill === null ? [] : [`fill="${fill}"`]),
    ...(style.bold ? ['font-weight="bold"'] : []),
  ];
  drawn.push(`<text ${attributes.join(' ')}>${escapeXml(asText(text))}</text>`);
  return drawn;
}

/** Some fonts draw marks such as ✔ as little pictures unless they are told not to. */
function asText(text) {
  return text.replace(/[✔✖▲●■]/gu, (mark) => `${mark}\ufe0e`);
}

function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(number) {
  return Math.round(number * 10) / 10;
}
