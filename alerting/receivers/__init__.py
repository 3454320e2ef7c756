"""Where messages of alerts go: receivers from a file, the form each kind wants, and sending once.

`receiver` is what a receiver is, `receiver_file` reads it from TOML, `bodies` has a module for each kind (pure functions from a
message to what is sent), `sending.send` sends once and says for each recipient what came of it. When to send again is decided
elsewhere.
"""
