"""What to measure next: by how much a survey question, log statistic, panel or trial would narrow a rule's effect.

``measurements`` reads the possible measurements, with errors, sizes and costs. ``worlds`` simulates, at draws of the
parameters, today, the rules, and the rules with full compliance. ``value`` computes the value of information,
``tables`` applies it to each measurement, and ``analysis`` publishes the study with a draft of the questionnaire.
"""
