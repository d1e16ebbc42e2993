"""Handlers of the text flow. Each takes the payload and gives it back."""
