"""The outside world: shop platforms and messengers. No database here."""
