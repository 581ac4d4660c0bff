"""What keeps a PDF from being taken; the checks run in a child process with limits."""
