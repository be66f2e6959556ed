"""The figures, one room each, and what they share: sheet, words, fonts, colours and places of labels."""
