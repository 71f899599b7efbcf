// One bundle is the core, and each part that comes later is one of its own. What a part needs of the core it is handed
// when it arrives: no bundle holds twice what another has, and none has an address that it could be imported from.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { build } from "esbuild";

const CORE = "src/runtime.ts";
const FOREIGN = "its code is of another version of xpubreak: restart the kernel and run the cell again";

/** Build the entries, the core among them, and the parts in src/later. */
export async function buildWithParts(options) {
  const { entryPoints, outdir, ...common } = options;
  common.define = { BUILD: JSON.stringify(await stampOf(options)) };
  const later = (await readdir("src/later")).filter((name) => /^\w+\.ts$/.test(name)).map((name) => name.slice(0, -3));
  const { inCore, taken } = await takenFromCore(later.sort(), common);
  const offers = unique([...taken.values()].flat());

  let { mangleCache } = await build({
    ...common,
    mangleCache: {},
    entryPoints,
    outdir,
    plugins: [offering(offers), ...common.plugins],
  });
  for (const part of later) {
    const made = await build({
      ...common,
      mangleCache,
      entryPoints: { [`part-${part}`]: `src/later/${part}.ts` },
      outdir,
      format: "iife",
      banner: { js: `export default(CORE,OF,OFFER)=>{if(OF!==${common.define.BUILD})throw Error("${FOREIGN}");` },
      footer: { js: "}" },
      plugins: [borrowing(inCore, taken.get(part)), ...common.plugins],
    });
    ({ mangleCache } = made); // a name is shortened alike in all bundles
  }
}

/** Which names of which modules each part takes from the core; modules of several parts belong to the core. */
async function takenFromCore(later, options) {
  const withOffers = (offers) => inputsOf(CORE, { ...options, plugins: [offering(offers), ...options.plugins] });
  const inCore = new Set(await withOffers([]));
  for (;;) {
    const users = new Map();
    const taken = new Map();
    for (const part of later) {
      const { metafile, outputFiles } = await looked(`src/later/${part}.ts`, {
        ...options,
        plugins: [naming(inCore), ...options.plugins],
      });
      for (const path of Object.keys(metafile.inputs)) users.set(path, (users.get(path) ?? 0) + 1);
      const imports = [...outputFiles[0].text.matchAll(/import\{([^}]*)\}from"core:([^"]*)";/g)];
      const names = imports.flatMap(([, list, path]) => list.split(",").map((one) => [path, one.split(" as ")[0]]));
      taken.set(part, unique(names));
    }
    const common = [...users.keys()].filter((path) => users.get(path) > 1 && path.endsWith(".ts"));
    // What these stand on belongs there, too.
    const more = common.length > 0 ? common : await withOffers(unique([...taken.values()].flat()));
    const size = inCore.size;
    for (const path of more) inCore.add(path);
    if (inCore.size === size) return { inCore, taken };
  }
}

const unique = (pairs) => [...new Map(pairs.map((one) => [one.join(), one])).values()].sort();

const looked = (entry, options) =>
  build({ ...options, minify: true, entryPoints: [entry], metafile: true, write: false, outdir: "unused" });

async function inputsOf(entry, options) {
  return Object.keys((await looked(entry, options)).metafile.inputs);
}

/** The core's side: an object of all that parts take. */
function offering(offers) {
  const names = offers.map(([, name]) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw new Error(`parts take ${twice} of two modules: rename one`);
  const lines = offers.map(([path, name]) => `import { ${name} } from "./${path}";`);
  return {
    name: "offering",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^xpubreak:core$/ }, () => ({ path: "offers", namespace: "offering" }));
      onLoad({ filter: /.*/, namespace: "offering" }, () => ({
        contents: `${lines.join("\n")}\nexport default { ${names.join(", ")} };`,
        resolveDir: process.cwd(),
      }));
    },
  };
}

/** Imports of modules in the core stay imports, by which the names are found. */
function naming(inCore) {
  return resolving(inCore, (path) => ({ path: `core:${path}`, external: true }));
}

/** The part's side: imports of modules in the core become members of what the part is handed. */
function borrowing(inCore, taken) {
  return resolving(
    inCore,
    (path) => ({ path, namespace: "borrowing" }),
    (path) =>
      taken
        .filter(([from]) => from === path)
        .map(([, name]) => `export const ${name} = CORE.${name};`)
        .join("\n"),
  );
}

function resolving(inCore, answer, contentsOf) {
  return {
    name: "resolving",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
        const file = relative(process.cwd(), resolve(resolveDir, `${path}.ts`)).replaceAll("\\", "/");
        return inCore.has(file) ? answer(file) : undefined;
      });
      if (contentsOf) {
        onLoad({ filter: /.*/, namespace: "borrowing" }, ({ path }) => ({ contents: contentsOf(path) }));
      }
    },
  };
}

/** Of all that decides on names and on what they mean. */
async function stampOf({ mangleProps }) {
  const hash = createHash("sha256").update(String(mangleProps));
  const files = await readdir("src", { withFileTypes: true, recursive: true });
  const paths = files.filter((one) => one.isFile()).map(({ parentPath, name }) => `${parentPath}/${name}`);
  const sources = paths.map((path) => path.replaceAll("\\", "/")).sort();
  for (const path of [...sources, "bundle/parts.mjs", "package-lock.json"]) hash.update(await readFile(path));
  return hash.digest("hex").slice(0, 12);
}
