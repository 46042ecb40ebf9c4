-- What the price of a call depends on besides its sums. Where the model ran, as Anthropic names it.
ALTER TABLE ledger ADD COLUMN inference_geo TEXT;
-- The passes of models within the call, as JSON: each has a price of its own.
ALTER TABLE ledger ADD COLUMN passes TEXT;
