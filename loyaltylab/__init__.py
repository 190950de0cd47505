"""loyaltylab: does emotion or reason drive customer loyalty, how sure are we, and may I cite that?"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
