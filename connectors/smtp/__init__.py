"""E-mails through any SMTP server, named by its URL."""

from connectors.smtp.messenger import Smtp

__all__ = ["Smtp"]
