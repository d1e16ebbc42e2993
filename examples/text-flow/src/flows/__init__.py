"""Flows of this project."""
