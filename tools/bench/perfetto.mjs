// Time of Perfetto's trace processor, as its user interface runs it: WebAssembly, here in node instead of a worker.
//
//   node perfetto.mjs FOLDER WARM_UP_TRACE TRACE
//
// FOLDER is the one with engine_bundle.js; prints one line of JSON. A small trace goes first, so that V8 has compiled
// the module by the time that counts, then the processor is reset. Messages are those of
// https://github.com/google/perfetto/blob/main/protos/perfetto/trace_processor/trace_processor.proto, written by hand.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";

const [folder, warmUp, trace] = process.argv.slice(2);
const APPEND = 1, FINALIZE = 2, QUERY = 3, RESET = 12;
const PIECE_BYTES = 16 << 20;

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

function withLength(field, content) {
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
}

let sequence = 0;
function message(request, argument = Buffer.alloc(0)) {
  sequence += 1;
  const head = Buffer.from([...varint(8), ...varint(sequence), ...varint(16), request]);
  return withLength(1, Buffer.concat([head, argument]));
}

// Fields of a message; texts and nested messages as bytes.
function fields(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const number = () => {
      let value = 0, scale = 1, byte;
      do { byte = bytes[at++]; value += (byte & 127) * scale; scale *= 128; } while (byte > 127);
      return value;
    };
    const tag = number();
    let value;
    if (tag % 8 === 0) value = number();
    else if (tag % 8 === 1) { value = bytes.subarray(at, at + 8); at += 8; }
    else if (tag % 8 === 2) { const length = number(); value = bytes.subarray(at, at + length); at += length; }
    else throw new Error(`wire type ${tag % 8}`);
    found.push([Math.floor(tag / 8), value]);
  }
  return found;
}
const field = (bytes, ...path) =>
  path.reduce((inner, wanted) => inner && fields(inner).find(([number]) => number === wanted)?.[1], bytes);

// What a worker has, and node has elsewhere. No `process`: the module refuses to run in node.
const scope = {
  WorkerGlobalScope: Object, TextDecoder, TextEncoder, performance, crypto, URL, setTimeout, clearTimeout,
  console: { log() {}, warn() {}, error() {} },
  location: { href: "file:///engine_bundle.js" },
  XMLHttpRequest: class {
    open(method, name) {
      this.name = name;
    }
    send() {
      this.status = 200;
      this.response = readFileSync(join(folder, this.name.split("/").pop()));
    }
  },
};
scope.self = scope;
let replies = [];
const port = { postMessage: (bytes) => replies.push(Buffer.from(bytes)) };
vm.createContext(scope);
// Arrays of this file are not those of the context: the engine asks for its own kind.
const bytesOf = vm.runInContext("(buffer, start, length) => new Uint8Array(buffer, start, length)", scope);
vm.runInContext(readFileSync(join(folder, "engine_bundle.js"), "utf8"), scope);
scope.onmessage({ data: port });

function call(request, argument) {
  const bytes = message(request, argument);
  replies = [];
  port.onmessage({ data: bytesOf(bytes.buffer, bytes.byteOffset, bytes.byteLength) });
  for (const reply of replies.map((stream) => field(stream, 1))) {
    const error = field(reply, 5) ?? field(reply, 201, 2) ?? field(reply, 203, 2);
    if (error?.length) throw new Error(error.toString());
  }
  return replies.map((stream) => field(stream, 1));
}

function load(path) {
  const content = readFileSync(path);
  for (let at = 0; at < content.length; at += PIECE_BYTES) {
    call(APPEND, withLength(101, content.subarray(at, at + PIECE_BYTES)));
  }
  call(FINALIZE);
}

function count(sql) {
  const [reply] = call(QUERY, withLength(103, withLength(1, Buffer.from(sql))));
  const cells = field(reply, 203, 3, 2); // one whole number, as bytes of seven bits, the least first
  return cells.reduceRight((value, byte) => value * 128 + (byte & 127), 0);
}

for (let waited = 0; waited < 600; waited += 1) {
  await new Promise((done) => setTimeout(done, 100));
  try { call(RESET); break; } catch (error) { if (waited === 599) throw error; }
}
load(warmUp);
await new Promise((done) => setTimeout(done, 2000));
call(RESET);
const before = process.cpuUsage(), began = performance.now();
load(trace);
const spent = process.cpuUsage(before), wall = performance.now() - began;
console.log(JSON.stringify({
  cpu_s: (spent.user + spent.system) / 1e6,
  wall_s: wall / 1e3,
  slices: count("select count(*) from slice"),
  peak_bytes: Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024, // maxRSS has the parent's
}));
process.exit(0);
