"""One event record of a trace file, decoded."""

from __future__ import annotations

import json
from typing import Any

import msgspec

Id = int | str | float | bool | None


class Args(msgspec.Struct, gc=False):
    """What of an event's ``args`` is needed as a column; everything else stays in the file."""

    correlation: Id = None
    external_id: Id = msgspec.field(default=None, name="External id")
    n_bytes: Id = msgspec.field(default=None, name="bytes")
    shapes: msgspec.Raw = msgspec.field(default=msgspec.Raw(b""), name="Input Dims")
    dtypes: msgspec.Raw = msgspec.field(default=msgspec.Raw(b""), name="Input type")
    kernel_backend: Id = None
    sycl_queue: Id = msgspec.field(default=None, name="sycl queue")
    label: Id = msgspec.field(default=None, name="name")


class Record(msgspec.Struct, gc=False):
    """One entry of ``traceEvents``; times stay text, so that no digit is lost."""

    ph: str = ""
    name: Id = None
    cat: Id = None
    ts: msgspec.Raw = msgspec.Raw(b"")
    dur: msgspec.Raw = msgspec.Raw(b"")
    pid: Id = None
    tid: Id = None
    args: Args | None = None


_ONE = msgspec.json.Decoder(Record)
_SCALAR = msgspec.json.Decoder(Id)
_MANY = msgspec.json.Decoder(list[Record])


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


def decode_many(text: bytes) -> list[Record]:
    """Decode the text of a JSON array of events; raises `ValueError` if any of them is not as expected."""
    try:
        return _MANY.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def decode_one(text: bytes) -> Record | None:
    """Decode one event leniently: bad UTF-8, raw control characters, NaN, unexpected types; None if it is no event."""
    try:
        return _ONE.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        loose: Any = json.loads(
            text.decode("utf-8", "replace"),
            strict=False,
            parse_float=_Number,
            parse_int=_Number,
            parse_constant=_Number,
        )
    except (ValueError, RecursionError):
        return None
    if not isinstance(loose, dict) or not isinstance(loose.get("ph"), str):
        return None
    args = loose.get("args")
    return Record(
        ph=loose["ph"],
        name=_scalar(loose.get("name")),
        cat=_scalar(loose.get("cat")),
        ts=_raw_number(loose.get("ts")),
        dur=_raw_number(loose.get("dur")),
        pid=_scalar(loose.get("pid")),
        tid=_scalar(loose.get("tid")),
        args=_args(args) if isinstance(args, dict) else None,
    )


def _args(args: dict[str, Any]) -> Args:
    return Args(
        correlation=_scalar(args.get("correlation")),
        external_id=_scalar(args.get("External id")),
        n_bytes=_scalar(args.get("bytes")),
        shapes=_raw_json(args.get("Input Dims")),
        dtypes=_raw_json(args.get("Input type")),
        kernel_backend=_scalar(args.get("kernel_backend")),
        sycl_queue=_scalar(args.get("sycl queue")),
        label=_scalar(args.get("name")),
    )


def _scalar(value: Any) -> Id:
    if isinstance(value, _Number):
        try:
            found: Id = _SCALAR.decode(value.encode())  # as it would be where nothing else is odd
        except msgspec.MsgspecError:  # NaN, or too large
            found = str(value)
        return found
    return value if isinstance(value, str | bool) else None


def _raw_number(value: Any) -> msgspec.Raw:
    return msgspec.Raw(value.encode("utf-8", "replace") if isinstance(value, str) else b"")


def _raw_json(value: Any) -> msgspec.Raw:
    return msgspec.Raw(b"" if value is None else json.dumps(value).encode())
