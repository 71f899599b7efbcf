// Typed columns out of one binary.

import { type Column, type Dtype, FORMAT, NARROWER, VERSION } from "./contract";

const ARRAYS = {
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  f64: Float64Array,
};
type Numbers = InstanceType<(typeof ARRAYS)[Dtype]>;

/** The data is of another format or version than this code, or is cut short. */
export class ContractError extends Error {}

export function checkVersion(meta: { format: string; version: number }): void {
  if (meta.format === FORMAT && meta.version === VERSION) return;
  throw new ContractError(
    `This view reads ${FORMAT} version ${VERSION}, the data is ${meta.format} version ${meta.version}. ` +
      "Restart the kernel and reload the page so that both come from the same installation.",
  );
}

export function readColumns(
  contract: readonly (readonly [table: string, name: string, dtype: Dtype])[],
  columns: readonly Column[],
  bytes: ArrayBuffer | DataView,
): Record<string, Record<string, Numbers>> {
  const tables: Record<string, Record<string, Numbers>> = {};
  for (const [table, name, dtype] of contract) {
    const column = columns.find((c) => c.table === table && c.name === name);
    if (!column || (column.dtype !== dtype && !NARROWER[dtype]?.includes(column.dtype)))
      throw new ContractError(`The data has no column ${table}.${name} (${dtype}).`);
    tables[table] ??= {};
    const sent = slice(bytes, column.dtype, column.offset, column.length);
    // One kind of array for each column, whatever it travelled in: loops over several kinds are many times slower.
    tables[table][name] = column.dtype === dtype ? sent : new ARRAYS[dtype](sent);
  }
  return tables;
}

function slice(bytes: ArrayBuffer | DataView, dtype: Dtype, offset: number, length: number): Numbers {
  const type = ARRAYS[dtype];
  const buffer = bytes instanceof DataView ? bytes.buffer : bytes;
  const start = (bytes instanceof DataView ? bytes.byteOffset : 0) + offset;
  if (offset + length * type.BYTES_PER_ELEMENT > bytes.byteLength) throw new ContractError("The data is cut short.");
  // A message's buffer starts at any address; typed arrays need their own alignment.
  if (start % type.BYTES_PER_ELEMENT === 0) return new type(buffer as ArrayBuffer, start, length);
  return new type(buffer.slice(start, start + length * type.BYTES_PER_ELEMENT) as ArrayBuffer);
}
