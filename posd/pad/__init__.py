"""The signature pad: signing sessions in, one outcome each out.

Pure: `strokes` (what ink is, and its coding), `assemble` (frames of events -> pen and buttons), `measure` (blank and
scribble), `session` (the state machine), `image` (ink -> bitmap, PNG, SVG). `evdev` says which event device is a pad.
`actor` joins them to the port.
"""
