"""Titles: the words of each, and how many of them are kept in little memory."""
