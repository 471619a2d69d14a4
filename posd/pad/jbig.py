"""JBIG1 (ITU-T T.82), the coding in which acquirers take signatures: Debian's libjbig, through its C interface.

One bit a dot, one layer, the library's own defaults. The library is loaded when a picture is first asked for; without
it only this format is missing.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache

from posd.domain.device import Bitmap

_STATE_BYTES = 4096
"""More than the library's encoder state takes (some 300 bytes in version 2.1; its layout is its own affair)."""
_Sink = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_ubyte), ctypes.c_size_t, ctypes.c_void_p)


class NoJbig(Exception):
    """libjbig is not installed."""


@cache
def _library() -> ctypes.CDLL:
    name = ctypes.util.find_library("jbig") or "libjbig.so.0"
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise NoJbig(name) from error
    library.jbg_enc_init.argtypes = [
        ctypes.c_void_p,
        ctypes.c_ulong,
        ctypes.c_ulong,
        ctypes.c_int,
        ctypes.POINTER(ctypes.c_char_p),
        _Sink,
        ctypes.c_void_p,
    ]
    for function in (library.jbg_enc_init, library.jbg_enc_out, library.jbg_enc_free):
        function.restype = None
    library.jbg_enc_out.argtypes = library.jbg_enc_free.argtypes = [ctypes.c_void_p]
    return library


def encode(picture: Bitmap) -> bytes:
    """`picture` as one bi-level image entity. NoJbig."""
    library = _library()
    pieces: list[bytes] = []
    sink = _Sink(lambda data, size, _file: pieces.append(ctypes.string_at(data, size)))
    state = ctypes.create_string_buffer(_STATE_BYTES)
    plane = ctypes.c_char_p(picture.data)
    library.jbg_enc_init(state, picture.width, picture.height, 1, ctypes.byref(plane), sink, None)
    library.jbg_enc_out(state)
    library.jbg_enc_free(state)
    return b"".join(pieces)
