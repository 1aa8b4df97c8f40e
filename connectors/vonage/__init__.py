"""Text messages through Vonage's Messages API, with signed webhooks.

`vonage` as an absolute import is the SDK, here as everywhere; this package is
`connectors.vonage`.
"""

from connectors.vonage.messenger import VonageMessenger
from connectors.vonage.webhooks import Unsigned, application_of

__all__ = ["Unsigned", "VonageMessenger", "application_of"]
