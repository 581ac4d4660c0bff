"""Doors of the panel's rooms: /reviews/ for reviewers, /panel/ for the chair."""
