"""Files people take away: streamed, with raw values, and able to prove that they are complete."""
