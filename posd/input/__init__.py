"""Input devices: a node of the kernel's input layer, or a FIFO that carries its records, as frames of events.

The signature pad and the keypad both stand on this room; it knows neither. `events` turns bytes into frames (pure),
`keys` knows the names of keys, `node` is the one module that opens nodes and imports evdev, `opening` does it in a
thread, `port` keeps a device open through its comings and goings.
"""
