"""posd under SIGKILL, hundreds of times, and what is left afterwards.

Eight tills in processes of their own work on one posd (`till`), each with a log of what it sent and what it was told.
A killer ends posd at random and at chosen moments (`killer`); `run` plays it, `gather` asks posd when all is over, and
`checker` holds the logs against posd's answers, the journal's own verification and the paper.
"""
