"""Compression of the archive's chunks. The only module that knows the library; it is imported when first needed."""

from __future__ import annotations

from posd.journal.archive_format import ArchiveMalformed

_LEVEL = 3


def pack(raw: bytes) -> bytes:
    """Compressed bytes that tell their own length."""
    import zstandard

    return zstandard.ZstdCompressor(level=_LEVEL).compress(raw)


def unpack(content: bytes, raw: int) -> bytes:
    """The `raw` bytes that were packed; ArchiveMalformed if these are not they."""
    import zstandard

    try:
        data = zstandard.ZstdDecompressor().decompress(content, max_output_size=raw)
    except zstandard.ZstdError as error:
        raise ArchiveMalformed(f"a chunk cannot be unpacked: {error}") from error
    if len(data) != raw:
        raise ArchiveMalformed(f"a chunk unpacks to {len(data)} bytes instead of {raw}")
    return data
