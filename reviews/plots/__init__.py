"""Drawings as numbers: where each mark of a plot stands. No database, no words, no colours.

A template under `panel/plots/` makes SVG of them, with classes that the style sheet paints. What
lies across is in per cent of the drawing's width, so that text keeps its size on a phone; what
lies down is in pixels. Every plot has the same figures beside it as a table.
"""
