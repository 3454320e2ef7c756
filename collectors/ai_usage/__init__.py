"""AI calls as the observed system records them itself."""
