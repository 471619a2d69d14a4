"""A receipt printer without I/O: bytes and the time in; replies, slips and the next moment of interest out.

`machine.Printer` is the whole device. The way of a byte:

    line -> realtime (served at once) -> receive buffer -> interpreter -> typesetter -> mechanism -> slip
                                                                |                            |
                                                             replies                      replies
"""
