"""What the portal costs and bears: `make bench`. Figures with their targets, no tests.

`ground` starts servers and processes as in production, `inside` counts queries and processor time
of single requests, `last_hour` is the crowd on the last evening.
"""
