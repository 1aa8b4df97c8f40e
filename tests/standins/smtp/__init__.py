"""A mail server to test against: TLS, log-in, bad weather on demand."""

from tests.standins.smtp.stand_in import StandInMail
from tests.standins.smtp.weather import ANSWERS, Weather

__all__ = ["ANSWERS", "StandInMail", "Weather"]
