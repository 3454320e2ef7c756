"""Alerts live: rules and receivers in the accounts database, one evaluator among all processes, an outbox, senders.

`rulebook` keeps rules and receivers, `leases` finds the one process that evaluates, `evaluating` is its round, `states` what is
remembered between rounds, `outbox` and `delivering` bring messages to receivers, `watching` runs both in a thread.
"""
