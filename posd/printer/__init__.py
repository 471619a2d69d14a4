"""The receipt printer room: what stands on a slip, the bytes that print it, the proof that it came out, and the
actor that owns the port.
"""
