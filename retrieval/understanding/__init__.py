"""What a question means: its terms with the company's lexicon, and what it leaves out."""
