"""What to measure next: by how much a survey question, log statistic, panel or trial would narrow a rule's effect.

``measurements`` reads what could be measured, with errors, sizes and costs; ``worlds`` simulates today, the rules and
the rules obeyed by all at draws of the parameters; ``value`` computes the value of information; ``tables`` applies it
to each measurement; ``analysis`` publishes the study with a draft of the questionnaire.
"""
