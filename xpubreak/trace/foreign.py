"""Foreign: what a file is that is no trace, by its first bytes, and how to make one of it."""

from __future__ import annotations

_KNOWN = (
    (b"\x28\xb5\x2f\xfd", "is compressed by Zstandard, which is not read: decompress it first (zstd -d)"),
    (b"\xfd7zXZ\x00", "is compressed by xz, which is not read: decompress it first (xz -d)"),
    (b"BZh", "is compressed by bzip2, which is not read: decompress it first (bzip2 -d)"),
    (b"\x04\x22\x4d\x18", "is compressed by LZ4, which is not read: decompress it first (lz4 -d)"),
    (b"PK\x03\x04", "is a ZIP archive: unpack it first (unzip), or, if xpubreak saved it, open it by xb.open"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive: unpack it first (7z x)"),
    (b"\x1f\x8b", "is compressed by gzip twice: decompress it once (gzip -d)"),
    (b"\xff\xfe", "is UTF-16 text, which is not read: save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"),
    (b"\xfe\xff", "is UTF-16 text, which is not read: save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"),
)
_TAR, _TAR_PLACE = b"ustar", 257


def name_content(start: bytes) -> str:
    """Say what begins like this, and what to do about it.

    Parameters
    ----------
    start
        First bytes of the content; of a gzip file, decompressed.
    """
    for magic, meaning in _KNOWN:
        if start.startswith(magic):
            return meaning
    if start[_TAR_PLACE : _TAR_PLACE + len(_TAR)] == _TAR:
        return "is a tar archive: unpack it first (tar -xf)"
    return f"begins with {start.lstrip()[:16]!r}, not with a JSON object or array"
