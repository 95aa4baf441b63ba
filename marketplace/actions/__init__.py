"""What can be done on the marketplace, one module per verb; each call is one transaction.

Locks are taken in one order everywhere: requester, HIT, assignment.
"""
