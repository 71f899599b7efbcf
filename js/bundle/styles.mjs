// Style sheets travel as text, which esbuild leaves as it is: they are minified here. Custom properties of ours, whose
// values esbuild does not touch, lose their blanks.
import { readFile } from "node:fs/promises";
import { transform } from "esbuild";

export const smallStyles = {
  name: "small-styles",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, charset: "utf8" });
      return { contents: withoutBlanks(code.trim()), loader: "text" };
    });
  },
};

function withoutBlanks(css) {
  return css.replace(/"[^"]*"|, |(--[\w-]+:) /g, (found, property) => property ?? (found === ", " ? "," : found));
}
