import fs from 'node:fs';
import prettier from 'prettier';
import type { Figure, Section } from './figure';

const BEGIN = '<!-- figures: begin -->';
const END = '<!-- figures: end -->';
const HEADINGS = ['', 'measured', 'target', ''] as const;

/** For the terminal. */
export function plainText({ title, figures }: Section): string {
  const rows = figures.map(cellsOf);
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`);
  return [title, ...lines.map((line) => line.trimEnd()), ''].join('\n');
}

/** Puts the figures between the marks in a page and leaves the rest unchanged. */
export async function writeInto(file: string, machine: string, sections: readonly Section[]): Promise<void> {
  const page = fs.readFileSync(file, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`There is no place for figures in ${file}.`);
  const figures = [`Measured on: ${machine}.`, ...sections.map(markdown)].join('\n\n');
  const options = { ...(await prettier.resolveConfig(file)), filepath: file };
  fs.writeFileSync(file, await prettier.format([before, BEGIN, '\n\n', figures, '\n\n', END, after].join(''), options));
}

function markdown({ title, method, figures }: Section): string {
  const rows = [HEADINGS, HEADINGS.map(() => '---'), ...figures.map(cellsOf)];
  return [`## ${title}`, method, rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')].join('\n\n');
}

function cellsOf({ name, value, target, note = '' }: Figure): readonly string[] {
  return [name, value, target ? `${target.text} ${target.isMet ? '✓' : '✗'}` : '', note];
}
