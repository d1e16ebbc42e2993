"""What can go wrong."""


class AIError(Exception):
    """Base of everything this package raises on purpose."""


class ModelOverloaded(AIError):
    def __init__(self, model, retry_after=1):
        super().__init__(f"{model} is overloaded")
        self.model = model
        self.retry_after = retry_after


class ContextTooLong(AIError, ValueError):
    pass


class Refused(AIError):
    pass


class BudgetExceeded(AIError):
    pass


class ToolError(AIError):
    def __init__(self, tool, reason):
        super().__init__(f"{tool}: {reason}")
        self.tool = tool
        self.reason = reason


class NotReady(AIError):
    pass


class ValidationFailed(AIError):
    def __init__(self, problems):
        super().__init__(f"{len(problems)} problems")
        self.problems = list(problems)


class ShopError(Exception):
    pass


class OutOfStock(ShopError):
    def __init__(self, sku):
        super().__init__(sku)
        self.sku = sku


class PaymentDeclined(ShopError):
    pass


class NoCourier(ShopError):
    pass
