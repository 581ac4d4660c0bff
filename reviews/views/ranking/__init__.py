"""A round's ranking: the board as table and plots, downloads, what is asked for, the freeze."""
