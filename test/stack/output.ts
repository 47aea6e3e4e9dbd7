/** Prints one line for people. */
export function say(line = ''): void {
  endProgress();
  console.log(line);
}

let shown = '';

/** Shows how far something is: in place on a terminal, as a line per change elsewhere. */
export function progress(text: string): void {
  if (text === shown) {
    return;
  }
  if (process.stdout.isTTY) {
    process.stdout.write(`\r${text.padEnd(shown.length)}`);
  } else {
    console.log(text);
  }
  shown = text;
}

/** Leaves the line that `progress` has written in place. */
function endProgress(): void {
  if (shown !== '' && process.stdout.isTTY) {
    process.stdout.write('\n');
  }
  shown = '';
}

/** Columns as wide as their widest cell; the first is text, the others are numbers or words. */
export function sayTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  for (const [index, row] of cells.entries()) {
    say(
      `  ${row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join('  ')}`,
    );
    if (index === 0) {
      say(`  ${widths.map((width) => '-'.repeat(width)).join('  ')}`);
    }
  }
}
