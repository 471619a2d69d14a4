"""The keypad: keys of an input device in, `KeyCommand`s out.

Pure: `bindings` (configuration -> codes) and `entry` (the state machine of keys and numbers). `actor` joins them to the
port.
"""
