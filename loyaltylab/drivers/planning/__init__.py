"""How many respondents a study takes."""
