// Tables as text: separated by tabs for the clipboard, by commas for a file.

type Cell = string | number;

/** A spreadsheet would take these for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r]/;

const plain = (cell: Cell): string => (typeof cell === "string" && FORMULA.test(cell) ? `'${cell}` : String(cell));

/** Cells cannot be quoted here: tabs and line ends in them become spaces. */
export function tabSeparated(rows: readonly (readonly Cell[])[]): string {
  return rows
    .map((row) => row.map((cell) => plain(cell).replace(/[\t\r\n\v\f\u0085\u2028\u2029]/g, " ")).join("\t"))
    .join("\n");
}

/** As in RFC 4180, with the mark that tells a spreadsheet the encoding. */
export function commaSeparated(rows: readonly (readonly Cell[])[]): string {
  const lines = rows.map((row) => row.map((cell) => quoted(plain(cell))).join(","));
  return `\ufeff${lines.join("\r\n")}\r\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A title as the name of a file on any system. */
export function fileName(title: string, ending: string): string {
  const words = title.normalize("NFC").match(/[\p{L}\p{N}_.-]+/gu) ?? [];
  const stem = [...words.join("-")]
    .slice(0, 80)
    .join("")
    .replace(/^[.-]+|[.-]+$/g, "");
  return `${stem || "breakdown"}${ending}`;
}
