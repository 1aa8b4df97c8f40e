"""The sandbox: a shop and a phone for trying, reached like any other platform and provider.

`SandboxShop` and `SandboxMessenger` are what the rest of the house uses. The shop and the
phone themselves run in a process of their own (`server.serve`), with their own small file.
"""

from connectors.sandbox.messenger import SandboxMessenger
from connectors.sandbox.shop import SandboxShop

__all__ = ["SandboxMessenger", "SandboxShop"]
