"""Rules of the briefing: how a period does against its goal or against what is usual, and what a change is made of. Pure."""
