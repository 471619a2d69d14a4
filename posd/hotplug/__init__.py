"""Which device node is there: the udev watch.

It only reports. A port that lost its device opens it again by its own back-off; a report from here makes that sooner,
and nothing depends on it.
"""
