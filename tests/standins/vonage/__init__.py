"""A Vonage to test against: TLS, bad weather on demand, signed webhooks."""

from tests.standins.vonage.stand_in import StandInVonage
from tests.standins.vonage.weather import Weather

__all__ = ["StandInVonage", "Weather"]
