"""Every fault at every byte of a slip: the real printer actor and the real desk around a printer on a bench.

clock   an event loop whose time is the bench's: nothing waits, everything repeats
port    the printer's line as a port of the actor's, which can be cut at an exact byte
life    posd from its start to its end by SIGKILL: desk, journal on a simulated disk, actor
slips   the kinds of slips, composed once, and what each looks like on paper when nothing goes wrong
faults  what goes wrong and how it is put right
world   one case, played: a sale, a fault, people, a reprint
judge   what is wrong with what came of it, from paper, journal and the till's answers alone
cases   all cases and samples of them
"""
