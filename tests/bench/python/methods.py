"""Attributes and method calls: objects that change each other."""


class Account:
    def __init__(self, owner: str, balance: int) -> None:
        self.owner = owner
        self.balance = balance
        self.moves = 0

    def deposit(self, amount: int) -> int:
        self.balance += amount
        self.moves += 1
        return self.balance

    def pay(self, other: "Account", amount: int) -> bool:
        if self.balance < amount:
            return False
        self.deposit(-amount)
        other.deposit(amount)
        return True


def run() -> object:
    accounts = [Account(f"owner {i}", 1000 + i) for i in range(10)]
    paid = 0
    for i in range(60_000):
        payer, payee = accounts[i % 10], accounts[(i * 3 + 1) % 10]
        if payer.pay(payee, i % 90):
            paid += 1
    return paid, [account.balance for account in accounts]
