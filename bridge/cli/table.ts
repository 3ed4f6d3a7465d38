/** Rows as columns of text, as wide as their widest cell; columns in which no row has anything are left out. */
export function formatTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = titles.map((_, column) => column).filter((column) => rows.some((row) => row[column] !== ''));
  const lines = [titles, ...rows].map((row) => used.map((column) => row[column] ?? ''));
  const widths = used.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
