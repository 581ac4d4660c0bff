"""Data for load tests: a whole call of any size from one seed. `manage.py seed_load` is the door.

The same numbers on the same day give the same rows, down to the ids. Rows are written many at a
time, past the actions, which would take a quarter of an hour for 2,000 letters; what the actions
promise - versions, receipts, the audit chain, conflict questions - holds all the same, and
`check_invariants` and `verify_audit` are asked in the tests.
"""
