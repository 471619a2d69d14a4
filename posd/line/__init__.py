"""Lines to devices, for the rooms whose devices speak over one: the printer's and the serial signature pad's.

`port` is what a port is; `opening` opens and lets go so that neither can hang posd; `descriptor` is what the ports that
are a file share; `tty` is the serial line, the one place that imports pyserial; `bell` wakes the task that waits.
"""
