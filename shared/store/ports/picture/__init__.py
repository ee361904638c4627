"""The ports of pictures: outcomes, bytes, web pages, parked fetches."""
