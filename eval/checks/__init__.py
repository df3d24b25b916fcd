"""How well the rules that check sentences tell right ones from slightly wrong ones."""
