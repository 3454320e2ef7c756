"""Alert rules over the declared metrics: read from a file, checked, and tried on the past.

`rule` is what a rule is, `rule_file` reads rules from TOML, `checking` compares them with the declarations, `measuring` turns
a metric's windows into what a rule looks at, `listing` finds single records for the rules about these, `seeing` narrows the store
to a rule's segment, `course` is the state machine, `backtest` runs all of it over stored data.
"""
