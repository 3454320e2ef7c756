"""The briefing: from judged facts to sentences with links to their proof, and to components."""
