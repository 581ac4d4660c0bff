"""The panel's tables, for whoever may take them along: one header, and the rows one at a time.

Each module has `table(...)`, which answers with the header and an iterator over the rows. Pages and
the command `export` have nothing else, so a file is the same whichever way it was asked for.
"""
