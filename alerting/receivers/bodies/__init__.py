"""A module for each kind of receiver: pure functions from a message to what is sent. `said` is what they all begin with."""
