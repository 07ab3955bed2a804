"""What is true of this patient: facts, history and safety findings. Nothing here chooses a therapy."""
