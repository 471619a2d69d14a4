"""The customer at the signature pad: a hand that draws, and the records the pad sends."""
