"""Collects what no article names any more, and checks what is stored."""
