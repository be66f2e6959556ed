"""The figures, one module each, and what they share: sheet, words, fonts, colours and places of labels."""
