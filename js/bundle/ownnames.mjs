// Which names the bundle may shorten: members of our classes that nobody else could mean. When in doubt a name is kept:
// what the browser declares, what crosses a border (kernel, widget manager, BokehJS, another bundle), what is a string.
import { readdir, readFile } from "node:fs/promises";

/** Words of these files cross borders: data as sent, messages, state on the window, BokehJS, entry points. */
const BORDERS = [
  /\/data\//,
  /\/widget\//,
  /\/later\//,
  /\/compare\//,
  /\/views\/(bokeh|layersfigure|rooflinefigure)\.ts$/,
  /src\/\w+\.ts$/,
];

const WORD = /[A-Za-z_$][\w$]*/g;
const COMMENTS = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;
const PARAMETER = /^ {4}(?:private |readonly )+(\w+)/;
const MEMBER = /^ {2}(?:private |static |readonly |async |get |set |\*)*(\w+)[?!]?(?=.*[;{(]$)/;

/** Sorted, so that the same sources give the same bundle. */
export async function ownNames() {
  const kept = await platformNames();
  const members = new Set();
  for (const path of await sources()) {
    const text = (await readFile(path, "utf8")).replace(COMMENTS, "");
    for (const name of classMembers(text)) members.add(name);
    for (const name of wordsInStrings(text)) kept.add(name);
    for (const [, name] of text.matchAll(/\bdataset\??\.(\w+)/g)) kept.add(name);
    if (BORDERS.some((border) => border.test(path))) for (const [name] of text.matchAll(WORD)) kept.add(name);
  }
  return [...members].filter((name) => name.length > 2 && !kept.has(name)).sort();
}

/** The source is formatted, so the indent tells what a line declares. */
function* classMembers(text) {
  let isInClass = false;
  for (const line of text.split("\n")) {
    if (/^(export )?(default )?(abstract )?class /.test(line)) isInClass = true;
    else if (line.startsWith("}")) isInClass = false;
    else if (isInClass) yield* (PARAMETER.exec(line) ?? MEMBER.exec(line) ?? []).slice(1);
  }
}

/** What may be used as a key: strings that are one word, and pieces of templates. Class names and imports are none. */
function* wordsInStrings(text) {
  const code = text.replace(/\bclass: "[^"]*"|^import .*$|^\} from .*$/gm, "");
  for (const [, one] of code.matchAll(/["']([A-Za-z_$][\w$]*)["']/g)) yield one;
  for (const [piece] of code.matchAll(/`[^`]*`/g)) yield* piece.match(/(?<=\})\w+|\w+(?=\$\{)/g) ?? [];
}

/** Members that the language, the browser and anywidget declare. */
async function platformNames() {
  const names = new Set(["constructor"]);
  const [platform] = await readdir("node_modules/@typescript");
  const folder = `node_modules/@typescript/${platform}/lib`;
  const declared = (await readdir(folder)).filter((name) => /^lib\.(dom|es).*\.d\.ts$/.test(name));
  for (const path of [
    ...declared.map((name) => `${folder}/${name}`),
    "node_modules/@anywidget/types/dist/index.d.ts",
  ]) {
    const text = (await readFile(path, "utf8")).replace(COMMENTS, "");
    for (const [, name] of text.matchAll(/([A-Za-z_$][\w$]*)"?\??\s*[(:<]/g)) names.add(name);
  }
  return names;
}

async function sources() {
  const entries = await readdir("src", { withFileTypes: true, recursive: true });
  return entries
    .filter(({ name }) => name.endsWith(".ts"))
    .map(({ parentPath, name }) => `${parentPath}/${name}`.replaceAll("\\", "/"))
    .sort();
}
