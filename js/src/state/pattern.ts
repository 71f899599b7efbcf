// Regular expressions that are safe to run over names of strangers, and mean the same to Python.

/** Escapes that Python and the browser read alike. */
const ESCAPES = "bBdDsSwWnrtfvxu";

const PYTHON_OTHERWISE = "is read differently by Python";
const NESTED = "a repeat inside a repeat can take forever";

export interface Pattern {
  /** Null where there is a problem. */
  regex: RegExp | null;
  /** Why it is refused; empty for a good one. */
  problem: string;
  /** How many of its parts can be of any length: what makes long names slow. */
  repeats: number;
}

export const isPattern = (text: string): boolean => text.length > 2 && text.startsWith("/") && text.endsWith("/");

/** Read `/…/`. */
export function readPattern(text: string): Pattern {
  const source = text.slice(1, -1);
  let regex: RegExp;
  try {
    regex = new RegExp(source, "i");
  } catch (error) {
    // "Invalid regular expression: /(/i: Unterminated group"
    const said = error instanceof Error ? error.message : String(error);
    return refused(said.slice(said.lastIndexOf(": ") + 2).toLowerCase());
  }
  const { problem, repeats } = inspect(source);
  return problem ? refused(problem) : { regex, problem: "", repeats };
}

const refused = (problem: string): Pattern => ({ regex: null, problem, repeats: 0 });

interface Group {
  /** Something in it may be of several lengths. */
  isLoose: boolean;
  /** First character of each alternative, "" where it is not a plain one. */
  heads: string[];
  isAtHead: boolean;
}

const opened = (): Group => ({ isLoose: false, heads: [""], isAtHead: true });

/** Walk over a pattern that compiles: its open ends, and what could make it slow or mean something else in Python. */
function inspect(source: string): { problem: string; repeats: number } {
  const groups: Group[] = [opened()];
  let closed: Group | null = null; // the group that ended right before
  let repeats = 0;
  const bad = (problem: string) => ({ problem, repeats });
  for (let i = 0; i < source.length; ) {
    const group = groups.at(-1)!;
    const rest = source.slice(i);
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(rest)?.[0];
    if (quantifier) {
      const isOpen = /^(?:[*+]|\{\d+,\})/.test(quantifier);
      const isRepeat = isOpen || /^\{(?![01]\}|0,1\})/.test(quantifier);
      if (isRepeat && closed && (closed.isLoose || isAmbiguous(closed))) return bad(NESTED);
      if (isOpen) repeats++;
      if (!/^\{\d+\}/.test(quantifier)) group.isLoose = true;
      closed = null;
      i += quantifier.length;
      continue;
    }
    if (/^\{,\d/.test(rest)) return bad(`{,n} ${PYTHON_OTHERWISE}: write {0,n}`);
    closed = null;
    const letter = source[i]!;
    let length = 1;
    let head = "";
    if (letter === "\\") {
      const escaped = source[i + 1] ?? "";
      if (/[a-z]/i.test(escaped) && !ESCAPES.includes(escaped)) return bad(`\\${escaped} ${PYTHON_OTHERWISE}`);
      if (escaped === "x" && !/^..[\da-f]{2}/i.test(rest)) return bad("\\x needs two hexadecimal digits");
      if (escaped === "u" && !/^..[\da-f]{4}/i.test(rest)) return bad("\\u needs four hexadecimal digits");
      length = 2;
      if (/[^a-z\d]/i.test(escaped)) head = escaped;
    } else if (letter === "[") {
      length = classLength(rest);
      if (/^\[\^?\]/.test(rest)) return bad(`an empty class ${PYTHON_OTHERWISE}`);
      const inside = /\\([a-z])/i.exec(rest.slice(0, length))?.[1];
      if (inside && !ESCAPES.includes(inside)) return bad(`\\${inside} ${PYTHON_OTHERWISE}`);
    } else if (letter === "(") {
      if (/^\(\?<[^=!]/.test(rest)) return bad(`a named group ${PYTHON_OTHERWISE}`);
      if (/^\(\?<[=!][^)]*[*+?{|(]/.test(rest)) return bad("Python looks behind by a fixed length only");
      if (group.isAtHead) group.isAtHead = false;
      groups.push(opened());
      i += /^\(\?(?:<?[=!]|[a-z-]*:)/.exec(rest)?.[0].length ?? 1;
      continue;
    } else if (letter === ")") {
      closed = groups.pop()!;
      if (closed.isLoose && groups.length > 0) groups.at(-1)!.isLoose = true;
      if (isAmbiguous(closed) && groups.length > 0) groups.at(-1)!.isLoose = true;
      i++;
      continue;
    } else if (letter === "|") {
      group.heads.push("");
      group.isAtHead = true;
      i++;
      continue;
    } else if (letter !== "." && letter !== "^" && letter !== "$") head = letter;
    if (group.isAtHead) {
      group.heads[group.heads.length - 1] = head.toLowerCase();
      group.isAtHead = false;
    }
    i += length;
  }
  return { problem: "", repeats };
}

/** Whether two alternatives may begin alike. */
function isAmbiguous({ heads }: Group): boolean {
  return heads.length > 1 && (heads.includes("") || new Set(heads).size < heads.length);
}

function classLength(rest: string): number {
  for (let i = 1; i < rest.length; i++) {
    if (rest[i] === "\\") i++;
    else if (rest[i] === "]") return i + 1;
  }
  return rest.length;
}
